"""One forecast of a run, drawn with its history, the attention over it, and the earlier seasons that count."""

from functools import partial

import numpy as np
import tensorflow as tf

from pipelines.forecasting import series_data, window_forecasts
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_figures import drawn_forecast
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs import Run, predictor
from pipelines.runs.explanation import Explanation
from pipelines.runs.reports import captions
from pipelines.sources.tables.time_grid import Grid
from tfmodels import plots
from tfmodels.suggestions import did_you_mean
from tfmodels.training import Windows

_AT = " @ "
_LISTED = 10  # names of series in a message


def make(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints, row: str) -> Explanation:
    """Explains a forecast of the validation split; the test split is only scored.

    Args:
        config: Options of the run.
        run: The run.
        forecaster: Its forecaster.
        row: Name of a series (empty if there is only one), for its last window; with ` @ 2021-12-01 06:00` after it
            the first window whose forecast begins then or later.

    Returns:
        The numbers of the forecast and its figure, with the attention over the history if the model has attention; of
        models with seasonal attention also the weight of each earlier season for each step, and their figure.

    Raises:
        ValueError: There is no such series or window.
    """
    windows = series_data.all_windows(config, run, "validation")
    number = _find(windows, row, forecaster.inputs.grid)
    served = predictor.to_score(run, forecaster.endpoints())
    found = window_forecasts.forecast(served, windows, np.array([number]))
    if forecaster.predicts_direction:  # a probability cannot be drawn on the axis of the values
        answered = {"up": found.mean[0].tolist()}
        nothing = np.full([*found.mean.shape, len(forecaster.levels)], np.nan)
        found = found._replace(mean=np.full_like(found.mean, np.nan), quantiles=nothing)
    else:
        answered = {
            "levels": list(forecaster.levels),
            "mean": found.mean[0].tolist(),
            "quantiles": found.quantiles[0].tolist(),
        }
    intermediates = _intermediates(forecaster, windows.read(np.array([number])))
    weights = _attention(intermediates, forecaster.context)
    seasons = _seasons(forecaster, intermediates)
    drawn = [
        drawn_forecast(forecaster, windows, number, found, channel)._replace(weights=weights)
        for channel in range(len(forecaster.inputs.channels))
    ]
    series = windows.rows.names[found.series[0]]
    times = [str(time) for time in forecaster.inputs.grid.dates(found.time[0])]
    numbers = {
        "series": series,
        "time": times,
        "channels": forecaster.inputs.channels,
        **answered,
        **({} if weights is None else {"attention": weights.tolist()}),
    }
    caption = captions.of_run(run, "validation")
    figures = {"forecast": partial(plots.draw_forecasts, drawn, forecaster.levels, caption=caption)}
    if seasons:
        before, by_channel = seasons
        numbers["seasonal_attention"] = {"before": before} | {name: one.tolist() for name, one in by_channel.items()}
        names = [time.replace("T", " ")[:16] for time in times]
        title = f"{series + ': ' if series else ''}the earlier seasons that each step looked at"
        figures["seasons"] = lambda path: plots.draw_seasons(by_channel, names, before, path, title, caption)
    return Explanation(numbers, figures)


def _find(windows: Windows, row: str, grid: Grid) -> int:
    name, _, start = row.partition(_AT)
    names = windows.rows.names
    name = names[0] if not name and len(names) == 1 else name
    if name not in names:
        listed = ", ".join([*names[:_LISTED], *(["..."] if len(names) > _LISTED else [])])
        raise ValueError(
            f"Expected the name of a series, optionally followed by `{_AT}2021-12-01 06:00`: {listed}. "
            f"Received: {name!r}{did_you_mean(name, names)}, of {len(names):,}"
        )
    series, origin = windows.locate(np.arange(len(windows)))
    mine = np.flatnonzero(series == names.index(name))
    if not len(mine):
        raise ValueError(f"Expected a series with a forecast in the validation split. Received: {row!r}")
    if not start:
        return int(mine[-1])
    begins = grid.dates(windows.rows.time[windows.rows.offsets[series[mine]] + origin[mine]])
    return int(mine[_first_from(begins, start.strip(), row)])


def _first_from(begins: np.ndarray, start: str, row: str) -> int:
    """The place of the first of some timestamps, datetime64 in their order, that is not before `start`."""
    try:
        earliest = np.datetime64(start)
    except ValueError:
        raise ValueError(f"Expected a time such as 2021-12-01 06:00 after `{_AT}`. Received: {row!r}") from None
    # A date without a time of day is compared by the day.
    if np.isnat(earliest) or begins[0].astype(earliest.dtype) > earliest or begins[-1] < earliest:
        first, last = (str(begin).replace("T", " ") for begin in (begins[0], begins[-1]))
        raise ValueError(f"Expected a time from {first} to {last}, in the validation split. Received: {row!r}")
    return int(np.searchsorted(begins, earliest))


def _intermediates(forecaster: ForecastEndpoints, read: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    window = {name: tf.constant(array) for name, array in read.items()}
    return forecaster.network(forecaster.inputs(window), intermediates=True, training=False)[1]


def _seasons(
    forecaster: ForecastEndpoints, intermediates: dict[str, tf.Tensor]
) -> tuple[list[str], dict[str, np.ndarray]] | None:
    """What the earlier seasons are called, and channel -> their weight for each step, `[horizon, lags]`."""
    decoder = forecaster.network.step_decoder
    if decoder is None or decoder.attention is None:
        return None
    weights = intermediates["seasonal_attention"][0].numpy()
    lags = zip(decoder.attention.lags, decoder.attention.last_lags, strict=True)
    before = [_before(forecaster.inputs.grid, first, last) for first, last in lags]
    return before, {name: weights[:, place] for place, name in enumerate(forecaster.inputs.channels)}


def _before(grid: Grid, first: int, last: int) -> str:
    """How far a season lies before the first and the last step ahead, in words."""
    are_days = (
        grid.kind in ("elapsed", "days")
        and first * grid.step % grid.clock.day == last * grid.step % grid.clock.day == 0
    )
    unit, size = ("day", grid.clock.day) if are_days else ("step", grid.step)
    ends = [lag * grid.step // size for lag in dict.fromkeys((first, last))]
    return f"{' to '.join(map(str, ends))} {unit}{'s' * (ends[-1] > 1)}"


def _attention(intermediates: dict[str, tf.Tensor], context: int) -> np.ndarray | None:
    """Attention weight of each step of the history, `[context]`, summing to 1; None for models without attention.

    The mean over heads, channels and queries of the last layer; the steps of a patch share its weight.
    """
    if "attention" not in intermediates:
        return None
    keys = tf.reduce_mean(intermediates["attention"][0], axis=[0, 1]).numpy()
    steps = np.arange(context)[::-1] // -(-context // len(keys))  # patches end with the history
    weights = keys[::-1][np.minimum(steps, len(keys) - 1)]
    return weights / weights.sum()
