"""How the timestamps of a table are written: decided once, in training, and applied again to every table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipelines.sources.times import stamp_formats, stamp_numbers, stamp_shapes, time_zones

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tfmodels.preprocessing.clock import Clock


TYPED = "typed"  # cells that are dates, not texts or numbers
BETWEEN = "\x1f"  # between the cells of several columns in one format
Unit = Literal["s", "ms", "us"]
_TICKS: dict[Unit, int] = {"s": 1, "ms": 1_000, "us": 1_000_000}
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class TimeForm:
    """How timestamps are written, and what they mean.

    Attributes:
        formats: Formats as in `strptime`, the most frequent first, with `BETWEEN` between columns; or one of
            `stamp_numbers.COUNTS`; or `TYPED`. None is found anew in each table, as runs of earlier versions did.
        unit: `s`, `ms` or `us`: what the timestamps of series count.
        zone: Time zone that the series lives in; empty if unknown, and the clock is then taken as never changed.
        offsets: Whether the timestamps name their offset from UTC, or count from a moment in UTC.
        ambiguous: Which of two equal hours is meant where the order of the rows does not say: `earlier`, `later`, or
            empty to refuse it.
        midnight_24: Whether midnight is written as 24:00 of the day before.
        numbers: Whether the cells are numbers.
    """

    formats: tuple[str, ...] = ()
    unit: Unit = "s"
    zone: str = ""
    offsets: bool = False
    ambiguous: Literal["", "earlier", "later"] = ""
    midnight_24: bool = False
    numbers: bool = False

    @property
    def clock(self) -> "Clock":
        """The clock of the series."""
        return time_zones.clock(self.zone, _TICKS[self.unit])

    @property
    def words(self) -> str:
        """What was decided, in words.

        Example:
            `TimeForm(("%d/%m/%Y",), zone="Europe/Berlin").words` -> `"%d/%m/%Y, day first, Europe/Berlin"`
        """
        form = self.formats[0] if self.formats else ""
        counts = {"excel": "days of Excel", "days": "days since 1970", TYPED: "dates"}
        named = counts.get(form, f"{form} since 1970" if form in stamp_numbers.COUNTS else form.replace(BETWEEN, " "))
        hour = "24:00 as midnight" if self.midnight_24 else ""
        unit = "" if self.unit == "s" else f"kept in {self.unit}"
        return ", ".join(filter(None, [named, stamp_shapes.words(form), hour, self.zone, unit]))


def from_dict(content: Mapping[str, Any] | None) -> TimeForm | None:
    """A form from `dataclasses.asdict`, after a round trip through JSON; None stays None."""
    if content is None:
        return None
    fields: dict[str, Any] = {**content, "formats": tuple(content["formats"])}
    return TimeForm(**fields)


def unit_of(local: "np.ndarray") -> Unit:
    """The coarsest unit that timestamps in microseconds are whole numbers of.

    Example:
        `unit_of(np.array([1_500_000]))` -> `"ms"`
    """
    return next(unit for unit, ticks in _TICKS.items() if (local % (_MICROSECONDS // ticks) == 0).all())


def in_unit(local: "np.ndarray", unit: Unit) -> tuple["np.ndarray", "np.ndarray"]:
    """Microseconds in a unit, and whether they are whole numbers of it."""
    size = _MICROSECONDS // _TICKS[unit]
    return local // size, local % size == 0


def written(time: "np.ndarray", form: TimeForm | None, columns: tuple[str, ...] = ("time",)) -> "pd.DataFrame":
    """Timestamps as the table of training has them, so that forecasts continue it.

    Args:
        time: int64 `[n]`, timestamps of a series.
        form: How they are written; None as dates.
        columns: Names of the columns.

    Returns:
        The columns: texts, numbers, or dates.

    Example:
        `written(np.array([0]), TimeForm(("%Y",), numbers=True))["time"].tolist()` -> `[1970]`
    """
    import numpy as np
    import pandas as pd

    form = form or TimeForm((TYPED,))
    size = _MICROSECONDS // _TICKS[form.unit]
    name = form.formats[0] if form.formats else TYPED
    counted = name in stamp_numbers.COUNTS
    local = time if stamp_formats.is_utc(name) or (counted and form.offsets) else form.clock.local(time)
    if counted:
        return pd.DataFrame({columns[0]: stamp_numbers.write(local * size, name)})
    if name == TYPED:
        dates = pd.DatetimeIndex((time if form.offsets else local).astype(f"datetime64[{form.unit}]"))
        if form.offsets:
            dates = dates.tz_localize("UTC").tz_convert(form.zone or "UTC")
        return pd.DataFrame({columns[0]: dates})
    offset = (local - time) // _TICKS[form.unit]
    texts = stamp_formats.write(local * size, name, offset, form.midnight_24)
    cells: list[Any] = [text.split(BETWEEN) for text in texts]
    if len(columns) > 1 and all(len(row) == len(columns) for row in cells):
        return pd.DataFrame(dict(zip(columns, np.array(cells, object).reshape(-1, len(columns)).T, strict=True)))
    whole = [" ".join(row) for row in cells]
    return pd.DataFrame({columns[0]: [int(text) for text in whole] if form.numbers else whole})
