"""Texts whose words are coloured by weights, in the colours of `tfmodels.plots`."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from tfmodels.plots import roles

_STEPS = 3
_FOR, _AGAINST, _ATTENTION = "for", "against", "attention"


def component(label: str, signed: bool = False) -> gr.HighlightedText:
    """What shows them.

    Args:
        label: Above it.
        signed: Whether weights may be negative, which speak against the answer.

    Example:
        `words.component("Words by attention")`
    """
    kinds = [(_FOR, roles.FOR), (_AGAINST, roles.AGAINST)] if signed else [(_ATTENTION, roles.ATTENTION)]
    colours = {_name(kind, step): _paler(colour, step) for kind, colour in kinds for step in range(1, _STEPS + 1)}
    return gr.HighlightedText(label=label, color_map=colours, show_legend=True, show_inline_category=False)


def of(
    text: str, starts: Sequence[int], ends: Sequence[int], weights: Sequence[float], signed: bool = False
) -> list[tuple[str, Any]]:
    """A text in pieces, each with the name of its colour.

    Args:
        text: The text.
        starts: Start of each word in the UTF-8 bytes of the text, ascending.
        ends: End of each.
        weights: Weight of each.
        signed: As of `component`: whether they are `for` or `against`, not `attention`.

    Returns:
        Pieces of the text with their names; None between words, and for weights that hardly count.

    Example:
        `of("A dog", [0, 2], [1, 5], [0.1, 0.9])` -> `[("A", None), (" ", None), ("dog", "attention 3")]`
    """
    data, pieces, place = text.encode(errors="replace"), [], 0
    largest = max(map(abs, weights), default=0) or 1.0
    for start, end, weight in zip(starts, ends, weights, strict=True):
        if not place <= start < end:
            continue
        step = round(_STEPS * abs(weight) / largest)
        kind = (_FOR if weight > 0 else _AGAINST) if signed else _ATTENTION
        pieces += [(data[place:start], None), (data[start:end], _name(kind, step) if step else None)]
        place = end
    pieces.append((data[place:], None))
    return [(piece.decode(errors="replace"), name) for piece, name in pieces if piece]


def marked(text: str, spans: Mapping[tuple[int, int], str]) -> list[tuple[str, Any]]:
    """A text in pieces, some of which are named.

    Args:
        text: The text.
        spans: Start and end in the UTF-8 bytes of the text -> name, the most important first: of two that overlap the
            first is marked.

    Returns:
        Pieces of the text with their names, None between them.

    Example:
        `marked("A dog", {(2, 5): "answer"})` -> `[("A ", None), ("dog", "answer")]`
    """
    data, kept = text.encode(errors="replace"), []
    for (start, end), name in spans.items():
        if 0 <= start < end <= len(data) and all(end <= first or start >= last for first, last, _ in kept):
            kept.append((start, end, name))
    pieces, place = [], 0
    for start, end, name in sorted(kept):
        pieces += [(data[place:start], None), (data[start:end], name)]
        place = end
    pieces.append((data[place:], None))
    return [(piece.decode(errors="replace"), name) for piece, name in pieces if piece]


def _name(kind: str, step: int) -> str:
    return f"{kind} {step}"


def _paler(colour: str, step: int) -> str:
    """The colour mixed with white, which Gradio does again: the strongest is still behind black letters."""
    share = step / _STEPS
    mixed = (round(255 - share * (255 - int(colour[place : place + 2], 16))) for place in (1, 3, 5))
    return "#" + "".join(f"{one:02x}" for one in mixed)
