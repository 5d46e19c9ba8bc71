"""A figure or page of a text whose tokens are coloured by weights, such as attributions."""

import html
import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfmodels import whole_files
from tfmodels.plots import labels, roles, style

if TYPE_CHECKING:
    import numpy as np

_DARKEST = 0.75  # strongest colour behind black letters
_FONT_SIZE, _LINE = 11, 0.27  # points, inches
_COLUMN, _MARGIN, _HEADING_LINE = 5.4, 0.25, 0.17  # inches
_MOST_LINES = 60  # in a figure; an HTML page has all lines
_LONGEST = 40  # characters that fit on a line in any font
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 2em; }}
h1 {{ font-size: 1.1em; white-space: pre-wrap; }}
h2 {{ font-size: 0.95em; font-weight: normal; color: #555; }}
.columns {{ display: flex; flex-wrap: wrap; gap: 2.5em; }}
.columns > div {{ flex: 1 1 20em; min-width: 0; }}
.text {{ line-height: 1.8; white-space: pre-wrap; overflow-wrap: anywhere; }}
.text span {{ border-radius: 3px; padding: 2px 0; }}
.text .against {{ border-bottom: 2px dashed #000; }}
footer {{ margin-top: 2em; font-size: 0.85em; color: #555; white-space: pre-wrap; }}
</style>
</head>
<body>
<h1>{title}</h1>
<div class="columns">
{columns}
</div>
<footer>{caption}</footer>
</body>
</html>
"""


class _Fragment(NamedTuple):
    """A token, or the text between two tokens."""

    text: str
    token: int | None


class _Placed(NamedTuple):
    """A piece of a fragment on a line of the figure; `left` and `width` in inches."""

    line: int
    left: float
    width: float
    text: str
    token: int | None


@style.applied()
def draw_words(
    text: str | bytes,
    starts: Sequence[int],
    ends: Sequence[int],
    weights: "Mapping[str, np.ndarray]",
    path: Path,
    title: str,
    caption: str = "",
) -> None:
    """Draws a text once for each explanation, side by side, its tokens coloured by their weights.

    Each explanation has its own colour scale, up to its largest weight. Weights without negative values (attention) are
    orange. With negative values (attribution) those for the prediction are blue, and those against it red and
    underlined with dashes.

    Args:
        text: The text, or its bytes if they are not all UTF-8.
        starts: Start of each token in the UTF-8 bytes of the text, ascending.
        ends: End of each token. Text between tokens is shown without colour; a token without bytes (`</s>`) is not
            shown.
        weights: Explanation -> a weight for each token.
        path: File to write. `.html` makes a page of any length that shows the weights under the pointer; another suffix
            (`.png`, `.svg`, `.pdf`) a figure of at most 60 lines.
        title: Title of the figure.
        caption: Model, data, split and date, below the title.

    Raises:
        ValueError: There are no weights, or not as many as tokens.

    Example:
        `draw_words("A fine film.", [0, 2, 7, 11], [1, 6, 11, 12], {"attention": attention}, path, "positive: 0.98")`
    """
    import numpy as np

    for name, values in weights.items():
        if np.shape(values) != (len(starts),) or len(starts) != len(ends):
            raise ValueError(
                f"Expected a start, an end and a weight for each token. Received: {len(starts)} starts, "
                f"{len(ends)} ends, {name} of shape {np.shape(values)}"
            )
    if not weights:
        raise ValueError("Expected at least one explanation. Received: weights={}")
    fragments = _fragments(text.encode(errors="replace") if isinstance(text, str) else text, starts, ends)
    colours = {name: _colours(np.nan_to_num(np.asarray(values, float))) for name, values in weights.items()}
    if path.suffix == ".html":
        whole_files.write(path, _page(fragments, weights, colours, title, caption))
    else:
        _figure(fragments, weights, colours, path, title, caption)


def _fragments(text: bytes, starts: Sequence[int], ends: Sequence[int]) -> list[_Fragment]:
    fragments, place = [], 0
    for token, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if end <= start:
            continue
        fragments += [_Fragment(_decoded(text[place:start]), None), _Fragment(_decoded(text[start:end]), token)]
        place = end
    return [fragment for fragment in (*fragments, _Fragment(_decoded(text[place:]), None)) if fragment.text]


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")


def _colours(values: "np.ndarray") -> list[tuple[float, float, float]]:
    """The colour of each weight on white."""
    from matplotlib.colors import to_rgb

    largest = abs(values).max(initial=0) or 1.0
    positive, negative = (
        to_rgb(name) for name in (roles.ATTENTION if values.min(initial=0) >= 0 else roles.FOR, roles.AGAINST)
    )
    mixed = []
    for value in values:
        strength = _DARKEST * abs(value) / largest
        mixed.append(tuple(1 - strength * (1 - part) for part in (positive if value >= 0 else negative)))
    return mixed


def _heading(name: str, values: "np.ndarray") -> str:
    if len(values) and min(values) < 0:
        return f"{name} (blue: for, red and dashed: against; largest {max(abs(value) for value in values):.2g})"
    return f"{name} (largest {max(values, default=0):.2g})"


def _page(
    fragments: list[_Fragment],
    weights: "Mapping[str, np.ndarray]",
    colours: Mapping[str, list],
    title: str,
    caption: str,
) -> str:
    columns = []
    for name, values in weights.items():
        spans = []
        for text, token in fragments:
            if token is None:
                spans.append(html.escape(text))
                continue
            red, green, blue = (round(255 * part) for part in colours[name][token])
            kind = 'class="against" ' if values[token] < 0 else ""
            shown = f'{kind}style="background: rgb({red}, {green}, {blue})" title="{float(values[token]):.4g}"'
            spans.append(f"<span {shown}>{html.escape(text)}</span>")
        heading = html.escape(_heading(name, values))
        columns.append(f'<div>\n<h2>{heading}</h2>\n<div class="text" dir="auto">{"".join(spans)}</div>\n</div>')
    return _PAGE.format(title=html.escape(title), columns="\n".join(columns), caption=html.escape(caption))


def _figure(
    fragments: list[_Fragment],
    weights: "Mapping[str, np.ndarray]",
    colours: Mapping[str, list],
    path: Path,
    title: str,
    caption: str,
) -> None:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    width = min(_MARGIN + len(weights) * (_COLUMN + _MARGIN), style.WIDTH)
    column = (width - _MARGIN) / len(weights) - _MARGIN
    figure = Figure(dpi=style.DPI)
    figure.set_layout_engine("none")
    placed = _lines(fragments, column)
    heads = {name: labels.wrapped(_heading(name, values), column, style.TEXT) for name, values in weights.items()}
    most = max(head.count("\n") + 1 for head in heads.values())
    lines = most + 1 + max((piece.line for piece in placed), default=0) + 1
    above = style.heading(f"{title}\n{caption}", width).count("\n") + 3  # with one for substitutes
    height = _LINE * lines + _HEADING_LINE * above + _MARGIN
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, _MARGIN / height, 1, _LINE * lines / height))
    axes.set(xlim=(0, width), ylim=(_LINE * lines, 0))
    axes.set_axis_off()
    font = {"parse_math": False, "va": "baseline"}
    for number, (name, values) in enumerate(weights.items()):
        left, top = _MARGIN + number * (column + _MARGIN), _LINE * (most + 0.5)
        axes.text(left, _LINE * (most - 0.2), heads[name], size=style.TEXT, color="0.3", **font)
        for piece in placed:
            x, y = left + piece.left, top + _LINE * piece.line
            if piece.token is not None:
                colour = colours[name][piece.token]
                axes.add_patch(Rectangle((x, y + 0.02), piece.width, _LINE - 0.04, color=colour, linewidth=0))
                if values[piece.token] < 0:
                    axes.plot([x, x + piece.width], [y + _LINE - 0.03] * 2, color=roles.BLACK, linestyle="--", lw=0.8)
            axes.text(x, y + 0.7 * _LINE, piece.text, size=_FONT_SIZE, **font)
    style.describe(figure, title, caption)
    style.save(figure, path)


def _lines(fragments: list[_Fragment], width: float) -> list[_Placed]:
    """Breaks fragments into lines of a width, up to the maximum number of lines of a figure."""
    blank = labels.width("a a", _FONT_SIZE) - labels.width("aa", _FONT_SIZE)
    placed: list[_Placed] = []
    line, left = 0, 0.0
    for spaces, run in itertools.groupby(_pieces(fragments), lambda piece: piece.text.isspace()):
        pieces = list(run)
        if spaces:
            for text, _ in pieces:
                line, left = (line + 1, 0.0) if text == "\n" else (line, left + blank * len(text) if left else 0.0)
            continue
        widths = [labels.width(text, _FONT_SIZE) for text, _ in pieces]
        if left and left + sum(widths) > width:  # keeps tokens together that have no blank between them
            line, left = line + 1, 0.0
        for (text, token), needed in zip(pieces, widths, strict=True):
            if left and left + needed > width:
                line, left = line + 1, 0.0
            placed.append(_Placed(line, left, needed, text, token))
            left += needed
        if line >= _MOST_LINES:
            shown = [piece for piece in placed if piece.line < _MOST_LINES]
            return [*shown, _Placed(_MOST_LINES, 0.0, 0.0, "…", None)]
    return placed


def _pieces(fragments: list[_Fragment]) -> list[_Fragment]:
    """Splits fragments into line ends, runs of blanks and words, and words that are too long for a line into parts."""
    pieces = []
    for text, token in fragments:
        for part in re.findall(r"\n|[^\S\n]+|\S+", text):
            shown = part if part.isspace() else labels.printable(part)
            pieces += [_Fragment(shown[cut : cut + _LONGEST], token) for cut in range(0, len(shown), _LONGEST)]
    return pieces
