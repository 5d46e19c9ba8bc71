"""A figure of forecasts: history, prediction intervals and truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_HEIGHT, _LOW = 2.3, 0.8  # inches, of a forecast and of the attention below it
_MOST = 12  # forecasts
_TITLE_WIDTH = 4.5  # inches


class DrawnForecast(NamedTuple):
    """A forecast of one channel.

    Attributes:
        title: Title of the panel: the series and its channel.
        time: `[context + horizon]`, datetime64 in local time.
        history: `[context]`, NaN = missing.
        truth: `[horizon]`, NaN = missing or unknown.
        mean: `[horizon]`, the point forecast.
        quantiles: `[horizon, levels]`.
        weights: `[context]`, attention weights of the steps of the history; None without attention.
        target: What the values are, with their unit if it is known: the name of their axis.
        naive: `[horizon]`, the seasonal naive forecast; None if it is not to be drawn.
    """

    title: str
    time: "np.ndarray"
    history: "np.ndarray"
    truth: "np.ndarray"
    mean: "np.ndarray"
    quantiles: "np.ndarray"
    weights: "np.ndarray | None" = None
    target: str = ""
    naive: "np.ndarray | None" = None


@style.applied()
def draw_forecasts(forecasts: Sequence[DrawnForecast], levels: Sequence[float], path: Path, caption: str = "") -> None:
    """Draws history, forecast and truth, a row for each forecast.

    The left half shows the history, the right half the horizon; each has its own scale of time. Each pair of levels is
    shaded as a prediction interval; missing values leave gaps. What pads a short history on the left, missing values or
    time 0, is not drawn. A forecast with attention weights has them below its history.

    Args:
        forecasts: At least one; of more than 12 the first are drawn.
        levels: Levels of their quantiles, ascending.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no forecast, none has a finite number, or the parts of one differ in their lengths.

    Example:
        `draw_forecasts([DrawnForecast("north", time, history, truth, mean, quantiles)], (0.1, 0.5, 0.9), path)`
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not forecasts:
        raise ValueError("Expected at least one forecast. Received: forecasts=[]")
    drawn = [_checked(one, len(levels)) for one in forecasts[:_MOST]]
    drawable.finite("number of a forecast", [part for one in drawn for part in (one.history, one.truth, one.mean)])
    heights = [share for one in drawn for share in ((_HEIGHT,) if one.weights is None else (_HEIGHT, _LOW))]
    figure = Figure(figsize=(style.WIDTH, sum(heights) + 0.35 * len(drawn) + 1.0))
    rows = iter(figure.subplots(len(heights), 2, squeeze=False, sharey="row", height_ratios=heights))
    for one in drawn:
        past, ahead = next(rows)
        first = _draw_forecast(past, ahead, one, levels)
        if one.weights is not None:
            past.tick_params(labelbottom=False)
            past.set_xlabel("")
            shown = past.get_xlim()
            past, empty = next(rows)
            empty.set_visible(False)
            _draw_weights(past, one, first)
            past.set_xlim(shown)
        _name_time(past, f"history, {len(one.history) - first:,} steps")
        _name_time(ahead, f"horizon, {len(one.mean):,} steps")
    entries: dict = {}
    for axes in figure.axes:
        entries |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(entries.values(), entries.keys(), loc="outside lower right", ncols=7)
    came = any(np.isfinite(one.truth).any() for one in drawn)
    title = f"Forecasts{' beside what came' if came else ''}" + worst_parts.first(
        len(drawn), len(forecasts), "forecasts"
    )
    style.describe(figure, title, caption)
    style.save(figure, path)


def _checked(one: DrawnForecast, levels: int) -> DrawnForecast:
    """A forecast with numbers that can be drawn, and times of all steps that are."""
    import numpy as np

    context, horizon = len(one.history), len(one.mean)
    if not horizon or np.shape(one.time) != (context + horizon,):
        raise ValueError(
            f"Expected at least one step ahead, and a time for each of the {context} + {horizon} steps. "
            f"Received: {one.title!r} with time of shape={list(np.shape(one.time))}"
        )
    checked = one._replace(
        time=np.asarray(one.time, "datetime64[us]"),
        history=drawable.numbers("history", one.history, context),
        truth=drawable.numbers("truth", one.truth, horizon),
        mean=drawable.numbers("mean", one.mean, horizon),
        quantiles=drawable.numbers("quantiles", one.quantiles, horizon, levels),
        naive=None if one.naive is None else drawable.numbers("naive", one.naive, horizon),
        weights=None if one.weights is None else drawable.numbers("weights", one.weights, context),
    )
    if np.isnat(checked.time[_first(checked) :]).any():
        raise ValueError(f"Expected a time of each step that is drawn. Received: {one.title!r} with time=NaT")
    return checked


def _draw_forecast(past: "Axes", ahead: "Axes", one: DrawnForecast, levels: Sequence[float]) -> int:
    """Draws both halves; returns the first step of the history that is no padding."""
    import numpy as np
    from matplotlib.dates import date2num

    context, time = len(one.history), date2num(one.time)
    first = _first(one)
    step = np.median(np.diff(time[context:])) if len(one.mean) > 1 else (time[context:] - time[context - 1 : context])
    step = float(np.max(step, initial=0)) or 1.0
    history = time[first:context]
    past.plot(history, one.history[first:], label="history", **roles.HISTORY.options(1) | {"linewidth": 0.9})
    if np.isfinite(one.history[first:]).sum() < 3:
        past.lines[-1].set_marker("o")
    horizon = time[context:]
    for pair in range(len(levels) // 2):
        low, high = one.quantiles[:, pair], one.quantiles[:, len(levels) - 1 - pair]
        if np.isfinite(low).any():
            label = f"{100 * (levels[-1 - pair] - levels[pair]):.3g} % interval"
            color = roles.INTERVALS[min(pair, len(roles.INTERVALS) - 1)]
            if len(horizon) > 1:
                ahead.fill_between(horizon, low, high, color=color, linewidth=0, label=label)
            else:
                ahead.bar(horizon, high - low, step / 4, low, color=color, label=label)
    if one.naive is not None and np.isfinite(one.naive).any():
        ahead.plot(horizon, one.naive, label="seasonal naive", **roles.baseline(0).options(len(horizon)))
    if np.isfinite(one.mean).any():
        ahead.plot(horizon, one.mean, label="mean forecast", **roles.MODEL.options(len(horizon)))
    if np.isfinite(one.truth).any():
        ahead.plot(horizon, one.truth, label="truth", **roles.TRUTH.options(len(horizon)) | {"linewidth": 1.0})
    ends = (history[0], history[-1]) if len(history) else (horizon[0] - step, horizon[0] - step)
    past.set_xlim(ends[0] - step / 2, ends[1] + step / 2)
    ahead.set_xlim(horizon[0] - step / 2, horizon[-1] + step / 2)
    past.set_title(labels.fitted(one.title, _TITLE_WIDTH, style.TEXT), parse_math=False)
    past.set_ylabel(labels.fitted(one.target, 2.0, style.TEXT), parse_math=False)
    for axes in (past, ahead):
        axes.grid(True)
        axes.set_axisbelow(True)
    return first


def _first(one: DrawnForecast) -> int:
    """The first step of the history that has a value and a time: what is before it pads a short history."""
    import numpy as np

    context = len(one.history)
    time = one.time[:context]
    real = np.isfinite(one.history) & ~np.isnat(time) & (time > np.datetime64(0, "us"))
    if not real.any():  # of times before 1970, or without a value
        real = np.isfinite(one.history) & ~np.isnat(time)
    return int(np.argmax(real)) if real.any() else context


def _draw_weights(axes: "Axes", one: DrawnForecast, first: int) -> None:
    from matplotlib.dates import date2num

    time = date2num(one.time[first : len(one.history)])
    weights = one.weights[first:] if one.weights is not None else []
    axes.fill_between(time, 0, weights, color=roles.ATTENTION, alpha=0.8, linewidth=0, step="mid", label="attention")
    axes.set_ylabel("attention\nweight", fontsize=style.SMALL)
    axes.set_ylim(0, None)
    axes.grid(True)


def _name_time(axes: "Axes", name: str) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=2, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel(name, loc="left")
