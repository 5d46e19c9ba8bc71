"""Rows in any dialect are read as they were written, or refused; never as other rows.

TFMODELS_EXAMPLES=10000 tries as many examples of each property.
"""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.files import answer_files, dialect, row_files
from pipelines.sources.files.file_options import FileOptions

many = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# What delimiters, quotes and line ends are made of comes often; the rest is all of Unicode.
SIGNS = st.sampled_from(list('",;\t|\n\r \\\x00\x0b\x0c\x1f\x85\u2028\u2029\ufeffaé0')) | st.characters(codec="utf-8")
TEXTS = st.text(SIGNS, max_size=8)
VALUES = TEXTS | st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]


@st.composite
def tables(draw, cells=TEXTS):
    """A header of distinct names and rows of as many cells."""
    names = draw(st.lists(st.sampled_from(["text", "label", "a;b", "c,d", 'say "e"', "f|g"]), min_size=1, unique=True))
    row = st.lists(cells, min_size=len(names), max_size=len(names))
    return names, draw(st.lists(row, min_size=1, max_size=5))


def as_read(path, options=None):
    rows = row_files.read(path, dialect.find(path, options), Faults())
    return rows.names, [cells for _, cells in rows.rows]


@many
@given(
    table=tables(),
    ending=st.sampled_from([".csv", ".tsv", ".csv.gz"]),
    mark=st.sampled_from(["", ",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-32-be", "utf-16", "cp1252"]),
)
def test_texts_that_are_written_are_read_equal(tmp_path, table, ending, mark, encoding):
    if len(table[0]) == 1:  # no delimiter is seen, so that another than that of the ending cannot be found
        mark = ""
    how = dialect.Dialect("tsv" if ending == ".tsv" else "csv", encoding, mark) if mark else None
    try:
        row_files.write(tmp_path / f"t{ending}", *table, how)
    except ValueError as error:
        assert encoding == "cp1252" and "can hold" in str(error)
        return
    options = FileOptions(encoding=encoding if how and encoding == "cp1252" else "")
    try:
        found = as_read(tmp_path / f"t{ending}", options)
    except ValueError as error:  # a file that two readings fit is refused with what to type
        assert "type --" in str(error)
        typed = mark or ("\t" if ending == ".tsv" else ",")
        found = as_read(tmp_path / f"t{ending}", replace(options, delimiter=typed, quotes="enclose"))
    assert found == table


@many
@given(table=tables(VALUES), ending=st.sampled_from([".jsonl", ".jsonl.gz"]))
def test_values_that_are_written_are_read_equal(tmp_path, table, ending):
    row_files.write(tmp_path / f"t{ending}", *table)
    assert as_read(tmp_path / f"t{ending}") == table


@many
@given(table=tables())
def test_parquet_that_is_written_is_read_equal(tmp_path, table):
    row_files.write(tmp_path / "t.parquet", *table)
    assert as_read(tmp_path / "t.parquet") == table


@many
@given(lines=st.lists(TEXTS, min_size=1, max_size=5))
@example(lines=["\0"] * 4)  # in UTF-16, four empty lines
def test_lines_that_are_written_are_read_equal(tmp_path, lines):
    lines = [line.replace("\n", "").rstrip("\r") for line in lines]
    row_files.write(tmp_path / "t.txt", ["text"], [[line] for line in lines])
    try:
        assert answer_files.read_texts(tmp_path / "t.txt", "text") == lines
    except ValueError as error:
        assert "\0" in "".join(lines) and "looks like --encoding utf-" in str(error)


@many
@given(table=tables(), rounds=st.just(3), ending=st.sampled_from([".csv", ".tsv"]))
def test_texts_are_the_same_after_each_pass(tmp_path, table, rounds, ending):
    assume("text" in table[0] or (len(table[0]) == 1))
    row_files.write(tmp_path / f"t{ending}", *table)
    texts = answer_files.read_texts(tmp_path / f"t{ending}", "text")
    for _ in range(rounds):
        answer_files.write_answers(tmp_path / f"t{ending}", texts, {"score": [0.5] * len(texts)})
        again = answer_files.read_texts(tmp_path / f"t{ending}", texts.column)
        assert again == texts


def written(table, writer, ending, mark, quoting, end):
    """What the csv module or pandas writes; None where it refuses."""
    names, rows = table
    try:
        if writer == "pandas":
            return pd.DataFrame(rows, columns=names).to_csv(sep=mark, quoting=quoting, index=False, lineterminator=end)
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=mark, quoting=quoting, lineterminator=end).writerows([names, *rows])
        return file.getvalue()
    except csv.Error:
        return None


@many
@given(
    table=tables(),
    writer=st.sampled_from(["csv", "pandas"]),
    ending=st.sampled_from([".csv", ".tsv"]),
    mark=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
    said=st.booleans(),
)
def test_a_table_of_another_writer_is_read_equal_or_refused(
    tmp_path, table, writer, ending, mark, quoting, end, encoding, said
):
    content = written(table, writer, ending, mark, quoting, end)
    assume(content is not None)
    assume(len(table[0]) > 1 or said or table[0][0].isalpha())  # a lone column `a;b` is the same file as two columns
    # Some versions of the csv module write CR and LF in cells without quotes; beside another they are one line end.
    bare = quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
    assume(not (bare and end == "\n" and any(row[-1].endswith("\r") for row in table[1])))
    assume(not (bare and end == "\r" and any(row[0].startswith("\n") for row in table[1])))
    try:
        data = content.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    (tmp_path / f"t{ending}").write_bytes(data)
    options = FileOptions(
        delimiter=mark if said else "",
        quotes=("text" if quoting == csv.QUOTE_NONE else "enclose") if said else "",
        encoding="cp1252" if encoding == "cp1252" else "",
    )
    try:
        found = as_read(tmp_path / f"t{ending}", options)
    except ValueError:
        return
    names, rows = table
    if len(names) == 1:  # an empty line is no row
        rows = [row for row in rows if row != [""]]
        found = (found[0], [row for row in found[1] if row != [""]])
    assert found == ([name.strip() for name in names], rows)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_pandas_writes_of_ordinary_texts_is_read(tmp_path, mark, quoting, encoding):
    """Refusing everything would be right, too, but of no use."""
    table = (["text", "label"], [['He said "no", twice; é', "x|y"], ["fine\tindeed\r\n", "7"], ["", "z"]])
    ending = ".tsv" if mark == "\t" else ".csv"
    for end in ("\n", "\r\n"):
        (tmp_path / f"t{ending}").write_bytes(written(table, "pandas", ending, mark, quoting, end).encode(encoding))
        options = FileOptions(encoding="cp1252" if encoding == "cp1252" else "")
        assert as_read(tmp_path / f"t{ending}", options) == table
