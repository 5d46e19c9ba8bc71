"""What happens to bad rows and bad series: an error, or a repair that is counted and, as wanted, shown."""

import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

OnBad = Literal["error", "drop", "warn"]
_LISTENER: ContextVar[list[str] | None] = ContextVar("what collects reports", default=None)
_SHOWN = 3  # faults of each kind that the warning shows in full


class Faults:
    """Raises at the first fault, or lets the reader repair it and counts it on standard error.

    Args:
        on_bad: `error` raises; `drop` repairs and says how often; `warn` says where, too; None raises where there is no
            option to choose by.

    Example:
        >>> faults = Faults("warn")
        >>> faults.found("an infinite value", "Received: inf, line 7", "It counts as missing.")
        >>> faults.report()
    """

    def __init__(self, on_bad: OnBad | None = None) -> None:
        self._on_bad = on_bad
        self._counts: Counter[str] = Counter()
        self._shown: dict[str, list[str]] = {}
        self._notes: list[str] = []

    def found(self, expected: str, received: str, repair: str, count: int = 1) -> None:
        """Records a fault. If this returns, the caller repairs the fault.

        Args:
            expected: What the reader expects. Faults with the same text are of one kind.
            received: What was found, and where.
            repair: What the caller does about it.
            count: Number of such faults in this place.

        Raises:
            ValueError: `on_bad` is `error` or None.
        """
        if self._on_bad in ("error", None):
            more = f" and {count - 1:,} more" if count > 1 else ""
            remedy = f". With --on_bad drop or --on_bad warn: {repair}." if self._on_bad else ""
            raise ValueError(f"Expected {expected}. Received: {received}{more}{remedy}")
        self._counts[f"expected {expected}; {repair}"] += count
        self._shown.setdefault(f"expected {expected}; {repair}", []).append(received)

    def note(self, text: str) -> None:
        """Records what is no fault but should be known."""
        self._notes.append(text)

    def report(self) -> None:
        """Prints the notes and how often each kind of fault was repaired, with the first ones if `on_bad` is `warn`."""
        for text in self._notes:
            _say(text)
        for kind, count in self._counts.items():
            shown = self._shown[kind][:_SHOWN] if self._on_bad == "warn" else []
            places = f". {'; '.join(shown)}{'; ...' if count > len(shown) else ''}" if shown else ""
            _say(f"{kind}: {count:,} times{places}")


def _say(text: str) -> None:
    listener = _LISTENER.get()
    if listener is None:
        print(f"warning: {text}", file=sys.stderr)
    else:
        listener.append(text)


@contextmanager
def heard() -> Generator[list[str]]:
    """Context in which what is reported is collected, in place of being printed.

    Example:
        `with heard() as said: rows = task.requests(path, card)`
    """
    before = _LISTENER.set(said := [])
    try:
        yield said
    finally:
        _LISTENER.reset(before)


@contextmanager
def collect_faults(on_bad: OnBad | None) -> Generator[Faults]:
    """Yields the faults of a block, and reports them at its end, also if that is an error: they may be why."""
    faults = Faults(on_bad)
    try:
        yield faults
    finally:
        faults.report()
