"""The forecasts that a report scores, a row for each window, step and channel: what `evaluate --output` writes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipelines.forecasting import series_data
from pipelines.forecasting.window_forecasts import Forecasts, scaled_error, select
from pipelines.runs import Run
from pipelines.runs.reports.answers import Answers
from pipelines.sources.times import time_form
from tfmodels.training import Windows

_WINDOWS = 256  # at a time
_TOLD = 8  # steps of a window in words
_SHARED = ("window", "series", "time", "step", "channel", "truth")


class Names(NamedTuple):
    """What rows are called.

    Attributes:
        series: Names of the series.
        channels: Names of the channels.
        times: Makes the cells of timestamps, as the table of training has them.
    """

    series: Sequence[str]
    channels: Sequence[str]
    times: Callable[[np.ndarray], np.ndarray]


def names_of(run: Run, windows: Windows) -> Names:
    """What the rows of windows are called.

    Args:
        run: The run.
        windows: Of a split, or of other data.

    Returns:
        The names; the times of a table without any are the numbers of its rows, from 1.

    Example:
        `of_values(found, names_of(run, windows), (0.1, 0.5, 0.9))`
    """
    inputs, reading = series_data.inputs(run), series_data.reading(run)

    def times(time: np.ndarray) -> np.ndarray:
        if reading.columns.time:
            return time_form.written(time, reading.form)["time"].to_numpy(object)
        return time // max(inputs.grid.step, 1) + 1

    return Names(windows.rows.names, inputs.channels, times)


def told(found: Forecasts, names: Names) -> list[tuple[str, str, str]]:
    """Windows in words, for a table of those that models forecast most differently.

    Args:
        found: What the model forecasts.
        names: What the rows are called.

    Returns:
        For each window its series and time, what came, and the forecast.

    Example:
        `told(found, names_of(run, windows))[0]`
    """
    times = names.times(found.time[:, 0])
    values = (found.targets.tolist(), found.median.tolist())
    return [
        (f"{names.series[series]} from {time}", _listed(came), _listed(forecast))
        for series, time, came, forecast in zip(found.series, times, *values, strict=True)
    ]


def _listed(window: Sequence[Sequence[float]]) -> str:
    """Values of a window, of several channels between semicolons; of long ones the first."""
    channels = zip(*window[:_TOLD], strict=True)
    return "; ".join(", ".join(f"{value:.4g}" for value in channel) for channel in channels) + "..." * (
        len(window) > _TOLD
    )


def of_values(found: Forecasts, names: Names, levels: Sequence[float]) -> Answers:
    """Forecasts of values.

    Args:
        found: What the model forecasts.
        names: What the rows are called.
        levels: Levels of the quantiles.

    Returns:
        The rows. The means of `absolute_error` (of the median), `squared_error` (of the mean) and `scaled_error` (that
        of the median in standard deviations) are the report's `mae`, `mse` and `scaled_mae`, the mean of `inside`, of
        the outermost quantiles, in percent its coverage.

    Example:
        `of_values(found, names_of(run, windows), (0.1, 0.5, 0.9)).names`
    """
    forecast = ["mean", "median", *(f"q{level:g}" for level in levels[: found.quantiles.shape[-1]])]
    several = found.quantiles.shape[-1] > 1
    scores = ["absolute_error", "squared_error", "scaled_error", *(["inside"] if several else [])]

    def rows(part: Forecasts) -> list[np.ndarray]:
        with np.errstate(over="ignore"):  # infinite ones are written as missing
            squared = np.square(part.targets - part.mean)
        columns = [part.mean, part.median, *np.moveaxis(part.quantiles, -1, 0)]
        columns += [np.abs(part.targets - part.median), squared, scaled_error(part)]
        if several:
            inside = (part.quantiles[..., 0] <= part.targets) & (part.targets <= part.quantiles[..., -1])
            columns.append(_flags(inside, part.targets))
        return columns

    return Answers([*_SHARED, *forecast, *scores], lambda: _rows(found, names, rows))


def of_directions(found: Forecasts, rise: np.ndarray, names: Names) -> Answers:
    """Forecasts of directions.

    Args:
        found: What the model forecasts, `mean` the probability of up.
        rise: How far the values rose, NaN = not known, of the shape of `targets`.
        names: What the rows are called.

    Returns:
        The rows. The mean of `right` in percent is the report's `direction_accuracy`.

    Example:
        `of_directions(found, rise, names_of(run, windows)).names`
    """
    risen = found._replace(quantiles=rise[..., np.newaxis])  # so that it is cut with the rest

    def rows(part: Forecasts) -> list[np.ndarray]:
        of = part.quantiles[..., 0]
        return [of, part.mean, _flags((of > 0) == (part.mean > 0.5), of)]

    return Answers([*_SHARED, "rise", "up", "right"], lambda: _rows(risen, names, rows))


def _flags(are: np.ndarray, of: np.ndarray) -> np.ndarray:
    """1 and 0; None where the truth is not known."""
    found = are.astype(int).astype(object)
    found[np.isnan(of)] = None
    return found


def _rows(
    found: Forecasts,
    names: Names,
    columns: Callable[[Forecasts], list[np.ndarray]],
) -> Iterator[list[Any]]:
    """The rows of some windows at a time; those without a truth, too."""
    horizon = found.targets.shape[1]
    for start in range(0, len(found.series), _WINDOWS):
        part = select(found, slice(start, start + _WINDOWS))
        cells = np.stack([_known(one) for one in (part.targets, *columns(part))], axis=-1)
        stamps = names.times(part.time.ravel()).reshape(part.time.shape)
        for window in range(len(part.series)):
            name = names.series[part.series[window]]
            for step in range(horizon):
                for place, channel in enumerate(names.channels):
                    about = [start + window + 1, name, stamps[window, step], step + 1, channel]
                    yield [*about, *cells[window, step, place].tolist()]


def _known(values: np.ndarray) -> np.ndarray:
    """Numbers as objects, None where there is none."""
    if values.dtype == object:
        return values
    found = values.astype(object)
    found[~np.isfinite(values)] = None
    return found
