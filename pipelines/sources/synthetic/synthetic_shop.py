"""Synthetic purchases in a shop that does not exist: the data of recommendation without any file.

Its things are of 13 kinds, and a table says which is next after the last two kinds that somebody bought. Neither of
them alone says anything: after each kind every one is equally frequent, one and two steps later. What adds up the
effects of single past items, as neighbours and linear models do, learns nothing of it. Tastes drift: what is further
back tells nothing either, and some purchases are chance.

The things of a kind are a series to be consumed in order, from any of its parts on. Some purchases draw a complement
of the same kind. Gifts of an old campaign are the most popular things, and nobody takes one any more. So popularity
misleads, and what follows most often is what is already there. A sequence ends with two things of the series.
"""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.sources.events.event_sequences import Events

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (
    *("anvil", "basket", "candle", "drum", "easel", "flute", "globe", "hammock", "kettle", "lamp", "quilt"),
    *("saddle", "teapot"),
)
PARTS = 6  # of a series
GIFTS = 8
_LENGTHS = (8, 16)  # purchases of a user of things of the series, at least and at most
_CHANCE, _COMPLEMENT, _GIFT = 0.04, 0.2, 0.5  # how probable these are at a purchase; gifts in the first half only
_COMPLEMENTS = len(KINDS) * PARTS  # the place of the first among all items
_GIFTS = _COMPLEMENTS + len(KINDS)
_NEXT = (10, 2, 7, 4, 5, 12, 0, 3, 6, 9, 11, 8, 1)  # the next kind by the sum of the last two; never one kind for ever
_START = int(np.datetime64("2024-01-01", "us").astype(np.int64))
_HOUR = 3_600_000_000


def events(seed: int, users: int) -> Events:
    """Generates the purchases.

    Args:
        seed: Seed of the generator.
        users: Number of users.

    Returns:
        The events, with times.

    Example:
        `events(seed=1, users=2000).items[0]` -> `"anvil 1"`
    """
    import pyarrow as pa

    random = np.random.default_rng([seed, 20240101])
    histories = [_history(random) for _ in range(users)]
    lengths = np.array([len(history) for history in histories])
    user = np.repeat(np.arange(users, dtype=np.int32), lengths)
    begins = np.cumsum(lengths) - lengths
    hours = np.cumsum(random.exponential(24, lengths.sum()) + 0.1)
    hours += np.repeat(random.uniform(0, 24 * 300, users) - hours[begins], lengths)
    ids = pa.array([f"user {number}" for number in range(users)], pa.large_string())
    time = _START + (hours * _HOUR).astype(np.int64)
    return Events(user, np.concatenate(histories).astype(np.int32), time, ids, _items(), is_clock=True)


def kind_of(item: int) -> int:
    """The kind of an item; -1 for a gift.

    Example:
        `kind_of(6)` -> `1`
    """
    if item < _COMPLEMENTS:
        return item // PARTS
    return item - _COMPLEMENTS if item < _GIFTS else -1


def next_kind(before: int, last: int) -> int:
    """The kind that follows two kinds.

    Example:
        `next_kind(0, 1)` -> `2`
    """
    return _NEXT[(before + last) % len(KINDS)]


def _items() -> "pa.Array":
    import pyarrow as pa

    parts = [f"{kind} {part + 1}" for kind in KINDS for part in range(PARTS)]
    return pa.array(
        [*parts, *(f"{kind} case" for kind in KINDS), *(f"gift {number + 1:02d}" for number in range(GIFTS))],
        pa.large_string(),
    )


def _history(random: np.random.Generator) -> list[int]:
    """The items of a user in order."""
    length = int(random.integers(_LENGTHS[0], _LENGTHS[1] + 1))
    before, kind = random.integers(len(KINDS), size=2).tolist()
    part = random.integers(PARTS, size=len(KINDS))  # the next one of each series
    gifts = random.permutation(GIFTS).tolist()
    complements: set[int] = set()
    items = []
    for step in range(length):
        items.append(kind * PARTS + int(part[kind]))
        part[kind] = (part[kind] + 1) % PARTS
        if step < length - 2 and kind not in complements and random.random() < _COMPLEMENT:
            complements.add(kind)
            items.append(_COMPLEMENTS + kind)
        if step < length // 2 and gifts and random.random() < _GIFT:
            items.append(_GIFTS + gifts.pop())
        chance = random.random() < _CHANCE
        before, kind = kind, int(random.integers(len(KINDS))) if chance else next_kind(before, kind)
    return items
