"""A figure of calibrated risks and of the benefit of decisions by them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import drawable, labels, roles, style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_COLUMNS = 3  # of the legend


@style.applied()
def draw_risk_curves(
    predicted: "Sequence[float] | np.ndarray",
    observed: "Sequence[float] | np.ndarray",
    thresholds: "Sequence[float] | np.ndarray",
    benefits: "Mapping[str, Sequence[float] | np.ndarray]",
    path: Path,
    caption: str = "",
) -> None:
    """Draws the observed share of positive cases over the predicted risk, and the decision curve.

    Args:
        predicted: Mean risk of each group of cases, such as tenths by their risk.
        observed: Share of positive cases in each.
        thresholds: From which risk on a case is called positive.
        benefits: Name -> net benefit at each threshold, the model's first.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: Lengths differ, or nothing is finite.

    Example:
        `draw_risk_curves([0.1, 0.6], [0.08, 0.7], [0.2, 0.5], {"model": [0.3, 0.2]}, path, "set-a, test")`
    """
    from matplotlib.figure import Figure

    means = drawable.numbers("predicted", predicted, len(predicted))
    shares = drawable.numbers("observed", observed, len(predicted))
    drawable.finite("risk", [*means.tolist()])
    places = drawable.numbers("thresholds", thresholds, len(thresholds))
    found = drawable.lines("benefit", benefits, len(thresholds))
    figure = Figure(figsize=(style.WIDTH, 4.6 + style.below(len(found), _COLUMNS)))
    left, right = figure.subplots(1, 2)
    _draw_calibration(left, means, shares)
    for number, (name, values) in enumerate(found.items()):
        look = roles.equal(number).options(len(places))
        right.plot(places, values, label=labels.entry(name, style.NAME, style.SMALL), **look)
    highest = max(float(one[one == one].max(initial=0)) for one in found.values())
    right.set(xlabel="called positive from this risk on", ylabel="net benefit, true positives a case",
              ylim=(-0.15 * (highest or 1), 1.1 * (highest or 1)))  # fmt: skip
    right.grid(True)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower right", ncols=_COLUMNS)
    style.describe(figure, "Risks: calibration by tenths of the cases, and the decision curve", caption)
    style.save(figure, path)


def _draw_calibration(axes: "Axes", means: "np.ndarray", shares: "np.ndarray") -> None:
    import numpy as np

    top = min(1.0, 1.1 * float(np.nanmax([*means, *shares, 0.05])))
    axes.plot([0, top], [0, top], color=roles.BLACK, linewidth=0.9, linestyle=":")
    axes.plot(means, shares, **roles.MODEL.options(len(means)))
    axes.set(xlabel="predicted risk", ylabel="observed share", xlim=(0, top), ylim=(0, top))
    axes.grid(True)
