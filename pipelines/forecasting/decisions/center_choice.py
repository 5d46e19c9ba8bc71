"""Whether a linear model should forecast values or changes from a season earlier, by ridge regression."""

from collections.abc import Sequence

import numpy as np

from pipelines.sources.tables.time_splits import bounds_of
from tfmodels.metrics import forecast_baselines as naive
from tfmodels.metrics.forecast_regressions import ridge
from tfmodels.training import Series

_SERIES, _WINDOWS = 100, 2000  # at most, to fit on and to compare


def better_on_validation(series: Sequence[Series], context: int, horizon: int, season: int) -> bool:
    """Whether changes from a season earlier are forecast better than values, on the validation part.

    Args:
        series: The series, divided.
        context: Steps of the history.
        horizon: Steps to forecast.
        season: Steps of a season.

    Returns:
        Whether the absolute error of ridge regression on the changes is the smaller one; False where it cannot be told.

    Example:
        `better_on_validation(series, 24, 12, 12)`
    """
    if not 1 < season < context:
        return False
    picked = [series[at] for at in np.unique(np.linspace(0, len(series) - 1, min(len(series), _SERIES)).astype(int))]
    train = [_windows(one, context, horizon, (0, bounds_of(one)[0])) for one in picked]
    validation = [_windows(one, context, horizon, bounds_of(one)[:2]) for one in picked]
    (history, targets), (seen, truth) = (
        map(_thinned, map(np.concatenate, zip(*of, strict=True))) for of in (train, validation)
    )
    if not len(history) or not len(truth):
        return False
    try:
        unit = np.ones([len(history), 1, history.shape[2]])  # windows are in units of the series' spread
        values = ridge(seen, horizon, history, targets, unit=unit)
        before, then = naive.seasonal_naive(history, horizon, season), naive.seasonal_naive(seen, horizon, season)
        rises = ridge(_changes(seen, season), horizon, _changes(history, season), targets - before, unit=unit)
    except ValueError:  # a step of the horizon without a target
        return False
    errors = [float(np.nanmean(np.abs(truth - forecast))) for forecast in (values, then + rises)]
    return errors[1] < errors[0]


def _windows(one: Series, context: int, horizon: int, part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Histories `[windows, context, channels]` and targets of a part, in units of the series' spread."""
    with np.errstate(all="ignore"):
        spread = np.nanstd(one.values[: bounds_of(one)[0]], axis=0)
    scaled = one.values / np.where(spread > 0, spread, 1)
    origins = np.arange(max(part[0], context), part[1] - horizon + 1)
    steps = origins[:, np.newaxis] + np.arange(-context, horizon)
    read = scaled[steps]
    return read[:, :context], read[:, context:]


def _thinned(windows: np.ndarray) -> np.ndarray:
    return windows[np.unique(np.linspace(0, len(windows) - 1, min(len(windows), _WINDOWS)).astype(int))]


def _changes(history: np.ndarray, season: int) -> np.ndarray:
    return history[:, season:] - history[:, :-season]
