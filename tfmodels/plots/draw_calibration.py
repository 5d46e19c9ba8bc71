"""A picture of how often probabilities hold."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 3.9, 4.9  # inches, of one panel


class DrawnReliability(NamedTuple):
    """Answers in bins of equal width by their confidence.

    Attributes:
        ece: Expected calibration error, in percent.
        confidence: `[bins]`, mean confidence of the answers of each bin, NaN if there are none.
        accuracy: `[bins]`, the share of them that is right.
        count: `[bins]`, their number.
    """

    ece: float
    confidence: "np.ndarray"
    accuracy: "np.ndarray"
    count: "np.ndarray"


def draw_calibration(reliabilities: Mapping[str, DrawnReliability], path: Path, title: str) -> None:
    """Draws reliability diagrams beside each other, before and after temperature scaling, say.

    Bars show how many answers of each bin are right, and what is missing to their confidence (overconfidence) or too
    much; on the diagonal both agree. Below are the shares of the answers in each bin.

    Args:
        reliabilities: Name -> bins.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the picture.

    Raises:
        ValueError: If there is nothing to draw.

    Example:
        `draw_calibration({"as trained": DrawnReliability(4.1, confidence, accuracy, count)}, path, "SST-2, test")`
    """
    from matplotlib.figure import Figure

    if not reliabilities:
        raise ValueError("Expected at least one reliability. Received: reliabilities={}")
    columns = len(reliabilities)
    figure = Figure(figsize=(max(_WIDTH * columns, 5.0), _HEIGHT), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, parse_math=False)
    grid = figure.subplots(2, columns, squeeze=False, sharex=True, sharey="row", height_ratios=(4, 1))
    for (above, below), (name, one) in zip(grid.T, reliabilities.items(), strict=True):
        _draw_bins(above, one)
        _draw_counts(below, one)
        above.set_title(f"{name}: ECE {one.ece:.1f} %", loc="left", fontsize=9, parse_math=False)
    grid[0, 0].set_ylabel("share that is right")
    grid[1, 0].set_ylabel("answers")
    grid[0, 0].legend(frameon=False, fontsize=8, loc="upper left")
    figure.savefig(path, dpi=120)


def _draw_bins(axes: "Axes", one: DrawnReliability) -> None:
    import numpy as np

    edges = np.linspace(0, 1, len(one.count) + 1)
    filled = np.asarray(one.count) > 0
    places, width = edges[:-1][filled], edges[1]
    accuracy, confidence = np.asarray(one.accuracy)[filled], np.asarray(one.confidence)[filled]
    axes.bar(places, accuracy, width, align="edge", color="tab:blue", edgecolor="white", alpha=0.8, label="right")
    gap = {"fill": False, "hatch": "////", "edgecolor": "tab:red", "linewidth": 0.8}
    axes.bar(places, confidence - accuracy, width, accuracy, align="edge", label="gap to the confidence", **gap)
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.9, linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _tidy(axes)


def _draw_counts(axes: "Axes", one: DrawnReliability) -> None:
    import numpy as np

    edges = np.linspace(0, 1, len(one.count) + 1)
    shares = np.asarray(one.count) / max(np.sum(one.count), 1)
    axes.bar(edges[:-1], shares, edges[1], align="edge", color="tab:gray", edgecolor="white")
    axes.set(xlabel="confidence", ylim=(0, None))
    _tidy(axes)


def _tidy(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
