"""A picture of which kinds of operations a step spends its time in."""

from pathlib import Path
from typing import Any

_MOST = 20  # kinds


def draw_operation_times(operations: list[dict[str, Any]], path: Path) -> None:
    """Draws a bar for each kind of operation, the longest on top, twenty at most.

    Args:
        operations: One dict for each kind: `kind`; `seconds_per_step`; `share` of all operations. The longest first.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there is none.

    Example:
        `draw_operation_times([{"kind": "MatMul", "seconds_per_step": 0.3, "share": 0.6}], Path("operations.png"))`
    """
    from matplotlib.figure import Figure

    if not operations:
        raise ValueError("Expected at least one kind of operation. Received: operations=[]")
    shown = operations[:_MOST]
    figure = Figure(figsize=(8, 1 + 0.28 * len(shown)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh([row["kind"] for row in shown], [1e3 * row["seconds_per_step"] for row in shown])
    axes.bar_label(bars, [f"{row['share']:.1%}" for row in shown], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("milliseconds of a step")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
