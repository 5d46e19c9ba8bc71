"""Pictures of forecasts: history, fan and truth; errors over the horizon; how often intervals hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_COLOR, _TRUTH = "tab:blue", "black"
_WIDTH, _HEIGHT = 9.0, 2.4  # inches, of one panel


class DrawnForecast(NamedTuple):
    """A forecast of one channel.

    Attributes:
        title: Name of the series and channel.
        time: `[context + horizon]`, datetime64.
        history: `[context]`, NaN = missing.
        truth: `[horizon]`, NaN = missing or not known.
        mean: `[horizon]`.
        quantiles: `[horizon, levels]`.
        weights: `[context]`, how much each step of the past was looked at; None if that is not known.
    """

    title: str
    time: "np.ndarray"
    history: "np.ndarray"
    truth: "np.ndarray"
    mean: "np.ndarray"
    quantiles: "np.ndarray"
    weights: "np.ndarray | None" = None


def draw_forecasts(forecasts: Sequence[DrawnForecast], levels: Sequence[float], path: Path) -> None:
    """Draws history, forecast and truth, a panel for each forecast.

    Intervals are shaded from the outermost pair of levels to the innermost, gaps stay gaps. Under a forecast with
    weights a narrow panel shows them.

    Args:
        forecasts: At least one.
        levels: Of their quantiles, rising.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there is none.

    Example:
        `draw_forecasts([DrawnForecast("north", time, history, truth, mean, quantiles)], (0.1, 0.5, 0.9), path)`
    """
    from matplotlib.figure import Figure

    if not forecasts:
        raise ValueError("Expected at least one forecast. Received: forecasts=[]")
    heights = [share for one in forecasts for share in ((4,) if one.weights is None else (4, 1))]
    figure = Figure(figsize=(_WIDTH, _HEIGHT * sum(heights) / 4 + 0.4), layout="constrained")
    panels = iter(figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0])
    for one in forecasts:
        axes = next(panels)
        _draw_forecast(axes, one, levels)
        if one is forecasts[0]:
            axes.legend(frameon=False, fontsize=8, ncols=8, loc="lower right", bbox_to_anchor=(1, 1))
        if one.weights is not None:
            below = next(panels)
            below.sharex(axes)
            _draw_weights(below, one.time[: len(one.history)], one.weights)
    figure.savefig(path, dpi=120)


def draw_errors(errors: dict[str, "np.ndarray"], metric: str, path: Path) -> None:
    """Draws an error over the steps of the horizon, a line for the model and each baseline.

    Args:
        errors: Name -> `[horizon]`; the first is the model's.
        metric: What is drawn.
        path: The picture to write.

    Example:
        `draw_errors({"LSTM": errors, "repeat last": baseline}, "MAE", path)`
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    for number, (name, values) in enumerate(errors.items()):
        (line,) = axes.plot(range(1, len(values) + 1), values, marker="." if len(values) < 60 else None, label=name)
        line.set(**({"linewidth": 2.2, "color": _COLOR} if number == 0 else {"linewidth": 1.1, "linestyle": "--"}))
    axes.set(xlabel="steps ahead", ylabel=metric, ylim=(0, None))
    axes.legend(frameon=False)
    _tidy(axes)
    figure.savefig(path, dpi=120)


def draw_coverage(levels: Sequence[float], coverages: dict[str, "np.ndarray"], path: Path) -> None:
    """Draws how often the truth lies below each quantile against how often it should.

    Args:
        levels: Of the quantiles.
        coverages: Name (before and after a correction, say) -> share of truths below each quantile.
        path: The picture to write.

    Example:
        `draw_coverage((0.1, 0.5, 0.9), {"as trained": [0.2, 0.5, 0.8], "corrected": [0.1, 0.5, 0.9]}, path)`
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="tab:gray", linewidth=0.8, linestyle=":")
    for name, shares in coverages.items():
        axes.plot(levels, shares, marker=".", label=name)
    axes.set(xlabel="level of the quantile", ylabel="share of truths below it", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    _tidy(axes)
    figure.savefig(path, dpi=120)


def _draw_forecast(axes: "Axes", one: DrawnForecast, levels: Sequence[float]) -> None:
    context = len(one.history)
    past, ahead = one.time[:context], one.time[context:]
    axes.plot(past, one.history, color=_TRUTH, linewidth=0.9, label="history")
    axes.plot(ahead, one.truth, color=_TRUTH, linewidth=0.9, linestyle=":", marker=".", markersize=3, label="truth")
    axes.plot(ahead, one.mean, color=_COLOR, linewidth=1.6, label="mean")
    pairs = len(levels) // 2
    for pair in range(pairs):
        label = f"{100 * (levels[-1 - pair] - levels[pair]):g} %"
        low, high = one.quantiles[:, pair], one.quantiles[:, len(levels) - 1 - pair]
        axes.fill_between(ahead, low, high, color=_COLOR, alpha=0.4 / pairs, linewidth=0, label=label)
    axes.axvline(ahead[0], color="tab:gray", linewidth=0.8, linestyle=":")
    axes.set_title(one.title, loc="left", fontsize=9, parse_math=False)
    _tidy(axes)


def _draw_weights(axes: "Axes", past: "np.ndarray", weights: "np.ndarray") -> None:
    axes.fill_between(past, 0, weights, color="tab:orange", alpha=0.7, linewidth=0, step="mid")
    axes.set_ylabel("attention", fontsize=8)
    axes.set_ylim(0, None)
    _tidy(axes)


def _tidy(axes: "Axes") -> None:
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
