"""Histories from files: a table like that of training in, requests out."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.forecasting.calendars import served_times
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.tables import table_reading, table_series, time_grid
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.table_series import Table
from pipelines.sources.tables.time_grid import IRREGULAR, Grid
from pipelines.sources.times.time_form import TimeForm
from tfmodels.preprocessing.clock import Clock
from tfmodels.training import Series

if TYPE_CHECKING:
    pass


def card(reading: Reading, grid: Grid | None, **rest: Any) -> dict[str, Any]:
    """The description of its tables that an export keeps.

    Args:
        reading: How the training data was read.
        grid: Distance of two steps; None if they are irregular.
        **rest: `context`, `horizon`, `levels`, `channels`, `on_bad`, what `read_requests` does about faults, `dtype`,
            the type of the values, and `daily`, the columns of known covariates that hold for whole days.

    Returns:
        The description, in a form that JSON can hold.
    """
    steps = {name: value for name, value in asdict(grid).items() if name != "clock"} if grid else None
    frequency = grid.frequency if grid else IRREGULAR
    return {"columns": table_reading.to_dict(reading), "frequency": frequency, "grid": steps, **rest}


def read_requests(path: Path, table: dict[str, Any]) -> list[dict[str, Any]]:
    """Reads histories.

    The history of a series ends with the last step that has a value; a model with known covariates needs them for the
    whole horizon after it, in rows with empty targets.

    Args:
        path: A table like the one the model was trained on.
        table: What `card` returned, with what `served_times.described` did.

    Returns:
        For each series its name, `series`, and the inputs of `serving_default`.

    Raises:
        ValueError: A series has no value, or a fault is an error; too few rows of known covariates are one.

    Example:
        `read_requests(Path("history.csv"), card["table"])[0]["values"]`
    """
    with collect_faults(table.get("on_bad", "warn")) as faults:
        read = read_table(path, table, faults)
        daily = table.get("daily", ())
        found = [_request(one, table["context"], table["horizon"], read, daily, faults) for one in read.series]
        for note in served_times.notes(found, table, read.grid):
            faults.note(note)
        return found


def read_table(path: Path, table: dict[str, Any], faults: Faults) -> Table:
    """Reads series with all that was decided about the table of training.

    Args:
        path: A table like the one the model was trained on.
        table: What `card` returned; perhaps with `ambiguous`, see `TimeForm`, in place of what training decided.
        faults: Receives bad rows and series.

    Returns:
        The series.
    """
    reading = table_reading.from_dict(table["columns"])
    if reading.form and table.get("ambiguous"):
        reading = replace(reading, form=replace(reading.form, ambiguous=table["ambiguous"]))
    found = table_series.read(
        path, reading, IRREGULAR if table["frequency"] == IRREGULAR else grid_of(table, reading.form), faults
    )
    if reading.marks and found.reading.marks and found.reading.marks != reading.marks:
        faults.note(
            f"the training data shows no marks of numbers; those of {path.name} are read as: {found.reading.marks}"
        )
    return found.named(table.get("series_name", ""))


def grid_of(table: dict[str, Any], form: TimeForm | None) -> Grid:
    """The grid of training; of irregular steps one that knows their clock alone.

    Args:
        table: What `card` returned.
        form: How timestamps are written.

    Example:
        `grid_of(card["table"], reading.form).dates(output["time"])`
    """
    if table["frequency"] == IRREGULAR:
        return Grid(0, clock=form.clock if form else Clock())
    if not table.get("grid"):  # of an earlier version
        return time_grid.grid_of(table["frequency"])
    return Grid(**table["grid"], clock=form.clock if form else Clock())


def _request(
    series: Series, context: int, horizon: int, read: Table, daily: Sequence[str], faults: Faults
) -> dict[str, Any]:
    name = f"series {series.name!r}" if series.name else "the series"
    observed = np.flatnonzero(np.isfinite(series.values).any(axis=1))
    if not len(observed):
        raise ValueError(f"Expected a history with values. Received: none in {name}")
    end = int(observed[-1]) + 1
    if read.reading.columns.known:
        _check_known(series, end, horizon, read, daily, name, faults)
    window = {"values": series.values[:end], "past": series.past[:end], "time": series.time[:end]}
    fitted = {key: _newest(array, context, 0 if key == "time" else np.nan) for key, array in window.items()}
    ahead = series.known[end : end + horizon]
    absent = np.full([horizon - len(ahead), ahead.shape[1]], np.nan)
    known = _newest(np.concatenate([series.known[:end], ahead, absent]), context + horizon, np.nan)
    return {"series": series.name, **fitted, "known": known, "static": series.static}


def _check_known(
    series: Series, end: int, horizon: int, read: Table, daily: Sequence[str], name: str, faults: Faults
) -> None:
    """Known covariates must be there for the whole horizon, those of days once in each of its days."""
    reading, text = read.reading, read.grid.text
    ahead = len(series.time) - end
    if ahead < horizon:
        faults.found(
            f"rows with known covariates and empty targets for {horizon} steps after the last value",
            f"{ahead} in {name}, whose last value is at {text(int(series.time[end - 1]))}",
            "the covariates of the others are missing for the model",
        )
    columns = (reading.categories or Categories()).sources(reading.columns.known)
    place = [columns.index(column) for column in reading.columns.known]  # one of the indicators of each
    missing = np.isnan(series.known[:, place])
    days = read.grid.clock.local(series.time) // read.grid.clock.day
    for number, of in enumerate(reading.columns.known):
        if of in daily:
            missing[:, number] = ~np.isin(days, days[~missing[:, number]])
    step, column = np.nonzero(missing[end : end + horizon])
    if len(step):
        faults.found(
            f"a value of each known covariate for {horizon} steps after the last value",
            f"none of {reading.columns.known[column[0]]!r} at "
            f"{text(int(series.time[end + step[0]]))} in {name}",
            "it is missing for the model", len(step),
        )  # fmt: skip


def _newest(rows: np.ndarray, steps: int, padding: float) -> np.ndarray:
    """The last steps, padded at the start where there are fewer."""
    rows = rows[-steps:]
    missing = np.full([steps - len(rows), *rows.shape[1:]], padding, rows.dtype)
    return np.concatenate([missing, rows])
