"""A figure of which earlier seasons each step of a forecast looked at."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import drawable, labels, style, worst_parts

if TYPE_CHECKING:
    import numpy as np

_CELL = 0.3  # inches, of one step or season
_TALLEST = 4.0  # inches, of all seasons
_MOST_TICKS, _MOST_NAMES = 48, 20  # steps and seasons that are named
_MOST = 8  # channels
_NAME = 1.2  # inches, of the widest name of a step or season


@style.applied()
def draw_seasons(
    weights: dict[str, "np.ndarray"], steps: list[str], seasons: list[str], path: Path, title: str, caption: str = ""
) -> None:
    """Draws the weights of a `SeasonalAttention` as heat maps, a panel for each channel.

    Args:
        weights: Name of the channel -> `[steps, seasons]`; of more than 8 the first are drawn, which the title says.
        steps: What to call the steps ahead, from left to right.
        seasons: What to call the seasons before them, from top to bottom, such as `1 day`.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure.
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There is no channel, or the shape of its weights does not match the names, or
            no weight is finite.

    Example:
        `draw_seasons({"load": weights}, ["00:00", "01:00"], ["1 day", "2 days"], path, "north")`
    """
    from matplotlib.figure import Figure

    shapes = {name: one.shape for name, one in weights.items()}
    if not weights or set(shapes.values()) != {(len(steps), len(seasons))}:
        raise ValueError(f"Expected weights of {len(steps)} steps and {len(seasons)} seasons. Received: {shapes}")
    found = {name: drawable.numbers(name, one, len(steps), len(seasons)) for name, one in weights.items()}
    drawable.finite("weight", found.values())
    shown = dict(list(found.items())[:_MOST])
    step_names, season_names = ([labels.fitted(one, _NAME, 7) for one in names] for names in (steps, seasons))
    width = min(_CELL * len(steps) + 3.0, style.WIDTH)
    height = min(max(_CELL * len(seasons), 1.0), _TALLEST) + 1.6
    figure = Figure(figsize=(max(width, 6.0), height * len(shown) + 0.9))
    rows = figure.subplots(len(shown), squeeze=False)[:, 0]
    every = -(-len(steps) // _MOST_TICKS)
    font = {"fontsize": 7, "parse_math": False}
    for axes, (name, one) in zip(rows, shown.items(), strict=True):
        image = axes.imshow(one.T, cmap=style.shares(), vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        axes.set_title(labels.fitted(name, 4.0, style.TEXT), parse_math=False)
        axes.set_xticks(range(0, len(steps), every), step_names[::every], rotation=90, **font)
        every_season = -(-len(seasons) // _MOST_NAMES)
        axes.set_yticks(range(0, len(seasons), every_season), season_names[::every_season], **font)
        axes.set(xlabel="step ahead (local time)", ylabel="before that step")
        figure.colorbar(image, ax=axes, label="attention weight")
    style.describe(figure, title + worst_parts.first(len(shown), len(weights), "channels"), caption)
    style.save(figure, path)
