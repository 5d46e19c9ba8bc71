"""A figure of a learning-rate range test."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {"suggestion": "tab:green", "minimum": "black", "divergence": style.BAD}
_LABEL: dict[str, Any] = {"textcoords": "offset points"}


@style.applied()
def draw_learning_rate_range(found: dict[str, Any], path: Path) -> None:
    """Draws the loss by learning rate and marks three rates: the suggestion, the minimum and the divergence.

    Args:
        found: `rates`, `losses` and `smoothed`, lists of equal length; `suggestion`, `minimum` and `divergence`,
            rates or None.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no rate.

    Example:
        `draw_learning_rate_range(json.loads(Path("runs/translation/find_lr.json").read_text()), "find_lr.png")`
    """
    from matplotlib.figure import Figure

    rates, losses, smoothed = found["rates"], found["losses"], found["smoothed"]
    if not rates:
        raise ValueError(f"Expected the losses of a range test. Received: {rates=}")
    figure = Figure(figsize=(8, 4.5))
    axes = figure.subplots()
    axes.plot(rates, losses, color=style.MODEL, linewidth=0.8, alpha=0.35)
    axes.plot(rates, smoothed, color=style.MODEL, linewidth=1.8)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    lowest, highest = min(losses), max(losses[: len(losses) // 4 + 1])  # the losses at the lowest rates
    margin = (highest - lowest) or 1.0
    axes.set_ylim(lowest - 0.1 * margin, highest + 0.2 * margin)  # the divergence may leave the figure
    for label, offset, alpha in (("smoothed loss", 8, 1.0), ("loss of a batch", -18, 0.6)):
        axes.annotate(label, (rates[0], smoothed[0]), (0, offset), **_LABEL, color=style.MODEL, alpha=alpha)
    for level, (name, color) in enumerate(_MARKS.items()):
        if found[name] is not None:
            _mark(axes, found[name], f"{name} {found[name]:.1e}", color, 1.02 + 0.05 * level)
    axes.grid(True)
    style.save(figure, path)


def _mark(axes: "Axes", rate: float, label: str, color: str, height: float) -> None:
    """A vertical line at a rate, with a label at `height`, a share of the height of the axes."""
    axes.axvline(rate, color=color, linewidth=1.0, linestyle=":")
    axes.annotate(label, (rate, height), (0, 0), **_LABEL, color=color, xycoords=("data", "axes fraction"), ha="center")
