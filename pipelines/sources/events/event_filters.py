"""Which events count: repeats merged, sequences cut where a session ends, rare users and items left out."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.sources.events import event_sequences
from pipelines.sources.events.event_form import Limits, Repeats
from pipelines.sources.events.event_sequences import Events, Sequences

if TYPE_CHECKING:
    import pyarrow as pa

_HOUR = 3_600_000_000  # microseconds


def apply(events: Events, limits: Limits, seed: int | None = None) -> tuple[Sequences, list[str]]:
    """Leaves out what does not count.

    Args:
        events: The events.
        limits: What counts.
        seed: See `event_sequences.in_order`.

    Returns:
        The sequences, and what is to be said of them.

    Raises:
        ValueError: Nothing is left, or sessions are to be cut and there are no times.

    Example:
        `apply(events, Limits(min_user_events=5, min_item_events=5))[0].lengths.min()`
    """
    sequences, notes = event_sequences.in_order(events, seed), []
    if limits.repeats != "keep":
        sequences, said = _merged(sequences, limits.repeats)
        notes.append(said)
    if limits.session_gap:
        sequences, said = _sessions(sequences, limits.session_gap)
        notes.append(said)
    if limits.min_user_events > 1 or limits.min_item_events > 1:
        sequences, said = _frequent(sequences, limits.min_user_events, limits.min_item_events)
        notes.append(said)
    return sequences, notes


def _merged(sequences: Sequences, repeats: Repeats) -> tuple[Sequences, str]:
    events = sequences.events
    if repeats == "neighbours":
        again = np.zeros(len(events), bool)
        again[1:] = (np.diff(events.user) == 0) & (np.diff(events.item) == 0)
    else:
        pairs = events.user.astype(np.int64) * len(events.items) + events.item
        again = np.ones(len(events), bool)
        again[np.unique(pairs, return_index=True)[1]] = False  # the first of each
    what = "at once" if repeats == "neighbours" else "at all"
    said = f"{again.sum():,} of {len(events):,} events are left out: their user had the item before {what}"
    return event_sequences.in_order(events.chosen(~again)), said


def _sessions(sequences: Sequences, hours: float) -> tuple[Sequences, str]:
    import pyarrow as pa

    events = sequences.events
    if events.time is None or not events.is_clock:
        raise ValueError(
            "Expected events with times, to cut sequences where a session ends. Received: session_gap="
            f"{hours:g} and {'numbers that only order the events' if events.time is not None else 'no column of time'}"
        )
    begins = np.ones(len(events), bool)
    begins[1:] = (np.diff(events.user) != 0) | (np.diff(events.time) > hours * _HOUR)
    session = np.cumsum(begins, dtype=np.int32) - 1
    owner = events.user[begins]
    number = np.arange(len(owner)) - np.searchsorted(owner, owner) + 1
    names = _joined(events.users.take(pa.array(owner)), number)
    said = f"{len(events.users):,} users have {len(owner):,} sessions, cut where {hours:g} hours have no event"
    return event_sequences.in_order(replace(events, user=session, users=names)), said


def _joined(users: "pa.Array", number: np.ndarray) -> "pa.Array":
    """Names of sessions: `anna#1`, `anna#2`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(users, pa.array(number).cast(users.type), pa.scalar("#", users.type))


def owner(session: str) -> str:
    """The user of a session.

    Example:
        `owner("anna#2")` -> `"anna"`
    """
    return session.rpartition("#")[0]


def _frequent(sequences: Sequences, least_of_user: int, least_of_item: int) -> tuple[Sequences, str]:
    """Leaves out rare users and items, and again those that this makes rare, until none is."""
    events, rounds = sequences.events, 0
    users, items = len(events.users), len(events.items)
    user, item, rows = events.user, events.item, np.arange(len(events))
    while True:
        often = np.bincount(user, minlength=users)[user] >= least_of_user
        often &= np.bincount(item, minlength=items)[item] >= least_of_item
        if often.all():
            break
        rounds += 1
        user, item, rows = user[often], item[often], rows[often]
    if not len(rows):
        raise ValueError(
            f"Expected events of users with at least {least_of_user:,} (min_user_events) and items with at least "
            f"{least_of_item:,} (min_item_events). Received: {len(events):,} events, of which none is left"
        )
    left = event_sequences.in_order(events.chosen(rows))
    return left, (
        f"left of {users:,} users, {items:,} items and {len(events):,} events: {len(left.events.users):,}, "
        f"{len(left.events.items):,} and {len(left.events):,}, with at least {least_of_user:,} events a user and "
        f"{least_of_item:,} an item, stable after {rounds:,} rounds"
    )
