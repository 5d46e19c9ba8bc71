"""A figure of the correct and wrong decisions on each of several labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_PARTS = {  # name -> (whether the row has the label, whether it is predicted), colour
    "true positives": ((1, 1), style.MODEL),
    "false negatives": ((1, 0), "lightgray"),
    "false positives": ((0, 1), style.BAD),
}
_BAR = 0.3  # inches
_MOST = 60  # labels


@style.applied()
def draw_label_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, title: str) -> None:
    """Draws a bar for each label with its true positives, false negatives and false positives.

    Of more than 60 labels those with the most errors are drawn, which the title says.

    Args:
        confusion: int `[labels, 2, 2]`, number of rows by whether they have the label and whether it is predicted.
        names: Names of the labels.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.

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
    title += worst_parts.remark(len(shown), len(names), "labels")
    figure = Figure(figsize=(7, 1.4 + _BAR * len(shown)))
    axes = figure.subplots()
    places, start = range(len(shown)), np.zeros(len(shown), int)
    for part, ((true, predicted), color) in _PARTS.items():
        counts = confusion[:, true, predicted]
        axes.barh(places, counts, left=start, height=0.7, color=color, label=part)
        start = start + counts
    axes.set_yticks(places, [style.short(names[place]) for place in shown], parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("texts")
    axes.set_title(title, parse_math=False)
    figure.legend(loc="outside lower center", ncols=len(_PARTS))
    style.save(figure, path)
