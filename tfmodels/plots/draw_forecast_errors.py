"""Figures of the errors of forecasts: by step of the horizon, and of the quantiles."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_MOST = 9  # lines


@style.applied()
def draw_errors(errors: Mapping[str, "np.ndarray"], metric: str, path: Path, caption: str = "") -> None:
    """Draws an error by step of the horizon, a line for the model and each baseline.

    Of more than 8 baselines those with the smallest mean error are drawn, which the title says.

    Args:
        errors: Name -> `[horizon]`; the first is the model's.
        metric: Name of the error, with its unit.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no error, or none is finite.

    Example:
        `draw_errors({"LSTM": errors, "repeat last": baseline}, "mean absolute error (MW)", path)`
    """
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    found = drawable.lines("error", errors)
    model, *baselines = found
    means = [np.nanmean(found[name]) if np.isfinite(found[name]).any() else np.inf for name in baselines]
    shown = [baselines[place] for place in worst_parts.places(-np.asarray(means), _MOST - 1)]
    figure = Figure(figsize=(style.WIDTH, 5.0))
    axes = figure.subplots()
    for number, name in enumerate((model, *shown)):
        values = found[name]
        look = roles.equal(number).options(len(values))
        if number == 0:
            look |= {"linewidth": 2.4, "zorder": 3}
        label = f"{labels.entry(name, style.NAME, style.SMALL)}{' (model)' if number == 0 else ''}"
        axes.plot(range(1, len(values) + 1), values, label=label, **look)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="steps ahead", xlim=(0.5, max(map(len, found.values())) + 0.5), ylim=(0, None))
    axes.set_ylabel(labels.fitted(metric, 3.0, style.TEXT), parse_math=False)
    axes.grid(True)
    figure.legend(loc="outside lower right", ncols=3)
    left_out = worst_parts.remark(len(shown), len(baselines), "baselines", "with the smallest errors")
    style.describe(figure, f"Error by step ahead{left_out}", caption)
    style.save(figure, path)


@style.applied()
def draw_coverage(
    levels: Sequence[float], coverages: Mapping[str, "np.ndarray"], path: Path, caption: str = ""
) -> None:
    """Draws the share of truths below each quantile against the quantile's level.

    Args:
        levels: Levels of the quantiles.
        coverages: Name (such as before and after a correction) -> share of truths below each quantile. The last one is
            drawn as the model; of more than 9 the last are drawn, which the title says.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no coverage or level, there are not as many as levels, or none is finite.

    Example:
        `draw_coverage((0.1, 0.5, 0.9), {"as trained": [0.2, 0.5, 0.8], "corrected": [0.1, 0.5, 0.9]}, path)`
    """
    from matplotlib.figure import Figure

    places = drawable.numbers("levels", levels, len(levels))
    found = drawable.lines("coverage", coverages, len(levels))
    shown = list(found.items())[-_MOST:]
    figure = Figure(figsize=(6.5, 5.6 + style.below(len(shown) + 1, 2)))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=roles.REFERENCE.color, linewidth=1.0, linestyle=":", label="as it should be")
    for number, (name, shares) in enumerate(reversed(shown)):
        look = roles.BEFORE if number == 1 else roles.equal(number)
        axes.plot(places, shares, label=labels.entry(name, style.NAME, style.SMALL), **look.options(len(levels)))
    axes.set(
        xlabel="level of the quantile", ylabel="share of truths below it", xlim=(0, 1), ylim=(0, 1), aspect="equal"
    )
    figure.legend(loc="outside lower right", ncols=2)
    axes.grid(True)
    left_out = worst_parts.remark(len(shown), len(found), "coverages", "that are given last")
    style.describe(figure, f"Coverage of the quantiles{left_out}", caption)
    style.save(figure, path)
