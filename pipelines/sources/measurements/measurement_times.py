"""The times of measurements: timestamps, hours and other counts since any beginning, or hours and minutes."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.measurements.measurement_form import CLOCK, UNITS
from pipelines.sources.tables import table_files, timestamps
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.times import stamp_cells, stamp_numbers
from pipelines.sources.times.time_form import TimeForm

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_HOUR = 3_600_000_000  # microseconds
_CLOCK = r"[0-9]{1,6}:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
_MOST = 0.5  # share of distinct cells like hours and minutes from which on the others are faults
_LONGEST = 1e8  # of a count: seconds since 1970 of today are larger
_TICKS = {"s": 1_000_000, "ms": 1_000, "us": 1}


@dataclass(frozen=True)
class Reading:
    """How times are written, as decided once.

    Attributes:
        unit: `HH:MM`, one of `UNITS`, or empty for timestamps.
        form: How timestamps are written.
    """

    unit: str = ""
    form: TimeForm | None = None

    @property
    def words(self) -> str:
        """What was decided, in words."""
        return self.unit or (self.form.words if self.form else "")


def read(
    frame: "pd.DataFrame", column: str, time_format: str, faults: Faults, known: Reading | None = None
) -> tuple["np.ndarray", "np.ndarray", Reading]:
    """The times of a table, all of whose rows should have one.

    Args:
        frame: The table.
        column: Its column of times.
        time_format: See `Form`.
        faults: Receives rows whose time cannot be read.
        known: How the times are written, as decided by an earlier table.

    Returns:
        int64 `[rows]`, microseconds since 1970 or since any other beginning; which rows have one; how they are written.

    Raises:
        ValueError: No reading fits, or more than one; a fault is an error.

    Example:
        `read(frame, "Time", "", Faults("error"))[2].words` -> `"HH:MM"`
    """
    import numpy as np

    if not len(frame):
        return np.zeros(0, np.int64), np.zeros(0, bool), known or Reading()
    cells = stamp_cells.cells_of(frame, (column,))
    unit = known.unit if known else _unit(cells, column, time_format, frame)
    if not unit:
        return _timestamps(frame, column, time_format, faults, known)
    values = _clock_hours(cells.texts) * _HOUR if unit == CLOCK else _counted(cells) * (UNITS[unit] * _HOUR)
    fits = np.isfinite(values) & (np.abs(values) < 2**62)
    time, there = cells.by_row(np.where(fits, np.round(values), 0).astype(np.int64), fits)
    if not there.all():
        row = int(np.argmin(there))
        faults.found(f"a time written as {unit} in each row", f"{cells.shown(row)!r}, {table_files.place(frame, row)}",
                     "the row is left out", int((~there).sum()))  # fmt: skip
    return time, there, Reading(unit)


def read_alike(frame: "pd.DataFrame", column: str, known: Reading, faults: Faults) -> tuple["np.ndarray", "np.ndarray"]:
    """The times of another table about the same entities, such as that of labels, which may be written otherwise.

    Args:
        frame: The table.
        column: Its column of times.
        known: How the times of the measurements are written.
        faults: Receives rows whose time cannot be read.

    Returns:
        See `read`, without the reading.

    Raises:
        ValueError: The times of the measurements are timestamps and these are not, or the reverse; one of both names
            an offset from UTC and the other does not; no reading fits; a fault is an error.

    Example:
        `read_alike(labels, "prediction_time", known, Faults("error"))`
    """
    if known.form is None:
        return read(frame, column, "", faults, known)[:2]
    try:
        time, there, found = read(frame, column, "", faults)
    except ValueError:  # of two orders of day and month, that of the measurements
        time, there, found = read(frame, column, "", faults, known)
    if found.form is None or found.form.offsets != known.form.offsets:
        raise ValueError(
            f"Expected times in column {column!r} like those of the measurements, both with an offset from UTC or both "
            f"without. Received: {found.words or 'no offset'}, and {known.words} of the measurements, "
            f"{table_files.place(frame, 0)}"
        )
    return time, there


def _timestamps(
    frame: "pd.DataFrame", column: str, time_format: str, faults: Faults, known: Reading | None
) -> tuple["np.ndarray", "np.ndarray", Reading]:
    import numpy as np

    form = known.form if known else None
    found, form = timestamps.read(frame, Columns(time=(column,), time_format=time_format), faults, form)
    there = np.isfinite(found)
    time = (np.where(there, found, 0) * _TICKS[form.unit]).astype(np.int64)
    return time, there, Reading(form=replace(form, unit="us"))  # a later file may have finer ones


def _unit(cells: stamp_cells.Cells, column: str, time_format: str, frame: "pd.DataFrame") -> str:
    """What the times count; empty for timestamps."""
    import numpy as np

    if time_format:
        return time_format if time_format in (CLOCK, *UNITS) else ""
    if cells.are_dates:
        return ""
    if not cells.are_numbers and _are_clock(cells.texts).mean() >= _MOST:
        return CLOCK
    numbers = cells.numbers
    if numbers is None or np.abs(numbers).max() >= _LONGEST:
        return ""
    named = column.casefold().strip()
    unit = next((one for one in UNITS if named in (one, one[:-1])), "hours")
    if unit == "hours" and named not in ("hours", "hour"):
        _require_no_dates(numbers, column, frame)
    return unit


def _require_no_dates(numbers: "np.ndarray", column: str, frame: "pd.DataFrame") -> None:
    """Refuses numbers that may be hours, and dates as well, such as years or the days of a spreadsheet."""
    import numpy as np

    if np.abs(numbers).min() < 1_000:  # no date is so small
        return
    try:
        reading = stamp_numbers.find(numbers)
    except ValueError:
        return
    raise ValueError(
        f"Expected --time_format {', '.join(UNITS)} or {reading} for column {column!r}, whose numbers may be hours as "
        f"well as dates. Received: {numbers[0]}, {table_files.place(frame, 0)}"
    )


def _are_clock(texts: "np.ndarray") -> "np.ndarray":
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(pa.array(texts, pa.large_string()), f"^{_CLOCK}$")
    return found.to_numpy(zero_copy_only=False)


def _clock_hours(texts: "np.ndarray") -> "np.ndarray":
    """Hours of `HH:MM` and `HH:MM:SS`, float64 `[texts]`; NaN where a text is neither."""
    import numpy as np

    fits = _are_clock(texts)
    parts = [text.split(":") if fit else ["nan"] for text, fit in zip(texts.tolist(), fits.tolist(), strict=True)]
    return np.array([sum(float(part) / 60**place for place, part in enumerate(one)) for one in parts], np.float64)


def _counted(cells: stamp_cells.Cells) -> "np.ndarray":
    import numpy as np

    return cells.as_numbers().astype(np.float64) if not cells.are_dates else np.full(len(cells.distinct), np.nan)
