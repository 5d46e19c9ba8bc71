"""A figure of a training: losses, the gap between them, other measurements, learning rate and gradient norm by step."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tfmodels.plots import drawable, labels, roles, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE_RANGE = 50  # largest over smallest value from which an axis is logarithmic
_MOST_METRICS = 12  # panels of metrics


class _Panel(NamedTuple):
    title: str
    curves: dict[str, tuple[str, roles.Look]]  # key in the history -> name in the legend, look


_LOSS = _Panel(
    "loss",
    {
        "loss": ("training", roles.TRAINING),
        "train_loss": ("training, measured as in validation", roles.TRAINING_AS_VALIDATION),
        "val_loss": ("validation", roles.VALIDATION),
    },
)
_PANELS = (
    _Panel("learning rate", {"learning_rate": ("learning rate", roles.TRAINING)}),
    _Panel("gradient norm", {"gradient_norm": ("gradient norm", roles.TRAINING)}),
)


@style.applied()
def draw_curves(history: list[dict[str, Any]], path: Path, caption: str = "", unit: str = "") -> None:
    """Draws the curves of a training, one panel below the other, and marks the lowest validation loss.

    What was measured in training is orange or red, what was measured in validation blue. Learning rate and gradient
    norm have a logarithmic axis where they vary by more than a factor of 50.

    Args:
        history: One dict for each evaluation, in order: `step` and any of `loss` (in training, with dropout and label
            smoothing), `train_loss` (of training data, measured as in validation), `val_loss`, `learning_rate`,
            `gradient_norm`. Other keys are ignored, but for the metrics of validation, `val_...`, each of which has a
            panel.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, split and date, below the title.
        unit: Of the loss, such as `nats per token`.

    Raises:
        ValueError: There is nothing to draw, or a record has no step.

    Example:
        `draw_curves([{"step": 100, "loss": 4.2, "val_loss": 3.9}, {"step": 200, "loss": 3.1, "val_loss": 3.0}], path)`
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    if any(math.isnan(drawable.number(row.get("step"))) for row in history):
        raise ValueError(f"Expected a `step` in each record. Received: history={str(history)[:200]}")
    measured = {name for row in history for name in row if _points([row], name)[0]}
    of_validation = [name for name in sorted(measured) if _is_metric(name)][:_MOST_METRICS]
    metrics = [_Panel(name.removeprefix("val_"), {name: ("validation", roles.VALIDATION)}) for name in of_validation]
    panels = [panel for panel in (_LOSS, *metrics, *_PANELS) if measured & panel.curves.keys()]
    if not panels:
        names = [name for panel in (_LOSS, *_PANELS) for name in panel.curves]
        raise ValueError(f"Expected a history with any of {names}. Received: {sorted(measured)}")
    heights = [2 if panel is _LOSS else 1 for panel in panels]
    figure = Figure(figsize=(style.WIDTH, 1.4 + 1.4 * sum(heights)))
    grid = figure.subplots(len(panels), sharex=True, squeeze=False, height_ratios=heights)
    for axes, panel in zip(grid[:, 0], panels, strict=True):
        for name, (label, look) in panel.curves.items():
            if name in measured:
                steps, values = _points(history, name)
                axes.plot(steps, values, label=label, **look.options(len(steps)))
                if panel in _PANELS and values and 0 < _WIDE_RANGE * min(values) < max(values):
                    style.logarithmic(axes.yaxis)
        axes.set_ylabel(labels.fitted(panel.title, 1.4, style.TEXT), parse_math=False)
        axes.grid(True)
        if panel is _LOSS:
            axes.set_ylabel(labels.fitted(f"loss ({unit})" if unit else "loss", 2.4, style.TEXT))
            _shade_gap(axes, history)
            _mark_best(axes, history)
            axes.legend()
        elif panel in metrics:
            axes.legend(loc="best")
    grid[-1, 0].set_xlabel("training step")
    grid[-1, 0].xaxis.set_major_locator(MaxNLocator(integer=True))
    grid[-1, 0].xaxis.set_major_formatter("{x:,.0f}")
    style.describe(figure, "Losses and measurements during training", caption)
    style.save(figure, path)


def _is_metric(name: str) -> bool:
    return name.startswith("val_") and name not in _LOSS.curves


def _shade_gap(axes: "Axes", history: list[dict[str, Any]]) -> None:
    """Shades the overfitting: the gap between the two losses that are measured in the same way."""
    (steps, train), (same, validation) = _points(history, "train_loss"), _points(history, "val_loss")
    if steps and steps == same:
        axes.fill_between(steps, train, validation, color=roles.GREY, alpha=0.15, linewidth=0, label="gap")


def _mark_best(axes: "Axes", history: list[dict[str, Any]]) -> None:
    """Marks the lowest validation loss with a star."""
    steps, losses = _points(history, "val_loss")
    if losses:
        best, step = min(zip(losses, steps, strict=True))
        label = f"best validation: {best:.4g} at step {step:,}"
        axes.plot(step, best, "*", color=roles.BLACK, markersize=11, label=label)
        axes.axvline(step, color=roles.REFERENCE.color, linewidth=0.8, linestyle=":")


def _points(history: list[dict[str, Any]], name: str) -> tuple[list[int], list[float]]:
    """The steps with a finite value of a measurement, and these values."""
    rows = [(row["step"], drawable.number(row.get(name))) for row in history]
    rows = [(step, value) for step, value in rows if not math.isnan(value)]
    return [step for step, _ in rows], [value for _, value in rows]
