"""A figure of attention maps."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.plots import style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import SubFigure

_CELL = 0.3  # inches, of one token
_LONGEST = 15.0  # inches, of all tokens of one side
_SMALL = 1.4  # inches, of the panel of one head
_NARROWEST = 5.0  # inches, of the whole figure


@style.applied()
def draw_attention(maps: dict[str, "np.ndarray"], queries: list[str], keys: list[str], path: Path, title: str) -> None:
    """Draws attention maps as heat maps: the last one large with its tokens, all heads of all maps small.

    The large panel shows the mean over the heads of the last map, with its own colour scale. The small panels, a row
    for each map and a column for each head, share one scale from 0 to 1, so that sharp and diffuse heads differ.

    Args:
        maps: Name -> attention weights `[heads, queries, keys]` of one example, without padding, from the first layer
            to the last.
        queries: The query tokens, from top to bottom.
        keys: The key tokens, from left to right.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure; may have several lines.

    Raises:
        ValueError: There is no map or no token, or the shape of a map does not match the tokens.

    Example:
        `draw_attention({"decoder/0/cross_attention": weights}, ["▁Ein", "▁Hund"], ["▁a", "▁dog"], path, "a dog")`
    """
    from matplotlib.figure import Figure

    if not (maps and queries and keys):
        raise ValueError(
            f"Expected at least one map, query and key. Received: maps={list(maps)}, queries={queries}, keys={keys}"
        )
    for name, weights in maps.items():
        if weights.ndim != 3 or weights.shape[1:] != (len(queries), len(keys)):
            raise ValueError(
                f"Expected {name!r} to be [heads, {len(queries)}, {len(keys)}]: heads, queries, keys. "
                f"Received: shape={weights.shape}"
            )
    heads = max(len(weights) for weights in maps.values())
    cell = min(_CELL, _LONGEST / max(len(queries), len(keys)))
    # Inches: the large panel with its labels and colour bar above, the small ones with their titles below.
    large_width, large_height = cell * len(keys) + 2.0, cell * len(queries) + 1.7
    small_width, small_height = _SMALL * heads + 0.5, _SMALL * len(maps) + 0.5
    width = max(large_width, small_width, _NARROWEST)
    figure = Figure(figsize=(width, large_height + small_height + 0.5))
    wrapped = "\n".join(textwrap.fill(line, int(10 * width)) for line in title.splitlines())
    figure.suptitle(wrapped, x=0.01, ha="left", parse_math=False)
    grid = figure.add_gridspec(
        2, 2, width_ratios=[large_width, width - large_width + 0.01], height_ratios=[large_height, small_height]
    )
    _draw_mean(figure.add_subfigure(grid[0, 0]), *list(maps.items())[-1], queries, keys, cell)
    _draw_heads(figure.add_subfigure(grid[1, :]), maps, heads)
    style.save(figure, path)


def _draw_mean(
    figure: "SubFigure", name: str, weights: "np.ndarray", queries: list[str], keys: list[str], cell: float
) -> None:
    """The mean over the heads of one map, with the tokens on both axes."""
    from seaborn import heatmap

    axes = figure.subplots()
    mean = weights.mean(axis=0)  # [queries, keys]
    heatmap(mean, ax=axes, cmap=style.SHARES, vmin=0, xticklabels=False, yticklabels=False, linewidths=0.2)
    axes.set_title(f"{name}\nmean of {len(weights)} heads" if len(weights) > 1 else name, parse_math=False)
    font = {"fontsize": min(10, 60 * cell), "parse_math": False}
    axes.set_xticks(
        [index + 0.5 for index in range(len(keys))], [style.printable(key) for key in keys], rotation=90, **font
    )
    axes.set_yticks(
        [index + 0.5 for index in range(len(queries))], [style.printable(query) for query in queries], **font
    )
    axes.set(xlabel="keys", ylabel="queries")


def _draw_heads(figure: "SubFigure", maps: dict[str, "np.ndarray"], heads: int) -> None:
    """One small panel for each head (column) of each map (row)."""
    figure.suptitle("each head, scale from 0 to 1", x=0.01, ha="left", fontsize=style.TEXT)
    grid = figure.subplots(len(maps), heads, squeeze=False)
    for row, (name, weights) in zip(grid, maps.items(), strict=True):
        row[0].set_ylabel(name, fontsize=6.5, parse_math=False)
        for head, axes in enumerate(row):
            axes.set(xticks=[], yticks=[])
            if head < len(weights):
                axes.imshow(weights[head], cmap=style.SHARES, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
                axes.set_title(f"head {head}", fontsize=7)
            else:
                axes.set_visible(False)
