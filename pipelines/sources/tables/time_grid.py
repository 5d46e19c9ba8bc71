"""The distance between the steps of a series: seconds, or calendar months."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

IRREGULAR = "irregular"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "D": 86_400, "W": 604_800}
_MONTHS = ("MS", "M", "ME")  # the first is the one written
_FREQUENCY = re.compile(rf"(\d*)({'|'.join((*_SECONDS, *_MONTHS))})")


class Grid(NamedTuple):
    """A regular time grid. Its ticks are integers `step` apart: seconds or months since 1970.

    Attributes:
        step: Distance of two ticks in seconds or months; 0 while it is unknown.
        months: Whether the unit is a calendar month. The tick of a month is its first day, whatever the timestamp.
    """

    step: int
    months: bool = False

    @property
    def frequency(self) -> str:
        """The grid as a frequency, in its shortest spelling.

        Example:
            `Grid(900).frequency` -> `"15min"`
        """
        if self.months:
            return _written(self.step, _MONTHS[0])
        unit = max((unit for unit in _SECONDS if self.step % _SECONDS[unit] == 0), key=_SECONDS.__getitem__)
        return _written(self.step // _SECONDS[unit], unit)

    def ticks(self, seconds: "np.ndarray") -> "np.ndarray":
        """Timestamps as ticks, float64 `[rows]`; NaN where there is none."""
        import numpy as np

        if not self.months:
            return seconds
        there = np.isfinite(seconds)
        found = np.full(len(seconds), np.nan)
        found[there] = _dates(seconds[there].astype(np.int64)).astype("datetime64[M]").astype(np.int64)
        return found

    def seconds(self, ticks: "np.ndarray") -> "np.ndarray":
        """Ticks as timestamps in seconds, int64."""
        import numpy as np

        return ticks.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64) if self.months else ticks

    def text(self, tick: int) -> str:
        """A tick as text, for messages."""
        import numpy as np

        return str(_dates(self.seconds(np.array(tick)))).replace("T", " ")


def grid_of(frequency: str) -> Grid:
    """The grid of a frequency.

    Args:
        frequency: Such as `h`, `15min`, `D`, `W` or `MS`; empty = to be inferred; `irregular` for timestamps off any
            grid.

    Returns:
        The grid; its step is 0 if it is to be inferred or if there is no grid.

    Raises:
        ValueError: It is none of these.

    Example:
        `grid_of("15min").step` -> `900`
    """
    if frequency in ("", IRREGULAR):
        return Grid(0)
    parts = _FREQUENCY.fullmatch(frequency)
    if not parts or parts[1] == "0":
        raise ValueError(
            f"Expected a frequency such as 30s, 15min, h, D, W, MS (calendar months) or {IRREGULAR}. "
            f"Received: frequency={frequency!r}"
        )
    count = int(parts[1] or 1)
    return Grid(count, months=True) if parts[2] in _MONTHS else Grid(count * _SECONDS[parts[2]])


def agreed_grid(times: "dict[str, np.ndarray]", irregular: bool) -> Grid:
    """The grid of most series.

    Args:
        times: Name of a series -> its timestamps in seconds, int64, sorted and distinct.
        irregular: Whether timestamps may lie off the grid.

    Returns:
        The grid; of months if the series are regular and each timestamp is the first day of a month.

    Raises:
        ValueError: No series has two timestamps.
    """
    import numpy as np

    timestamps = _dates(np.concatenate(list(times.values())))
    on_months = bool((timestamps == timestamps.astype("datetime64[M]")).all())
    grid = Grid(0, months=not irregular and on_months)
    ticks = (grid.ticks(time.astype(np.float64)).astype(np.int64) for time in times.values())
    steps = [step for one in ticks if (step := common_step(one))]
    if not steps:
        raise ValueError(
            "Expected a frequency, or a series with two timestamps to infer it from. Received: frequency=''"
        )
    return grid._replace(step=max(set(steps), key=steps.count))


def common_step(ticks: "np.ndarray") -> int:
    """The most frequent distance of neighbouring ticks, which are sorted and distinct; 0 for a single one."""
    import numpy as np

    steps, counts = np.unique(np.diff(ticks), return_counts=True)
    return int(steps[np.argmax(counts)]) if len(steps) else 0


def _written(count: int, unit: str) -> str:
    return f"{count if count > 1 else ''}{unit}"


def _dates(seconds: "np.ndarray") -> "np.ndarray":
    return seconds.astype("datetime64[s]")
