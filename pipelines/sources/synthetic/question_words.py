"""The words of the synthetic paragraphs and of the questions about them.

A relation is told in one of four sentences and asked for in one of four questions: `{e}` is what it is about, `{v}` the
answer. Several relations of each kind of entity have answers of the same sort, such as three years.
"""

from typing import NamedTuple


class Relation(NamedTuple):
    """What is told of an entity.

    Attributes:
        sort: Sort of the answer: a key of `synthetic_questions.VALUES`.
        sentences: Sentences that tell it.
        questions: Questions that ask for it.
    """

    sort: str
    sentences: tuple[str, str, str, str]
    questions: tuple[str, str, str, str]


JOBS = [
    *("baker", "tailor", "teacher", "painter", "dentist", "gardener", "bridge keeper", "ship's cook", "piano tuner"),
    *("train driver", "map maker", "zoo keeper", "night nurse", "clock mender", "forest guard", "glass blower"),
    *("police officer", "judge", "book seller", "weather forecaster"),
]
QUALITIES = ["old", "blue", "broken", "painted", "tiny", "rare", "heavy", "cheap", "foreign", "hand-made", "striped"]
THINGS = [
    *("maps", "spoons", "lamps", "clocks", "boats", "hats", "stamps", "bells", "carpets", "puppets", "knives", "keys"),
    *("mirrors", "drums", "kites", "bottles"),
]
MATERIALS = ["wood", "copper", "thick glass", "paper", "grey stone", "silver", "red clay", "whale bone"]
