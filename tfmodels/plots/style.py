"""The style that all figures share: fonts, sizes in points, colours, resolution."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels import whole_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 120
TEXT, SMALL = 9, 8  # points
MODEL, BAD, NEUTRAL, REFERENCE = "tab:blue", "tab:red", "tab:gray", "black"  # colours by what they stand for
_LONGEST = 40  # characters of a name
SHARES = "Blues"  # colour map of shares from 0 to 1

# The first font ships with matplotlib; the others, where they are installed, have scripts that it lacks.
_FONTS = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS", "Unifont")
_SETTINGS = {
    "figure.constrained_layout.use": True,
    "figure.titlesize": TEXT + 1,
    "savefig.dpi": DPI,
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.alpha": 0.3,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
}


@contextmanager
def applied() -> Generator[None]:
    """Context, or decorator of a function, in which figures are made and saved in this style.

    Characters that no installed font has are drawn as boxes, without a warning.

    Example:
        ```python
        @style.applied()
        def draw_something(path: Path) -> None:
            style.save(Figure(), path)
        ```
    """
    import matplotlib

    with matplotlib.rc_context(_SETTINGS | {"font.family": _installed_fonts()}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


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


def printable(text: str) -> str:
    """Writes out control characters, so that a line feed in a token or name does not break its label in two."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def short(text: str) -> str:
    """As `printable`, at most 40 characters long: the middle of a longer text is left out."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 13]}…{shown[-12:]}"


def _installed_fonts() -> list[str]:
    """Those of the fonts that are installed: a missing one would print a warning for each label."""
    from matplotlib.font_manager import get_font_names

    installed = get_font_names()
    return [font for font in _FONTS if font in installed]
