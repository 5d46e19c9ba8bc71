"""A picture of a learning-rate range test: the loss over the rate, and the rates that matter."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {"suggestion": "tab:green", "minimum": "black", "divergence": "tab:red"}
_LABEL = {"textcoords": "offset points", "fontsize": 9}


def draw_learning_rate_range(found: dict[str, Any], path: Path) -> None:
    """Draws the loss over the learning rate and marks three rates: suggested, of the lowest loss, of divergence.

    Args:
        found: `rates`, `losses` and `smoothed`, lists of equal length; `suggestion`, `minimum` and `divergence`,
            rates or None.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there is no rate.

    Example:
        `draw_learning_rate_range(json.loads(Path("runs/translation/find_lr.json").read_text()), "find_lr.png")`
    """
    from matplotlib.figure import Figure

    rates, losses, smoothed = found["rates"], found["losses"], found["smoothed"]
    if not rates:
        raise ValueError(f"Expected the losses of a range test. Received: {rates=}")
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, color="tab:blue", linewidth=0.8, alpha=0.35)
    axes.plot(rates, smoothed, color="tab:blue", linewidth=1.8)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    lowest, highest = min(losses), max(losses[: len(losses) // 4 + 1])  # before the rate matters
    margin = (highest - lowest) or 1.0
    axes.set_ylim(lowest - 0.1 * margin, highest + 0.2 * margin)  # what diverges leaves the picture
    for label, offset, alpha in (("smoothed loss", 8, 1.0), ("loss of a batch", -18, 0.6)):
        axes.annotate(label, (rates[0], smoothed[0]), (0, offset), **_LABEL, color="tab:blue", alpha=alpha)
    for level, (name, color) in enumerate(_MARKS.items()):
        if found[name] is not None:
            _mark(axes, found[name], f"{name} {found[name]:.1e}", color, 1.02 + 0.05 * level)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def _mark(axes: "Axes", rate: float, label: str, color: str, height: float) -> None:
    """A line at a rate, its name above it: `height` is a share of the axes', 1 their top."""
    axes.axvline(rate, color=color, linewidth=1.0, linestyle=":")
    axes.annotate(label, (rate, height), (0, 0), **_LABEL, color=color, xycoords=("data", "axes fraction"), ha="center")
