"""Runs in one figure: their validation losses, and their differences in the primary metric."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import labels, roles, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pipelines.runs.overview.run_differences import Pair

_MOST = 20  # differences
Curves = Mapping[str, tuple[Sequence[float], Sequence[float]]]


@style.applied()
def draw(curves: Curves, pairs: "Sequence[Pair]", path: Path, caption: str = "") -> None:
    """Draws the figure.

    Args:
        curves: Name of a model -> the steps and validation losses of its run; of models without any there is none.
        pairs: Differences in one metric, at least one; those without an interval are left out, and of very many the
            last.
        path: The file.
        caption: Below the title.

    Example:
        `draw({"one": ([10, 20], [2.0, 1.5])}, run_differences.pairs(found)[:1], Path("compared.png"))`
    """
    from matplotlib.figure import Figure

    shown = [pair for pair in pairs if pair.low is not None][:_MOST]
    figure = Figure(figsize=(style.WIDTH, 4.4 + 0.2 * max(len(shown) - 6, 0)))
    left, right = figure.subplots(1, 2)
    for number, (name, (steps, losses)) in enumerate(curves.items()):
        name = labels.fitted(name, style.NAME, style.SMALL)
        left.plot(steps, losses, **roles.equal(number).options(len(steps)), label=name)
    left.set_xlabel("step")
    left.set_ylabel("validation loss")
    left.grid(True)
    _draw_differences(right, shown, pairs[0].metric)
    if curves:
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=3)
    style.describe(figure, "Validation losses, and differences with their 95 % intervals", caption)
    style.save(figure, path)


def _draw_differences(axes: "Axes", pairs: "Sequence[Pair]", metric: str) -> None:
    look = roles.MODEL
    for place, pair in enumerate(pairs):
        assert pair.low is not None and pair.high is not None
        axes.plot([pair.low, pair.high], [place, place], color=look.color, linewidth=2)
        axes.plot([pair.difference], [place], color=look.color, marker="o")
    axes.axvline(0, color=roles.REFERENCE.color, linestyle=":")
    names = [f"{_name(pair.one)} - {_name(pair.other)}" for pair in pairs]
    axes.set_yticks(range(len(pairs)), names)
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.set_xlabel(f"difference in {labels.fitted(metric, style.NAME, style.SMALL)}")
    axes.grid(True, axis="x")


def _name(name: str) -> str:
    return labels.fitted(name, style.NAME / 3, style.SMALL)
