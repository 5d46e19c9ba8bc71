"""Linear baselines of forecasting, fitted for the metric that they are judged by.

Arrays are those of `forecast_baselines`.
"""

from typing import NamedTuple

import numpy as np

from tfmodels.metrics.window_scale import center_and_scale

_ITERATIONS = 60  # of the fit of least absolute errors
_MOST_PRODUCTS = 200_000_000  # of one of them


def ridge(
    history: np.ndarray,
    horizon: int,
    train_history: np.ndarray,
    train_targets: np.ndarray,
    alpha: float = 1.0,
    known: np.ndarray | None = None,
    train_known: np.ndarray | None = None,
    unit: np.ndarray | None = None,
) -> np.ndarray:
    """Forecasts by ridge regression on normalised windows, with the same weights for all channels.

    Each window and channel is centred and scaled by its observed values. A missing value becomes 0, their mean; time
    steps that have missing values in training get an indicator column. The known covariates of the whole horizon are
    further columns. Training windows with less than half of their values are left out where the others suffice: their
    scale is unreliable and they would dominate the least squares.

    With `unit` the squared errors in that unit are minimised: a window counts by the square of its scale. Otherwise
    windows that are nearly flat count most, whose errors are large in their own scale and small in any other.

    Args:
        history: See above.
        horizon: Number of steps to forecast.
        train_history: `[train_rows, context, channels]`, training windows.
        train_targets: `[train_rows, horizon, channels]`, the values after them, NaN = missing.
        alpha: Regularization strength.
        known: `[rows, horizon, covariates]`, scaled to about unit variance, NaN = missing. None if there are none.
        train_known: The same for the training windows.
        unit: `[train_rows, 1, channels]`, what the errors of each training window are measured in. None takes the scale
            of the window.

    Returns:
        The forecast.

    Raises:
        ValueError: A step of the horizon has no training target.

    Example:
        `ridge(test_history, 24, train_history, train_targets)`
    """
    design = _design(history, train_history, train_targets, known, train_known, unit)
    return design.in_units(_fitted(design, np.square(design.weights), alpha), history)


def ridge_of_directions(
    history: np.ndarray,
    horizon: int,
    train_history: np.ndarray,
    train_rises: np.ndarray,
    alpha: float = 1.0,
    known: np.ndarray | None = None,
    train_known: np.ndarray | None = None,
) -> np.ndarray:
    """As `ridge`, but fitted to directions, 1 for up and -1 for down, by which it is judged.

    Args:
        history: See `ridge`.
        horizon: See `ridge`.
        train_history: See `ridge`.
        train_rises: `[train_rows, horizon, channels]`, the changes after the training windows, NaN = missing.
        alpha: See `ridge`.
        known: See `ridge`.
        train_known: See `ridge`.

    Returns:
        `[rows, horizon, channels]`, above 0 for up.

    Raises:
        ValueError: A step of the horizon has no training target.

    Example:
        `ridge_of_directions(test_history, 1, train_history, train_rises) > 0`
    """
    signs = np.where(np.isnan(train_rises), np.nan, np.where(train_rises > 0, 1.0, -1.0))
    design = _design(history, train_history, signs, known, train_known, None, normalise=False)
    found = _fitted(design, design.weights, alpha)
    return found.reshape(len(history), -1, horizon).transpose(0, 2, 1)


def _fitted(design: "_Design", weights: np.ndarray, alpha: float) -> np.ndarray:
    """The forecasts of ridge regression, `[rows, horizon]`, in the scale of the windows."""
    from sklearn.linear_model import Ridge

    inputs, targets, weights = design.inputs, design.targets, weights / weights.mean()
    observed = ~np.isnan(targets)
    if observed.all():
        return Ridge(alpha).fit(inputs, targets, weights).predict(design.rows).reshape(len(design.rows), -1)
    steps = zip(observed.T, targets.T, strict=True)
    by_step = [
        Ridge(alpha).fit(inputs[there], target[there], weights[there]).predict(design.rows) for there, target in steps
    ]
    return np.stack(by_step, axis=1)


def least_absolute_errors(
    history: np.ndarray,
    horizon: int,
    train_history: np.ndarray,
    train_targets: np.ndarray,
    alpha: float = 1.0,
    known: np.ndarray | None = None,
    train_known: np.ndarray | None = None,
    unit: np.ndarray | None = None,
) -> np.ndarray:
    """As `ridge`, but the absolute errors are minimised: a linear model of the median.

    It is fitted by the alternating direction method of multipliers (Boyd et al., 2011, section 6.1), for all steps at
    once, on evenly spread windows where there are very many.

    Args:
        history: See `ridge`.
        horizon: See `ridge`.
        train_history: See `ridge`.
        train_targets: See `ridge`.
        alpha: See `ridge`.
        known: See `ridge`.
        train_known: See `ridge`.
        unit: See `ridge`.

    Returns:
        The forecast.

    Raises:
        ValueError: A step of the horizon has no training target.

    Example:
        `least_absolute_errors(test_history, 24, train_history, train_targets)`
    """
    design = _design(history, train_history, train_targets, known, train_known, unit)
    every = max(1, design.inputs.size * design.targets.shape[1] // _MOST_PRODUCTS)
    weights = design.weights[::every, np.newaxis] / design.weights.mean()
    inputs = weights * np.concatenate([design.inputs[::every], np.ones_like(weights)], axis=1)
    targets = weights * design.targets[::every]
    there = ~np.isnan(targets)
    targets = np.where(there, targets, 0)
    penalty = alpha * np.eye(inputs.shape[1])
    penalty[-1, -1] = 1e-9  # the constant is free
    inverse = np.linalg.inv(inputs.T @ inputs + penalty)
    solution = inverse @ (inputs.T @ targets)
    step = np.abs(inputs @ solution - targets)[there].mean()  # the residuals' own size makes it converge fast
    errors, dual = np.zeros_like(targets), np.zeros_like(targets)
    for _ in range(_ITERATIONS):
        solution = inverse @ (inputs.T @ (targets + errors - dual))
        residual = inputs @ solution - targets
        shifted = residual + dual
        shrunk = np.sign(shifted) * np.maximum(np.abs(shifted) - step, 0)
        errors = np.where(there, shrunk, shifted)  # a missing target may have any error
        dual = shifted - errors
    rows = np.concatenate([design.rows, np.ones([len(design.rows), 1])], axis=1)
    return design.in_units(rows @ solution, history)


class _Design(NamedTuple):
    """Windows as a regression sees them; a row is a channel of a window.

    Attributes:
        inputs: Of training, `[train_rows, columns]`.
        targets: `[train_rows, horizon]`, in the scale of their windows.
        weights: `[train_rows]`, what an error in that scale is in the unit of the report.
        rows: As `inputs`, of the windows to forecast.
        center: Of those, `[rows, 1]`.
        scale: `[rows, 1]`.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    center: np.ndarray
    scale: np.ndarray

    def in_units(self, forecasts: np.ndarray, history: np.ndarray) -> np.ndarray:
        """Forecasts `[rows, horizon]` in the units of the series, `[windows, horizon, channels]`."""
        whole = self.center + self.scale * forecasts
        return whole.reshape(len(history), -1, whole.shape[1]).transpose(0, 2, 1)


def _design(
    history: np.ndarray,
    train_history: np.ndarray,
    train_targets: np.ndarray,
    known: np.ndarray | None,
    train_known: np.ndarray | None,
    unit: np.ndarray | None,
    normalise: bool = True,
) -> _Design:
    columns = np.any(np.isnan(train_history), axis=(0, 2))
    inputs, center, scale = _normalised(train_history, columns, train_known)
    targets = _by_channel(train_targets)
    if normalise:
        targets = (targets - center) / scale
    weights = np.ones(len(inputs)) if unit is None else (scale / _by_channel(unit))[:, 0].astype(np.float64)
    observed = ~np.isnan(targets)
    full = np.mean(~np.isnan(_by_channel(train_history)), axis=1) >= 0.5
    if observed[full].any(axis=0).all():
        inputs, targets, weights, observed = inputs[full], targets[full], weights[full], observed[full]
    if not observed.any(axis=0).all():
        raise ValueError(
            "Expected at least one training target for each step of the horizon. "
            f"Received: none for step {int(np.argmin(observed.any(axis=0)))}"
        )
    return _Design(inputs, targets, weights, *_normalised(history, columns, known))


def _by_channel(x: np.ndarray) -> np.ndarray:
    """`[rows, time, channels]` as `[rows * channels, time]`."""
    return x.transpose(0, 2, 1).reshape(-1, x.shape[1])


def _normalised(
    history: np.ndarray, columns: np.ndarray, known: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows, the indicators of `columns`, `known`; and the centre and scale of each, `[rows * channels, 1]`."""
    windows = _by_channel(history)
    observed = ~np.isnan(windows)
    center, scale = center_and_scale(windows)
    deviations = np.where(observed, windows - center, 0)
    parts = [deviations / scale, ~observed[:, columns]]
    if known is not None:
        parts.append(np.repeat(np.nan_to_num(known).reshape(len(known), known[0].size), history.shape[2], axis=0))
    return np.concatenate(parts, axis=1), center, scale
