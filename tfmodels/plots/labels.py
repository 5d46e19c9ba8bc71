"""Texts in figures: characters that can be drawn, and lines that fit."""

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

# The first font ships with matplotlib; the others, where they are installed, have scripts that it lacks.
_FONTS = (
    *("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Source Han Sans JP"),
    *("WenQuanYi Zen Hei", "IPAexGothic", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic"),
    *("Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Noto Sans Khmer"),
    *("Nirmala UI", "Arial Unicode MS", "Noto Emoji", "Segoe UI Emoji", "Symbola", "Unifont"),
)
_SUBSTITUTE = re.compile(r"\[U\+[0-9A-F]{4,6}\]")


@functools.cache
def fonts() -> list[str]:
    """Those of the fonts that are installed, in the order in which a glyph is looked for."""
    from matplotlib.font_manager import get_font_names

    installed = get_font_names()  # a missing font would print a warning for each label
    return [font for font in _FONTS if font in installed]


def printable(text: str) -> str:
    """Writes out what cannot be drawn: control characters, and characters that no installed font has.

    Example:
        `printable("a\\n😀")` -> `"a\\\\n[U+1F600]"`
    """
    return "".join(map(_drawable, text))


def substituted(text: str) -> bool:
    """Whether a text has a code point in brackets in the place of a character.

    Example:
        `substituted("[U+1F600]")` -> `True`
    """
    return bool(_SUBSTITUTE.search(text))


def width(text: str, points: float) -> float:
    """Width of a text on one line.

    Args:
        text: The text.
        points: Size of the font.

    Returns:
        Inches.

    Example:
        `width("loss", 9.0)` -> `0.27`
    """
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=fonts(), size=points)
    return _renderer().get_text_width_height_descent(text, font, ismath=False)[0] / _renderer().dpi


def fitted(text: str, inches: float, points: float) -> str:
    """A text as it is drawn, without its middle if it is too wide.

    Args:
        text: The text.
        inches: Its greatest width.
        points: Size of the font.

    Returns:
        The text, printable, on one line.

    Example:
        `fitted("a very long name of a series", 1.0, 9.0)` -> `"a very l…eries"`
    """
    pieces = list(map(_drawable, text))
    whole = "".join(pieces)
    if len(pieces) < 400 and width(whole, points) <= inches:
        return whole
    shown, most = "…", min(len(pieces) - 1, 400)
    low, high = 0, most
    while low < high:
        kept = (low + high + 1) // 2
        cut = "".join(pieces[: kept - kept // 3]) + "…" + "".join(pieces[len(pieces) - kept // 3 :])
        low, high, shown = (kept, high, cut) if width(cut, points) <= inches else (low, kept - 1, shown)
    return shown


def entry(text: str, inches: float, points: float) -> str:
    """A name as it stands in a legend, which leaves out empty names and those that begin with an underscore.

    Args:
        text: The name.
        inches: Its greatest width.
        points: Size of the font.

    Returns:
        The name as of `fitted`, "(no name)" if it is blank.

    Example:
        `entry("", 1.0, 8.0)` -> `"(no name)"`
    """
    shown = fitted(text, inches, points)
    if not shown.strip():
        return "(no name)"
    return f" {shown}" if shown.startswith("_") else shown


def wrapped(text: str, inches: float, points: float) -> str:
    """A text in lines that fit, broken at blanks, or within words that are too long for a line.

    Args:
        text: The text; its line ends are kept.
        inches: Greatest width of a line.
        points: Size of the font.

    Returns:
        The text, printable, with line ends.

    Example:
        `wrapped("Transformer on the validation split", 1.5, 9.0)` -> `"Transformer on the\\nvalidation split"`
    """
    return "\n".join("\n".join(_lines(line, inches, points)) for line in text.split("\n"))


def _lines(text: str, inches: float, points: float) -> list[str]:
    lines = [""]
    for word in re.findall(r"\S+|\s+", text):
        if width(lines[-1] + printable(word), points) <= inches:
            lines[-1] += printable(word)
            continue
        if word.isspace():
            lines.append("")
            continue
        if lines[-1].strip() and width(printable(word), points) <= inches:
            lines.append(printable(word))
            continue
        for piece in map(_drawable, word):
            if lines[-1] and width(lines[-1] + piece, points) > inches:
                lines.append("")
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()] or [""]


def _drawable(char: str) -> str:
    if not char.isprintable():
        return repr(char)[1:-1]
    return char if char.isspace() or ord(char) in _glyphs() else f"[U+{ord(char):04X}]"


@functools.cache
def _glyphs() -> frozenset[int]:
    """The code points that the installed fonts have."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset().union(*(get_font(findfont(FontProperties(family=font))).get_charmap() for font in fonts()))


@functools.cache
def _renderer() -> "RendererAgg":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure(dpi=120)).get_renderer()
