"""Times in each way of writing, order, separator, zone, unit and frequency: read back equal or refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.tables import time_grid, timestamps
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import FILE, LINE, SPLIT
from pipelines.sources.times import grid_search, time_form
from pipelines.sources.times.time_form import BETWEEN, TYPED, TimeForm

ZONES = ["", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "+05:30"]
DAYS = [
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%-d.%-m.%Y",
    "%-m/%-d/%Y",
    "%d-%b-%Y",
    "%B %-d, %Y",
    "%Y/%m/%d",
]
DAYS += ["%Y%m%d", "excel", TYPED, "%a, %d %b %Y"]
MONTHS = ["%Y-%m", "%m/%Y", "%b %Y", "%b-%Y", "%Y%m", "%YQ%q", "%Y"]
CLOCKS = ["%H:%M", "%-H:%M", "%H:%M:%S", "%H.%M.%S", "%-I:%M %p", "%I:%M:%S %P", "%H:%M:%S.%3f", "%H:%M:%S.%6f"]
COUNTS = ["s", "ms", "us", "ns", "%Y%m%d%H%M%S"]
TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000}


@st.composite
def tables(draw):
    """The grid of a series, its timestamps, and the form that they are written in."""
    frequency = draw(
        st.sampled_from(["us", "ms", "20ms", "s", "min", "15min", "h", "D", "W", "B", "MS", "ME", "QS", "YS"])
    )
    zone, unit = draw(st.sampled_from(ZONES)), next((unit for unit in ("us", "ms") if unit in frequency), "s")
    offsets = bool(zone) and draw(st.booleans())
    form = TimeForm((_form(draw, frequency, offsets),), unit, zone)
    name = form.formats[0]
    form = replace(form, offsets=name in (*TICKS, "ns") or name.endswith("z") or (name == TYPED and offsets))
    numbers = name in (*COUNTS, "%Y%m%d", "%Y%m", "%Y", "excel") and draw(st.booleans())
    form = replace(form, numbers=numbers)
    grid = time_grid.grid_of(frequency, form.clock)
    earliest = 110_000_000 if name in (*COUNTS, "excel") else -1_500_000_000  # smaller counts tell no unit
    first = draw(st.integers(earliest, 4_000_000_000)) // 86_400 * 86_400 * TICKS[unit]
    time = grid.clock.utc(np.array([first]))
    start = grid.ticks(time)[0]
    if grid.kind == "elapsed":
        start -= start % min(grid.step, grid.clock.day)
    if frequency in ("QS", "YS"):
        start -= start % grid.step
    ticks = start + grid.step * np.arange(draw(st.integers(3, 70)))
    return grid, grid.times(ticks), form


def _form(draw, frequency, offsets):
    if frequency in ("MS", "QS", "YS") and not offsets and draw(st.booleans()):
        fitting = {"MS": MONTHS[:5], "QS": MONTHS[:6], "YS": MONTHS}
        return draw(st.sampled_from(fitting[frequency]))
    fine = any(unit in frequency for unit in ("us", "ms"))
    daily = frequency in ("D", "W", "B", "MS", "ME", "QS", "YS")
    if not fine and draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(COUNTS))
    day = draw(st.sampled_from(DAYS))
    if day in ("excel", TYPED) or (daily and not offsets and draw(st.booleans())):
        return day if daily or day == TYPED else "%Y-%m-%dT%H:%M:%S.%6f" if fine else "%Y-%m-%dT%H:%M:%S"
    clocks = [clock for clock in CLOCKS if ("%S" in clock or frequency != "s") and (not fine or "6f" in clock)]
    glue = draw(st.sampled_from([" ", "T", BETWEEN])) if "%Y%m%d" not in day else "T"
    end = draw(st.sampled_from(["%:z", "%z", " %:z"])) if offsets else ""
    return f"{day}{glue}{draw(st.sampled_from(clocks))}{end}"


def read(cells, form=None, **options):
    frame = cells.assign(**{FILE: "data", LINE: np.arange(2, len(cells) + 2), SPLIT: -1})
    return timestamps.read(frame, Columns(tuple(cells.columns), **options), Faults("error"), form)


DAILY = time_grid.grid_of("D", TimeForm(("%Y",)).clock)
AUTUMN = 212_630_400 + 86_400 * np.arange(5)  # 27.9. to 1.10.: no date shows both numbers without their zeros


@given(tables())
@example((DAILY, AUTUMN, TimeForm(("%-d.%-m.%Y %H:%M",))))
def test_times_are_read_back_or_refused(made):
    _, times, form = made
    columns = ("day", "clock") if BETWEEN in form.formats[0] else ("time",)
    cells = time_form.written(times, form, columns)
    try:
        time, found = read(cells, time_zone=form.zone)
    except ValueError as error:
        assert any(
            option in str(error) for option in ("--time_format", "--ambiguous", "time of day", "offsets from UTC")
        ), error
        return
    scale = TICKS[form.unit] // TICKS[found.unit]
    np.testing.assert_array_equal(time * scale, times)
    pd.testing.assert_frame_equal(time_form.written(time.astype(np.int64), found, columns), cells)
    if found.ambiguous or not form.offsets:
        return
    again, _ = read(cells.iloc[-2:].reset_index(drop=True), found)
    np.testing.assert_array_equal(again, time[-2:])


@given(tables())
def test_a_grid_is_found_and_goes_on(made):
    grid, times, form = made
    if len(times) < 30:
        return
    clock = form.clock
    found = grid_search.completed(time_grid.grid_of("", clock), {"": times[:20]}, irregular=False)
    ticks = found.ticks(times)
    if (found.kind, found.step) == (grid.kind, grid.step):
        np.testing.assert_array_equal(found.times(ticks[0] + found.step * np.arange(len(times))), times)
    else:  # quarters and weeks may be days, and days of one week are no business days yet
        assert found.is_on(times[:20]).all()
