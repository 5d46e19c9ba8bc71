"""A figure of measurements over time, coloured by what they add to a risk."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import drawable, labels, roles, style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_MOST, _MOST_BARS = 20, 10  # variables, and bars
_ROW, _ABOVE = 0.24, 1.7  # inches
_SMALLEST, _LARGEST = 8, 130  # areas of marks, in square points


@style.applied()
def draw_event_contributions(
    hours: "Sequence[float] | np.ndarray",
    variables: Sequence[str],
    weights: "Mapping[str, np.ndarray]",
    others: Mapping[str, float],
    path: Path,
    title: str,
    caption: str = "",
) -> None:
    """Draws each measurement at its hour and variable, its size and colour by its weight, once for each explanation.

    Weights without negative values (attention) are orange discs. With negative values (contributions) those that raise
    the risk are blue triangles upwards, those that lower it red ones downwards. Bars beside them show what static
    fields and aggregates add, in the same unit.

    Args:
        hours: Hour of each measurement.
        variables: Variable of each.
        weights: Explanation -> weight of each; the variables with the largest weights of the first one are drawn, at
            most 20.
        others: Static field or aggregate -> what it adds; the 10 largest are drawn.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.
        caption: Model, data and date, below the title.

    Raises:
        ValueError: There are no weights, or not as many as measurements.

    Example:
        `draw_event_contributions([0.0, 2.5], ["HR", "HR"], {"gradients": weights}, {"Age": 0.4}, path, "died: 0.81")`
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not weights:
        raise ValueError("Expected at least one explanation. Received: weights={}")
    count = len(variables)
    times = drawable.numbers("hours", hours, count)
    found = {name: np.nan_to_num(drawable.numbers(name, of, count)) for name, of in weights.items()}
    rows = _rows(variables, next(iter(found.values())))
    bars = sorted(((name, drawable.number(of)) for name, of in others.items()), key=lambda one: -abs(one[1]))
    bars = [(name, of) for name, of in bars if of == of and of != 0][:_MOST_BARS]
    height = _ABOVE + _ROW * max(len(rows), len(bars) if bars else 0, 3)
    figure = Figure(figsize=(style.WIDTH, height))
    panels = len(found) + bool(bars)
    grid = figure.subplots(1, panels, squeeze=False, width_ratios=[3] * len(found) + [1.4] * bool(bars))[0]
    for axes, (name, values) in zip(grid, found.items(), strict=False):
        _draw(axes, times, [rows.get(one, -1) for one in variables], values)
        largest = f" (largest {abs(values).max(initial=0):.2g})"
        axes.set_title(labels.fitted(name, 4.2 / panels, style.TEXT) + largest, parse_math=False)
        axes.set(xlabel="hours", ylim=(max(len(rows), 1) - 0.5, -0.5))
        axes.locator_params(axis="x", nbins=5)
        axes.set_yticks(range(len(rows)), [""] * len(rows))
        axes.grid(True, axis="y")
    names = [labels.fitted(name, style.NAME, style.SMALL) for name in rows]
    grid[0].set_yticks(range(len(rows)), names, parse_math=False)
    if bars:
        _draw_bars(grid[-1], bars)
    left_out = len({*variables}) - len(rows)
    more = f"; {left_out:,} variables of smaller weights are not drawn" if left_out else ""
    style.describe(figure, f"{title}{more}", caption)
    style.save(figure, path)


def _rows(variables: Sequence[str], weights: "np.ndarray") -> dict[str, int]:
    """The row of each variable that is drawn, the one with the largest weights first."""
    totals: dict[str, float] = {}
    for name, weight in zip(variables, weights.tolist(), strict=True):
        totals[name] = totals.get(name, 0.0) + abs(weight)
    ranked = sorted(totals, key=lambda name: (-totals[name], name))[:_MOST]
    return {name: row for row, name in enumerate(ranked)}


def _draw(axes: "Axes", times: "np.ndarray", rows: list[int], values: "np.ndarray") -> None:
    import numpy as np

    places, largest = np.array(rows, int), abs(values).max(initial=0) or 1.0
    share = abs(values) / largest
    signed = bool((values < 0).any())
    kinds = ((values > 0, roles.FOR, "^"), (values < 0, roles.AGAINST, "v")) if signed else (
        (values >= 0, roles.ATTENTION, "o"),
    )  # fmt: skip
    axes.scatter(times[places >= 0], places[places >= 0], s=2, color=roles.LIGHT_GREY, zorder=1)
    for chosen, color, marker in kinds:
        mine = chosen & (places >= 0) & (share > 0)
        areas = _SMALLEST + (_LARGEST - _SMALLEST) * share[mine]
        axes.scatter(times[mine], places[mine], s=areas, color=color, marker=marker, alpha=0.75, linewidth=0, zorder=2)


def _draw_bars(axes: "Axes", bars: list[tuple[str, float]]) -> None:
    names = [labels.fitted(name, 1.6, style.SMALL) for name, _ in bars]
    values = [of for _, of in bars]
    axes.barh(range(len(bars)), values, color=[roles.FOR if of > 0 else roles.AGAINST for of in values])
    axes.axvline(0, color=roles.BLACK, linewidth=0.8)
    axes.set_yticks(range(len(bars)), names, parse_math=False)
    axes.set(ylim=(len(bars) - 0.5, -0.5), xlabel="log-odds")
    axes.locator_params(axis="x", nbins=3)
    axes.set_title("other inputs")
