"""A figure of a search: the loss of each trial, and how much each option matters."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import roles, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_OPTIONS = 12  # rows of the second panel


class Tried(NamedTuple):
    """A trial in the figure.

    Attributes:
        number: Its number.
        loss: Its least validation loss.
        pruned: Whether it was ended early.
    """

    number: int
    loss: float
    pruned: bool


@style.applied()
def draw(tried: Sequence[Tried], importance: Mapping[str, float], path: Path, caption: str = "") -> None:
    """Draws the figure.

    Args:
        tried: The trials with a loss, at least one.
        importance: Option -> the share of the differences between trials that is due to it; may be empty.
        path: The file.
        caption: Below the title.

    Raises:
        ValueError: No trial has a finite loss.

    Example:
        `draw([Tried(0, 1.5, False)], {"training.learning_rate": 1.0}, Path("tune.png"))`
    """
    from matplotlib.figure import Figure

    finite = sorted(one for one in tried if math.isfinite(one.loss))
    if not finite:
        raise ValueError(f"Expected a trial with a finite loss. Received: {len(tried)} trials")
    shown = dict(sorted(importance.items(), key=lambda item: item[1])[-_MOST_OPTIONS:])
    figure = Figure(figsize=(style.WIDTH, 4.4))
    history, *rest = figure.subplots(1, 1 + bool(shown), squeeze=False)[0]
    _draw_history(history, finite)
    if shown:
        (axes,) = rest
        axes.barh(list(shown), list(shown.values()), color=roles.SKY)
        axes.set_xlabel("share of the differences between trials")
        axes.set_xlim(0, 1)
    figure.legend(*history.get_legend_handles_labels(), loc="outside lower left", ncols=3)
    style.describe(figure, "Search for options: the validation loss of each trial", caption)
    style.save(figure, path)


def _draw_history(axes: "Axes", tried: Sequence[Tried]) -> None:
    from matplotlib.ticker import MaxNLocator

    whole, ended = ([one for one in tried if one.pruned == pruned] for pruned in (False, True))
    for some, mark, color, label in (
        (whole, "o", roles.MODEL.color, "trained to its end"),
        (ended, "x", roles.VERMILLION, "ended early"),
    ):
        if some:
            axes.plot(*_points(some), mark, color=color, label=label)
    best, steps = math.inf, []
    for one in whole:
        best = min(best, one.loss)
        steps.append((one.number, best))
    if steps:
        axes.step(*zip(*steps, strict=True), where="post", color=roles.MODEL.color, label="best so far")
    axes.set_xlabel("trial")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("validation loss")
    axes.grid(True)


def _points(tried: Sequence[Tried]) -> tuple[list[int], list[float]]:
    return [one.number for one in tried], [one.loss for one in tried]
