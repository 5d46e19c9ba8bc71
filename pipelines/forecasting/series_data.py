"""The series of a run: read, checked, divided and written into its assets, and cut into windows."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pipelines.forecasting import series_files, series_inputs
from pipelines.forecasting.calendars import calendar_cycles, holiday_dates
from pipelines.forecasting.decisions import data_defaults, open_options
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.frames import forecast_tables
from pipelines.runs import Run
from pipelines.runs.rows import quantile_levels
from pipelines.sources.faults import collect_faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.synthetic import synthetic_series
from pipelines.sources.tables import table_reading, table_series, time_splits
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.times.time_form import TimeForm
from tfmodels import option_lists, training, whole_files
from tfmodels.checked_options import AUTO, OptionError
from tfmodels.models.forecasters.forecast_shape import ForecastShape
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from pipelines.forecasting.series_inputs import SeriesInputs
    from pipelines.sources.faults import Faults
    from pipelines.sources.tables.table_series import Table

Config = TypeVar("Config", bound=ForecastOptions)  # that of the task

_SERIES, _INPUTS, _TABLE = "series", "inputs.json", "table.json"
_WORK_WEEK, _YEAR = 5, 12


def prepare(config: Config, run: Run) -> Config:
    """Reads the series and writes them into the run's assets, with the statistics learnt from them; only once.

    Args:
        config: Options of the run.
        run: The run whose assets are prepared.

    Returns:
        The options, with what the table decides of those that are left open.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: The table, or an option that describes it, is wrong.
    """
    if (run.assets / _SERIES).exists():
        return config
    print(f"Preparing {config.data}")
    run.assets.mkdir(parents=True, exist_ok=True)
    holiday_dates.check(config.holidays)
    with collect_faults(config.on_bad) as faults:
        table = _table(config, faults).named(config.series_name)
        config = _completed(config, table)
        series = time_splits.divide(table.series, config.split, config.horizon, faults, table.grid)
    decided = table_reading.described(table.reading, table.missing, table.unused)
    if decided and config.data != synthetic_series.NAME:
        print(f"read as: {decided}, {'irregular' if table.irregular else table.grid.words}")
    _check_held_out(config.hold_out, [one.name for one in series])
    if config.issue:
        _check_issued_daily(config, table)
    held_out = option_lists.split(config.hold_out)
    trained = [one for one in series if one.name not in held_out]
    calendar = option_lists.split(config.calendar)
    if not table.irregular:
        calendar_cycles.check(calendar, table.grid)
        calendar_cycles.check_days(config.daily, config.holidays, table.grid)
    if config.holidays and not table.reading.columns.time:
        raise OptionError("holidays", "to be left out without timestamps", config.holidays)
    holidays = holiday_dates.of_series(config.holidays, [one.time for one in series], table.grid)
    learnt = series_inputs.learn(table, trained, calendar, option_lists.split(config.daily), holidays)
    if config.center == "season" and (length := _season(config.season, learnt)) > config.context:
        raise OptionError("context", f"to hold a season, {length} steps, with center=season", config.context)
    series_inputs.write(learnt, run.assets / _INPUTS)
    forecast_tables.check_names(table.reading.columns, table.channels, quantile_levels.parse(config.levels))
    content = table_reading.to_dict(table.reading)
    whole_files.write(run.assets / _TABLE, json.dumps(content, indent=1, ensure_ascii=False))
    training.SeriesRows.write(run.assets / _SERIES, map(learnt.stored, series))
    return config


def rows(run: Run) -> training.SeriesRows:
    """The series of a prepared run."""
    return training.SeriesRows(run.assets / _SERIES)


def inputs(run: Run) -> "SeriesInputs":
    """The function from windows to the model's inputs, of a prepared run."""
    return series_inputs.read(run.assets / _INPUTS)


def reading(run: Run) -> Reading:
    """How the table of a prepared run was read."""
    return table_reading.from_dict(whole_files.read_json(run.assets / _TABLE))


def windows(config: ForecastOptions, run: Run, split: str, scale: "np.ndarray | None" = None) -> training.Windows:
    """The windows of a split: of training all, or those of each day's `config.issue`; of the others one every
    `config.stride` steps.

    Series that are held out have windows in the test split only: nothing is chosen or fitted by them.

    Args:
        config: Options of the run.
        run: A prepared run.
        split: `train`, `validation` or `test`.
        scale: See `training.Windows`.

    Returns:
        The windows; there may be none.
    """
    without = option_lists.split(config.hold_out) if split != "test" else []
    return windows_of(config, run, rows(run), split, without, scale)


def held_out_windows(config: ForecastOptions, run: Run, split: str) -> training.Windows:
    """The windows of a split of the series that are held out; there may be none."""
    found = rows(run)
    held_out = option_lists.split(config.hold_out)
    return windows_of(config, run, found, split, [name for name in found.names if name not in held_out])


def all_windows(config: ForecastOptions, run: Run, split: str) -> training.Windows:
    """The windows of a split of all series, those that are held out included."""
    return windows_of(config, run, rows(run), split)


def some_windows(config: ForecastOptions, run: Run, split: str) -> training.Windows:
    """The windows of a split, as `windows` gives them.

    Raises:
        ValueError: There are none.
    """
    found = windows(config, run, split)
    if not len(found):
        raise ValueError(
            f"Expected a {split} split with room for {config.horizon} steps. Received: split={config.split!r}"
        )
    return found


def windows_of(
    config: ForecastOptions,
    run: Run,
    series: training.SeriesRows,
    split: str,
    without: "Sequence[str]" = (),
    scale: "np.ndarray | None" = None,
) -> training.Windows:
    """The windows of a split of any series, those of some names left out."""
    train = split == "train"
    stride = 1 if train else config.stride or config.horizon
    issue = None if train and not config.issued_only else time_splits.seconds_of_day(config.issue)
    clock = inputs(run).grid.clock
    return training.Windows(series, split, config.context, config.horizon, stride, without, issue, scale, clock)


def season(config: ForecastOptions, run: Run) -> int:
    """Steps of a season: `config.season`, or else those of a day, of a week if steps are days, of a year if months."""
    return _season(config.season, inputs(run))


def shape(config: ForecastOptions, run: Run) -> ForecastShape:
    """The inputs and the horizon of the network.

    Args:
        config: Options of the run.
        run: A prepared run.

    Returns:
        The shape; with `center=season` the season and, if that is a day and the context holds two weeks, the week.
    """
    found = inputs(run)
    return ForecastShape(
        channels=len(found.channels),
        context=config.context,
        horizon=config.horizon,
        past=len(found.past),
        known=found.known_size,
        static=len(found.static),
        irregular=found.irregular,
        center="mean" if config.center in (AUTO, "season") else config.center,
        level=tuple(found.level) if config.center == "training" else (),
        spread=tuple(found.spread) if config.center == "training" else (),
        seasons=_seasons(config, found) if config.center == "season" else (),
        cycles=_cycles(config, found),
    )


def about_time(run: Run) -> str:
    """What the timestamps of an export count, in a sentence."""
    form = reading(run).form or TimeForm()
    unit = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}[form.unit]
    zone = f", days and calendar features in the local time of {form.zone}" if form.zone else ""
    return f"time: {unit} since 1970 in UTC{zone or '; without a time zone, of the clock as it was written'}."


def card(config: ForecastOptions, run: Run, levels: tuple[float, ...]) -> dict[str, Any]:
    """The description of its tables that an export keeps: see `series_files.card`."""
    found = inputs(run)
    return series_files.card(
        reading(run),
        None if found.irregular else found.grid,
        context=config.context,
        horizon=config.horizon,
        channels=found.channels,
        levels=levels,
        on_bad=config.on_bad,
        dtype=found.dtype("values"),
        daily=option_lists.split(config.daily),
        season=season(config, run),
        **({"series_name": config.series_name} if config.series_name else {}),
    )


def _table(config: ForecastOptions, faults: "Faults") -> "Table":
    roles = ("time", "target", "series", "past", "known", "static", "categories")
    named = {role: tuple(option_lists.split(getattr(config, role))) for role in roles}
    stamps = {"time_format": config.time_format, "time_zone": config.time_zone}
    columns = Columns(**named, layout=config.layout, **stamps, ambiguous=config.ambiguous)
    if config.data != synthetic_series.NAME:
        marks = Marks(config.decimal, config.thousands.replace("space", " "), tuple(option_lists.split(config.missing)))
        options = FileOptions(delimiter=config.delimiter, quotes=config.quotes, encoding=config.encoding)
        return table_series.read(config.data, Reading(columns, None, marks, options), config.frequency, faults)
    if columns != Columns():
        raise ValueError("Expected a table (--data FILE) with options that name columns. Received: data='synthetic'")
    return synthetic_series.table(config.training.seed)


def _completed(config: Config, table: "Table") -> Config:
    """The options with what the table decides; prints that."""
    if config.data == synthetic_series.NAME:
        return config
    roles = ("time", "target", "series") if not config.time and config.layout == "channels" else ("series",)
    named = {role: option_lists.join(list(getattr(table.reading.columns, role))) for role in roles}
    guessed = {role: names for role, names in named.items() if not getattr(config, role)}
    found = data_defaults.decide(replace(config, **guessed), table)
    if decided := open_options.said(config, found):
        print(f"chosen by the data: {decided}")
    return found


def _season(option: int, found: "SeriesInputs") -> int:
    if option:
        return option
    grid = found.grid
    cycles = {"months": (_YEAR,), "business": (_WORK_WEEK,)}.get(grid.kind, (grid.clock.day, 7 * grid.clock.day))
    return next((cycle // grid.step for cycle in cycles if cycle % grid.step == 0 and cycle > grid.step), 1)


def _seasons(config: ForecastOptions, found: "SeriesInputs") -> tuple[int, ...]:
    """The season and, if that is a day and the context holds two weeks, the week."""
    shortest = _season(config.season, found)
    grid = found.grid
    day, week = grid.clock.day // grid.step, 7 * grid.clock.day // grid.step
    daily = grid.kind == "elapsed" and shortest == day and 2 * week <= config.context
    return (shortest, week) if daily else (shortest,)


def _cycles(config: ForecastOptions, found: "SeriesInputs") -> tuple[int, ...]:
    """The seasons that the history holds, of steps that have any."""
    seasons = () if found.irregular else _seasons(config, found)
    return tuple(length for length in seasons if 1 < length <= config.context)


def _check_held_out(option: str, names: list[str]) -> None:
    held_out = option_lists.split(option)
    for name in held_out:
        if name not in names:
            raise ValueError(
                f"Expected hold_out to name series. Received: {name!r}{did_you_mean(name, names)}, of {len(names):,}"
            )
    if len(set(held_out)) == len(names):
        raise ValueError("Expected a series to train on. Received: hold_out names all of them")


def _check_issued_daily(config: ForecastOptions, table: "Table") -> None:
    stride = config.stride or config.horizon
    if table.irregular or table.grid.kind not in ("elapsed", "days") or stride * table.grid.step % table.grid.clock.day:
        every = "irregular timestamps" if table.irregular else f"{stride} steps of {table.grid.frequency}"
        raise ValueError(f"Expected a stride of whole days with issue={config.issue!r}. Received: {every}")
