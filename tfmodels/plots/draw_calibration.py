"""A figure of the calibration of probabilities."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 3.9, 4.9  # inches, of one panel
_MOST = 4  # panels


class DrawnReliability(NamedTuple):
    """Predictions in bins of equal width by their confidence.

    Attributes:
        ece: Expected calibration error, in percent.
        confidence: `[bins]`, mean confidence of the predictions in each bin; NaN if there are none.
        accuracy: `[bins]`, share of correct predictions.
        counts: `[bins]`, number of predictions.
    """

    ece: float
    confidence: "np.ndarray"
    accuracy: "np.ndarray"
    counts: "np.ndarray"


@style.applied()
def draw_calibration(reliabilities: Mapping[str, DrawnReliability], path: Path, caption: str = "") -> None:
    """Draws reliability diagrams side by side, for example before and after temperature scaling.

    Bars show the accuracy in each bin and its gap to the mean confidence; on the diagonal both are equal. Panels below
    show the share of the predictions in each bin.

    Args:
        reliabilities: Name -> its bins; of more than 4 the first are drawn, which the title says.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is nothing to draw, or not one accuracy and confidence for each bin.

    Example:
        `draw_calibration({"as trained": DrawnReliability(4.1, confidence, accuracy, counts)}, path, "SST-2, test")`
    """
    from matplotlib.figure import Figure

    if not reliabilities:
        raise ValueError("Expected at least one reliability. Received: reliabilities={}")
    shown = {name: _checked(name, one) for name, one in list(reliabilities.items())[:_MOST]}
    if not any(one.counts.sum() for one in shown.values()):
        raise ValueError(f"Expected at least one prediction in the bins. Received: none in {len(shown)} reliabilities")
    columns = len(shown)
    width = min(_WIDTH, style.WIDTH / columns)
    figure = Figure(figsize=(max(width * columns, 5.0), _HEIGHT))
    grid = figure.subplots(2, columns, squeeze=False, sharex=True, sharey="row", height_ratios=(4, 1))
    for (above, below), (name, one) in zip(grid.T, shown.items(), strict=True):
        _draw_bins(above, one)
        _draw_counts(below, one)
        name = labels.fitted(name, width - 1.6, style.TEXT)
        above.set_title(f"{name}: ECE {one.ece:.1f} %", parse_math=False)
    grid[0, 0].set_ylabel("accuracy")
    grid[1, 0].set_ylim(bottom=0)  # shared: the top is that of the highest bar of all panels
    grid[1, 0].set_ylabel("share of\nall texts")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    left_out = worst_parts.first(columns, len(reliabilities), "reliabilities")
    style.describe(figure, f"Calibration: accuracy by confidence{left_out}", caption)
    style.save(figure, path)


def _checked(name: str, one: DrawnReliability) -> DrawnReliability:
    """Bins with numbers that can be drawn."""
    bins = len(one.counts)
    if not bins:
        raise ValueError(f"Expected at least one bin. Received: {name!r} with counts=[]")
    numbers = (drawable.numbers(part, getattr(one, part), bins) for part in ("confidence", "accuracy", "counts"))
    return DrawnReliability(one.ece, *numbers)


def _draw_bins(axes: "Axes", one: DrawnReliability) -> None:
    import numpy as np

    edges = np.linspace(0, 1, len(one.counts) + 1)
    filled = one.counts > 0
    places, width = edges[:-1][filled], edges[1]
    accuracy, confidence = one.accuracy[filled], one.confidence[filled]
    axes.bar(places, accuracy, width, align="edge", color=roles.SKY, edgecolor="white", label="accuracy")
    gap = {"fill": False, "hatch": "////", "edgecolor": roles.VERMILLION, "linewidth": 0.8}
    axes.bar(places, confidence - accuracy, width, accuracy, align="edge", label="gap to confidence", **gap)
    axes.plot([0, 1], [0, 1], color=roles.BLACK, linewidth=0.9, linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1))


def _draw_counts(axes: "Axes", one: DrawnReliability) -> None:
    import numpy as np

    edges = np.linspace(0, 1, len(one.counts) + 1)
    shares = one.counts / max(one.counts.sum(), 1)
    axes.bar(edges[:-1], shares, edges[1], align="edge", color=roles.GREY, edgecolor="white")
    axes.set_xlabel("confidence")
