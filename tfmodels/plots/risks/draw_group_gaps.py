"""A figure of how far a model's scores in groups are from those of the others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 30  # groups
_ROW, _ABOVE = 0.26, 1.9  # inches


class DrawnGap(NamedTuple):
    """A score of a group minus that of the others.

    Attributes:
        gap: The difference.
        low: Lower end of its interval.
        high: Upper end.
    """

    gap: float
    low: float
    high: float


@style.applied()
def draw_group_gaps(
    groups: Sequence[str], gaps: Mapping[str, Sequence[DrawnGap | None]], path: Path, caption: str = ""
) -> None:
    """Draws the gap of each group to the others, with its interval, a panel for each measure.

    A gap whose interval does not hold 0 is a red square, any other a blue disc.

    Args:
        groups: Names of the groups; of more than 30 the first are drawn, which the title says.
        gaps: Measure -> the gap of each group, None where there are too few cases.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no group or measure, there are not as many gaps as groups, or none is finite.

    Example:
        `draw_group_gaps(["sex F", "sex M"], {"AUROC": [DrawnGap(-0.02, -0.05, 0.01), None]}, path, "set-a, test")`
    """
    from matplotlib.figure import Figure

    if not groups or not gaps:
        raise ValueError(f"Expected groups and measures. Received: {len(groups)} groups, {len(gaps)} measures")
    for name, of in gaps.items():
        if len(of) != len(groups):
            raise ValueError(f"Expected a gap of each of {len(groups)} groups. Received: {len(of)} of {name!r}")
    drawable.finite("gap", [one.gap for of in gaps.values() for one in of if one is not None])
    shown = list(groups)[:_MOST]
    figure = Figure(figsize=(style.WIDTH, _ABOVE + _ROW * len(shown)))
    grid = figure.subplots(1, len(gaps), squeeze=False, sharey=True)[0]
    for axes, (name, of) in zip(grid, gaps.items(), strict=True):
        _draw(axes, of[:_MOST])
        axes.set_title(labels.fitted(name, 6.5 / len(gaps), style.TEXT), parse_math=False)
        axes.set_xlabel("gap to the others")
        axes.locator_params(axis="x", nbins=4)
        axes.grid(True, axis="x")
    grid[0].set_yticks(range(len(shown)), [labels.fitted(one, style.NAME, style.SMALL) for one in shown])
    grid[0].set_ylim(len(shown) - 0.5, -0.5)
    left_out = worst_parts.first(len(shown), len(groups), "groups")
    title = "Groups: their score minus that of the others, 95 % intervals; red squares: 0 is outside"
    style.describe(figure, f"{title}{left_out}", caption)
    style.save(figure, path)


def _draw(axes: "Axes", gaps: Sequence[DrawnGap | None]) -> None:
    axes.axvline(0, color=roles.GREY, linewidth=0.9, linestyle=":")
    for row, one in enumerate(gaps):
        if one is None:
            axes.text(0, row, "too few", ha="center", va="center", size=style.SMALL, color=roles.GREY)
            continue
        gap, low, high = (drawable.number(of) for of in one)
        color, marker = (roles.VERMILLION, "s") if low > 0 or high < 0 else (roles.BLUE, "o")
        axes.plot([low, high], [row, row], color=color, linewidth=1.5)
        axes.plot([gap], [row], color=color, marker=marker, markersize=5, linestyle="")
