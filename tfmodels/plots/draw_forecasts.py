"""Figures of forecasts: prediction intervals and truth, errors by horizon, coverage of the quantiles."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 9.0, 2.4  # inches, of one panel


class DrawnForecast(NamedTuple):
    """A forecast of one channel.

    Attributes:
        title: Title of the panel: the series and its channel.
        time: `[context + horizon]`, datetime64.
        history: `[context]`, NaN = missing.
        truth: `[horizon]`, NaN = missing or unknown.
        mean: `[horizon]`, the point forecast.
        quantiles: `[horizon, levels]`.
        weights: `[context]`, attention weights of the steps of the history; None without attention.
    """

    title: str
    time: "np.ndarray"
    history: "np.ndarray"
    truth: "np.ndarray"
    mean: "np.ndarray"
    quantiles: "np.ndarray"
    weights: "np.ndarray | None" = None


@style.applied()
def draw_forecasts(forecasts: Sequence[DrawnForecast], levels: Sequence[float], path: Path, title: str = "") -> None:
    """Draws history, forecast and truth, a panel for each forecast.

    Each pair of levels is shaded as a prediction interval; missing values leave gaps. A forecast with attention weights
    has a narrow panel with them below.

    Args:
        forecasts: At least one.
        levels: Levels of their quantiles, ascending.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.

    Raises:
        ValueError: There is no forecast.

    Example:
        `draw_forecasts([DrawnForecast("north", time, history, truth, mean, quantiles)], (0.1, 0.5, 0.9), path)`
    """
    from matplotlib.figure import Figure

    if not forecasts:
        raise ValueError("Expected at least one forecast. Received: forecasts=[]")
    heights = [share for one in forecasts for share in ((4,) if one.weights is None else (4, 1))]
    figure = Figure(figsize=(_WIDTH, _HEIGHT * sum(heights) / 4 + 0.4))
    figure.suptitle(title, x=0.01, ha="left", parse_math=False)
    panels = iter(figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0])
    for one in forecasts:
        axes = next(panels)
        _draw_forecast(axes, one, levels)
        if one is forecasts[0]:
            axes.legend(ncols=8, loc="lower right", bbox_to_anchor=(1, 1))
        if one.weights is not None:
            below = next(panels)
            below.sharex(axes)
            _draw_weights(below, one.time[: len(one.history)], one.weights)
    style.save(figure, path)


@style.applied()
def draw_errors(errors: dict[str, "np.ndarray"], metric: str, path: Path, title: str = "") -> None:
    """Draws an error by step of the horizon, a line for the model and each baseline.

    Args:
        errors: Name -> `[horizon]`; the first is the model's.
        metric: Name of the error.
        path: File to write.
        title: Title of the figure.

    Example:
        `draw_errors({"LSTM": errors, "repeat last": baseline}, "MAE", path)`
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, 3.6))
    axes = figure.subplots()
    for number, (name, values) in enumerate(errors.items()):
        (line,) = axes.plot(range(1, len(values) + 1), values, marker="." if len(values) < 60 else None, label=name)
        line.set(**({"linewidth": 2.2, "color": style.MODEL} if number == 0 else {"linewidth": 1.1, "linestyle": "--"}))
    axes.set_title(title, parse_math=False)
    axes.set(xlabel="steps ahead", ylabel=metric, ylim=(0, None))
    axes.legend()
    axes.grid(True)
    style.save(figure, path)


@style.applied()
def draw_coverage(levels: Sequence[float], coverages: dict[str, "np.ndarray"], path: Path, title: str = "") -> None:
    """Draws the share of truths below each quantile against the quantile's level.

    Args:
        levels: Levels of the quantiles.
        coverages: Name (such as before and after a correction) -> share of truths below each quantile.
        path: File to write.
        title: Title of the figure.

    Example:
        `draw_coverage((0.1, 0.5, 0.9), {"as trained": [0.2, 0.5, 0.8], "corrected": [0.1, 0.5, 0.9]}, path)`
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 4.6))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=style.NEUTRAL, linewidth=0.8, linestyle=":")
    for name, shares in coverages.items():
        axes.plot(levels, shares, marker=".", label=name)
    axes.set_title(title, parse_math=False)
    axes.set(xlabel="quantile level", ylabel="share of truths below it", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    axes.grid(True)
    style.save(figure, path)


def _draw_forecast(axes: "Axes", one: DrawnForecast, levels: Sequence[float]) -> None:
    context = len(one.history)
    past, ahead = one.time[:context], one.time[context:]
    axes.plot(past, one.history, color=style.REFERENCE, linewidth=0.9, label="history")
    axes.plot(
        ahead, one.truth, color=style.REFERENCE, linewidth=0.9, linestyle=":", marker=".", markersize=3, label="truth"
    )
    axes.plot(ahead, one.mean, color=style.MODEL, linewidth=1.6, label="mean")
    pairs = len(levels) // 2
    for pair in range(pairs):
        label = f"{100 * (levels[-1 - pair] - levels[pair]):g} %"
        low, high = one.quantiles[:, pair], one.quantiles[:, len(levels) - 1 - pair]
        axes.fill_between(ahead, low, high, color=style.MODEL, alpha=0.4 / pairs, linewidth=0, label=label)
    axes.axvline(ahead[0], color=style.NEUTRAL, linewidth=0.8, linestyle=":")
    axes.set_title(one.title, parse_math=False)
    axes.grid(True)


def _draw_weights(axes: "Axes", past: "np.ndarray", weights: "np.ndarray") -> None:
    axes.fill_between(past, 0, weights, color="tab:orange", alpha=0.7, linewidth=0, step="mid")
    axes.set_ylabel("attention", fontsize=style.SMALL)
    axes.set_ylim(0, None)
    axes.grid(True)
