"""Synthetic opinions whose label depends on word order: the data of classification without any file.

The order of the parts of a sentence decides the label, and what they deny: what was expected and what happened, who was
wrong and who was right, what nobody said, what comes after "but". Most sentences have a twin of the other label with
the same words and pairs of neighbouring words, so that models of these cannot distinguish them. Of the others, those of
the kind `denial` deny one opinion or do not, with words that training has not seen together; those of the kind
`contrast` hold two opinions in either order. Only the kind `plain` can be classified by its words.

The values of a sentence, such as its pair of adjectives, are in one split only, and so are both twins.
"""

import random
import re
import zlib
from collections.abc import Callable, Iterator

from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic import opinion_words as words
from pipelines.sources.text.labelled import Labelled
from pipelines.sources.text.labelled_splits import Splits

NAME = "synthetic"
CLASSES = ("negative", "positive")
_TWINS = {"validation": 60, "test": 60}  # of each kind
_TRAINED = {"plain": 900, "comparison": 300}  # of each kind, in training; the words are learnt from the plain ones
_TRAINED_ELSE = 500
_LOWER_CASE, _CURLY = 0.15, 0.15  # shares of the sentences
_SHARES = {"test": 10, "validation": 20, "train": 100}  # percent of the values, summed up

Twins = tuple[tuple[str, ...], str, str]  # values, the negative sentence, the positive one


def read(seed: int) -> Splits:
    """Makes all splits.

    Args:
        seed: Seed of the sentences.

    Returns:
        The splits, each with equally many sentences of both labels of every kind.

    Example:
        `read(seed=1)["test"][0]`
    """
    return {split: list(_split(split, seed)) for split in SPLITS}


def twins(kind: str, draw: random.Random) -> Twins:
    """Makes two sentences of the same words and opposite labels (of kind `plain`: of the same frame).

    Args:
        kind: A key of `KINDS`.
        draw: Source of random choices.

    Returns:
        The values that are in one split only, the negative sentence and the positive one, either with a place for a
        name.

    Example:
        `twins("order", random.Random(1))`
    """
    values, *sentences = KINDS[kind](draw)
    opening, ending = draw.choice(words.OPENINGS), draw.choice(words.ENDINGS)
    lower_case, apostrophe = draw.random() < _LOWER_CASE, "’" if draw.random() < _CURLY else "'"
    negative, positive = (_written(f"{opening}{sentence}{ending}", lower_case, apostrophe) for sentence in sentences)
    return values, negative, positive


def _split(split: str, seed: int) -> Iterator[Labelled]:
    rows, seen = [], set()
    for kind in KINDS:
        draw = random.Random(f"{seed} {split} {kind}")
        made: dict[str, Labelled] = {}
        while len(made) < 2 * _TWINS.get(split, _TRAINED.get(kind, _TRAINED_ELSE)):
            values, *sentences = twins(kind, draw)
            texts = [sentence.replace(words.NAME, _name(draw)) for sentence in sentences]
            if _split_of(kind, values) == split and not seen & {text.lower() for text in texts}:
                seen |= {text.lower() for text in texts}
                made |= {text: Labelled(text, (label,), kind) for text, label in zip(texts, CLASSES, strict=True)}
        rows += made.values()
    random.Random(f"{seed} {split}").shuffle(rows)
    for number, row in enumerate(rows, start=1):
        yield row._replace(place=f"{NAME} {split}, row {number:,}")


def _split_of(kind: str, values: tuple[str, ...]) -> str:
    """The split that a sentence's values belong to, whatever the seed."""
    percent = zlib.crc32(" ".join((kind, *sorted(values))).encode()) % 100
    return next(split for split, end in _SHARES.items() if percent < end)


def _name(draw: random.Random) -> str:
    """A name that hardly occurs twice, so that training meets tokens that the vocabulary lacks."""
    return "".join(draw.choices(words.SYLLABLES, k=4)).capitalize()


def _written(text: str, lower_case: bool, apostrophe: str) -> str:
    """A text as people write it: an before vowels, capitals or none of them, one of two apostrophes."""
    text = re.sub(r"\ba (?=[aeiou]|honest)", "an ", text).replace("'", apostrophe)
    if lower_case:
        return text.lower()
    return re.sub(r"(?:^|[.] )[a-z]", lambda start: start[0].upper(), text)


def _adjective(draw: random.Random, word: str) -> str:
    return f"{draw.choice(words.DEGREES)} {word}" if draw.random() < 0.5 else word


def _filled(frame: str, draw: random.Random, word: str) -> str:
    """A frame with an adjective and whatever else it takes."""
    adjective = _adjective(draw, word)
    return frame.format(
        adjective=adjective, x=f"a {adjective}", thing=draw.choice(words.THINGS), who=draw.choice(words.PEOPLE)
    )


def _alike(draw: random.Random, negative: tuple[str, str], positive: tuple[str, str]) -> tuple[str, str]:
    """Two frames filled with their adjectives, and else with the same words."""
    state = draw.getstate()
    first = _filled(negative[0], draw, negative[1])
    draw.setstate(state)
    return first, _filled(positive[0], draw, positive[1])


def _plain(draw: random.Random) -> Twins:
    good, bad = draw.choice(list(zip(words.GOOD, words.BAD, strict=True)))  # fixed pairs: a sentence has one of them
    frame = draw.choice(words.PLAIN)
    return (good, frame), *_alike(draw, (frame, bad), (frame, good))


def _denial(draw: random.Random) -> Twins:
    """One opinion, affirmed or denied."""
    good = draw.random() < 0.5
    if draw.random() < 0.2:
        word, affirmed, denied = _liking(draw, good)
    else:
        word = draw.choice(words.GOOD if good else words.BAD)
        affirmed, denials = draw.choice([*words.CLAUSES, *words.FRAGMENTS, *words.FRAGMENTS])
        denied = draw.choice(denials)
    return (word,), *_alike(draw, (denied if good else affirmed, word), (affirmed if good else denied, word))


def _liking(draw: random.Random, good: bool) -> tuple[str, str, str]:
    """A verb, and a frame with it, affirmed and denied."""
    past, verb = (forms[0 if good else 1] for forms in draw.choice(words.VERBS))
    affirmed, denials = words.LIKED
    return verb, affirmed.replace("{verb}", past), draw.choice(denials).replace("{verb}", verb)


def _contrast(draw: random.Random) -> Twins:
    """Two opinions that differ, of which "but" and its kin tell the one that counts."""
    frame = draw.choice(words.CONTRASTS)
    frames = words.FRAGMENTS if draw.random() < 0.3 and frame.startswith("{vain},") else words.CLAUSES
    opinions, values = {}, []
    for positive in (False, True):
        affirmed, denials = draw.choice(frames)
        denied = draw.random() < 0.3
        values.append(draw.choice(words.GOOD if positive != denied else words.BAD))
        opinions[positive] = _filled(draw.choice(denials) if denied else affirmed, draw, values[-1])
    tail = f" {draw.choice(words.TAILS)}" if draw.random() < 0.7 else ""
    frame = re.sub(r"(\{\w+\})(?=[.,])", rf"\1{tail}", frame, count=1)
    negative, positive = (frame.format(vain=opinions[not real], real=opinions[real]) for real in (False, True))
    return tuple(values), negative, positive


def _order(draw: random.Random) -> Twins:
    return _vain_and_real(draw, words.EXPECTED)


def _time(draw: random.Random) -> Twins:
    return _vain_and_real(draw, words.SEEMED)


def _vain_and_real(draw: random.Random, frames: list[tuple[str, str]]) -> Twins:
    """Two parts in random order, of which the one that happened decides."""
    good, bad = draw.choice(words.GOOD), draw.choice(words.BAD)
    thing, who = draw.choice(words.THINGS), draw.choice(words.PEOPLE)
    parts = list(draw.choice(frames))
    draw.shuffle(parts)
    degrees = draw.sample(words.DEGREES, 2)
    phrases = [f"a {degree} {word} {thing}" for degree, word in zip(degrees, (good, bad), strict=True)]
    frame = " and ".join(parts)
    negative, positive = (frame.format(who=who, real=real, vain=vain) for real, vain in (phrases[::-1], phrases))
    return (good, bad), negative, positive


def _negation(draw: random.Random) -> Twins:
    """A clause with an opinion and one with a fact, one of them negated."""
    good = draw.random() < 0.5
    word, fact = draw.choice(words.GOOD if good else words.BAD), draw.choice(words.FACTS)
    clauses = [
        f"the {draw.choice(words.THINGS)} was {draw.choice(words.DEGREES)} {word}",
        f"the {draw.choice(words.PLACES)} was {draw.choice(words.DEGREES)} {fact}",
    ]
    frame, denies, affirms = draw.choice(words.DENIED)
    opinion_first = draw.random() < 0.5
    first, second = clauses if opinion_first else clauses[::-1]

    def sentence(denied: bool) -> str:
        cues = (denies, affirms) if denied == opinion_first else (affirms, denies)
        return f"{frame.format(cue=cues[0])} {first} and {frame.format(cue=cues[1])} {second}"

    return (word, fact), sentence(denied=good), sentence(denied=not good)


def _scope(draw: random.Random) -> Twins:
    """Two judges of opposite opinions, of whom one is right."""
    good, bad, thing = draw.choice(words.GOOD), draw.choice(words.BAD), draw.choice(words.THINGS)
    frame, wrong, right = draw.choice(words.JUDGED)
    opinions = [
        f"a {degree} {word} {thing}" for degree, word in zip(draw.sample(words.DEGREES, 2), (good, bad), strict=True)
    ]
    good_first = draw.random() < 0.5
    first, second = opinions if good_first else opinions[::-1]

    def sentence(positive: bool) -> str:
        cues = (right, wrong) if positive == good_first else (wrong, right)
        return f"{frame.format(it=first, cue=cues[0])} and {frame.format(it=second, cue=cues[1])}"

    return (good, bad), sentence(positive=False), sentence(positive=True)


def _comparison(draw: random.Random) -> Twins:
    """Ours is better, or another one is."""
    other, thing, who = draw.choice(words.OTHERS), draw.choice(words.THINGS), draw.choice(words.PEOPLE)
    frame = draw.choice(words.RANKED)
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
    "denial": _denial,
    "contrast": _contrast,
}
