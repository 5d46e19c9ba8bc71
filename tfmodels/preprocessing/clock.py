"""The unit of timestamps and the clock that they are read on, without TensorFlow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Clock:
    """What timestamps count, and the offset of local time from UTC over the years.

    Attributes:
        ticks: Ticks in a second: 1, 1,000 or 1,000,000.
        changes: When the offset changes, in seconds since 1970 in UTC, rising.
        offsets: The offset in seconds east of UTC before the first change, and after each.

    Example:
        `Clock(changes=(1_711_846_800,), offsets=(3600, 7200)).local(np.array([1_711_846_800]))` -> `[1711854000]`
    """

    ticks: int = 1
    changes: tuple[int, ...] = ()
    offsets: tuple[int, ...] = (0,)

    @property
    def day(self) -> int:
        """Ticks in a day of 24 hours."""
        return 86_400 * self.ticks

    @property
    def turns(self) -> tuple[int, ...]:
        """Local ticks at which the offset after each change begins, the earlier one in a repeated hour.

        In an hour that is skipped the offset before it counts, as in PEP 495.
        """
        pairs = zip(self.changes, self.offsets, self.offsets[1:], strict=False)
        return tuple((change + max(before, after)) * self.ticks for change, before, after in pairs)

    @property
    def skips(self) -> tuple[int, ...]:
        """The lengths, in ticks, of times that the clock skips."""
        pairs = zip(self.offsets, self.offsets[1:], strict=False)
        return tuple(sorted({(after - before) * self.ticks for before, after in pairs if after > before}))

    def local(self, time: "np.ndarray") -> "np.ndarray":
        """Timestamps in UTC on this clock; the type stays."""
        import numpy as np

        places = np.searchsorted(np.array(self.changes, np.int64) * self.ticks, time, side="right")
        return time + np.array(self.offsets, np.int64)[places] * self.ticks

    def utc(self, local: "np.ndarray") -> "np.ndarray":
        """Timestamps on this clock in UTC, of a repeated hour the earlier; the type stays."""
        import numpy as np

        places = np.searchsorted(np.array(self.turns, np.int64), local, side="right")
        return local - np.array(self.offsets, np.int64)[places] * self.ticks

    def local_days(self, time: "np.ndarray") -> "np.ndarray":
        """As `local`, but a day whose first hour is skipped begins at a midnight that the clock never shows."""
        import numpy as np

        local = self.local(time)
        for skip in self.skips:
            begins = (local - skip) % self.day == 0
            local = np.where(begins & (self.utc(local - skip) == time), local - skip, local)
        return local
