"""A figure of how good the most confident answers are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_MOST = 9  # lines
_COLUMNS = 2  # of the legend


@style.applied()
def draw_answer_coverage(
    shares: "Sequence[float] | np.ndarray",
    scores: "Mapping[str, Sequence[float] | np.ndarray]",
    path: Path,
    caption: str = "",
) -> None:
    """Draws scores of the most confident answers over the share of the questions that they answer.

    At the right end all questions are answered. Where the probabilities say which answers are right, the lines fall.

    Args:
        shares: Shares of the questions, in percent, ascending.
        scores: Name of a score -> its mean over the answers of each share, in percent; of more than 9 scores the first
            are drawn, which the title says.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no score or share, there are not as many as shares, or none is finite.

    Example:
        `draw_answer_coverage([10, 50, 100], {"F1": [95.0, 80.0, 61.0]}, Path("coverage.png"), "SQuAD, test")`
    """
    from matplotlib.figure import Figure

    shares = drawable.numbers("shares", shares, len(shares))
    found = drawable.lines("score", scores, len(shares))
    shown = list(found.items())[:_MOST]
    figure = Figure(figsize=(6.5, 4.2 + style.below(len(shown), _COLUMNS)))
    axes = figure.subplots()
    for number, (name, values) in enumerate(shown):
        look = roles.equal(number).options(len(shares))
        axes.plot(shares, values, label=labels.entry(name, style.NAME, style.SMALL), **look)
    axes.set(xlabel="share of the questions answered (%)", ylabel="mean score (%)", xlim=(0, 102), ylim=(0, 102))
    figure.legend(loc="outside lower right", ncols=_COLUMNS)
    axes.grid(True)
    left_out = worst_parts.first(len(shown), len(found), "scores")
    style.describe(figure, f"Scores of the most confident answers{left_out}", caption)
    style.save(figure, path)
