"""A picture of a confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import fonts

if TYPE_CHECKING:
    import numpy as np

_CELL, _NARROW_CELL = 0.62, 0.24  # inches, of a class with its numbers in the cells and without
_MOST_WITH_NUMBERS = 15  # classes


def draw_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, title: str) -> None:
    """Draws how many rows of each class were given each class.

    A cell is as dark as its share of the rows of its class; up to fifteen classes it shows the number too.

    Args:
        confusion: int `[classes, classes]`, the right class (row) and the answered one (column).
        names: Of the classes.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the picture.

    Raises:
        ValueError: If the matrix is not that of these classes.

    Example:
        `draw_confusion(scores.confusion, ["negative", "positive"], Path("confusion.png"), "SST-2, test")`
    """
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    classes = len(names)
    if not classes or confusion.shape != (classes, classes):
        raise ValueError(
            f"Expected a confusion matrix [{classes}, {classes}] of at least one class. "
            f"Received: shape {confusion.shape}"
        )
    with_numbers = classes <= _MOST_WITH_NUMBERS
    side = classes * (_CELL if with_numbers else _NARROW_CELL)
    labels = [fonts.printable(name) for name in names]
    margin = 0.8 + 0.085 * max(len(label) for label in labels)  # inches, for the names
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
    figure = Figure(figsize=(max(side + margin + 1.2, 4.2), side + margin + 0.6), layout=layout)
    axes = figure.subplots()
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the class", shrink=0.8)
    font = {"family": fonts.families(), "fontsize": 9 if with_numbers else 7, "parse_math": False}
    slant: dict[str, Any] = (
        {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if with_numbers else {"rotation": 90}
    )
    axes.set_xticks(range(classes), labels, **font, **(slant if classes > 2 else {}))
    axes.set_yticks(range(classes), labels, **font)
    axes.set(xlabel="answer", ylabel="truth")
    axes.set_title(title, loc="left", fontsize=10, family=fonts.families(), parse_math=False)
    if with_numbers:
        for (row, column), count in np.ndenumerate(confusion):
            color = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, f"{count}", ha="center", va="center", color=color, fontsize=9)
    with fonts.missing_glyphs_shown_as_boxes():
        figure.savefig(path, dpi=120)
