"""Sequences of items: the events of each user in order, all of them in a few arrays."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Events:
    """Events in any order.

    Attributes:
        user: int32 `[events]`, place of each one's user among `users`.
        item: int32 `[events]`, place of its item among `items`.
        time: int64 `[events]`, microseconds since 1970, or any number that says which is later; None = in order.
        users: Ids of the users, texts.
        items: Ids of the items, texts.
        is_clock: Whether the time is a moment, not only an order.
        cells: int32 `[events, columns]`, place of each one's cell among the texts of further columns; -1 = empty.
        texts: The texts of each further column, by its name.
    """

    user: np.ndarray
    item: np.ndarray
    time: np.ndarray | None
    users: "pa.Array"
    items: "pa.Array"
    is_clock: bool = False
    cells: np.ndarray | None = None
    texts: "dict[str, list[str]] | None" = None

    def __len__(self) -> int:
        return len(self.item)

    def chosen(self, kept: np.ndarray) -> "Events":
        """Those of some rows, bool or int `[rows]`."""
        time = None if self.time is None else self.time[kept]
        cells = None if self.cells is None else self.cells[kept]
        return replace(self, user=self.user[kept], item=self.item[kept], time=time, cells=cells)


@dataclass(frozen=True)
class Sequences:
    """The events of each user, one user after the other, each in the order of time.

    Attributes:
        events: The events; every user and every item has one.
        starts: int64 `[users + 1]`, where the events of each user start; the last is the number of events.
    """

    events: Events
    starts: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Events of each user, int64 `[users]`."""
        return np.diff(self.starts)

    def of(self, user: int) -> np.ndarray:
        """The items of a user, int32 `[events]`."""
        return self.events.item[self.starts[user] : self.starts[user + 1]]

    def is_tied(self) -> np.ndarray:
        """Whether each event has the time of the one before it of the same user, bool `[events]`."""
        tied = np.zeros(len(self.events), bool)
        if self.events.time is not None:
            tied[1:] = (np.diff(self.events.time) == 0) & (np.diff(self.events.user) == 0)
        return tied


def in_order(events: Events, seed: int | None = None) -> Sequences:
    """Puts events in order: by user, then by time.

    Args:
        events: The events.
        seed: Draws the order of a user's events at the same time. None leaves them in the order of the file.

    Returns:
        The sequences. Users and items without an event are left out; the others keep their order.

    Example:
        >>> sequences = in_order(events)
        >>> sequences.of(0)
        array([17, 3, 8], dtype=int32)
    """
    keys = [events.user] if events.time is None else [events.time, events.user]
    if seed is not None and events.time is not None:
        keys = [np.random.default_rng([seed, 31]).permutation(len(events)), *keys]
    ordered = events.chosen(np.lexsort(keys))
    user, users = _without_unused(ordered.user, events.users)
    item, items = _without_unused(ordered.item, events.items)
    starts = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(users)))])
    return Sequences(replace(ordered, user=user, item=item, users=users, items=items), starts)


def _without_unused(codes: np.ndarray, names: "pa.Array") -> tuple[np.ndarray, "pa.Array"]:
    import pyarrow as pa

    used = np.bincount(codes, minlength=len(names)) > 0
    places = np.cumsum(used, dtype=np.int32) - 1
    return places[codes], names.filter(pa.array(used))
