"""Draws the two walks of the page on the architecture: `python docs/drawings/walks.py` writes the SVG files beside it.

The colours are those of boxes with dark text and of arrows in grey, which are read on a light and on a dark page. A
drawing is as wide as a phone.
"""

from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
_WIDTH = 400
_MARGIN = 6
_LINE = 19  # pixels
_GAP = 34  # between two rows of boxes
_DATA, _NETWORK, _SERVER = "#dfe7f5", "#f6e3c5", "#dcefdc"
_INK, _ARROW = "#1d2433", "#808894"


class Box(NamedTuple):
    """A thing on the way, with the number of the step that makes it, as the tables of the page have them."""

    title: str
    lines: tuple[str, ...] = ()
    step: str = ""
    colour: str = _DATA


class Frame(NamedTuple):
    """Boxes that run inside something, with its title."""

    title: str
    boxes: tuple[Box, ...]


_SPLIT = tuple(
    Box(
        f"replica {number}",
        ("network, logits,", "loss of its tokens", "/ tokens of the batch,", "gradient"),
        "6 7",
        _NETWORK,
    )
    for number in (1, 2)
)
BATCH = (
    Box("a row of a file", ("A dog runs. ⇥ Ein Hund läuft.",)),
    Box("a pair of texts, checked", ("source: A dog runs.   target: Ein Hund läuft.",), "1"),
    Box(
        "tokens, int32",
        ("source 17 9 241 5 3   target 88 61 730 5 3", "in the run, or taken from the data cache"),
        "2 3",
    ),
    Box(
        "a batch of similar lengths",
        ("order from seed and epoch, padded with 0", "source, target shifted, targets, weights"),
        "4 5",
    ),
    _SPLIT,
    Box("gradient", ("summed over the replicas,", "then clipped by its global norm"), "8", _NETWORK),
    Box("one step of the optimizer", ("the same on every replica",), "9", _NETWORK),
)
REQUEST = (
    Box("client", ('{"inputs": ["A dog runs."]}',), "1"),
    Box("server", ("REST 8501 or gRPC 8500: read, checked,", "waits for a batch, run in a session"), "2 3 4", _SERVER),
    Frame(
        "SavedModel, signature serving_default",
        (
            Box("text", ("string [batch]",)),
            Box("tokens of the source", ("int32 [batch, time]",), "5", _NETWORK),
            Box("memory, then cache", ("encode once, start once",), "6", _NETWORK),
            Box(
                "step, again and again ↻",
                ("one token for each hypothesis of the beam,", "until no answer can get better"),
                "7",
                _NETWORK,
            ),
            Box("text, score, length", ("the best answer of each row",), "8", _NETWORK),
        ),
    ),
    Box("server", ("rows of the batch back to their requests",), "9", _SERVER),
    Box("client", ('{"outputs": {"text": ["Ein Hund läuft."],', '"score": [-0.4], "length": [4]}}'), "10"),
)


def drawing(parts: tuple) -> str:
    """A walk from top to bottom.

    Args:
        parts: Boxes, tuples of boxes that stand side by side, and frames.

    Returns:
        The text of an SVG file.
    """
    shapes: list[str] = []
    top = _MARGIN
    for number, part in enumerate(parts):
        if number:
            shapes += _arrows(parts[number - 1], part, top)
            top += _GAP
        top = _draw(shapes, part, top)
    size = f'viewBox="0 0 {_WIDTH} {top + _MARGIN}" width="{_WIDTH}" height="{top + _MARGIN}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14" fill="{_INK}">',
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{_ARROW}"/></marker></defs>',
    )
    return "\n".join([*head, *shapes, "</svg>", ""])


def _draw(shapes: list[str], part: Box | tuple | Frame, top: int) -> int:
    """Adds a part; returns where it ends."""
    if isinstance(part, Frame):
        return _draw_frame(shapes, part, top)
    if isinstance(part, Box):
        return _draw_box(shapes, part, _MARGIN, top, _WIDTH - 2 * _MARGIN)
    width = (_WIDTH - 2 * _MARGIN - 12) // len(part)
    ends = [_draw_box(shapes, box, _MARGIN + place * (width + 12), top, width) for place, box in enumerate(part)]
    return max(ends)


def _draw_frame(shapes: list[str], frame: Frame, top: int) -> int:
    place = len(shapes)
    inner = top + 28
    for number, box in enumerate(frame.boxes):
        if number:
            shapes.append(_arrow(_WIDTH // 2, inner, inner + 18))
            inner += 18
        inner = _draw_box(shapes, box, _MARGIN + 14, inner, _WIDTH - 2 * _MARGIN - 28)
    end = inner + 14
    outline = f'x="{_MARGIN}" y="{top}" width="{_WIDTH - 2 * _MARGIN}" height="{end - top}" rx="8"'
    shapes.insert(place, f'<rect {outline} fill="#ffffff" stroke="{_ARROW}" stroke-dasharray="6 4"/>')
    shapes.append(_text(_WIDTH // 2, top + 19, frame.title, bold=True))
    return end


def _draw_box(shapes: list[str], box: Box, left: int, top: int, width: int) -> int:
    height = 14 + _LINE * (1 + len(box.lines))
    shapes.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="6" fill="{box.colour}"/>')
    for number, line in enumerate((box.title, *box.lines)):
        shapes.append(_text(left + width // 2, top + _LINE * (number + 1) + 2, line, bold=not number))
    if box.step:
        shapes.append(_text(left + 8, top + _LINE + 2, box.step, bold=True, anchor="start", colour="#8a4b00"))
    return top + height


def _arrows(before: Box | tuple | Frame, after: Box | tuple | Frame, top: int) -> list[str]:
    """Arrows from part to part, one for each of the boxes side by side."""
    side = next((part for part in (before, after) if not isinstance(part, Box | Frame)), (None,))
    width = _WIDTH // len(side)
    return [_arrow(width * place + width // 2, top + 2, top + _GAP - 2) for place in range(len(side))]


def _arrow(x: int, start: int, end: int) -> str:
    return f'<path d="M{x} {start}V{end}" stroke="{_ARROW}" stroke-width="2" marker-end="url(#tip)"/>'


def _text(x: int, y: int, text: str, bold: bool = False, anchor: str = "middle", colour: str = _INK) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'


DRAWINGS = {"batch.svg": BATCH, "request.svg": REQUEST}

if __name__ == "__main__":
    for name, parts in DRAWINGS.items():
        (FOLDER / name).write_text(drawing(parts), encoding="utf-8")
