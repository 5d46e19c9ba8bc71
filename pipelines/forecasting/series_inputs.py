"""From windows of series to the inputs of a forecaster, with one function for training and for exports."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.sources.tables import time_grid
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_series import Table
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.tables.time_splits import bounds_of
from tfmodels import preprocessing, whole_files
from tfmodels.training import Series

_LISTS = ("channels", "past", "known", "static", "calendar", "daily", "level", "spread")
_COVARIATES = ("past", "known", "static")
_ROUNDING = 1e-4  # of a covariate's standard deviation, at most, where it is stored in float32


@dataclass(frozen=True)
class SeriesInputs:
    """Standardises covariates, and adds calendar features and step sizes computed from the timestamps.

    Values stay as they are: the model normalises them. Covariates are standardised by their mean and standard
    deviation in the training data; missing ones stay NaN.

    Attributes:
        channels: Names of the channels.
        past: Names of the past covariates.
        known: Names of the known covariates, without calendar features.
        static: Names of the static covariates.
        calendar: The calendar features, which follow the known covariates; see `preprocessing.calendar_features`.
        grid: The distance between two steps; of irregular series the most frequent one.
        irregular: Whether the model gets the time between the steps.
        means: Covariate role -> mean of each.
        scales: Covariate role -> standard deviation of each.
        dtypes: Type of `values` and of the covariates of each role in windows and endpoints; float32 where a role is
            missing, as in runs of earlier versions.
        daily: Those of `known` that hold for the whole day of a step that has them: see `preprocessing.daily_values`.
        holidays: The holidays of regions, whose features follow those of the calendar.
        level: Mean of the values of each channel, for `center=training`.
        spread: Their standard deviation.
    """

    channels: list[str]
    past: list[str]
    known: list[str]
    static: list[str]
    calendar: list[str]
    grid: Grid
    irregular: bool
    means: dict[str, list[float]]
    scales: dict[str, list[float]]
    dtypes: dict[str, str] = field(default_factory=dict)
    daily: list[str] = field(default_factory=list)
    holidays: list[HolidayDates] = field(default_factory=list)
    level: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)

    @property
    def used(self) -> dict[str, int]:
        """Covariate role -> number of covariates, of the roles that have any."""
        return {role: len(getattr(self, role)) for role in _COVARIATES if getattr(self, role)}

    @property
    def known_size(self) -> int:
        """Number of known covariates of the model, features of calendar and holidays included."""
        calendar = sum(preprocessing.calendar_feature(name).width for name in self.calendar)
        return len(self.known) + calendar + preprocessing.HOLIDAY_COLUMNS * len(self.holidays)

    def __call__(self, window: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The model's inputs.

        Args:
            window: `values` `[batch, context, channels]`, `time` int64 `[batch, context + horizon]` and the covariates
                in use of `past`, `known` and `static`; see `training.Windows.read`.

        Returns:
            The inputs of a `models.Forecaster`.
        """
        inputs = {"values": window["values"]}
        for role in self.used:
            mean, scale = (np.array(numbers[role], self.dtype(role)) for numbers in (self.means, self.scales))
            given = self._whole_days(window) if role == "known" and self.daily else window[role]
            inputs[role] = tf.cast((given - mean) / scale, tf.float32)
        if features := self._time_features(window["time"]):
            known = [inputs["known"]] if self.known else []
            inputs["known"] = tf.concat([*known, *features], axis=-1)
        if self.irregular:
            inputs["steps"] = self._steps(window["time"][:, : window["values"].shape[1]])
        return inputs

    def dtype(self, role: str) -> str:
        """Type of `values`, or of the covariates of a role."""
        return self.dtypes.get(role, "float32")

    def stored(self, series: Series) -> Series:
        """The series with its numbers in these types."""
        return series._replace(
            **{role: getattr(series, role).astype(self.dtype(role), copy=False) for role in ("values", *_COVARIATES)}
        )

    def ahead(self, time: tf.Tensor, horizon: int) -> tf.Tensor:
        """Timestamps of the horizon, int64 `[batch, horizon]`, from those of the last step, `[batch, 1]`."""
        grid, clock = self.grid, self.grid.clock
        steps = grid.step * tf.range(1, horizon + 1, dtype=tf.int64)
        if grid.kind == "months":
            return preprocessing.add_months(time, steps, grid.day, clock)
        if grid.kind == "business":
            return preprocessing.add_business_days(time, steps, clock)
        return preprocessing.add_days(time, steps // clock.day, clock) if grid.kind == "days" else time + steps

    def _time_features(self, time: tf.Tensor) -> list[tf.Tensor]:
        """What the timestamps alone say of their steps."""
        clock, found = self.grid.clock, []
        if self.calendar:
            found.append(preprocessing.calendar_features(time, self.calendar, clock))
        if self.holidays:
            found.append(preprocessing.holiday_features(time, [one.dates for one in self.holidays], clock))
        return found

    def _whole_days(self, window: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The known covariates, those of days in all their steps."""
        spread = preprocessing.daily_values(window["known"], window["time"], self.grid.clock)
        return tf.where(np.isin(self.known, self.daily), spread, window["known"])

    def _steps(self, time: tf.Tensor) -> tf.Tensor:
        """Time since the previous step in units of the grid's step; 0 at padding and at the first step."""
        since = time[:, 1:] - time[:, :-1]
        known = (time[:, :-1] != 0) & (time[:, 1:] != 0)
        steps = tf.where(known, tf.cast(since, tf.float32) / self.grid.step, 0.0)
        return tf.pad(steps, [[0, 0], [1, 0]])


def learn(
    table: Table,
    series: Sequence[Series],
    calendar: Sequence[str],
    daily: Sequence[str] = (),
    holidays: Sequence[HolidayDates] = (),
) -> SeriesInputs:
    """Learns means and standard deviations of values and covariates, and the type of these, from the training parts.

    Args:
        table: The table of the series.
        series: The series in use, divided into splits.
        calendar: The calendar features.
        daily: Columns of the known covariates that hold for whole days.
        holidays: The holidays of regions.

    Returns:
        The inputs.
    """
    parts = {
        "past": np.concatenate([one.past[: bounds_of(one)[0]] for one in series]),
        "known": np.concatenate([one.known[: bounds_of(one)[0]] for one in series]),
        "static": np.stack([one.static for one in series]),
    }
    categories = table.reading.categories or Categories()
    names = {role: categories.names(columns) for role, columns in table.reading.columns.covariates.items()}
    known = table.reading.columns.known
    values = [_mean_and_scale(one) for one in _channels(series)]
    statistics = {role: [_mean_and_scale(column) for column in part.T] for role, part in parts.items()}
    return SeriesInputs(
        channels=table.channels,
        **names,
        calendar=list(calendar),
        grid=table.grid,
        irregular=table.irregular,
        means={role: [mean for mean, _ in found] for role, found in statistics.items()},
        scales={role: [scale for _, scale in found] for role, found in statistics.items()},
        dtypes={
            "values": "float64",
            **{role: _dtype(part, [scale for _, scale in statistics[role]]) for role, part in parts.items()},
        },
        daily=[name for name, of in zip(names["known"], categories.sources(known), strict=True) if of in daily],
        holidays=list(holidays),
        level=[level for level, _ in values],
        spread=[spread for _, spread in values],
    )


def write(inputs: SeriesInputs, path: Path) -> None:
    """Writes them as JSON."""
    whole_files.write(path, json.dumps(asdict(inputs), indent=1, ensure_ascii=False))


def read(path: Path) -> SeriesInputs:
    """Reads what `write` wrote.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"Expected a prepared run; `tfmodels fit` prepares it. Received: no file {path}")
    content = whole_files.read_json(path)
    try:
        found = _made(content)
        if wrong := [name for name in _LISTS if not isinstance(getattr(found, name), list)]:
            raise TypeError(f"{wrong[0]} is no list")
    except (KeyError, TypeError, AttributeError, OverflowError, ValueError) as error:
        raise ValueError(
            f"Expected {path} as `tfmodels fit` wrote it. Received: {type(error).__name__}, {error}. "
            f"{whole_files.REMEDY}"
        ) from None
    return found


def _made(content: dict[str, Any]) -> SeriesInputs:
    if "grid" in content:
        grid = time_grid.from_dict(content.pop("grid"))
    else:  # of an earlier version
        grid = Grid(content.pop("step"), "months" if content.pop("months") else "elapsed")
    holidays = [HolidayDates(**one | {"dates": tuple(one["dates"])}) for one in content.pop("holidays", [])]
    return SeriesInputs(**content, grid=grid, holidays=holidays)


def _mean_and_scale(column: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the finite values; 0 and 1 for indicators, and scale 1 for a constant column."""
    there = column[np.isfinite(column)].astype(np.float64)
    if not len(there) or np.isin(there, (0, 1)).all():
        return 0.0, 1.0
    return float(there.mean()), float(there.std()) or 1.0


def _channels(series: Sequence[Series]) -> Iterator[np.ndarray]:
    """The values of the training parts, one channel after the other."""
    for channel in range(series[0].values.shape[1]):
        yield np.concatenate([one.values[: bounds_of(one)[0], channel] for one in series])


def _dtype(columns: np.ndarray, scales: Sequence[float]) -> str:
    """float32, in half the memory, if that keeps the digits of all covariates; else float64."""
    kept = all(_rounding(column) <= _ROUNDING * scale for column, scale in zip(columns.T, scales, strict=True))
    return "float32" if kept else "float64"


def _rounding(column: np.ndarray) -> float:
    """The largest difference that float32 makes to a value."""
    there = column[np.isfinite(column)]
    with np.errstate(over="ignore"):  # beyond the range of float32
        return float(np.abs(there - there.astype(np.float32)).max(initial=0))
