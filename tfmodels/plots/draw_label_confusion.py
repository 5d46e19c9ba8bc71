"""A picture of how often each of several labels was given rightly."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import fonts

if TYPE_CHECKING:
    import numpy as np

_PARTS = {  # -> whether a text has the label, and whether it was given it; color
    "given, and right": ((1, 1), "tab:blue"),
    "missed": ((1, 0), "lightgray"),
    "given, but wrong": ((0, 1), "tab:red"),
}
_BAR = 0.3  # inches


def draw_label_confusion(confusion: "np.ndarray", names: Sequence[str], path: Path, title: str) -> None:
    """Draws for each label in how many rows it was given rightly, missed, and given wrongly.

    Args:
        confusion: int `[labels, 2, 2]`, the rows without and with the label, by those that were not and were given it.
        names: Of the labels.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the picture.

    Raises:
        ValueError: If the counts are not those of these labels.

    Example:
        `draw_label_confusion(scores.confusion, ["food", "service"], Path("confusion.png"), "reviews, test")`
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not names or confusion.shape != (len(names), 2, 2):
        raise ValueError(
            f"Expected counts [{len(names)}, 2, 2] of at least one label. Received: shape {confusion.shape}"
        )
    figure = Figure(figsize=(7, 1.4 + _BAR * len(names)), layout="constrained")
    axes = figure.subplots()
    places, start = range(len(names)), np.zeros(len(names), int)
    for part, ((right, answered), color) in _PARTS.items():
        counts = confusion[:, right, answered]
        axes.barh(places, counts, left=start, height=0.7, color=color, label=part)
        start = start + counts
    axes.set_yticks(places, map(fonts.printable, names), family=fonts.families(), fontsize=9, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("texts")
    axes.set_title(title, loc="left", fontsize=10, family=fonts.families(), parse_math=False)
    figure.legend(loc="outside lower center", ncols=len(_PARTS), frameon=False, fontsize=9)
    with fonts.missing_glyphs_shown_as_boxes():
        figure.savefig(path, dpi=120)
