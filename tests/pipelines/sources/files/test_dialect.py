import codecs
import gzip
import re

import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.text import labelled_text, pair_files


def read(path, content, options=None, known=None, faults=None):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = row_files.read(path, dialect.find(path, options, known), faults)
    return rows.names, [cells for _, cells in rows.rows]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_delimiter_line_ends_and_encoding_are_found(tmp_path, mark, end, encoding):
    content = end.join(["a|b|c".replace("|", mark), f'1{mark}"x{mark}\u2028{end}"{mark}é', "", f"{mark}{mark}", ""])
    names, rows = read(tmp_path / "t.csv", content.encode(encoding))
    assert (names, rows) == (["a", "b", "c"], [["1", f"x{mark}\u2028{end}", "é"], ["", "", ""]])


def test_utf_16_without_its_mark_has_to_be_said(tmp_path):
    with pytest.raises(ValueError, match="--encoding utf-16-le"):
        read(tmp_path / "t.csv", "text,label\na,b\n".encode("utf-16-le"))
    options = FileOptions(encoding="utf-16-le")
    assert read(tmp_path / "t.csv", "text,label\na,b\n".encode("utf-16-le"), options)[1] == [["a", "b"]]


def test_another_encoding_has_to_be_said(tmp_path):
    content = "text\n\nKäse\n".encode("cp1252")
    with pytest.raises(ValueError, match=r"--encoding.*byte 0xe4 at position 1 .*t\.csv, line 3"):
        read(tmp_path / "t.csv", content)
    assert read(tmp_path / "t.csv", content, FileOptions(encoding="cp1252"))[1] == [["Käse"]]


def test_two_delimiters_that_fit_are_refused(tmp_path):
    content = "time;load, kW\n00:00;1,5\n01:00;2,5\n"
    with pytest.raises(ValueError, match=r"--delimiter ',' or --delimiter ';'.*\['time', 'load, kW'\]"):
        read(tmp_path / "t.csv", content)
    assert read(tmp_path / "t.csv", content, FileOptions(delimiter=";"))[1] == [["00:00", "1,5"], ["01:00", "2,5"]]
    assert read(tmp_path / "t.csv", content, known=Dialect("csv", delimiter=";"))[1][0] == ["00:00", "1,5"]


def test_one_column_and_the_line_of_a_spreadsheet(tmp_path):
    assert read(tmp_path / "t.csv", "text\na; b\n\nc | d\n") == (["text"], [["a; b"], ["c | d"]])
    assert read(tmp_path / "t.csv", "sep=;\na;b,c\n1;2,3\n") == (["a", "b,c"], [["1", "2,3"]])
    assert read(tmp_path / "t.tsv", "text,x\tb\n1,2\t3\n") == (["text,x", "b"], [["1,2", "3"]])
    assert read(tmp_path / "t.csv", "") == ([], [])


@pytest.mark.parametrize(
    ("content", "quotes", "first"),
    [
        ('text\tlabel\n"He said ""no"" twice"\tx\nfine\ty\n', "enclose", 'He said "no" twice'),  # pandas
        ('"text"\t"label"\n"fine"\t"x"\n', "enclose", "fine"),  # QUOTE_ALL
        ('"text"\t"n"\n"fine"\t1\nNA\t2\n', "enclose", "fine"),  # R
        ('text\tlabel\n"a\nb"\tx\n', "enclose", "a\nb"),
        ('text\tlabel\nsaid "no" twice\tx\n', "text", 'said "no" twice'),
        ('text\tlabel\n"Great!" he said\tx\n', "text", '"Great!" he said'),
        ('text\tlabel\n"I loved it\tx\nand said "no\ty\n', "text", '"I loved it'),
        ("text\tlabel\nfine\tx\n", "", "fine"),
    ],
)
def test_quotes_of_a_tabbed_file_are_found(tmp_path, content, quotes, first):
    assert read(tmp_path / "t.tsv", content)[1][0][0] == first
    assert dialect.find(tmp_path / "t.tsv").quotes == quotes


@pytest.mark.parametrize("rows", ['"Great!"\tx\nfine\ty\n', '"I loved it\tx\nand so did she"\ty\n'])
def test_quotes_that_may_be_either_have_to_be_said(tmp_path, rows):
    content = f"text\tlabel\n{rows}"
    with pytest.raises(ValueError, match="--quotes enclose or --quotes text"):
        read(tmp_path / "t.tsv", content)
    assert read(tmp_path / "t.tsv", content, FileOptions(quotes="text"))[1][0][0] == rows.split("\t")[0]
    assert read(tmp_path / "t.tsv", content, FileOptions(quotes="enclose"))[1][0][0][0] != '"'
    assert read(tmp_path / "t.tsv", content, known=Dialect("tsv", quotes="text"))[1][0][0][0] == '"'


def test_by_ending_is_what_earlier_versions_read(tmp_path):
    options = FileOptions(quotes="by_ending")
    assert read(tmp_path / "t.tsv", 'a\tb\n"x"\ty\n', options)[1] == [['"x"', "y"]]
    assert read(tmp_path / "t.csv", 'a,b\n"x",y\n', options)[1] == [["x", "y"]]


def test_a_delimiter_at_the_end_of_each_row(tmp_path):
    for header in ("a,b", "a,b,"):
        assert read(tmp_path / "t.csv", f"{header}\n1,2,\n3,4,\n") == (["a", "b"], [["1", "2"], ["3", "4"]])
        assert "at the end of each row left out" in dialect.find(tmp_path / "t.csv").described()
    assert read(tmp_path / "t.csv", "a,b,\n1,2,3\n")[0] == ["a", "b", ""]
    with pytest.raises(ValueError, match=r"a name in the header for each column.*2 names and 3 cells.*'2'.*line 2"):
        read(tmp_path / "t.csv", "a,b\n0,1,2\n1,3,4\n")


def test_uneven_rows_are_faults(tmp_path):
    path, content = tmp_path / "t.csv", 'a,b\n"x\ny",1\n   \n1,2,3\n4,5\n6\n'
    with pytest.raises(ValueError, match=r"as many cells.*3 in place of 2, .*t\.csv, line 5"):
        read(path, content)
    assert read(path, content, faults=Faults("drop"))[1] == [["x\ny", "1"], ["4", "5"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a,b\n1,"2\n', r"closed.*t\.csv, line 2"),
        ('a,b\n1,"2"3\n', r"closed.*t\.csv, line 2"),
        ('a,b\n\n1, "2, 3"\n', "no blank between a delimiter and a quote.*line 3"),
        ('a,b\n1, "2"\n', r"no blank between a delimiter and a quote.*line 2"),
        ("a,b\n1,2\r3\n", r"all end alike.*t\.csv, line 2"),
        ('a,b\n"1\r2",3\r4,5\n', r"all end alike.*t\.csv, line 2"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, content, message):
    with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
        read(tmp_path / "t.csv", content)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.xlsx", b"", "Expected .csv, .tsv, .jsonl, .parquet.*t.xlsx, by its name a spreadsheet; save it as CSV"),
        ("t.csv.zip", b"", "by its name an archive or packed; unpack it"),
        ("t.parquet.gz", b"", "by its name Parquet in gzip; unpack it"),
        ("t.csv", b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
        ("t.csv", b"PAR1rest", "Parquet needs the ending"),
        ("t.csv.gz", b"a,b\n", "a file that is not gzip"),
        ("t.csv.gz", gzip.compress(b"a,b\n" * 100, mtime=0)[:-9], "a whole gzip file"),
        ("t.csv", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-4], "a whole gzip file"),
    ],
)
def test_other_content_is_refused_in_a_sentence(tmp_path, name, content, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path / name, content)


def test_gzip_is_known_by_its_content(tmp_path):
    assert read(tmp_path / "t.csv", gzip.compress(codecs.BOM_UTF8 + b"a,b\n1,2\n"))[1] == [["1", "2"]]


def test_a_dialect_is_kept_as_json():
    found = Dialect("csv", "utf-16-le", ";", "enclose", True)
    assert dialect.from_dict(dialect.to_dict(found)) == found
    assert found.described().startswith("`;`, UTF-16-LE, quotes enclose cells")


def test_a_file_that_is_not_there_is_said_with_the_nearest_name(tmp_path):
    (tmp_path / "load.csv").write_text("a\n1\n")
    for reader in (dialect.find, labelled_text.files, lambda path: pair_files.find_splits(path, "en", "de")):
        with pytest.raises(FileNotFoundError, match=r"laod.csv'; there is no such file \(did you mean load.csv\?\)"):
            reader(str(tmp_path / "laod.csv"))
