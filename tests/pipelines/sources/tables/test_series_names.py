import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.tables import series_names
from pipelines.sources.tables.table_files import placed


def rows_of(on_bad="error", **columns):
    table = pd.DataFrame(columns)
    return series_names.rows_of(placed(table, "load", np.arange(2, len(table) + 2), -1), tuple(columns), Faults(on_bad))


@given(st.lists(st.text("a/\\b"), min_size=2, max_size=3))
def test_a_name_says_all_its_ids(parts):
    assert series_names.parted(series_names.joined(parts), len(parts)) == parts


def test_names_of_several_columns_never_collide():
    found = rows_of(region=["a/b", "a", "a/b"], shop=["c", "b/c", "c"])
    assert list(found) == [r"a\/b/c", r"a/b\/c"]
    assert [rows.tolist() for rows in found.values()] == [[0, 2], [1]]


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["0012", "12", "0012"], ["0012", "12"]),
        (["NA", "nan", "None", "1.0", "1"], ["NA", "nan", "None", "1.0", "1"]),
        (["123456789012345678", "123456789012345679"], ["123456789012345678", "123456789012345679"]),
        (["North", "north"], ["North", "north"]),
        (pd.array([3, 2], pd.ArrowDtype(pa.int64())), ["3", "2"]),
        ([True, False], ["True", "False"]),
        ([1.5, 2.0], ["1.5", "2.0"]),
    ],
)
def test_ids_stay_what_they_are(ids, names):
    assert list(rows_of(shop=ids)) == names


def test_a_blank_id_is_a_fault_and_leaves_the_others_alone():
    with pytest.raises(
        ValueError, match=r"name of the series in each row, in shop.*empty cell in load.*, line 3 and 1 more"
    ):
        rows_of(shop=["1", "", "2", " "])
    assert {name: rows.tolist() for name, rows in rows_of("drop", shop=["1", "", "2", " "]).items()} == {
        "1": [0],
        "2": [2],
    }


def test_ids_that_differ_by_blanks_are_a_fault():
    with pytest.raises(ValueError, match=r"'north ' and 'north' in column 'shop', load.*, line 3"):
        rows_of(shop=["north", "north "])
    assert list(rows_of("drop", shop=["north", "north "])) == ["north", "north "]


def test_names_that_do_not_differ_to_the_eye_are_a_fault():
    with pytest.raises(ValueError, match="differ by more than blanks around them and the form of Unicode"):
        rows_of(shop=["caf\u00e9", "cafe\u0301"])
