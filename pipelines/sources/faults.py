"""What happens to bad rows and bad series: an error, a silent repair, or a repair with a warning."""

import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

OnBad = Literal["error", "drop", "warn"]
_SHOWN = 3  # faults of each kind that the warning shows in full


class Faults:
    """Raises at the first fault, or lets the reader repair it, silently or with a warning on standard error.

    Args:
        on_bad: `error` raises, `drop` repairs silently, `warn` repairs and prints a warning; None raises where there is
            no option to choose by.

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
            remedy = f". With on_bad=drop or on_bad=warn: {repair}." if self._on_bad else ""
            raise ValueError(f"Expected {expected}. Received: {received}{more}{remedy}")
        self._counts[f"expected {expected}; {repair}"] += count
        self._shown.setdefault(f"expected {expected}; {repair}", []).append(received)

    def note(self, text: str) -> None:
        """Records what is no fault but should be known, which `report` prints unless `on_bad` is `drop`."""
        self._notes.append(text)

    def report(self) -> None:
        """Prints the notes, and what was repaired if `on_bad` is `warn`."""
        if self._on_bad != "drop":
            for text in self._notes:
                print(f"warning: {text}", file=sys.stderr)
        if self._on_bad != "warn":
            return
        for kind, count in self._counts.items():
            received = self._shown[kind]
            more = "; ..." if count > len(received[:_SHOWN]) else ""
            print(f"warning: {kind}: {count:,} times. {'; '.join(received[:_SHOWN])}{more}", file=sys.stderr)


@contextmanager
def collect_faults(on_bad: OnBad | None) -> Generator[Faults]:
    """Yields the faults of a block, and reports them at its end."""
    faults = Faults(on_bad)
    yield faults
    faults.report()
