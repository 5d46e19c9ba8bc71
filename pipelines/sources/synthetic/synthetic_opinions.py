"""Synthetic opinions whose label depends on word order: the data of classification without any file.

A sentence holds a positive word and a negative one, or one of them negated, and only the order of its parts decides
the label: what was expected and what happened, who was wrong and who was right, what nobody said. A sentence and its
twin of the other label have the same words and pairs of neighbouring words, so that models of these cannot distinguish
them. Only the kind `plain`, a sixth of the sentences, can be classified by its words.

The values of a sentence, such as its pair of adjectives, are in one split only, and so are both twins.
"""

import random
import zlib
from collections.abc import Callable, Iterator

from pipelines.sources.text.labelled import Labelled
from pipelines.sources.text.labelled_splits import Splits

NAME = "synthetic"
CLASSES = ("negative", "positive")
_TWINS = {"train": 500, "validation": 60, "test": 60}  # of each kind
_SHARES = {"test": 10, "validation": 20, "train": 100}  # percent of the values, summed up

_GOOD = [
    "good", "great", "fine", "lovely", "brilliant", "clever", "charming", "moving", "gripping", "funny", "fresh",
    "bold", "witty", "superb", "tender", "honest", "vivid", "warm", "graceful", "splendid",
]  # fmt: skip
_BAD = [
    "bad", "dull", "poor", "boring", "clumsy", "shallow", "tedious", "silly", "stale", "noisy", "hollow", "lazy",
    "weak", "awful", "bland", "messy", "dreary", "cheap", "tired", "dreadful",
]  # fmt: skip
_FACTS = ["crowded", "small", "new", "cold", "loud", "large", "dark", "bright", "narrow", "quiet", "busy", "old"]
_DEGREES = ["very", "rather", "truly", "quite", "really", "pretty", "wholly", "somewhat"]
_THINGS = ["film", "play", "book", "song", "show", "story", "score", "novel"]
_PLACES = ["hall", "street", "house", "room", "cafe", "station"]
_OTHERS = ["theirs", "hers", "his", "yours", "mine", "Alba", "Corin", "Dune"]
_PEOPLE = ["I", "we", "they", "you"]
_OPENINGS = ["", "", "to be fair , ", "all in all , ", "well , ", "in short , ", "as I told them , "]
_ENDINGS = [" .", " .", " !", " , I think .", " , for what it is worth .", " , that is all ."]

# Of an expectation and an outcome, the outcome decides.
_EXPECTED = [
    ("{who} expected {vain}", "{who} got {real}"),
    ("{who} hoped for {vain}", "{who} sat through {real}"),
    ("the poster promised {vain}", "the evening gave us {real}"),
    ("{who} paid for {vain}", "{who} were handed {real}"),
]
_SEEMED = [
    ("at first it seemed {vain}", "in the end it seemed {real}"),
    ("years ago it was {vain}", "today it is {real}"),
    ("on paper it sounded like {vain}", "on stage it was {real}"),
]
# Two words for the same place: the first negates the clause after it, or the one before it.
_DENIED = [
    ("of my friends {cue} said that", "none", "all"),
    ("it is {cue} to say that", "wrong", "right"),
    ("I would {cue} claim that", "never", "always"),
]
_JUDGED = [
    ("those who called it {it} were {cue} about it", "wrong", "right"),
    ("the review that found it {it} was {cue} in this", "mistaken", "correct"),
    ("he who takes it for {it} is {cue} if you ask me", "blind", "wise"),
]
_RANKED = [
    "{who} put the {thing} of {better} here above the {thing} of {worse} here",
    "{who} would see the {thing} of {better} here before the {thing} of {worse} here",
    "{who} left the {thing} of {worse} here for the {thing} of {better} here",
]

Twins = tuple[tuple[str, ...], str, str]  # values, the negative sentence, the positive one


def read(seed: int) -> Splits:
    """Makes all splits.

    Args:
        seed: Seed of the sentences.

    Returns:
        The splits, each with equally many sentences of every kind and label.

    Example:
        `read(seed=1)["test"][0]`
    """
    return {split: list(_split(split, seed)) for split in _TWINS}


def twins(kind: str, draw: random.Random) -> Twins:
    """Makes two sentences of the same words and opposite labels (of kind `plain`: of the same frame).

    Args:
        kind: A key of `KINDS`.
        draw: Source of random choices.

    Returns:
        The values that are in one split only, the negative sentence and the positive one.

    Example:
        `twins("order", random.Random(1))`
    """
    values, *sentences = KINDS[kind](draw)
    opening, ending = draw.choice(_OPENINGS), draw.choice(_ENDINGS)
    negative, positive = (f"{opening}{sentence}{ending}" for sentence in sentences)
    return values, negative, positive


def _split(split: str, seed: int) -> Iterator[Labelled]:
    rows = []
    for kind in KINDS:
        draw = random.Random(f"{seed} {split} {kind}")
        made: dict[str, Labelled] = {}
        while len(made) < 2 * _TWINS[split]:
            values, *sentences = twins(kind, draw)
            if _split_of(kind, values) == split:
                made |= {text: Labelled(text, (label,), kind) for text, label in zip(sentences, CLASSES, strict=True)}
        rows += made.values()
    random.Random(f"{seed} {split}").shuffle(rows)
    for number, row in enumerate(rows, start=1):
        yield row._replace(place=f"{NAME} {split}, row {number:,}")


def _split_of(kind: str, values: tuple[str, ...]) -> str:
    """The split that a sentence's values belong to, whatever the seed."""
    percent = zlib.crc32(" ".join((kind, *sorted(values))).encode()) % 100
    return next(split for split, end in _SHARES.items() if percent < end)


def _plain(draw: random.Random) -> Twins:
    good, bad = draw.choice(list(zip(_GOOD, _BAD, strict=True)))  # fixed pairs, since a sentence has one word only
    degree, thing = draw.choice(_DEGREES), draw.choice(_THINGS)
    frame = f"{draw.choice(_PEOPLE)} saw a {degree} {{}} {thing}"
    return (good, degree, thing), frame.format(bad), frame.format(good)


def _order(draw: random.Random) -> Twins:
    return _vain_and_real(draw, _EXPECTED)


def _time(draw: random.Random) -> Twins:
    return _vain_and_real(draw, _SEEMED)


def _vain_and_real(draw: random.Random, frames: list[tuple[str, str]]) -> Twins:
    """Two parts in random order, of which the one that happened decides."""
    good, bad, thing, who = draw.choice(_GOOD), draw.choice(_BAD), draw.choice(_THINGS), draw.choice(_PEOPLE)
    parts = list(draw.choice(frames))
    draw.shuffle(parts)
    degrees = draw.sample(_DEGREES, 2)
    phrases = [f"a {degree} {word} {thing}" for degree, word in zip(degrees, (good, bad), strict=True)]
    frame = " and ".join(parts)
    negative, positive = (frame.format(who=who, real=real, vain=vain) for real, vain in (phrases[::-1], phrases))
    return (good, bad), negative, positive


def _negation(draw: random.Random) -> Twins:
    """A clause with an opinion and one with a fact, one of them negated."""
    good = draw.random() < 0.5
    word, fact = draw.choice(_GOOD if good else _BAD), draw.choice(_FACTS)
    clauses = [
        f"the {draw.choice(_THINGS)} was {draw.choice(_DEGREES)} {word}",
        f"the {draw.choice(_PLACES)} was {draw.choice(_DEGREES)} {fact}",
    ]
    frame, denies, affirms = draw.choice(_DENIED)
    opinion_first = draw.random() < 0.5
    first, second = clauses if opinion_first else clauses[::-1]

    def sentence(denied: bool) -> str:
        cues = (denies, affirms) if denied == opinion_first else (affirms, denies)
        return f"{frame.format(cue=cues[0])} {first} and {frame.format(cue=cues[1])} {second}"

    return (word, fact), sentence(denied=good), sentence(denied=not good)


def _scope(draw: random.Random) -> Twins:
    """Two judges of opposite opinions, of whom one is right."""
    good, bad, thing = draw.choice(_GOOD), draw.choice(_BAD), draw.choice(_THINGS)
    frame, wrong, right = draw.choice(_JUDGED)
    opinions = [
        f"a {degree} {word} {thing}" for degree, word in zip(draw.sample(_DEGREES, 2), (good, bad), strict=True)
    ]
    good_first = draw.random() < 0.5
    first, second = opinions if good_first else opinions[::-1]

    def sentence(positive: bool) -> str:
        cues = (right, wrong) if positive == good_first else (wrong, right)
        return f"{frame.format(it=first, cue=cues[0])} and {frame.format(it=second, cue=cues[1])}"

    return (good, bad), sentence(positive=False), sentence(positive=True)


def _comparison(draw: random.Random) -> Twins:
    """Ours is better, or another one is."""
    other, thing, who = draw.choice(_OTHERS), draw.choice(_THINGS), draw.choice(_PEOPLE)
    frame = draw.choice(_RANKED)
    negative, positive = (
        frame.format(who=who, thing=thing, better=better, worse=worse)
        for better, worse in ((other, "ours"), ("ours", other))
    )
    return (other, thing, who), negative, positive


KINDS: dict[str, Callable[[random.Random], Twins]] = {
    "plain": _plain,
    "order": _order,
    "time": _time,
    "negation": _negation,
    "scope": _scope,
    "comparison": _comparison,
}
