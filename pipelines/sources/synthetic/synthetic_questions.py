"""Synthetic paragraphs and questions about them: the data of question answering without any file.

A paragraph is about two people, towns or companies that do not exist. It tells two things of each, often the same of
both, and often of the same sort, such as two years. So neither the sort of answer nor the words of a sentence show the
answer; the name and the relation together do, and the question puts the relation in other words.
Some sentences say `she` or `it` for the name of the sentence before. Some questions have no answer: what they ask for
is told of another name, or their name is not there at all.

Names, and the things that people collect or sell, are made of parts, and each is in one split only. A pair of a
sentence and the question about it is either in the training data or in the other splits.
"""

import itertools
import random
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic import question_words as words
from pipelines.sources.synthetic import report_words as parts
from pipelines.sources.synthetic.company_words import COMPANIES
from pipelines.sources.synthetic.people_words import PEOPLE
from pipelines.sources.synthetic.question_words import Relation
from pipelines.sources.synthetic.town_words import TOWNS

NO_ANSWER = "no answer"
_SIZES = {"validation": 600, "test": 600}
_SHARES = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}  # tenths of the names
_FORMS = 4  # sentences of a relation, and questions
_PAIRS = {"train": (0, 1, 2), "validation": (3,), "test": (3,)}  # of sentence and question: their sum modulo the forms
_ENTITIES, _SORTS, _FACTS = 2, 2, 2  # of a paragraph; sorts of answers; relations told of each entity
_MIXED = 0.4  # share of the paragraphs that go from name to name
_RELATED = 0.3  # share of the paragraphs about people that are of one family
_PRONOUNS = 0.5  # share of the sentences that may have one
_ASKED = 4  # questions of a paragraph
_WITHOUT = 0.2  # share of the questions that have no answer
_OF_NO_NAME = 0.3  # share of the questions without an answer that are about a name that is not there
_COMPANY_ENDINGS, _RIVER_ENDINGS = ("co", "tra", "lux", "max"), ("ra", "che", "nau", "wa")

Named = Callable[[random.Random, str], str]  # makes a name, or another text, of a split


class Told(NamedTuple):
    """A sentence of a paragraph.

    Attributes:
        name: What it is about.
        relation: What it tells.
        number: Which of the relation's sentences it is.
        value: What it tells, such as a year.
        start: Where that is in the paragraph.
    """

    name: str
    relation: str
    number: int
    value: str
    start: int


def read(seed: int, examples: int = 6000) -> dict[str, list[Question]]:
    """Makes all splits.

    Args:
        seed: Seed of the paragraphs.
        examples: Number of questions to train on.

    Returns:
        The questions of each split, each with the sort of its answer as its kind.

    Example:
        `read(seed=1)["test"][0].question`
    """
    return {split: list(_split(split, seed, _SIZES.get(split, examples))) for split in SPLITS}


def _split(split: str, seed: int, size: int) -> Iterator[Question]:
    draw = random.Random(f"{seed} {split}")
    made, number = 0, 0
    while made < size:
        number += 1
        relations, named = draw.choice(_KINDS)
        context, told = _paragraph(draw, split, relations, named)
        for name, one, is_told in itertools.islice(_asked(draw, split, told, named), size - made):
            made += 1
            relation = relations[one.relation]
            pairs = [place for place in range(_FORMS) if (place + one.number) % _FORMS in _PAIRS[split]]
            yield Question(
                relation.questions[draw.choice(pairs)].format(e=name),
                context,
                (Answer(one.value, one.start),) if is_told else (),
                f"{split}-{made}",
                f"Paragraph {number:,} of {split}",
                relation.sort if is_told else NO_ANSWER,
            )


def _paragraph(draw: random.Random, split: str, relations: dict[str, Relation], named: Named) -> tuple[str, list[Told]]:
    """A paragraph, and what it tells."""
    names = _names(draw, split, named)
    sorts = draw.sample(sorted({relation.sort for relation in relations.values()}), _SORTS)
    pool = [name for name, relation in relations.items() if relation.sort in sorts]
    facts = [(name, one) for name in names for one in draw.sample(pool, min(len(pool), _FACTS))]
    if draw.random() < _MIXED:
        draw.shuffle(facts)
    pronouns = {name: draw.choice(("She", "He")) if named is _person else "It" for name in names}
    # One form for all that a paragraph tells of a relation: else a pair of another split would be in it as a
    # distractor, and training would teach that such pairs are never right.
    numbers = {relation: draw.randrange(_FORMS) for relation in pool}
    used, told, context, before = list(names), [], "", ""
    for name, relation in facts:
        number = numbers[relation]
        sentence = relations[relation].sentences[number]
        is_short = name == before and sentence.startswith("{e} ") and draw.random() < _PRONOUNS
        head, tail = sentence.replace("{e}", pronouns[name] if is_short else name).split("{v}")
        value = _new(used, lambda sort=relations[relation].sort: VALUES[sort](draw, split))
        context += f"{' ' if context else ''}{head}"
        told.append(Told(name, relation, number, value, len(context)))
        context += f"{value}{tail}"
        before = name
    return context, told


def _asked(draw: random.Random, split: str, told: list[Told], named: Named) -> Iterator[tuple[str, Told, bool]]:
    """What is asked: a name, what is told of it or of another, and whether it is told of it."""
    known = {(one.name, one.relation) for one in told}
    names = sorted({one.name for one in told})
    untold = {(name, one.relation): (name, one) for name in names for one in told}
    missing = [of for key, of in untold.items() if key not in known]
    draw.shuffle(missing)
    for one in draw.sample(told, min(len(told), _ASKED)):
        if draw.random() >= _WITHOUT:
            yield one.name, one, True
        elif missing and draw.random() >= _OF_NO_NAME:
            yield *missing.pop(), False
        else:
            yield _new(names, lambda: named(draw, split)), one, False


def _names(draw: random.Random, split: str, named: Named) -> list[str]:
    """The names of a paragraph; those of people may be of one family."""
    names: list[str] = []
    for _ in range(_ENTITIES):
        _new(names, lambda: named(draw, split))
    if named is not _person or draw.random() >= _RELATED:
        return names
    family = names[0].split()[1]
    return [f"{first} {family}" for first in draw.sample(parts.FIRST_NAMES, len(names))]


def _new(used: list[str], make: Callable[[], str]) -> str:
    """A text that is not part of one that was used, nor has one as a part; it is used then."""
    while True:
        found = make()
        if not any(found in one or one in found for one in used):
            used.append(found)
            return found


def _of_split(split: str, make: Callable[[], str]) -> str:
    """A text of those that belong to a split."""
    while True:
        found = make()
        if zlib.crc32(found.encode()) % 10 in _SHARES[split]:
            return found


def _name(draw: random.Random, split: str, *endings: str) -> str:
    return _of_split(split, lambda: draw.choice(parts.SYLLABLES).capitalize() + draw.choice(endings))


def _person(draw: random.Random, split: str) -> str:
    return f"{draw.choice(parts.FIRST_NAMES)} {_name(draw, split, *parts.FAMILY_ENDINGS)}"


def _town(draw: random.Random, split: str) -> str:
    return _name(draw, split, *parts.PLACE_ENDINGS)


def _company(draw: random.Random, split: str) -> str:
    return f"{_name(draw, split, *_COMPANY_ENDINGS)} {draw.choice(parts.COMPANIES)}"


def _river(draw: random.Random, split: str) -> str:
    return f"the {_name(draw, split, *_RIVER_ENDINGS)}"


def _thing(draw: random.Random, split: str) -> str:
    def make() -> str:
        first, second = draw.sample(words.THINGS, 2)
        return draw.choice(
            [
                f"{draw.choice(words.QUALITIES)} {first}",
                f"{first} of {draw.choice(words.MATERIALS)}",
                f"{draw.choice(words.QUALITIES)} {first} and {second}",
            ]
        )

    return _of_split(split, make)


def _year(draw: random.Random, split: str) -> str:
    return str(draw.randint(1850, 2010))


def _job(draw: random.Random, split: str) -> str:
    return draw.choice(words.JOBS)


def _amount(draw: random.Random, split: str) -> str:
    return f"{draw.randint(2, 99) * 50:,} crowns"


def _number(draw: random.Random, split: str) -> str:
    return f"{draw.randint(1, 90):,},{draw.randint(0, 999):03}"


# The sorts of answers.
VALUES: dict[str, Named] = {
    "year": _year,
    "town": _town,
    "person": _person,
    "river": _river,
    "job": _job,
    "thing": _thing,
    "amount": _amount,
    "number": _number,
}
_KINDS = ((PEOPLE, _person), (TOWNS, _town), (COMPANIES, _company))
