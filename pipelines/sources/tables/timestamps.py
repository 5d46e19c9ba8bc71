"""The timestamps of a table: how they are written, found from all of them, and the moments that they mean."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import place
from pipelines.sources.times import (
    earlier_timestamps,
    local_hours,
    stamp_formats,
    stamp_numbers,
    stamp_shapes,
    time_form,
    time_zones,
)
from pipelines.sources.times.stamp_cells import Cells, cells_of
from pipelines.sources.times.time_form import BETWEEN, TYPED, TimeForm

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_PARTS = {"year": "%Y", "quarter": "%q", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}


def read(
    frame: "pd.DataFrame", columns: Columns, faults: Faults, form: TimeForm | None = None
) -> tuple["np.ndarray", TimeForm]:
    """The timestamps of a table.

    Args:
        frame: The table; cells of timestamps are texts, numbers or dates.
        columns: Its `time` is one column, or several: a date and a time of day, or `year`, `month`, `day` and so on.
        faults: Receives those that cannot be read, or that the time zone does not have.
        form: How they are written, as decided in training; None finds it.

    Returns:
        float64 `[rows]`, timestamps in UTC in the form's unit; NaN where there is none. And the form.

    Raises:
        ValueError: No reading fits, or more than one; no timestamp can be read; a fault is an error.

    Example:
        `read(frame, Columns(time=("hour",)), Faults("error"))[1].formats` -> `("%Y-%m-%d %H:%M",)`
    """
    import numpy as np

    if form and not form.formats:
        return earlier_timestamps.seconds(frame, columns.time, columns.time_format, faults), form
    cells = cells_of(frame, columns.time)
    found = form or _found(cells, columns, frame)
    here = _here(cells, form) if form else found
    local, readable, offset, midnight_24 = _read(cells, here)
    if not readable.any():
        raise ValueError(
            f"Expected timestamps written as {found.words}, or --time_format, a format as in strptime. "
            f"Received: {_first(cells)!r}, {place(frame, 0)}; no row of {len(frame):,} can be read, nothing is left"
        )
    _told(faults, frame, cells, ~readable, f"a timestamp in each row, written as {found.words}")
    if offset is not None:
        utc = local - offset * 1_000_000
        if form is None:
            found = _in_zone(found, columns, utc[readable], offset[readable], cells)
        wrong = readable & local_hours.elsewhere(utc, offset, found.zone)
        _told(faults, frame, cells, wrong, f"offsets from UTC that {found.zone} has")
    elif here.zone and not here.offsets:
        utc, wrong = local_hours.to_utc(frame, columns.series, local, readable, here, faults, cells.shown)
    else:
        utc, wrong = local, np.zeros(len(local), bool)
    readable &= ~wrong
    if form is None:
        found = replace(found, unit=time_form.unit_of(utc[readable]), midnight_24=midnight_24)
    time, whole = time_form.in_unit(utc, found.unit)
    _told(faults, frame, cells, readable & ~whole, f"timestamps in whole {found.unit}, as in training")
    return np.where(readable & whole, time, np.nan), found


def _found(cells: Cells, columns: Columns, frame: "pd.DataFrame") -> TimeForm:
    """The form of a table in training; zone and unit of it are still open where the cells name an offset."""
    time_zones.check(columns.time_zone)
    found = TimeForm(zone=columns.time_zone, ambiguous=columns.ambiguous, numbers=cells.are_numbers)
    if cells.are_dates:
        return replace(found, formats=(TYPED,), zone=columns.time_zone or cells.zone, offsets=bool(cells.zone))
    if columns.time_format in stamp_numbers.COUNTS:
        forms = (columns.time_format,)
    elif columns.time_format:
        stamp_formats.check(columns.time_format)
        forms = (_between_columns(columns.time_format, len(columns.time)),)
    elif len(columns.time) > 1 and {name.strip().lower() for name in columns.time} <= _PARTS.keys():
        forms = (BETWEEN.join(_PARTS[name.strip().lower()] for name in columns.time),)
        stamp_formats.check(forms[0])
    elif (numbers := cells.numbers) is not None:
        forms = (stamp_numbers.find(numbers),)
    else:
        forms = stamp_shapes.find(cells.texts)
    if not forms:
        raise ValueError(
            f"Expected timestamps in {', '.join(columns.time)}, or --time_format, their format as in strptime. "
            f"Received: {_first(cells)!r}, {place(frame, 0)}"
        )
    return replace(found, formats=forms, offsets=forms[0] in ("s", "ms", "us", "ns"))


def _here(cells: Cells, form: TimeForm) -> TimeForm:
    """The form for a later table: of dates in place of texts or numbers, or the reverse, and with their own zone."""
    if cells.are_dates:
        if cells.zone and not form.zone and not form.offsets:
            raise ValueError(
                f"Expected dates without a time zone, as in training. Received: dates in {cells.zone}; write them as "
                "the clock of the series shows them, or train anew with --time_zone"
            )
        return replace(form, formats=(TYPED,), offsets=bool(cells.zone))
    if form.formats == (TYPED,) and not cells.are_numbers:
        return replace(form, formats=stamp_shapes.find(cells.texts) or form.formats, offsets=False)
    return form


def _read(cells: Cells, form: TimeForm) -> tuple["np.ndarray", "np.ndarray", "np.ndarray | None", bool]:
    """Local microseconds, whether they are readable, and the offsets from UTC that they name, of each row."""
    import numpy as np

    if form.formats == (TYPED,) and cells.are_dates:
        return (*cells.dates(), None, False)
    if form.formats == (TYPED,):
        return np.zeros(len(cells.codes), np.int64), np.zeros(len(cells.codes), bool), None, False
    if form.formats[0] in stamp_numbers.COUNTS:
        local, readable = stamp_numbers.read(cells.as_numbers(), form.formats[0])
        return (*cells.by_row(local, readable), None, False)
    local, readable = np.zeros(len(cells.texts), np.int64), np.zeros(len(cells.texts), bool)
    offset, midnight_24 = None, False
    for one in form.formats:
        found = stamp_formats.read(cells.texts, one)
        fresh = found.readable & ~readable
        local = np.where(fresh, found.local, local)
        readable |= fresh
        midnight_24 |= found.midnight_24
        if found.offset is not None:
            offset = np.where(fresh, found.offset, 0 if offset is None else offset)
    rows, there = cells.by_row(local, readable)
    return rows, there, None if offset is None else cells.by_row(offset, readable)[0], midnight_24


def _in_zone(form: TimeForm, columns: Columns, utc: "np.ndarray", offset: "np.ndarray", cells: Cells) -> TimeForm:
    """The form with the zone of timestamps that name their offsets."""
    import numpy as np

    distinct = np.unique(offset)
    if columns.time_zone or len(distinct) == 1:
        one = int(distinct[0])
        named = "UTC" if not one else stamp_formats.written_offset(one, ":")
        return replace(form, zone=columns.time_zone or named, offsets=True)
    order = np.argsort(utc)
    fitting = time_zones.fitting(utc[order], offset[order])[:3]
    offsets = ", ".join(stamp_formats.written_offset(int(one), ":") for one in distinct[:4])
    advice = f"NAME, such as {', '.join(fitting)}" if fitting else "UTC (no zone has these offsets)"
    raise ValueError(
        f"Expected one offset from UTC, or the time zone that the series lives in: --time_zone {advice}. "
        f"Received: the offsets {offsets} in {', '.join(columns.time)}"
    )


def _between_columns(form: str, count: int) -> str:
    """A format of the user with `BETWEEN` for the blanks between the columns, where they can be told."""
    return form.replace(" ", BETWEEN) if count > 1 and form.count(" ") == count - 1 else form


def _first(cells: Cells) -> str:
    return cells.shown(0)


def _told(faults: Faults, frame: "pd.DataFrame", cells: Cells, wrong: "np.ndarray", expected: str) -> None:
    import numpy as np

    rows = np.flatnonzero(wrong)
    if len(rows):
        faults.found(expected, f"{cells.shown(rows[0])!r}, {place(frame, rows[0])}", "the row is left out", len(rows))
