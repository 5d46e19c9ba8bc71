import datetime
import decimal
import gzip
import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files, text_lines
from pipelines.sources.files.file_options import FileOptions

ROWS = [["A dog.", 1, 0.1], ['say "no"\n;\x00\r', None, 1e-300], ["\ufeff \u2028", 2**60, -0.0]]


@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet", "t.jsonl.gz"])
def test_values_keep_their_types(tmp_path, name):
    row_files.write(tmp_path / name, ["text", "n", "x"], ROWS)
    read = row_files.read(tmp_path / name)
    assert read.names == ["text", "n", "x"]
    assert [cells for _, cells in read.rows] == ROWS
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.csv.gz"])
def test_cells_are_texts(tmp_path, name):
    row_files.write(tmp_path / name, ["text", "n", "x"], ROWS)
    cells = [cells for _, cells in row_files.read(tmp_path / name).rows]
    assert cells == [["A dog.", "1", "0.1"], [ROWS[1][0], "", "1e-300"], ["\ufeff \u2028", str(2**60), "-0.0"]]


def test_an_output_named_gz_is_gzip(tmp_path):
    row_files.write(tmp_path / "t.de.gz", ["text"], [["Ein Hund."]])
    assert gzip.decompress((tmp_path / "t.de.gz").read_bytes()) == b"Ein Hund.\n"


def test_lines_say_which_texts_they_cannot_hold(tmp_path, capsys):
    row_files.write(tmp_path / "t.de", ["text"], [["a\nb"], ["c\r"], ["\ufeffd\re"]])
    assert [cells for _, cells in row_files.read(tmp_path / "t.de").rows] == [["a b"], ["c "], ["\ufeffd\re"]]
    assert "2 texts with line ends" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"one of the endings .csv.*\['a', 'b'\]"):
        row_files.write(tmp_path / "t.de", ["a", "b"], [["1", "2"]])


def test_types_of_numpy_and_what_is_no_number(tmp_path):
    row = [np.float32(0.1), np.array([1, 2]), float("nan"), np.bytes_(b"x")]
    row_files.write(tmp_path / "t.jsonl", list("abcd"), [row])
    assert list(row_files.read(tmp_path / "t.jsonl").rows) == [(1, [float(np.float32(0.1)), [1, 2], None, "x"])]


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("t.csv", [[1]], ".jsonl or .parquet for cells with several values"),
        ("t.csv", ["\ud800"], "halves of surrogate pairs.*row 1"),
        ("t.jsonl", [math.inf], "finite numbers"),
        ("t.json", ["a"], r"Expected \.jsonl"),
        ("t.xlsx", ["a"], "Expected .csv"),
    ],
)
def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path, name, row, message):
    (tmp_path / name).write_text("before")
    with pytest.raises(ValueError, match=message):
        row_files.write(tmp_path / name, ["a"], [row])
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"a": NaN}', "NaN, which is not JSON"),
        ('{"a": 1e999}', "larger than any number"),
        ('{"a": 1, "a": 2}', "the name 'a' twice"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
        ("[" * 100_000, "within each other"),
        ("[1]", r"\[1\]"),
        ("{", "line 1"),
    ],
)
def test_lines_that_are_no_objects_are_faults(tmp_path, line, message):
    (tmp_path / "t.jsonl").write_text(f'\n{line}\n{{"a": "x\u2028y", "b": [1]}}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=f"a JSON object in each line.*{message}.*t.jsonl, line 2"):
        list(row_files.read(tmp_path / "t.jsonl").rows)
    rows = row_files.read(tmp_path / "t.jsonl", faults=Faults("drop"))
    assert (rows.names, list(rows.rows)) == (["a", "b"], [(3, ["x\u2028y", [1]])])


def test_texts_as_json_lines_and_names_that_come_later(tmp_path):
    (tmp_path / "t.jsonl").write_text('"a"\n"b"\n')
    assert [cells for _, cells in row_files.read(tmp_path / "t.jsonl").rows] == [["a"], ["b"]]
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n{"b": 2}\n')
    assert row_files.read(tmp_path / "t.jsonl").names == ["a", "b"]


def test_the_index_of_parquet_is_a_column(tmp_path):
    frame = pd.DataFrame({"y": [1.5, None]})
    for index in (pd.Index(["a", "b"], name="day"), pd.RangeIndex(3, 7, 2, name="day"), pd.Index(["a", "b"])):
        frame.set_index(index).to_parquet(tmp_path / "t.parquet")
        rows = row_files.read(tmp_path / "t.parquet")
        assert rows.names == ["y", index.name or "index"]
        assert list(rows.rows) == [(1, [1.5, index[0]]), (2, [None, index[1]])]
        assert rows.place(2).endswith("t.parquet, row 2")
    frame.to_parquet(tmp_path / "t.parquet")
    assert row_files.read(tmp_path / "t.parquet").names == ["y"]


@pytest.mark.filterwarnings("ignore:.*non-str index name")
def test_an_index_is_read_alike_whether_it_is_stored_or_described(tmp_path):
    for name in ("day", 5, 0):
        frame = pd.DataFrame({"y": [1.5, 2.5]}, index=pd.RangeIndex(3, 7, 2, name=name))
        frame.to_parquet(tmp_path / "described.parquet")
        frame.to_parquet(tmp_path / "stored.parquet", index=True)
        described, stored = (row_files.read(tmp_path / f"{kind}.parquet") for kind in ("described", "stored"))
        assert described.names == stored.names == ["y", str(name)]
        assert list(described.rows) == list(stored.rows)


RANGE = {"kind": "range", "name": "i", "start": 0, "stop": 2, "step": 1}
DESCRIPTIONS = [b"[1]", b"{nope", b"[" * 200_000, b"9" * 5_000, b"\xff", b"5", b'{"index_columns": null}'] + [
    json.dumps({"index_columns": [RANGE | changed]}).encode()
    for changed in (
        *({"stop": 1}, {"stop": 9}, {"stop": 200, "step": 100.0}, {"step": 0}, {"step": None}, {"step": True}),
        *(
            {"start": "0"},
            {"stop": 10**40},
            {"start": -(2**63), "stop": 2**63},
            {"name": ["a", 1]},
            {"name": {}},
            {"name": 1.5},
        ),
    )
]


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=range(len(DESCRIPTIONS)))
def test_a_damaged_description_of_an_index_is_refused_in_a_sentence(tmp_path, description):
    table = pa.table({"text": ["a", "b"]}).replace_schema_metadata({b"pandas": description})
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(ValueError, match=r"Expected the description of an index by pandas.*t\.parquet"):
        row_files.read(tmp_path / "t.parquet")


def test_a_column_is_found_or_named(tmp_path):
    (tmp_path / "t.csv").write_text("text,a,a\n1,2,3\n")
    rows = row_files.read(tmp_path / "t.csv")
    assert rows.column("text", "text") == 0
    with pytest.raises(ValueError, match=r"Expected one column named 'a'; rename.*2 of them"):
        rows.column("a", "label")
    with pytest.raises(ValueError, match=r"text, a, a\. Received: text='txt'.*did you mean text"):
        rows.column("txt", "text")


@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t.jsonl"])
def test_a_row_without_end_is_refused_before_memory_ends(tmp_path, monkeypatch, name):
    monkeypatch.setattr(text_lines, "LONGEST", 1000)
    (tmp_path / name).write_text("a\n" + "x" * 2000)
    with pytest.raises(ValueError, match=r"less than 1,000 characters.*line 2"):
        list(row_files.read(tmp_path / name).rows)
    (tmp_path / name).write_text('a\n"' + "x\n" * 2000)
    if name == "t.csv":
        with pytest.raises(ValueError, match="is a quote not closed"):
            list(row_files.read(tmp_path / name).rows)


def test_json_of_other_tools(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps({"a": 1}))
    assert row_files.read(tmp_path / "t.json").names == ["a"]


@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet"])
def test_two_columns_of_one_name_are_refused_where_one_would_be_lost(tmp_path, name):
    with pytest.raises(ValueError, match=r"different names of columns.*\['a', 'a'\]"):
        row_files.write(tmp_path / name, ["a", "a"], [["1", "2"]])
    row_files.write(tmp_path / "t.csv", ["a", "a"], [["1", "2"]])


def test_dates_and_decimals_of_parquet_are_texts_in_json_lines(tmp_path):
    rows = [[datetime.date(2024, 5, 1), datetime.datetime(2024, 5, 1, 6, 30), decimal.Decimal("1.50")]]
    row_files.write(tmp_path / "t.parquet", ["day", "time", "price"], rows)
    read = row_files.read(tmp_path / "t.parquet")
    row_files.write(tmp_path / "t.jsonl", read.names, [cells for _, cells in read.rows])
    assert (
        tmp_path / "t.jsonl"
    ).read_text() == '{"day": "2024-05-01", "time": "2024-05-01T06:30:00", "price": "1.50"}\n'


def test_columns_of_parquet_keep_their_nanoseconds(tmp_path):
    """What Python's own dates and times would cut off is there again, also as text."""
    columns = {
        "stamp": pa.array([1, None, 1500], pa.timestamp("ns")),
        "zoned": pa.array([1, 2, None], pa.timestamp("ns", "Europe/Berlin")),
        "took": pa.array([1, 2, None], pa.duration("ns")),
        "clock": pa.array([1, 1000, None], pa.time64("ns")),
    }
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    read = row_files.read(tmp_path / "in.parquet")
    rows = [cells for _, cells in read.rows]
    row_files.write(tmp_path / "out.parquet", read.names, rows)
    written = pq.read_table(tmp_path / "out.parquet")
    for name in ("stamp", "zoned", "took"):
        assert written[name].combine_chunks().equals(columns[name])
    assert written["clock"].to_pylist() == ["00:00:00.000000001", "00:00:00.000001000", None]
    row_files.write(tmp_path / "out.csv", read.names, rows)
    assert "1970-01-01 00:00:00.000000001" in (tmp_path / "out.csv").read_text()


def test_bytes_of_parquet_are_texts_where_they_are_utf8_and_stay_bytes_else(tmp_path):
    kinds = {"a": pa.binary(), "b": pa.large_binary(), "c": pa.binary(2), "d": pa.binary_view()}
    table = {name: pa.array([b"ab", b"\xff\x01", None], kind) for name, kind in kinds.items()}
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    read = row_files.read(tmp_path / "in.parquet")
    rows = [cells for _, cells in read.rows]
    assert rows == [["ab"] * 4, [b"\xff\x01"] * 4, [None] * 4]
    row_files.write(tmp_path / "out.parquet", read.names, rows)
    assert [cells for _, cells in row_files.read(tmp_path / "out.parquet").rows] == rows
    for name in ("out.csv", "out.jsonl"):
        with pytest.raises(ValueError, match=r"\.parquet for bytes that are no UTF-8"):
            row_files.write(tmp_path / name, read.names, rows)


def test_a_cell_that_begins_with_a_newline_is_not_lost_where_carriage_returns_end_rows(tmp_path):
    """Each newline after a carriage return could end a line; the last carriage return tells."""
    (tmp_path / "t.csv").write_bytes(b"a,b\r\nx,1\r")
    with pytest.raises(ValueError, match=r"lines that all end alike.*line 2"):
        list(row_files.read(tmp_path / "t.csv").rows)
    (tmp_path / "t.csv").write_bytes(b"a,b\r\nx,1\r\n")
    assert list(row_files.read(tmp_path / "t.csv").rows) == [(2, ["x", "1"])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("head", ["t,y", "\u0434\u0430\u0442\u0430,\u0436"])
def test_wide_encodings_without_a_mark_are_named(tmp_path, encoding, head):
    path = tmp_path / "t.csv"
    path.write_bytes("".join([head, "\n", *(f"2020-01-{day:02d},{day}\n" for day in range(1, 9))]).encode(encoding))
    with pytest.raises(ValueError, match=f"looks like --encoding {encoding}"):
        row_files.read(path)
    with pytest.raises(ValueError, match=f"byte order mark.*type --encoding {encoding}"):
        row_files.read(path, FileOptions(encoding=encoding[:6]))
    assert len(list(row_files.read(path, FileOptions(encoding=encoding)).rows)) == 8


def test_a_full_disk_names_the_file(tmp_path):
    (tmp_path / "out.tsv").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as error:
        row_files.write(tmp_path / "out.tsv", ["text"], [["a"]] * 10)
    assert error.value.filename == str(tmp_path / "out.tsv")
