import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.files import dialect, quick_columns, row_files
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables import table_files, table_types

CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r"), max_size=4) | st.sampled_from(
    ["", " ", "NA", "0012", "\t", '"', ",", "\u2028", "\x0c", "\ufeff", "é", "1,5", "\0"]
)


def both(path, delimiter):
    """The columns by either way; None where the quick one leaves the file to the other, an error where that fails."""
    try:
        how = dialect.find(path, FileOptions(delimiter=delimiter, quotes="enclose"))
    except ValueError:
        return None, None
    rows = row_files.read(path, how)
    quick = quick_columns.read(path, how, [f"{number}{name}" for number, name in enumerate(rows.names)])
    try:
        cells = [(line, *row) for line, row in rows.rows]
    except ValueError:
        cells = None
    return None if quick is None else [column.to_pylist() for column in quick.columns], cells


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
    packed=st.booleans(),
)
def test_both_ways_give_the_same_cells(tmp_path_factory, rows, delimiter, end, last, packed):
    text = end.join(["a" + delimiter + "b", *(delimiter.join(row) for row in rows)]) + end * last
    path = tmp_path_factory.mktemp("quick") / ("x.csv.gz" if packed else "x.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    quick, slow = both(path, delimiter)
    if quick is not None:
        assert [(line, *row) for line, row in enumerate(zip(*quick, strict=True), start=2)] == slow


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a,b\r\n1,2\r\n3,\r\n", "\ufeffa,b\n1,2", "a,b\n 1 , é\n"])
def test_plain_files_are_read_quickly(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    assert both(path, ",")[0] is not None


@pytest.mark.parametrize(
    "text", ['a,b\n"1",2\n', "a,b\n1,2\n\n3,4\n", "a,b\n1\n", "a\n1\n", "a,b\n1,2,3\n", "sep=,\na,b\n1,2\n"]
)
def test_other_files_are_not(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    assert both(path, ",")[0] is None


def test_parquet_gives_the_same_table_either_way(tmp_path, monkeypatch):
    table = pd.DataFrame(
        {
            "text": ["a", None, "0012"],
            "kind": pd.Categorical(["x", "y", "x"]),
            "whole": pd.array([1, None, 2**60], "Int64"),
            "real": np.array([1.5, np.nan, 3], np.float32),
            "time": pd.to_datetime(["2024-01-01", None, "2024-01-02"]),
            "bytes": [b"a", b"b", None],
            "list": [[1], None, [2]],
        },
        index=pd.Index([5, 6, 7], name="id"),
    )
    table.to_parquet(tmp_path / "x.parquet")

    def read():
        rows = row_files.read(tmp_path / "x.parquet")
        return table_files._frame(rows, -1)

    quick = read()
    monkeypatch.setattr(quick_columns, "read", lambda *_: None)
    slow = read()
    for name in quick.columns:
        assert (
            quick[name].astype(object).where(quick[name].notna(), None).tolist()
            == slow[name].astype(object).where(slow[name].notna(), None).tolist()
        ), name
    assert table_types.stored(pa.chunked_array([pa.nulls(2)])).type == pa.large_string()


def test_two_parquet_columns_of_one_name_are_told_apart(tmp_path):
    folder = tmp_path / "shop=1"  # which is no column
    folder.mkdir()
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["y", "y"]), folder / "x.parquet")
    frame = table_files._frame(row_files.read(folder / "x.parquet"), -1)
    assert table_files.names(frame) == ["y", f"y{table_files.AGAIN}"]
