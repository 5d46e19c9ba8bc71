"""Files that hold more than a page reads are refused before they are read, whatever their names, forms and headers."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.app import file_limits

WIDE = [f"c{number}" for number in range(1_001)]
COMMAS = ",".join(WIDE).encode()
REPEATED = pa.DictionaryArray.from_arrays(pa.array([0] * 60, pa.int32()), pa.array(["x" * 1_000_000]))
KEYS = b"".join(json.dumps({name: 1}).encode() + b"\n" for name in WIDE)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv.gz", gzip.compress(b"text\n" + b"a\n" * 200_000), "100,000 lines"),
        ("a.txt.gz", gzip.compress((b"a" * 10**6 + b"\n") * 60), "50,000,000 bytes, unpacked"),
        ("a.csv", b"text\n" + b"," * 150_000 + b"\n", "lines of at most 100,000 values"),
        ("a.csv", b"a,b\n" + (b"," * 90_000 + b"\n") * 30, "2,000,000 cells"),
        ("a.csv", COMMAS[:-6] + b"\n1" * 3_000, "2,000,000 cells"),  # short rows
        ("a.txt", b"a" * 3_000_000, "lines of at most 2,000,000 bytes"),
        ("a.csv", b"a\r" * 200_000, "100,000 lines"),
        ("a.jsonl", b'{"a": [' + b"[]," * 120_000 + b"[]]}", "lines of at most 100,000 values"),
        ("a.jsonl", (b'{"a": [' + b"[]," * 40_000 + b"[]]}\n") * 30, "2,000,000 cells"),
    ],
)
def test_many_lines_cells_or_bytes_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"Expected .*{message}; `tfmodels predict` takes more\. Received: .* in {name}"
    ):
        file_limits.check(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, COMMAS) for name in ("a.csv", "A.CSV", "a.tsv")),
        *((name, gzip.compress(COMMAS)) for name in ("a.csv.gz", "a.CSV.GZ", "a.csv")),
        ("a.csv", COMMAS.replace(b",", b"|")),
        ("a.csv", b'\n"c\n",' + COMMAS),
        ("a.csv", b'"c\r",' + COMMAS + b"\r1,2\r"),
        ("a.csv", b"sep=?\r\n" + COMMAS.replace(b",", b"?")),
        ("a.csv", b"sep=,\n" + COMMAS.replace(b"c0", b"sep=c")),
        ("a.csv", COMMAS.decode().encode("utf-16")),
        *((name, KEYS) for name in ("a.jsonl", "a.ndjson", "a.JSON")),
        ("a.jsonl.gz", gzip.compress(KEYS)),
        ("a.jsonl", b"\xe9\n" + KEYS),
        ("a.jsonl", KEYS.decode().encode("utf-16")),
        ("a.jsonl", KEYS.replace(b"\n", b"\r")),
    ],
)
def test_many_columns_are_refused_by_any_name_of_the_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"Expected a table of at most 1,000 columns.* Received: 1,00\d in {name}"):
        file_limits.check(tmp_path / name)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"a": ["x"] * 3_000_000}, "100,000 rows"),
        ({name: [1] for name in WIDE}, "1,000 columns"),
        ({name: [1] * 90_000 for name in WIDE[:30]}, "2,000,000 cells"),
        ({"a": [[1] * 1_500_000] * 2}, "2,000,000 cells"),
        ({"a": ["x" * 1_000_000] * 60}, "50,000,000 bytes, unpacked"),  # stored once
        ({"a": REPEATED}, "50,000,000 bytes, unpacked"),
    ],
)
def test_parquet_is_refused_by_what_it_unpacks_to(tmp_path, table, message):
    pq.write_table(pa.table(table), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 400_000
    with pytest.raises(ValueError, match=rf"Expected .*at most {message}.* Received: .* in a.parquet"):
        file_limits.check(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", COMMAS[:-6] + b"\r\n" + b"1," * 999 + b"1\r\n"),
        ("a.csv", b'"a\n",b\n' + b'1,"' + b"one, two, " * 5_000 + b'"\n'),  # commas of a text are no columns
        ("a.csv", b"a,b\r1,2\r" * 3_000),
        ("a.csv", "a;b\n1,5;é\n".encode("latin-1")),
        ("a.jsonl", b'not JSON\n"a text"\n' + b'{"a": [1, 2, [3]]}\n' * 100),
        ("a.json", b"[" * 5_000),
        ("a.txt", b"a, b; c\n" * 1_000),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1_000)[:-9]),  # damaged: its reader says it
        ("a.parquet", b"PAR1"),
        ("a.csv", b""),
    ],
)
def test_what_a_reader_judges_is_left_to_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    file_limits.check(tmp_path / name)


def test_a_table_of_words_and_lists_in_parquet_is_read(tmp_path):
    words = pa.array(["x" * 10_000, "y"] * 500).dictionary_encode()
    table = pa.table({"a.b": words, "numbers": [[1, 2]] * 1_000, "parts": [{"c": 1}] * 1_000})
    pq.write_table(table, tmp_path / "a.parquet")
    file_limits.check(tmp_path / "a.parquet")
