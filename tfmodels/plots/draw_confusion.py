"""Figures of right and wrong decisions: a confusion matrix of classes, and bars of several labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_CELL, _NARROW_CELL = 0.62, 0.15  # inches, of a cell with and without its number
_MOST_WITH_NUMBERS, _MOST = 12, 40  # classes, or labels
_NAME, _NARROW_NAME = 2.0, 1.5  # inches, of the widest name
_PARTS = {  # name -> (whether the row has the label, whether it is predicted), colour and hatch
    "true positives": ((1, 1), roles.RIGHT),
    "false negatives": ((1, 0), roles.MISSED),
    "false positives": ((0, 1), roles.WRONG),
}
_BAR = 0.25  # inches


@style.applied()
def draw_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, caption: str = "") -> None:
    """Draws a confusion matrix as a heat map.

    The colour of a cell is its share of the rows of its true class; with at most 12 classes its number is shown, too.
    Of more than 40 classes those with the most wrong rows are drawn, which the title says.

    Args:
        confusion: int `[classes, classes]`, number of rows by true class (row) and predicted class (column).
        names: Names of the classes.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: The shape of the matrix does not match the names.

    Example:
        `draw_confusion(scores.confusion, ["negative", "positive"], Path("confusion.png"), "SST-2, test")`
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not len(names) or confusion.shape != (len(names), len(names)):
        raise ValueError(
            f"Expected a confusion matrix [{len(names)}, {len(names)}] of at least one class. "
            f"Received: shape {confusion.shape}"
        )
    rows, right = confusion.sum(axis=1), confusion.diagonal()
    shown = worst_parts.places(rows + confusion.sum(axis=0) - 2 * right, _MOST)
    classes, confusion = len(shown), confusion[np.ix_(shown, shown)]
    with_numbers = classes <= _MOST_WITH_NUMBERS
    points = style.TEXT if with_numbers else 7
    written = [labels.fitted(names[place], _NAME if with_numbers else _NARROW_NAME, points) for place in shown]
    margin = 0.5 + max(labels.width(name, points) for name in written)  # inches, for the names
    side = classes * (_CELL if with_numbers else _NARROW_CELL)
    figure = Figure(figsize=(min(max(side + margin + 1.2, 5.0), style.WIDTH), side + margin + 1.2))
    axes = figure.subplots()
    shares = confusion / np.maximum(rows[shown, np.newaxis], 1)
    image = axes.imshow(shares, cmap=style.shares(), vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
    font: dict[str, Any] = {"fontsize": points, "parse_math": False}
    level = with_numbers and max(labels.width(name, points) for name in written) < _CELL
    axes.set_xticks(range(classes), written, rotation=0 if level else 90, **font)
    axes.set_yticks(range(classes), written, **font)
    axes.set(xlabel="predicted class", ylabel="true class")
    if with_numbers:
        for (row, column), count in np.ndenumerate(confusion):
            number = labels.fitted(f"{count:,}", _CELL, style.SMALL)
            color = style.ink(shares[row, column])
            axes.text(column, row, number, ha="center", va="center", color=color, fontsize=style.SMALL)
    title = "True and predicted classes" + worst_parts.remark(classes, len(names), "classes")
    style.describe(figure, title, caption)
    style.save(figure, path)


@style.applied()
def draw_label_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, caption: str = "") -> None:
    """Draws a bar for each label with its true positives, false negatives and false positives.

    Of more than 40 labels those with the most errors are drawn, which the title says.

    Args:
        confusion: int `[labels, 2, 2]`, number of rows by whether they have the label and whether it is predicted.
        names: Names of the labels.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: The shape of the counts does not match the names.

    Example:
        `draw_label_confusion(scores.confusion, ["food", "service"], Path("confusion.png"), "reviews, test")`
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not names or confusion.shape != (len(names), 2, 2):
        raise ValueError(
            f"Expected counts [{len(names)}, 2, 2] of at least one label. Received: shape {confusion.shape}"
        )
    shown = worst_parts.places(confusion[:, 1, 0] + confusion[:, 0, 1], _MOST)
    confusion = confusion[shown]
    figure = Figure(figsize=(8, 1.8 + _BAR * len(shown)))
    axes = figure.subplots()
    places, start = range(len(shown)), np.zeros(len(shown), int)
    for part, ((true, predicted), (color, hatch)) in _PARTS.items():
        counts = confusion[:, true, predicted]
        axes.barh(places, counts, left=start, height=0.7, color=color, hatch=hatch, edgecolor="white", label=part)
        start = start + counts
    written = [labels.fitted(names[place], style.NAME, style.SMALL) for place in shown]
    axes.set_yticks(places, written, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("number of texts")
    figure.legend(loc="outside lower right", ncols=len(_PARTS))
    title = "Decisions on each label" + worst_parts.remark(len(shown), len(names), "labels")
    style.describe(figure, title, caption)
    style.save(figure, path)
