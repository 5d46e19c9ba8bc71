"""The series of a run: read, checked, divided and written into its assets, and cut into windows."""

import json
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.forecasting import series_files, series_inputs
from pipelines.runs import Run
from pipelines.sources.faults import repaired
from pipelines.sources.synthetic import synthetic_series
from pipelines.sources.tables import table_columns, table_series, time_splits
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.time_grid import IRREGULAR, Grid
from tfmodels import preprocessing, training
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from pipelines.forecasting.series_inputs import SeriesInputs
    from pipelines.sources.faults import Faults
    from pipelines.sources.tables.table_series import Table

_SERIES, _INPUTS, _TABLE = "series", "inputs.json", "table.json"
_DAY, _WEEK, _YEAR = 86_400, 604_800, 12


def prepare(config: Any, run: Run) -> None:
    """Reads the series and writes them into the run's assets, with what is learnt from them; only once.

    Args:
        config: Of `forecasting`.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: The table, or the option that tells of it, is wrong.
    """
    if (run.assets / _SERIES).exists():
        return
    print(f"Preparing {config.data}: series go to {run.assets}")
    preprocessing.calendar_features(tf.zeros([1], tf.int64), _split(config.calendar) or ["hour_of_day"])  # the names
    run.assets.mkdir(parents=True, exist_ok=True)
    with repaired(config.on_bad) as faults:
        table = _table(config, faults)
        series = time_splits.divide(table.series, config.split, config.horizon, faults)
    _check_held_out(config.hold_out, [one.name for one in series])
    if config.issue:
        _check_issued_daily(config, table)
    series_inputs.write(series_inputs.learn(table, series, _split(config.calendar)), run.assets / _INPUTS)
    content = table_columns.to_dict(table.columns, table.categories)
    (run.assets / _TABLE).write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    training.SeriesRows.write(run.assets / _SERIES, series)


def rows(run: Run) -> training.SeriesRows:
    """The series of a prepared run."""
    return training.SeriesRows(run.assets / _SERIES)


def inputs(run: Run) -> "SeriesInputs":
    """What makes the model's inputs of a prepared run."""
    return series_inputs.read(run.assets / _INPUTS)


def windows(config: Any, run: Run, split: str, scale: "np.ndarray | None" = None) -> training.Windows:
    """The windows of a split: all of training, those of `stride` of the others.

    Args:
        config: Of `forecasting`.
        run: A prepared run.
        split: `train`, `validation` or `test`.
        scale: As of `training.Windows`.

    Returns:
        The windows, perhaps none.
    """
    train = split == "train"
    stride = 1 if train else config.stride or config.horizon
    without = _split(config.hold_out) if train else []
    issue = None if train else time_splits.seconds_of_day(config.issue)
    return training.Windows(rows(run), split, config.context, config.horizon, stride, without, issue, scale)


def some_windows(config: Any, run: Run, split: str) -> training.Windows:
    """As `windows`.

    Raises:
        ValueError: There is none.
    """
    found = windows(config, run, split)
    if not len(found):
        raise ValueError(
            f"Expected a {split} split with room for {config.horizon} steps. Received: split={config.split!r}"
        )
    return found


def season(config: Any, run: Run) -> int:
    """Steps of a season: what `season` says, else those of a day, of a week if steps are days, of a year if months."""
    if config.season:
        return config.season
    made = inputs(run)
    cycles = (_YEAR,) if made.months else (_DAY, _WEEK)
    return next((cycle // made.step for cycle in cycles if cycle % made.step == 0 and cycle > made.step), 1)


def seasons(config: Any, run: Run) -> list[int]:
    """The season, and the week besides if that is a day and two weeks are in the context."""
    made = inputs(run)
    day, week = (length // made.step for length in (_DAY, _WEEK))
    shortest = season(config, run)
    daily = not made.months and shortest == day and 2 * week <= config.context
    return [shortest, week] if daily else [shortest]


def card(config: Any, run: Run, levels: tuple[float, ...]) -> dict[str, Any]:
    """What an export remembers of its tables: see `series_files.card`."""
    content = json.loads((run.assets / _TABLE).read_text(encoding="utf-8"))
    made = inputs(run)
    return series_files.card(
        *table_columns.from_dict(content),
        IRREGULAR if made.irregular else Grid(made.step, made.months).frequency,
        context=config.context,
        horizon=config.horizon,
        channels=made.channels,
        levels=levels,
    )


def _table(config: Any, faults: "Faults") -> "Table":
    roles = {
        role: tuple(_split(getattr(config, role))) for role in ("time", "target", "series", "past", "known", "static")
    }
    columns = Columns(**roles, layout=config.layout, time_format=config.time_format)
    if config.data != synthetic_series.NAME:
        return table_series.read(config.data, columns, config.frequency, faults)
    if columns != Columns():
        raise ValueError("Expected a table (--data FILE) for options that name its columns. Received: data='generated'")
    return synthetic_series.table(config.training.seed)


def _check_held_out(option: str, names: list[str]) -> None:
    for name in _split(option):
        if name not in names:
            raise ValueError(
                f"Expected hold_out to name series. Received: {name!r}{did_you_mean(name, names)}, of {len(names):,}"
            )
    if len(_split(option)) == len(names):
        raise ValueError("Expected a series to train on. Received: hold_out names all of them")


def _check_issued_daily(config: Any, table: "Table") -> None:
    stride = config.stride or config.horizon
    if table.irregular or table.grid.months or stride * table.grid.step % _DAY:
        every = "irregular stamps" if table.irregular else f"{stride} steps of {table.grid.frequency}"
        raise ValueError(f"Expected a stride of whole days with issue={config.issue!r}. Received: {every}")


def _split(option: str) -> list[str]:
    return [part.strip() for part in option.split(",") if part.strip()]
