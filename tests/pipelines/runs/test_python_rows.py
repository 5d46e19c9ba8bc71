"""Rows as Python code has them are read right, or refused by number."""

import numpy as np
import pandas as pd
import pytest

from pipelines.runs.python_rows import listed

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
    [pd.DataFrame({"text": TEXTS}), [{"text": text} for text in TEXTS], iter([{"text": text} for text in TEXTS])],
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
