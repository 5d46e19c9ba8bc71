"""A figure of the correct and wrong decisions on each of several labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_PARTS = {  # name -> (whether the row has the label, whether it is predicted), colour and hatch
    "true positives": ((1, 1), roles.RIGHT),
    "false negatives": ((1, 0), roles.MISSED),
    "false positives": ((0, 1), roles.WRONG),
}
_BAR = 0.25  # inches
_MOST = 40  # labels


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
