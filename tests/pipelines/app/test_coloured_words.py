"""Coloured words: their pieces are the text, and their names those of the legend."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.app import words


@given(st.lists(st.text(min_size=1), max_size=6), st.data())
def test_pieces_are_the_text_and_names_those_of_the_legend(pieces, data):
    text = "".join(pieces)
    ends = [len("".join(pieces[: place + 1]).encode(errors="replace")) for place in range(len(pieces))]
    starts = [0, *ends][: len(ends)]
    for signed in (False, True):
        least = -1.0 if signed else 0.0
        weights = data.draw(st.lists(st.floats(least, 1.0), min_size=len(ends), max_size=len(ends)))
        found = words.of(text, starts, ends, weights, signed)
        assert "".join(piece for piece, _ in found) == text.encode(errors="replace").decode()
        assert {name for _, name in found if name} <= words.component("words", signed).color_map.keys()


def test_of_two_spans_that_overlap_the_first_is_marked():
    spans = {(2, 5): "answer", (4, 8): "2nd", (6, 8): "3rd", (-1, -1): "4th"}
    assert words.marked("A dog ox", spans) == [("A ", None), ("dog", "answer"), (" ", None), ("ox", "3rd")]
