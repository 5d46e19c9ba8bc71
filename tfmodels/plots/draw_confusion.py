"""A figure of a confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_CELL, _NARROW_CELL = 0.62, 0.24  # inches, of a cell with and without its number
_MOST_WITH_NUMBERS, _MOST = 15, 60  # classes


@style.applied()
def draw_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, title: str) -> None:
    """Draws a confusion matrix as a heat map.

    The colour of a cell is its share of the rows of its true class; with at most 15 classes its number is shown, too.
    Of more than 60 classes those with the most wrong rows are drawn, which the title says.

    Args:
        confusion: int `[classes, classes]`, number of rows by true class (row) and predicted class (column).
        names: Names of the classes.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.

    Raises:
        ValueError: The shape of the matrix does not match the names.

    Example:
        `draw_confusion(scores.confusion, ["negative", "positive"], Path("confusion.png"), "SST-2, test")`
    """
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if not len(names) or confusion.shape != (len(names), len(names)):
        raise ValueError(
            f"Expected a confusion matrix [{len(names)}, {len(names)}] of at least one class. "
            f"Received: shape {confusion.shape}"
        )
    rows, right = confusion.sum(axis=1), confusion.diagonal()
    shown = worst_parts.places(rows + confusion.sum(axis=0) - 2 * right, _MOST)
    classes, confusion = len(shown), confusion[np.ix_(shown, shown)]
    title += worst_parts.remark(classes, len(names), "classes")
    with_numbers = classes <= _MOST_WITH_NUMBERS
    side = classes * (_CELL if with_numbers else _NARROW_CELL)
    labels = [style.short(names[place]) for place in shown]
    margin = 0.8 + 0.085 * max(len(label) for label in labels)  # inches, for the names
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
    figure = Figure(figsize=(max(side + margin + 1.2, 4.2), side + margin + 0.6), layout=layout)
    axes = figure.subplots()
    shares = confusion / np.maximum(rows[shown, np.newaxis], 1)
    image = axes.imshow(shares, cmap=style.SHARES, vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
    font: dict[str, Any] = {"fontsize": style.TEXT if with_numbers else 7, "parse_math": False}
    slant: dict[str, Any] = (
        {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if with_numbers else {"rotation": 90}
    )
    axes.set_xticks(range(classes), labels, **font, **(slant if classes > 2 else {}))
    axes.set_yticks(range(classes), labels, **font)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title(title, parse_math=False)
    if with_numbers:
        for (row, column), count in np.ndenumerate(confusion):
            color = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, f"{count}", ha="center", va="center", color=color)
    style.save(figure, path)
