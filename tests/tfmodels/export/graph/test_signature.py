import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature, find_signature


def signature(**specs):
    return Signature({name: Field(name, dtype, shape) for name, (shape, dtype) in specs.items()}, {})


TEXT = signature(text=((None,), "string"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.binary()))
def test_text_becomes_bytes(texts):
    array = TEXT.feed({"text": texts})["text"]
    assert array.tolist() == [text.encode() if isinstance(text, str) else text for text in texts]
    assert array.shape == (len(texts),)


def test_numpy_strings_are_accepted():
    assert TEXT.feed({"text": np.array(["é", "b"])})["text"].tolist() == ["é".encode(), b"b"]


def test_a_lone_surrogate_is_accepted():
    assert TEXT.feed({"text": ["\ud800"]})["text"].tolist() == [b"\xed\xa0\x80"]


@given(st.lists(st.integers(-(2**33), 2**33)))
def test_integers_are_exact_or_refused(numbers):
    ids = signature(ids=((None,), "int32"))
    if all(-(2**31) <= number < 2**31 for number in numbers):
        assert ids.feed({"ids": numbers})["ids"].tolist() == numbers
    else:
        with pytest.raises(ValueError, match=r"'ids'.*int32"):
            ids.feed({"ids": numbers})


def test_missing_values_stay_nan():
    array = signature(series=((None, 2), "float32")).feed({"series": [[1, float("nan")]]})["series"]
    np.testing.assert_array_equal(array, np.array([[1, np.nan]], np.float32))
    assert array.dtype == np.float32


@pytest.mark.parametrize(
    ("spec", "value", "complaint"),
    [
        (((None,), "string"), [1], "string"),
        (((None,), "string"), [["a", "b"], ["c"]], "string"),
        (((None,), "string"), "one text", "shape"),
        (((None,), "int32"), [1.5], "int32"),
        (((None,), "int32"), ["1"], "int32"),
        (((None, 2), "float32"), [[1.0, 2.0], [3.0]], "rows of one length"),
        (((None, 2), "float32"), [[1.0, 2.0, 3.0]], "shape"),
    ],
)
def test_refuses_values_that_do_not_fit(spec, value, complaint):
    with pytest.raises(ValueError, match=complaint):
        signature(x=spec).feed({"x": value})


def test_wrong_names_and_unequal_numbers_of_rows_are_refused():
    both = signature(text=((None,), "string"), beams=((None,), "int32"))
    with pytest.raises(ValueError, match=r"\['beams', 'text'\].*\['texts'\]"):
        both.feed({"texts": ["a"]})
    with pytest.raises(ValueError, match="same number of rows"):
        both.feed({"text": ["a", "b"], "beams": [4]})


def test_an_unknown_endpoint_suggests_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'with_options'"):
        find_signature({"serving_default": TEXT, "with_options": TEXT}, "with_option")
