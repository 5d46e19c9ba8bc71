"""Rows as Python code has them are read right, or refused by number."""

import numpy as np
import pandas as pd
import pytest

from pipelines.runs.rows.python_rows import check_values, listed
from tfmodels.export.graph.field import Field

TEXTS = ["A dog.", "", "Zwei Hunde"]


@pytest.mark.parametrize(
    "rows",
    [
        TEXTS,
        tuple(TEXTS),
        (text for text in TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, object),
        pd.Series(TEXTS),
        pd.Series(TEXTS, index=[7, 8, 7]),
        dict.fromkeys(TEXTS).keys(),
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_texts(rows):
    assert listed(rows) == TEXTS


@pytest.mark.parametrize(
    "rows",
    [[{"text": text} for text in TEXTS], iter([{"text": text} for text in TEXTS])],
)
def test_named_rows(rows):
    assert listed(rows) == [{"text": text} for text in TEXTS]


def test_no_rows():
    assert listed([]) == []


@pytest.mark.parametrize("rows", ["A dog.", b"A dog.", {"text": "A dog."}, None, 3], ids=repr)
def test_one_row_in_place_of_several_is_refused(rows):
    with pytest.raises(ValueError, match=r"Received: rows="):
        listed(rows)


@pytest.mark.parametrize("row", [None, 3, 2.5, float("nan"), ["A dog."], np.array(["A dog."])], ids=repr)
def test_what_is_no_row_is_refused_by_its_number(row):
    with pytest.raises(ValueError, match=r"Received: row 2 is "):
        listed(["A dog.", row])


def test_what_is_received_is_quoted_in_short():
    with pytest.raises(ValueError, match=r"\.\.\.$") as raised:
        listed("A dog. " * 10_000)
    assert len(str(raised.value)) < 300


INPUTS = {"text": Field("text", "string", (None,)), "values": Field("values", "float64", (None, 2, 1))}


@pytest.mark.parametrize("value", [[[1], [2]], np.zeros((2, 1), np.float32), [[True], [float("nan")]]], ids=repr)
def test_values_that_fit(value):
    check_values(1, {"text": b"", "values": value, "more": None}, INPUTS)


@pytest.mark.parametrize(
    "value", [None, 1.0, [1, 2], [[1], [None]], [["1"], ["2"]], [[1], [2], [3]], [[1], []]], ids=repr
)
def test_values_that_do_not_fit_are_refused_by_the_number_of_their_row(value):
    with pytest.raises(ValueError, match=r"'values' \(float64 2 x 1\)\. Received: row 7 with "):
        check_values(7, {"text": "", "values": value}, INPUTS)


@pytest.mark.parametrize("text", [None, float("nan"), 3, ["a"], pd.NA], ids=repr)
def test_a_missing_text_is_refused_by_the_number_of_its_row(text):
    with pytest.raises(ValueError, match=r"'text' \(text\)\. Received: row 2 with "):
        check_values(2, {"text": text, "values": [[1], [2]]}, INPUTS)


def test_a_table_of_a_series_is_no_row():
    with pytest.raises(ValueError, match=r"'values' \(float64 2 x 1\).*row 1 without \['text', 'values'\].*--input"):
        check_values(1, {"time": "2024", "load": 1.0}, INPUTS)


@pytest.mark.parametrize("value", ["\ud800", "ein \udfff Satz", ["a", "\udc80"], np.array(["a", "\ud83d"])], ids=ascii)
def test_halves_of_surrogate_pairs_are_no_text(value):
    inputs = {"text": Field("text", "string", (None,) if isinstance(value, str) else (None, None))}
    with pytest.raises(ValueError, match=r"^Expected text without halves of surrogate .*'text'. Received: row 3 with"):
        check_values(3, {"text": value}, inputs)
    check_values(3, {"text": "\U0001f600" if isinstance(value, str) else ["\U0001f600", b"\xff"]}, inputs)
