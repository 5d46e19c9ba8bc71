import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.files import row_files
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.text import pair_tables
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm

EN_DE = PairForm("en", "de")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
SIMPLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\t\n\r"'), min_size=1, max_size=20)
FROM = "CC-BY 2.0 (France) Attribution: tatoeba.org #1"


def read(path, form=EN_DE):
    return list(pair_tables.read(path, pair_tables.find(path, form)))


def write(folder, name, *lines):
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@given(
    rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5),
    ending=st.sampled_from(["csv", "tsv", "jsonl", "parquet", "csv.gz"]),
    order=st.sampled_from([("en", "de"), ("de", "id", "en")]),
)
def test_a_table_is_read_by_the_names_of_its_columns(tmp_path_factory, rows, ending, order):
    path = tmp_path_factory.mktemp("pairs") / f"train.{ending}"
    cells = [[{"en": source, "de": target, "id": "7"}[name] for name in order] for source, target in rows]
    row_files.write(path, order, cells)
    assert read(path, PairForm("en", "de", files=FileOptions(quotes="enclose"))) == [Pair(*row) for row in rows]


@given(rows=st.lists(st.tuples(SIMPLE, SIMPLE).filter(lambda row: all(map(str.strip, row))), min_size=1, max_size=5))
def test_a_tabbed_text_has_the_source_first(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("pairs") / "deu.txt"
    path.write_bytes("".join(f"{source}\t{target}\t{FROM}\n" for source, target in rows).encode())
    if rows[0][0].strip() not in ("en", "de", "source", "src") and not rows[0][0].startswith("\ufeff"):
        assert read(path) == [Pair(*row) for row in rows]


def test_what_is_decided_is_said(tmp_path):
    said = pair_tables.find(write(tmp_path, "deu.txt", f"Go on.\tMach weiter.\t{FROM}"), EN_DE).said
    assert said.startswith("deu.txt: `tab`, UTF-8") and "column 1 is en, column 2 is de" in said
    assert "'Go on.' -> 'Mach weiter.'" in said
    assert "with a header" in pair_tables.find(write(tmp_path, "a.tsv", "de\ten", "Haus\thouse"), EN_DE).said


def test_columns_are_found_by_the_names_of_languages_in_both(tmp_path):
    for header in ("Deutsch\tEnglisch", "German\tEnglish", "Deutsch\tenglish", "target\tsource"):
        assert read(write(tmp_path, "named.tsv", header, "Haus\thouse")) == [Pair("house", "Haus")]


@pytest.mark.parametrize("header", ["Deutsch\tSatz", "Satz\tEnglisch", "English\tother", "Text\tsource"])
def test_a_header_that_is_clear_in_part_is_no_pair(tmp_path, header):
    with pytest.raises(ValueError, match="--source_column and --target_column"):
        read(write(tmp_path, "half.tsv", header, "Haus\thouse"))


def test_columns_may_be_named_or_numbered(tmp_path):
    path = write(tmp_path, "train.tsv", "1\tHaus\thouse", "2\tBaum\ttree")
    numbered = PairForm("en", "de", source_column="3", target_column="2")
    assert read(path, numbered) == [Pair("house", "Haus"), Pair("tree", "Baum")]
    path = write(tmp_path, "train.csv", "german,english", "Haus,house")
    named = PairForm("en", "de", source_column="english", target_column="german")
    assert read(path, named) == [Pair("house", "Haus")]
    path = write(tmp_path, "test.tsv", "source\ttarget", "house\tHaus")
    assert read(path) == [Pair("house", "Haus")]


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("deu.txt", ["house\tHaus", "tree\tBaum\tmore"], "Expected 2 cells .* Received: 3, .*deu.txt, line 2"),
        ("deu.txt", ["house\tHaus", "tree"], "Expected 2 cells .* Received: 1, .*deu.txt, line 2"),
        ("deu.txt", ["house", "tree"], "a tab between them. Received: 'house'"),
        ("deu.txt", [f"house\tHaus\t{FROM}", f"tree\t \t{FROM}"], "a text as target.* Received: ' ', .*line 2"),
        ("train.tsv", ["1\thouse\tHaus"], "--source_column 1 --target_column 2. Received: '1', 'house', 'Haus'"),
        ("train.tsv", ["en\tfr", "house\tmaison"], "the columns 'en' and 'de' in the first row.*Received: 'en', 'fr'"),
        ("train.csv", ["house,Haus"], "type --source_column and --target_column"),
        ("train.jsonl", ['{"en": "house"}'], "Expected a column for --target_column COLUMN: en"),
        ("train.jsonl", ['{"en": "house", "de": 5}'], "a text as target.* Received: 5, .*line 1$"),
        ("deu.txt", [], "an empty file"),
    ],
)
def test_what_is_not_clear_is_refused(tmp_path, name, lines, message):
    with pytest.raises(ValueError, match=message):
        read(write(tmp_path, name, *lines))


def test_rows_without_a_text_are_counted_with_what_to_do(tmp_path):
    lines = ["house\tHaus", "tree\t", "sea\tMeer", " \tBaum", "\t", "three\tcells\there", "tree\t"]
    with pytest.raises(ValueError, match="leave such rows out") as raised:
        read(write(tmp_path, "train.tsv", "en\tde", *lines))
    assert str(raised.value).endswith("train.tsv, line 3, and 2 more such rows")  # up to the one that has three cells


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.txt"):
        read(Path(tmp_path / "nowhere.txt"))


@pytest.mark.parametrize(
    ("lines", "form"),
    [
        (["en,de,de", "Day,Tag,X"], EN_DE),
        (["Day\tTag"], PairForm("en", "de", source_column="1", target_column="1")),
        (["english,german", "Day,Tag"], PairForm("en", "de", source_column="english", target_column="english")),
    ],
)
def test_one_column_for_both_sides_or_two_of_one_name_are_refused(tmp_path, lines, form):
    with pytest.raises(ValueError, match=r"type --source_column and --target_column"):
        pair_tables.find(write(tmp_path, "pairs.csv" if "," in lines[0] else "pairs.tsv", *lines), form)


@pytest.mark.parametrize(
    "header", ["English\tGerman", "Deutsch\tenglish", "EN\tDE", "Target\tSource", "english\tDeutsch"]
)
def test_names_of_the_languages_are_a_header(tmp_path, header):
    first, second = ("Day", "Tag") if header.lower().startswith("en") else ("Tag", "Day")
    path = write(tmp_path, "pairs.txt", header, f"{first}\t{second}")
    layout = pair_tables.find(path, EN_DE)
    assert layout.header
    assert list(pair_tables.read(path, layout)) == [Pair("Day", "Tag")]


@pytest.mark.parametrize(
    ("header", "source", "target", "others"),
    [
        ("source,target,target1,target2", 0, 1, (2, 3)),
        ("source,target2,target10,target0", 0, 3, (1, 2)),
        ("en,de_1,de_2", 0, 1, (2,)),
        ("en,german 0,german 1", 0, 1, (2,)),
        ("id1,id2,en,de", 2, 3, ()),
        ("en,de", 0, 1, ()),
    ],
)
def test_numbered_columns_are_further_references(tmp_path, header, source, target, others):
    path = tmp_path / "test.csv"
    path.write_text(f"{header}\n" + ",".join(f"text {place}" for place in range(header.count(",") + 1)) + "\n")
    layout = pair_tables.find(path, EN_DE)
    assert (layout.source, layout.target, layout.others) == (source, target, others)
    expected = Pair(f"text {source}", f"text {target}", others=tuple(f"text {place}" for place in others))
    assert list(pair_tables.read(path, layout)) == [expected]
    assert ("references" in layout.said) == bool(others)


def test_a_row_may_have_fewer_references_and_a_named_target_is_alone(tmp_path):
    path = tmp_path / "test.jsonl"
    path.write_text('{"source": "a", "target0": "b", "target1": "c"}\n{"source": "d", "target0": "e"}\n')
    assert read(path) == [Pair("a", "b", others=("c",)), Pair("d", "e")]
    named = PairForm("en", "de", source_column="source", target_column="target0")
    assert read(path, named) == [Pair("a", "b"), Pair("d", "e")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [(("id", "title", "body", "subject"), ("body", "subject")), (("summary", "document"), ("document", "summary"))],
)
def test_columns_by_their_further_names(tmp_path, header, expected):
    form = PairForm("document", "summary", columns=(("article", "body"), ("subject", "title")))
    rows = [dict.fromkeys(header, "none") | {expected[0]: "A long text.", expected[1]: "Text"}]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    layout = pair_tables.find(tmp_path / "pairs.jsonl", form)
    assert list(pair_tables.read(tmp_path / "pairs.jsonl", layout)) == [Pair("A long text.", "Text")]


def test_a_cell_with_a_list_has_several_references(tmp_path):
    row = {"document": "A long text.", "summary": ["First", "Second", " "]}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row))
    layout = pair_tables.find(tmp_path / "pairs.jsonl", PairForm("document", "summary"))
    assert list(pair_tables.read(tmp_path / "pairs.jsonl", layout)) == [
        Pair("A long text.", "First", others=("Second",))
    ]
