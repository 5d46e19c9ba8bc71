"""A figure of the time of a step by kind of operation."""

from pathlib import Path
from typing import Any

from tfmodels.plots import style

_MOST = 20  # kinds


@style.applied()
def draw_operation_times(operations: list[dict[str, Any]], path: Path) -> None:
    """Draws a bar for each kind of operation, the slowest on top, at most 20.

    Args:
        operations: One dict for each kind: `kind`; `seconds_per_step`; `share` of all operations. The slowest first.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no measurement.

    Example:
        `draw_operation_times([{"kind": "MatMul", "seconds_per_step": 0.3, "share": 0.6}], Path("operations.png"))`
    """
    from matplotlib.figure import Figure

    if not operations:
        raise ValueError("Expected at least one kind of operation. Received: operations=[]")
    shown = operations[:_MOST]
    figure = Figure(figsize=(8, 1 + 0.28 * len(shown)))
    axes = figure.subplots()
    bars = axes.barh([row["kind"] for row in shown], [1e3 * row["seconds_per_step"] for row in shown])
    axes.bar_label(bars, [f"{row['share']:.1%}" for row in shown], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("time per step (ms)")
    style.save(figure, path)
