"""Which events are trained on, and which are to be predicted from those before them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipelines.sources.events.event_sequences import Sequences

SCORED = ("validation", "test")


@dataclass(frozen=True)
class Cases:
    """Events to predict, each from events of the same user before it.

    Attributes:
        user: int64 `[cases]`, whose event it is.
        target: int64 `[cases]`, its place among the events.
        end: int64 `[cases]`, where the history ends, which starts with the events of the user.
    """

    user: np.ndarray
    target: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class Split:
    """A split of sequences.

    Attributes:
        sequences: The sequences.
        train_end: int64 `[users]`, where the events of each user that are trained on end.
        cases: The events to predict, by split.
        said: How it was split, in words.
        held_out: bool `[items]`, those whose events are not trained on, wherever they are; None = none.
    """

    sequences: Sequences
    train_end: np.ndarray
    cases: dict[str, Cases]
    said: str
    held_out: np.ndarray | None = None

    @property
    def is_train(self) -> np.ndarray:
        """Whether an event is trained on, bool `[events]`."""
        events = self.sequences.events
        within = np.arange(len(events)) < self.train_end[events.user]
        return within if self.held_out is None else within & ~self.held_out[events.item]

    def known(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether each user and each item has an event that is trained on, bool `[users]` and bool `[items]`."""
        events = self.sequences.events
        counts = np.bincount(events.item[self.is_train], minlength=len(events.items))
        return self.train_end > self.sequences.starts[:-1], counts > 0

    def unknown(self, split: str, then: str = "the latter count as misses") -> str:
        """Says how many events of a split are of users, or of items, that training has not, and what then is."""
        users, items = self.known()
        cases = self.cases[split]
        item = self.sequences.events.item[cases.target]
        tied = int(self.sequences.is_tied()[cases.target].sum())
        return (
            f"{split}: {len(cases):,} events to predict, {(~users[cases.user]).sum():,} of users and "
            f"{(~items[item]).sum():,} of items without an event in training; {then}"
            + (f"; before {tied:,} is another at the same time, which might as well be next" if tied else "")
        )


def leave_one_out(sequences: Sequences) -> Split:
    """The last item of each user is the test, the one before it the validation; the validation item belongs to the
    history at test.

    Args:
        sequences: The sequences.

    Returns:
        The split. Users with fewer than three events are only trained on.

    Raises:
        ValueError: No user has three events.

    Example:
        `leave_one_out(sequences).cases["test"].target`
    """  # fmt: skip
    long = np.flatnonzero(sequences.lengths >= 3)
    if not len(long):
        raise ValueError(
            "Expected a user with at least three events, to leave out the last two. Received: at most "
            f"{sequences.lengths.max():,} events a user"
        )
    train_end = sequences.starts[1:].copy()
    train_end[long] -= 2
    last = sequences.starts[long + 1] - 1
    cases = {"validation": Cases(long, last - 1, last - 1), "test": Cases(long, last, last)}
    short = len(sequences.lengths) - len(long)
    said = f"leave-one-out: the last event of each of {len(long):,} users is the test, the one before it the validation"
    said += f"; {short:,} users with fewer than three events are only trained on" if short else ""
    return Split(sequences, train_end, cases, said)


def by_date(sequences: Sequences, validation_share: float, test_share: float) -> Split:
    """Two dates, the same for all users: events from the second on are the test, those between them the validation.

    Args:
        sequences: The sequences.
        validation_share: Share of the events between the dates, about: events at one time are not torn apart.
        test_share: Share of the events from the second date on.

    Returns:
        The split; each event is predicted from those of its user that are strictly earlier.

    Raises:
        ValueError: There are no times, or a split has no event.

    Example:
        `by_date(sequences, 0.1, 0.2).cases["test"].end`
    """
    time = sequences.events.time
    if time is None:
        raise ValueError(
            "Expected events with times, to split them by date. Received: split='date' and no column of time; "
            "--split leave_one_out needs none"
        )
    ordered = np.sort(time)
    at = np.floor(len(ordered) * np.array([1 - test_share - validation_share, 1 - test_share])).astype(int)
    dates = ordered[np.clip(at, 0, len(ordered) - 1)]
    user, starts = sequences.events.user, sequences.starts
    # Within a user the events are in order, so that those before a date are the first ones.
    train_end = starts[:-1] + np.bincount(user[time < dates[0]], minlength=len(starts) - 1)
    within = {"validation": (time >= dates[0]) & (time < dates[1]), "test": time >= dates[1]}
    cases = {split: _cases(sequences, np.flatnonzero(chosen)) for split, chosen in within.items()}
    empty = [split for split, of in {"train": train_end - starts[:-1], **cases}.items()
             if not (of.any() if isinstance(of, np.ndarray) else len(of))]  # fmt: skip
    if empty:
        raise ValueError(
            f"Expected events in each split by date. Received: none for {' and '.join(empty)} with validation_share="
            f"{validation_share:g} and test_share={test_share:g}; do many events have one time?"
        )
    first, second = (_shown(date, sequences.events.is_clock) for date in dates)
    said = (
        f"by date: events before {first} are trained on, those from {second} on are the test, and those between the "
        "validation; each is predicted from the events of its user that are strictly earlier"
    )
    return Split(sequences, train_end, cases, said)


def _cases(sequences: Sequences, target: np.ndarray) -> Cases:
    """Events at the time of the target are no history of it."""
    begins = np.flatnonzero(~sequences.is_tied())
    end = begins[np.searchsorted(begins, target, side="right") - 1]
    return Cases(sequences.events.user[target].astype(np.int64), target, end)


def _shown(date: Any, is_clock: bool) -> str:
    return str(np.datetime64(int(date), "us").astype("datetime64[s]")).replace("T", " ") if is_clock else f"{date:,}"


def with_history(cases: Cases, sequences: Sequences) -> tuple[Cases, int]:
    """The cases whose history has an event, and the number of the others."""
    there = cases.end > sequences.starts[cases.user]
    kept = replace(cases, user=cases.user[there], target=cases.target[there], end=cases.end[there])
    return kept, int((~there).sum())
