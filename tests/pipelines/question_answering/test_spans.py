import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.question_answering import spans
from pipelines.sources.questions.question import Answer


@given(st.text(min_size=1), st.data())
def test_bytes_of_an_answer_are_its_text(context, data):
    start = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(start + 1, len(context)))
    ((first, last),) = spans.byte_ranges(context, [Answer(context[start:end], start)])
    assert context.encode("utf-8", "surrogatepass")[first:last] == context[start:end].encode("utf-8", "surrogatepass")


def test_answers_without_a_place_and_repeated_ones_are_left_out():
    answers = [Answer("b", 2), Answer("b", 2), Answer("a c", -1)]
    assert spans.byte_ranges("a b c", answers) == [(2, 3)]


def test_tokens_of_a_range_are_those_that_share_a_byte_with_it():
    start, end = np.array([0, 3, 3, 8]), np.array([2, 3, 7, 9])  # the second token has no bytes
    assert spans.token_span(start, end, (3, 7)) == (2, 2)
    assert spans.token_span(start, end, (1, 4)) == (0, 2)
    assert spans.token_span(start, end, (9, 12)) is None


def test_spans_are_packed_from_one_on():
    row = spans.packed([(0, 0), (4, 6)])
    assert row[:4].tolist() == [1, 1, 5, 7]
    assert not row[4:].any()
    assert not spans.packed([]).any()
    assert len(spans.packed([(1, 2)] * 20)) == 2 * spans.WIDTH
