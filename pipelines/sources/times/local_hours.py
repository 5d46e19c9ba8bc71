"""Local timestamps as moments in UTC: hours that a time zone skips or has twice."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.sources.faults import Faults
from pipelines.sources.tables.table_files import FILE, place
from pipelines.sources.times import time_zones
from pipelines.sources.times.time_form import TimeForm

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tfmodels.preprocessing.clock import Clock


def to_utc(
    frame: "pd.DataFrame",
    series: tuple[str, ...],
    local: "np.ndarray",
    readable: "np.ndarray",
    form: TimeForm,
    faults: Faults,
    shown: Callable[[int], Any],
) -> tuple["np.ndarray", "np.ndarray"]:
    """Local timestamps in UTC.

    In a repeated hour the order of a series' rows tells the earlier from the later; else `form.ambiguous` does.

    Args:
        frame: The table.
        series: Columns that name the series of a row.
        local: int64 `[rows]`, microseconds.
        readable: bool `[rows]`, which of them are timestamps.
        form: Its zone, and what to do with an hour that is left open.
        faults: Receives the rows whose hour is skipped or left open.
        shown: The cell of a row, for messages.

    Returns:
        Microseconds in UTC, and which rows have none.
    """
    import numpy as np

    clock = time_zones.clock(form.zone, 1_000_000)
    utc = clock.utc(local)
    skipped = readable & (clock.local(utc) != local) & (local % clock.day != 0)  # a day may begin at 1:00
    length = _repeated(clock, local, utc)
    open_ = np.zeros(len(local), bool)
    twice = np.flatnonzero(readable & (length > 0))
    if len(twice):
        later = _later(frame, series, local, readable, length > 0, clock)
        open_ = (later < 0) & (form.ambiguous == "")
        utc = utc + np.where((later == 1) | (later < 0) & (form.ambiguous == "later"), length, 0)
    for wrong, expected, repair in (
        (skipped, f"times of day that {form.zone} has (this hour is skipped where summer time begins)", ""),
        (
            open_,
            f"--ambiguous earlier or later for the hour that {form.zone} has twice, or both hours in order",
            "",
        ),
    ):
        rows = np.flatnonzero(wrong)
        if len(rows):
            received = f"{shown(rows[0])!r}, {place(frame, rows[0])}"
            faults.found(expected, received, repair or "the row is left out", len(rows))
    return utc, skipped | open_


def elsewhere(utc: "np.ndarray", offset: "np.ndarray", zone: str) -> "np.ndarray":
    """Which timestamps name an offset that a zone does not have then; 0 is an offset of any, as that of UTC."""
    clock = time_zones.clock(zone, 1_000_000)
    return (clock.local(utc) - utc != offset * 1_000_000) & (offset != 0) & (zone not in ("", "UTC"))


def _repeated(clock: "Clock", local: "np.ndarray", utc: "np.ndarray") -> "np.ndarray":
    """Microseconds after which the clock shows each local time again; 0 where it does not."""
    import numpy as np

    later = np.zeros(len(local), np.int64)
    for before, after in set(zip(clock.offsets, clock.offsets[1:], strict=False)):
        if before > after:
            shift = (before - after) * clock.ticks
            later = np.where(clock.local(utc + shift) == local, shift, later)
    return later


def _later(
    frame: "pd.DataFrame",
    series: tuple[str, ...],
    local: "np.ndarray",
    readable: "np.ndarray",
    repeated: "np.ndarray",
    clock: "Clock",
) -> "np.ndarray":
    """For each row 1 if its hour is the later of two, -1 if that is left open, else 0."""
    import numpy as np

    keys = list(series) or [FILE]
    groups = frame.groupby(keys, sort=False, observed=True, dropna=False).indices
    found = np.zeros(len(local), np.int8)
    for rows in groups.values():
        mine = np.asarray(rows)[readable[rows]]
        if repeated[mine].any():
            found[mine] = time_zones.in_order(local[mine], repeated[mine], clock)
    return found
