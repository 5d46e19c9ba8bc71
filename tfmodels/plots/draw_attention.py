"""A figure of attention maps."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels.plots import labels, style, worst_parts

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import SubFigure

_CELL, _SMALLEST = 0.3, 0.15  # inches, of one token
_PART = 48  # tokens of each side that are shown legibly at once
_MOST_PARTS = 4
_NAME = 1.6  # inches, of the widest token
_AXIS = 1.2  # inches, of what the tokens of an axis are
_SMALL = 1.2  # inches, of the panel of one head
_MOST_HEADS, _MOST_MAPS = 8, 8
_NARROWEST = 5.0  # inches, of the whole figure


class _Part(NamedTuple):
    """The queries and keys of one large panel."""

    queries: slice
    keys: slice


@style.applied()
def draw_attention(
    maps: dict[str, "np.ndarray"],
    queries: list[str],
    keys: list[str],
    path: Path,
    title: str,
    caption: str = "",
    axes: tuple[str, str] = ("queries", "keys"),
) -> None:
    """Draws attention maps as heat maps: the last one large with its tokens, all heads of all maps small.

    The large panel shows the mean over the heads of the last map, with its own colour scale. Of longer texts it is in
    parts of at most 48 tokens of each side; of more than four parts those with the most attention are drawn, which the
    figure says. The small panels, a row for each map and a column for each head, share one scale from 0 to 1, so that
    sharp and diffuse heads differ; of a single head there are none.

    Args:
        maps: Name -> attention weights `[heads, queries, keys]` of one example, without padding, from the first layer
            to the last.
        queries: The query tokens, from top to bottom.
        keys: The key tokens, from left to right.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        title: Title of the figure; may have several lines.
        caption: Model, data, split and date, below the title.
        axes: What the queries and the keys are, such as `("translation", "source")`.

    Raises:
        ValueError: There is no map or no token, or the shape of a map does not match the tokens, or a
            weight is not finite.

    Example:
        `draw_attention({"decoder/0/cross_attention": weights}, ["▁Ein", "▁Hund"], ["▁a", "▁dog"], path, "a dog")`
    """
    import numpy as np
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
        if not np.isfinite(weights).all():
            raise ValueError(f"Expected finite attention weights. Received: NaN or infinity in {name!r}")
    name, last = list(maps.items())[-1]
    mean = last.mean(axis=0)
    parts, count = _parts(mean)
    cell = _CELL if max(len(queries), len(keys)) <= 20 else _SMALLEST
    points = min(style.TEXT, 60 * cell)
    written = [[labels.fitted(token, _NAME, points) for token in tokens] for tokens in (queries, keys)]
    margins = [max(labels.width(token, points) for token in tokens) for tokens in written]
    shown = dict(list(maps.items())[-_MOST_MAPS:])
    heads = min(max(len(weights) for weights in shown.values()), _MOST_HEADS)
    # Inches: the large panels with their labels and colour bar above, the small ones with their titles below.
    large_width = cell * max(part.keys.stop - part.keys.start for part in parts) + margins[0] + 1.7
    tall = [cell * (part.queries.stop - part.queries.start) + margins[1] + 0.9 for part in parts]
    several = len(shown) > 1 or heads > 1  # one head alone is its own mean
    small_height = _SMALL * len(shown) + 0.5 if several else 0.01
    width = min(max(large_width, _SMALL * heads + 0.5, _NARROWEST), style.WIDTH)
    large_width = min(large_width, width)
    figure = Figure(figsize=(width, sum(tall) + small_height + 1.0))
    heights = [*tall, small_height]
    grid = figure.add_gridspec(
        len(heights), 2, width_ratios=[large_width, width - large_width + 0.01], height_ratios=heights
    )
    of = labels.fitted(name, 3.0, style.TEXT) + (f"\nmean of {len(last)} heads" if len(last) > 1 else "")
    for number, part in enumerate(parts):
        panel = figure.add_subfigure(grid[number, 0])
        _draw_mean(panel, of if number == 0 else "", mean, part, written, axes, points)
    if several:
        _draw_heads(figure.add_subfigure(grid[-1, :]), shown, heads)
    title = "\n".join(labels.fitted(line, 3 * width, style.TEXT) for line in title.split("\n"))
    title += worst_parts.remark(len(parts), count, "parts", "with the most attention")
    style.describe(figure, title, caption)
    style.save(figure, path)


def _parts(mean: "np.ndarray") -> tuple[list[_Part], int]:
    """The parts of a map that are shown, in the order of the text, and the number of all."""
    import numpy as np

    rows, columns = ([slice(first, min(first + _PART, size)) for first in range(0, size, _PART)] for size in mean.shape)
    parts = [_Part(row, column) for row in rows for column in columns]
    weights = np.array([mean[part.queries, part.keys].sum() for part in parts])
    return [parts[place] for place in worst_parts.places(weights, _MOST_PARTS)], len(parts)


def _draw_mean(
    figure: "SubFigure",
    title: str,
    mean: "np.ndarray",
    part: _Part,
    written: list[list[str]],
    names: tuple[str, str],
    points: float,
) -> None:
    """A part of the mean over the heads of one map, with the tokens on both axes."""
    axes = figure.subplots()
    shown, (queries, keys) = mean[part.queries, part.keys], (written[0][part.queries], written[1][part.keys])
    image = axes.imshow(shown, cmap=style.shares(), vmin=0, vmax=float(mean.max()) or 1.0, interpolation="nearest")
    figure.colorbar(image, ax=axes, label="attention weight", shrink=0.9)
    axes.set_title(title, parse_math=False)
    font = {"fontsize": points, "parse_math": False}
    axes.set_xticks(range(len(keys)), keys, rotation=90, **font)
    axes.set_yticks(range(len(queries)), queries, **font)
    wide, tall = (labels.fitted(name, _AXIS, style.TEXT) for name in reversed(names))
    axes.set_xlabel(f"{wide}{_range(part.keys, mean.shape[1])}", parse_math=False)
    axes.set_ylabel(f"{tall}{_range(part.queries, mean.shape[0])}", parse_math=False)


def _range(shown: slice, count: int) -> str:
    whole = shown.stop - shown.start == count
    return "" if whole else f", {shown.start + 1:,} to {shown.stop:,} of {count:,}"


def _draw_heads(figure: "SubFigure", maps: dict[str, "np.ndarray"], heads: int) -> None:
    """One small panel for each head (column) of each map (row)."""
    figure.suptitle("each head, colours from weight 0 to 1", x=0.01, ha="left", fontsize=style.TEXT)
    grid = figure.subplots(len(maps), heads, squeeze=False)
    for row, (name, weights) in zip(grid, maps.items(), strict=True):
        short = "\n".join(labels.fitted(part, 0.9 * _SMALL, 6.5) for part in name.rsplit("/", 1))
        row[0].set_ylabel(short, fontsize=6.5, parse_math=False)
        for head, axes in enumerate(row):
            axes.set(xticks=[], yticks=[])
            if head < len(weights):
                axes.imshow(weights[head], cmap=style.shares(), vmin=0, vmax=1, aspect="auto", interpolation="nearest")
                axes.set_title(f"head {head}", fontsize=7)
            else:
                axes.set_visible(False)
