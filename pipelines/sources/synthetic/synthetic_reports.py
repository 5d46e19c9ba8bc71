"""Synthetic news reports and their summaries: the data of summarization without any file.

A report has some six sentences. Its summary needs facts from several of them, in other words and in another order. The
first sentence misleads: it tells what was planned, expected or first believed, and what counts comes later. Other
sentences have names, days and numbers that belong in no summary. Names are made of syllables, so that most of those of
a test were never seen: they have to be copied.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipelines.sources.synthetic import report_words as words
from pipelines.sources.text.pair import Pair

_SIZES = {"validation": 400, "test": 400}


class Report(NamedTuple):
    """The parts of a report.

    Attributes:
        opening: Its first sentence.
        facts: Sentences with what the summary needs, in any order.
        others: Sentences without.
        summary: The summary.
    """

    opening: str
    facts: list[str]
    others: list[str]
    summary: str


def read(split: str, seed: int, examples: int = 6000) -> Iterator[Pair]:
    """Makes the reports of a split.

    Args:
        split: "train", "validation" or "test".
        seed: Seed of the reports.
        examples: Number of reports to train on.

    Yields:
        Pairs of a report and its summary, with the kind of event.

    Example:
        `next(read("test", seed=1)).target`
    """
    draw = random.Random(f"{seed} {split}")
    for _ in range(_SIZES.get(split, examples)):
        kind = draw.choice(list(KINDS))
        report = KINDS[kind](draw)
        body = [*report.facts, *draw.sample(report.others, draw.randint(1, len(report.others)))]
        draw.shuffle(body)
        yield Pair(" ".join([report.opening, *body]), report.summary, kind)


def _name(draw: random.Random, *endings: str) -> str:
    return "".join(draw.choices(words.SYLLABLES, k=2)).capitalize() + draw.choice(endings)


def _person(draw: random.Random) -> str:
    return f"{draw.choice(words.FIRST_NAMES)} {_name(draw, *words.FAMILY_ENDINGS)}"


def _meeting(draw: random.Random) -> Report:
    place, chair, other = _name(draw, *words.PLACE_ENDINGS), _person(draw), _person(draw)
    body, short = draw.choice(words.BODIES)
    (planned, day, other_day), (first, venue, other_venue) = draw.sample(words.DAYS, 3), draw.sample(words.VENUES, 3)
    reason, because = draw.choice(words.REASONS)
    moved = draw.choice(
        [
            f"{chair}, who chairs it, has put the session off until {day}.",
            f"It will sit on {day} instead, {chair} wrote to the members.",
            f"According to the chair, {chair}, the new date is {day}.",
        ]
    )
    where = draw.choice(
        [
            f"Everybody is asked to come to the {venue}.",
            f"Doors open at the {venue} an hour before.",
            f"Chairs have been carried to the {venue}.",
        ]
    )
    why = draw.choice([f"The change became necessary because {because}.", f"It turned out that {because}."])
    return Report(
        f"The {body} of {place} had planned to meet on {planned} in the {first}.",
        [moved, where, why],
        [
            f"{other} will be away that week.",
            f"The {other_venue} is closed on {other_day}.",
            f"Last year's session lasted {draw.randint(2, 9)} hours.",
        ],
        f"{reason}: {place} {short} on {day}, in the {venue}",
    )


def _match(draw: random.Random) -> Report:
    loser, winner = (f"{_name(draw, *words.PLACE_ENDINGS)} {kind}" for kind in draw.sample(words.TEAMS, 2))
    scorer, trainer = _person(draw), _person(draw)
    lost = draw.randint(1, 3)
    won = lost + draw.randint(1, 3)
    goals = draw.choice(words.NUMBERS[:won])
    return Report(
        f"At the break {loser} led {winner} by {lost}-{lost - 1} and looked like the winners.",
        [
            draw.choice(
                [f"The game ended {won}-{lost} for {winner}.", f"When it was over {winner} had won {won}-{lost}."]
            ),
            draw.choice([f"{goals.capitalize()} of them came from {scorer}.", f"{scorer} scored {goals} of them."]),
            draw.choice([f"It was the {draw.choice(words.RANKS)} defeat in a row.", "Nobody had expected that."]),
        ],
        [
            f"{trainer}, the trainer of {loser}, left without a word.",
            f"Some {draw.randint(2, 40)},{draw.randint(100, 999)} people came to see it.",
            f"The next game is on {draw.choice(words.DAYS)}.",
        ],
        f"{winner} beat {loser} {won}-{lost}, {goals} by {scorer}",
    )


def _sale(draw: random.Random) -> Report:
    seller, rumoured, buyer = (
        f"{_name(draw, *words.PLACE_ENDINGS)} {kind}" for kind in draw.sample(words.COMPANIES, 3)
    )
    head, former = _person(draw), _person(draw)
    thing = draw.choice(words.BUSINESSES)
    asked, paid = draw.randint(60, 99) * 10, draw.randint(10, 59) * 10
    return Report(
        f"{rumoured} was long thought to take over the {thing} of {seller} for {asked} million crowns.",
        [
            draw.choice(
                [
                    f"Yesterday {buyer} signed the contract.",
                    f"It went to {buyer} in the end.",
                    f"The surprise came when {buyer} was named as the new owner.",
                ]
            ),
            draw.choice(
                [f"No more than {paid} million were paid.", f"The price was {paid} million, people who know it say."]
            ),
            draw.choice([f"{head} will run it.", f"At its top will be {head}.", f"{head} has been told to lead it."]),
        ],
        [
            f"{former} retires at the end of the year.",
            f"The shares of {rumoured} fell by {draw.randint(2, 19)} percent.",
            f"{draw.randint(2, 9)},{draw.randint(100, 999)} people work there.",
        ],
        f"{seller} sells {thing} to {buyer} for {paid} million, {head} in charge",
    )


def _accident(draw: random.Random) -> Report:
    place, spokesman = _name(draw, *words.PLACE_ENDINGS), _person(draw)
    event, what = draw.choice(words.ACCIDENTS)
    first, hurt = draw.sample(range(2, 60), 2)
    cause, causing = draw.choice(words.CAUSES)
    road, (day, other_day) = f"{draw.choice('ABCEN')}{draw.randint(2, 99)}", draw.sample(words.DAYS, 2)
    return Report(
        f"First reports from {place} spoke of {first} people hurt {what}.",
        [
            draw.choice(
                [
                    f"The hospital has counted {hurt} since.",
                    f"The true number is {hurt}, {spokesman} of the police said.",
                ]
            ),
            draw.choice([f"Experts say that {causing}.", f"There is no doubt now that {causing}."]),
            draw.choice(
                [f"The {road} cannot be used before {day}.", f"On the {road} nobody gets through until {day}."]
            ),
        ],
        [
            f"{_person(draw)} saw it from a window.",
            f"On {other_day} the minister will come.",
            f"The {draw.choice('ABCEN')}{draw.randint(100, 199)} was open again within an hour.",
        ],
        f"{place} {event} due to {cause}: {hurt} injured, {road} shut to {day}",
    )


KINDS: dict[str, Callable[[random.Random], Report]] = {
    "meeting": _meeting,
    "match": _match,
    "sale": _sale,
    "accident": _accident,
}
