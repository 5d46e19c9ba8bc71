"""A figure of how good the most confident answers are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import labels, roles, style

if TYPE_CHECKING:
    import numpy as np


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
        scores: Name of a score -> its mean over the answers of each share, in percent.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Example:
        `draw_answer_coverage([10, 50, 100], {"F1": [95.0, 80.0, 61.0]}, Path("coverage.png"), "SQuAD, test")`
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4.2))
    axes = figure.subplots()
    for number, (name, values) in enumerate(scores.items()):
        look = roles.equal(number).options(len(shares))
        axes.plot(shares, values, label=labels.fitted(name, style.NAME, style.SMALL), **look)
    axes.set(xlabel="share of the questions answered (%)", ylabel="mean score (%)", xlim=(0, 102), ylim=(0, 102))
    axes.legend(loc="lower left")
    axes.grid(True)
    style.describe(figure, "Scores of the most confident answers", caption)
    style.save(figure, path)
