"""The figures of a forecaster: forecasts with their histories, errors by horizon, coverage of the quantiles."""

from pathlib import Path

import numpy as np

from pipelines.forecasting import window_forecasts
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.window_forecasts import Forecasts
from tfmodels import plots
from tfmodels.training import Windows

_SERIES = 3  # whose forecasts are drawn


def draw_forecasts(forecaster: ForecastEndpoints, windows: Windows, found: Forecasts, path: Path, caption: str) -> None:
    """Draws a forecast of some series: of each the one in the middle.

    Args:
        forecaster: The forecaster.
        windows: The windows of a split.
        found: Their forecasts.
        path: The file to write.
        caption: Of the figure.
    """
    series = np.unique(found.series)
    chosen = series[np.unique(np.linspace(0, len(series) - 1, _SERIES).astype(int))]
    rows = (np.flatnonzero(found.series == number) for number in chosen)
    middle = [int(of_series[len(of_series) // 2]) for of_series in rows]
    drawn = [
        drawn_forecast(forecaster, windows, number, window_forecasts.select(found, slice(number, number + 1)))
        for number in middle
    ]
    plots.draw_forecasts(drawn, forecaster.levels, path, caption)


def draw_errors(by_name: dict[str, Forecasts], path: Path, caption: str) -> None:
    """Draws the mean absolute error of each step ahead.

    Args:
        by_name: Name of a model or baseline -> its forecasts of the same windows.
        path: The file to write.
        caption: Of the figure.
    """
    errors = {name: np.nanmean(window_forecasts.scaled_error(one), axis=(0, 2)) for name, one in by_name.items()}
    plots.draw_errors(errors, "mean absolute error (standard deviations)", path, caption)


def draw_coverage(
    levels: tuple[float, ...], trained: np.ndarray | None, found: Forecasts, path: Path, caption: str
) -> None:
    """Draws the share of targets at or below each quantile against its level.

    Args:
        levels: Levels of the quantiles.
        trained: The quantiles before the correction; None if they are not known.
        found: Forecasts as they are served.
        path: The file to write.
        caption: Of the figure.
    """
    known = {"as trained": trained, "as served": found.quantiles}
    shares = {name: _shares_below(found.targets, one) for name, one in known.items() if one is not None}
    plots.draw_coverage(levels, shares, path, caption)


def drawn_forecast(
    forecaster: ForecastEndpoints, windows: Windows, number: int, found: Forecasts, channel: int = 0
) -> plots.DrawnForecast:
    """The forecast of one window as `plots.draw_forecasts` takes it.

    Args:
        forecaster: The forecaster.
        windows: The windows of a split.
        number: The window.
        found: Its forecast alone.
        channel: The channel.

    Returns:
        The forecast, with its history and targets.
    """
    read = windows.read(np.array([number]))
    series = windows.rows.names[found.series[0]]
    channel_name = forecaster.inputs.channels[channel]
    return plots.DrawnForecast(
        title=f"{series}: {channel_name}" if series else channel_name,
        time=forecaster.inputs.grid.dates(read["time"][0]),
        history=read["values"][0, :, channel],
        truth=read["targets"][0, :, channel],
        mean=found.mean[0, :, channel],
        quantiles=found.quantiles[0, :, channel],
        target=channel_name,
    )


def _shares_below(targets: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Share of targets at or below each quantile, `[levels]`."""
    return (targets[..., np.newaxis] <= quantiles)[np.isfinite(targets)].mean(axis=0)
