"""What to do about bad rows and bad series."""

import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

OnBad = Literal["error", "drop", "warn"]
_SHOWN = 3  # faults of a kind that are shown in full


class Faults:
    """Stops at the first fault, or lets the reader repair it: silently, or with a warning on standard error.

    Args:
        on_bad: `error`, `drop` or `warn`.

    Example:
        >>> faults = Faults("warn")
        >>> faults.found("an infinite value", "Received: inf, line 7", "It counts as missing.")
        >>> faults.report()
    """

    def __init__(self, on_bad: OnBad) -> None:
        self._on_bad = on_bad
        self._counts: Counter[str] = Counter()
        self._shown: dict[str, list[str]] = {}

    def found(self, expected: str, received: str, repair: str, count: int = 1) -> None:
        """Notes a fault, whose repair is up to the caller if this returns.

        Args:
            expected: What a reader expects: also the kind of the fault.
            received: What stands there, with its place.
            repair: What becomes of it unless faults are errors.
            count: How many such faults there are in this place.

        Raises:
            ValueError: If faults are errors.
        """
        if self._on_bad == "error":
            more = f" and {count - 1:,} more" if count > 1 else ""
            raise ValueError(
                f"Expected {expected}. Received: {received}{more}. With on_bad=drop or on_bad=warn: {repair}."
            )
        self._counts[f"expected {expected}; {repair}"] += count
        self._shown.setdefault(f"expected {expected}; {repair}", []).append(received)

    def report(self) -> None:
        """Prints what was repaired, if that is to be said."""
        if self._on_bad != "warn":
            return
        for kind, count in self._counts.items():
            received = self._shown[kind]
            more = "; ..." if count > len(received[:_SHOWN]) else ""
            print(f"warning: {kind}: {count:,} times. {'; '.join(received[:_SHOWN])}{more}", file=sys.stderr)


@contextmanager
def repaired(on_bad: OnBad) -> Generator[Faults]:
    """Collects the faults inside and reports them at the end."""
    faults = Faults(on_bad)
    yield faults
    faults.report()
