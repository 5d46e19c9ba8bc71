"""A picture of a training: its losses, the gap between them, learning rate and gradient norm over the steps."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class _Panel(NamedTuple):
    title: str
    curves: dict[str, str]  # key in the history -> name in the legend


_LOSS = _Panel(
    "loss",
    {"loss": "training", "train_loss": "training, measured as in validation", "val_loss": "validation"},
)
_PANELS = (
    _LOSS,
    _Panel("learning rate", {"learning_rate": "learning rate"}),
    _Panel("gradient norm", {"gradient_norm": "gradient norm"}),
)


def draw_curves(history: list[dict[str, Any]], path: Path) -> None:
    """Draws the curves of a training, one panel below the other, and marks the best validation loss.

    Args:
        history: One dict for each interval of the training, in order: `step` and what was measured up to it, any of
            `loss` (with dropout and smoothing), `train_loss` (on training data, as the validation measures it),
            `val_loss`, `learning_rate`, `gradient_norm`; other keys are ignored.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there is no interval.

    Example:
        `draw_curves([{"step": 100, "loss": 4.2, "val_loss": 3.9}, {"step": 200, "loss": 3.1, "val_loss": 3.0}], path)`
    """
    from matplotlib.figure import Figure

    measured = {name for row in history for name in row}
    panels = [panel for panel in _PANELS if measured & panel.curves.keys()]
    if not panels:
        names = [name for panel in _PANELS for name in panel.curves]
        raise ValueError(f"Expected a history with any of {names}. Received: {sorted(measured)}")
    heights = [2 if panel is _LOSS else 1 for panel in panels]
    figure = Figure(figsize=(8, 1.2 + 1.6 * sum(heights)), layout="constrained")
    grid = figure.subplots(len(panels), sharex=True, squeeze=False, height_ratios=heights)
    for axes, panel in zip(grid[:, 0], panels, strict=True):
        for name, label in panel.curves.items():
            if name not in measured:
                continue
            steps, values = _points(history, name)
            axes.plot(steps, values, marker=".", markersize=4, linewidth=1.2, label=label)
        axes.set_ylabel(panel.title)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        if panel is _LOSS:
            _shade_gap(axes, history)
            _mark_best(axes, history)
            axes.legend(frameon=False)
    grid[-1, 0].set_xlabel("step")
    figure.savefig(path, dpi=120)


def _shade_gap(axes: "Axes", history: list[dict[str, Any]]) -> None:
    """What was learnt by heart: the room between the two losses that are measured alike."""
    (steps, train), (same, validation) = _points(history, "train_loss"), _points(history, "val_loss")
    if steps and steps == same:
        axes.fill_between(steps, train, validation, color="tab:gray", alpha=0.15, linewidth=0, label="gap")


def _mark_best(axes: "Axes", history: list[dict[str, Any]]) -> None:
    """A star and its numbers at the lowest validation loss."""
    steps, losses = _points(history, "val_loss")
    if losses:
        best, step = min(zip(losses, steps, strict=True))
        axes.plot(step, best, "*", color="black", markersize=11, label=f"best validation: {best:.4g} at step {step:,}")
        axes.axvline(step, color="black", linewidth=0.8, linestyle=":")


def _points(history: list[dict[str, Any]], name: str) -> tuple[list[int], list[float]]:
    """The steps at which a number was measured and the finite values measured there."""
    rows = [row for row in history if math.isfinite(row.get(name, math.nan))]
    return [row["step"] for row in rows], [row[name] for row in rows]
