"""A figure of which earlier seasons each step of a forecast looked at."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import style

if TYPE_CHECKING:
    import numpy as np

_CELL = 0.32  # inches, of one step or season
_LONGEST = 14.0  # inches, of all steps
_MOST_TICKS = 24


@style.applied()
def draw_seasons(
    weights: dict[str, "np.ndarray"], steps: list[str], seasons: list[str], path: Path, title: str
) -> None:
    """Draws the weights of a `SeasonalAttention` as heat maps, a panel for each channel.

    Args:
        weights: Name of the channel -> `[steps, seasons]`.
        steps: What to call the steps ahead, from left to right.
        seasons: What to call the seasons before them, from top to bottom, such as `1 day`.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.

    Raises:
        ValueError: There is no channel, or the shape of its weights does not match the names.

    Example:
        `draw_seasons({"load": weights}, ["00:00", "01:00"], ["1 day", "2 days"], path, "north")`
    """
    from matplotlib.figure import Figure

    shapes = {name: one.shape for name, one in weights.items()}
    if not weights or set(shapes.values()) != {(len(steps), len(seasons))}:
        raise ValueError(f"Expected weights of {len(steps)} steps and {len(seasons)} seasons. Received: {shapes}")
    width = min(_CELL * len(steps), _LONGEST) + 2.5
    height = max(_CELL * len(seasons), 1.0) + 1.0
    figure = Figure(figsize=(max(width, 5.0), height * len(weights) + 0.4))
    figure.suptitle(title, x=0.01, ha="left", parse_math=False)
    rows = figure.subplots(len(weights), squeeze=False)[:, 0]
    every = -(-len(steps) // _MOST_TICKS)
    for axes, (name, one) in zip(rows, weights.items(), strict=True):
        image = axes.imshow(one.T, cmap=style.SHARES, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        axes.set_title(style.printable(name), parse_math=False)
        axes.set_xticks(range(0, len(steps), every), steps[::every], rotation=90)
        axes.set_yticks(range(len(seasons)), seasons)
        axes.set(xlabel="step ahead", ylabel="before that step")
        figure.colorbar(image, ax=axes, label="weight")
    style.save(figure, path)
