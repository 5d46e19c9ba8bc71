"""The style that all figures share: fonts, sizes in points, colour map, resolution, title and caption."""

import functools
import math
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels import whole_files
from tfmodels.plots import labels

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

DPI = 120
WIDTH = 10.0  # inches of the widest figure: 1,200 pixels
TEXT, SMALL = 9, 8  # points
NAME = 2.6  # inches, of the widest name of a class, series or baseline
_MARGIN = 0.1  # inches, beside title and caption
_LINES, _LINE = 3, 0.17  # of title and caption that each figure has room for, and inches of a further one
_SETTINGS = {
    "figure.constrained_layout.use": True,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.alpha": 0.3,
    "hatch.linewidth": 0.7,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handlelength": 3.5,  # enough to tell dashes
}


@contextmanager
def applied() -> Generator[None]:
    """Context, or decorator of a function, in which figures are made and saved in this style.

    Example:
        ```python
        @style.applied()
        def draw_something(path: Path) -> None:
            style.save(Figure(), path)
        ```
    """
    import matplotlib

    with matplotlib.rc_context(_SETTINGS | {"font.family": labels.fonts()}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # in parts of a figure without labels
        yield


@functools.cache
def shares() -> "Colormap":
    """The colour map of shares from 0 to 1: from pale to dark in steps that look equal, in grey, too."""
    from seaborn import color_palette

    return color_palette("mako_r", as_cmap=True)


def ink(share: float) -> str:
    """The colour of a text on the colour of a share.

    Example:
        `ink(1.0)` -> `"white"`
    """
    red, green, blue, _ = shares()(share)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else "black"


def logarithmic(axis: "Axis", base: int = 10) -> None:
    """Makes an axis logarithmic, with plain numbers at its ticks.

    Example:
        `logarithmic(axes.xaxis, base=2)`
    """
    from matplotlib.ticker import LogLocator, NullFormatter

    set_scale = axis.axes.set_xscale if axis is axis.axes.xaxis else axis.axes.set_yscale
    set_scale("log")
    axis.set_major_locator(LogLocator(base, subs=(1, 2, 5) if base == 10 and _decades(axis) < 3 else (1,)))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_formatter(NullFormatter())


def _decades(axis: "Axis") -> float:

    low, high = axis.get_data_interval()
    return math.log10(high / low) if 0 < low < high < math.inf else 0.0


def describe(figure: "Figure", title: str, caption: str) -> None:
    """Writes title and caption above a figure, once all else is drawn; the figure grows by a long caption.

    Args:
        figure: The figure.
        title: What it shows; may have several lines.
        caption: Model, data, split and date, as far as they are known. Substitutes for characters without a glyph are
            explained behind it.
    """
    from matplotlib.text import Text

    legends = (*figure.legends, *(axes.get_legend() for axes in figure.axes))
    for text in (text for legend in legends if legend for text in legend.get_texts()):
        text.set_parse_math(False)
    lines = [line for line in (title, caption) if line]
    drawn = (labels.printable("".join(lines)), *(text.get_text() for text in figure.findobj(Text)))
    if any(map(labels.substituted, drawn)):
        lines.append("[U+...]: the code point of a character that no installed font has")
    if lines:
        above = heading("\n".join(lines), figure.get_figwidth())
        figure.suptitle(above, **_heading(figure.get_figwidth()))
        if figure.get_layout_engine() is not None:  # without one the figure has made room itself
            figure.set_figheight(figure.get_figheight() + _LINE * max(above.count("\n") + 1 - _LINES, 0))


def heading(text: str, wide: float) -> str:
    """The lines of title and caption above a figure that is so wide, in inches."""
    return labels.wrapped(text, wide - 2 * _MARGIN, TEXT)


def _heading(wide: float) -> dict[str, Any]:
    return {"x": _MARGIN / wide, "ha": "left", "fontsize": TEXT, "parse_math": False}


def below(entries: int, columns: int) -> float:
    """Inches that a legend below a figure takes.

    Example:
        `below(9, 3)` -> `0.65`
    """
    return 0.2 + 0.15 * math.ceil(entries / columns)


def save(figure: "Figure", path: Path) -> None:
    """Writes a figure, which appears when it is complete.

    Args:
        figure: The figure.
        path: File to write; its suffix sets the format.

    Raises:
        OSError: It cannot be written; names `path`.

    Example:
        `save(Figure(), run.path / "curves.png")`
    """
    with whole_files.replacing(path) as unfinished:
        figure.savefig(unfinished)
