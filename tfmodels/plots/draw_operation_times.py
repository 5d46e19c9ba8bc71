"""A figure of the time of a step by kind of operation."""

from pathlib import Path
from typing import Any

from tfmodels.plots import drawable, labels, roles, style

_MOST = 20  # kinds


@style.applied()
def draw_operation_times(operations: list[dict[str, Any]], path: Path, caption: str = "") -> None:
    """Draws a bar for each kind of operation, the slowest on top, at most 20.

    Args:
        operations: One dict for each kind: `kind`; `seconds_per_step`; `share` of all operations. The slowest first.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, machine and date, below the title.

    Raises:
        ValueError: There is no measurement, one lacks a key, or no time is finite.

    Example:
        `draw_operation_times([{"kind": "MatMul", "seconds_per_step": 0.3, "share": 0.6}], Path("operations.png"))`
    """
    from matplotlib.figure import Figure

    drawable.records("operations", operations, "kind of operation", ["kind", "seconds_per_step", "share"])
    drawable.finite("time", [drawable.number(row["seconds_per_step"]) for row in operations])
    shown = operations[:_MOST]
    figure = Figure(figsize=(8, 1.5 + 0.28 * len(shown)))
    axes = figure.subplots()
    places = range(len(shown))
    bars = axes.barh(places, [1e3 * drawable.number(row["seconds_per_step"]) for row in shown], color=roles.MODEL.color)
    axes.set_yticks(places, [labels.fitted(row["kind"], style.NAME, style.SMALL) for row in shown], parse_math=False)
    axes.bar_label(bars, [f"{row['share']:.1%}" for row in shown], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("time per step (ms)")
    style.describe(figure, "Time by kind of operation, and share of all", caption)
    style.save(figure, path)
