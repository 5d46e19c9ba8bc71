"""A figure of a learning-rate range test."""

import math
from pathlib import Path
from typing import Any

from tfmodels.plots import drawable, labels, roles, style

_MARKS = {"suggestion": (roles.GREEN, "-"), "minimum": (roles.BLACK, "--"), "divergence": (roles.VERMILLION, ":")}


@style.applied()
def draw_learning_rate_range(found: dict[str, Any], path: Path, caption: str = "", unit: str = "") -> None:
    """Draws the loss by learning rate and marks three rates: the suggestion, the minimum and the divergence.

    Args:
        found: `rates`, `losses` and `smoothed`, lists of equal length; `suggestion`, `minimum` and `divergence`,
            rates or None.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data and date, below the title.
        unit: Of the loss, such as `nats per token`.

    Raises:
        ValueError: There is no rate, a list has another length, or no loss is finite.

    Example:
        `draw_learning_rate_range(json.loads(Path("runs/translation/find_lr.json").read_text()), "find_lr.png")`
    """
    from matplotlib.figure import Figure

    drawable.records("found", [found], "range test", ["rates", "losses", "smoothed", *_MARKS])
    if not len(found["rates"]):
        raise ValueError("Expected the losses of a range test. Received: rates=[]")
    names = ("rates", "losses", "smoothed")
    rates, losses, smoothed = (drawable.numbers(name, found[name], len(found["rates"])) for name in names)
    if not (rates > 0).all():
        raise ValueError(f"Expected learning rates above 0. Received: rates={rates[:9].tolist()}")
    drawable.finite("loss", [losses])
    figure = Figure(figsize=(style.WIDTH, 4.8))
    axes = figure.subplots()
    axes.plot(rates, losses, color=roles.SKY, linewidth=0.8, label="loss of a batch")
    axes.plot(rates, smoothed, **roles.MODEL.options(len(rates)) | {"linewidth": 2.0}, label="smoothed loss")
    style.logarithmic(axes.xaxis)
    axes.set_xlabel("learning rate")
    axes.set_ylabel(labels.fitted(f"loss ({unit})" if unit else "loss", 3.0, style.TEXT), parse_math=False)
    lowest, highest = _range(losses.tolist())
    margin = (highest - lowest) or 1.0
    axes.set_ylim(lowest - 0.1 * margin, highest + 0.2 * margin)  # the divergence may leave the figure
    for name, (color, line) in _MARKS.items():
        if (rate := drawable.number(found[name])) > 0:
            axes.axvline(rate, color=color, linewidth=1.4, linestyle=line, label=f"{name} {rate:.1e}")
    axes.grid(True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower right", ncols=5)
    style.describe(figure, "Learning-rate range test: the loss while the rate grows", caption)
    style.save(figure, path)


def _range(losses: list[float]) -> tuple[float, float]:
    """The lowest loss, and the highest one at the lowest rates."""
    finite = [loss for loss in losses if math.isfinite(loss)] or [0.0]
    return min(finite), max(finite[: len(finite) // 4 + 1])
