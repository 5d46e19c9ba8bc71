"""Fonts and characters of labels that are tokens of any language."""

import contextlib
import warnings
from collections.abc import Generator

# The first font ships with matplotlib; the others, where they are installed, have the scripts it lacks.
_FONTS = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS", "Unifont")


def families() -> list[str]:
    """The installed fonts among those with many scripts: naming a missing one would print a warning for each label."""
    from matplotlib.font_manager import get_font_names

    installed = get_font_names()
    return [font for font in _FONTS if font in installed]


def printable(token: str) -> str:
    """The token with its control characters written out: a line feed must not break a label in two."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in token)


@contextlib.contextmanager
def missing_glyphs_shown_as_boxes() -> Generator[None]:
    """Draws characters that no font has without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
