"""Layouts of lines, found and refused, and labels that cannot be meant."""

import json
import random
import re

import pytest

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.text.labelled_files import Form
from pipelines.sources.text.labelled_text import read


def messages(count=60):
    """Labels and texts as of a collection of text messages."""
    draw = random.Random(1)
    words = ["free", "cash", "win", "home", "love", "see", "ok", "call", "you", "later", "now", "urgent"]
    for number in range(count):
        yield draw.choice(["spam", "ham"]), f"{' '.join(draw.choices(words, k=5))} {number}"


@pytest.fixture
def collection(tmp_path):
    """A file of lines `label<TAB>text` without a known ending."""
    path = tmp_path / "Collection.txt"
    path.write_text("".join(f"{label}\t{text}\n" for label, text in messages()))
    return path


def refused(path, form, *parts):
    pattern = ".*".join(map(re.escape, parts))
    with pytest.raises(ValueError, match=re.compile(pattern, re.DOTALL)):
        read(str(path), form, Faults("error"))


def test_a_label_before_a_tab_is_read(collection):
    found = read(str(collection), Form("label_tab_text"), Faults("error"))
    assert found.classes == ["ham", "spam"]
    rows = {(row.labels[0], row.text) for split in found.splits.values() for row in split}
    assert rows == set(messages())


@pytest.mark.parametrize("layout", ["columns", "label_text"])
def test_the_layout_that_fits_is_named(collection, layout):
    refused(collection, Form(layout), "Collection.txt", "a label, a tab and its text: type --layout label_tab_text")


def test_the_wrong_side_of_a_tab_is_refused(collection):
    refused(
        collection, Form("text_tab_label"), "labels that many texts share", "--layout label_tab_text",
        "60 different labels in 60 rows", "Collection.txt, line",
    )  # fmt: skip
    collection.write_text("".join(f"{text}\t{label}\n" for label, text in messages()))
    refused(collection, Form("label_tab_text"), "--layout text_tab_label", "different labels")
    refused(collection, Form(), "a text, a tab and its label: type --layout text_tab_label")


def test_other_lines_are_told_apart(tmp_path):
    path = tmp_path / "questions.train"
    path.write_text("".join(f"{label} {text}\n" for label, text in messages()))
    refused(path, Form(), "a label, a blank and its text: type --layout label_text")
    path.write_text("just\nlines\nof text\n")
    with pytest.raises(ValueError, match=r"train$"):
        read(str(path), Form(), Faults("error"))


def test_a_table_without_a_header_says_so(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for label, text in messages()))
    refused(path, Form(), "a column for --text COLUMN", "type --layout label_tab_text")
    assert read(str(path), Form("label_tab_text"), Faults("error")).classes == ["ham", "spam"]
    path = tmp_path / "train.csv"
    path.write_text("".join(f"{label},{text}\n" for label, text in messages()))
    refused(path, Form(), "the first line must name the columns: is it missing?")


@pytest.mark.parametrize("layout", ["text_tab_label", "label_tab_text", "label_text"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,label\n" + "a fine film,good\n" * 9),
        ("a.tsv", "sentence\tlabel\n" + "a fine film\tgood\n" * 9),
        ("a.jsonl", '{"text": "a fine film", "label": "good"}\n' * 9),
    ],
)
def test_named_columns_are_not_read_as_lines(tmp_path, layout, name, content):
    (tmp_path / name).write_text(content)
    refused(tmp_path / name, Form(layout), "type --layout columns", name)


LABELS = [
    (["good", "bad"] * 3 + ["Good"], "'good', ", "'Good', "),
    ([1, 0] * 3 + [1.0], "'1', ", "'1.0', "),
    ([True, "x"] * 3 + ["true"], "'True', ", "'true', "),
    (["caf\u00e9", "x"] * 3 + ["cafe\u0301"], "'caf\u00e9', ", "'cafe\u0301', "),
]


@pytest.mark.parametrize(("labels", "one", "other"), LABELS)
def test_one_label_written_in_two_ways_is_refused(tmp_path, labels, one, other):
    lines = [json.dumps({"text": f"text {number}", "label": label}) for number, label in enumerate(labels)]
    (tmp_path / "train.jsonl").write_text("\n".join(lines))
    refused(tmp_path / "train.jsonl", Form(), "written alike", one, "line 1", other, "line 7")
    given = sorted({str(label) for label in labels})
    assert read(str(tmp_path / "train.jsonl"), Form(), Faults("drop"), 0.5, classes=given).classes == given


def test_labels_of_mixed_types_are_texts(tmp_path):
    labels = [1, "1", " 1 ", "2", 2, "2\u00a0"] * 2
    lines = [json.dumps({"text": f"text {number}", "label": label}) for number, label in enumerate(labels)]
    (tmp_path / "train.jsonl").write_text("\n".join(lines))
    assert read(str(tmp_path / "train.jsonl"), Form(), Faults("error"), 0.5).classes == ["1", "2"]


@pytest.mark.parametrize("label", [{"a": 1}, ["a", ["b"]]])
def test_labels_that_are_no_texts_are_refused(tmp_path, label):
    (tmp_path / "train.jsonl").write_text(json.dumps({"text": "fine", "label": label}))
    refused(tmp_path / "train.jsonl", Form(), "labels that are texts or numbers", "line 1")


def test_many_labels_are_said(tmp_path):
    rows = [f"text {number},label {number % 1001}\n" for number in range(4004)]
    (tmp_path / "train.csv").write_text("text,label\n" + "".join(rows))
    found = read(str(tmp_path / "train.csv"), Form(), Faults("error"), 0.25)
    assert "1,001 different labels" in found.notes


@pytest.mark.parametrize("layout", ["label_tab_text", "text_tab_label", "label_text"])
def test_a_first_line_that_names_the_columns_is_no_row(tmp_path, layout, capsys):
    def line(label, text):
        return {"label_tab_text": f"{label}\t{text}", "text_tab_label": f"{text}\t{label}"}.get(
            layout, f"{label} {text}"
        )

    path = tmp_path / "Collection.txt"
    plain, named = ([line(*row) for row in rows] for rows in (messages(), [("Label", "Text"), *messages()]))
    found = []
    for lines in (plain, named):
        path.write_text("\n".join(lines))
        with collect_faults("error") as faults:
            splits = read(str(path), Form(layout), faults).splits
        found.append([(row.text, row.labels) for split in splits.values() for row in split])
    assert found[0] == found[1]
    assert f"{named[0]!r} names columns and is no row, {path}, line 1" in capsys.readouterr().err
    if layout != "label_text":
        other = "text_tab_label" if layout == "label_tab_text" else "label_tab_text"
        refused(path, Form(other), f"type --layout {layout}", "line 1")


def test_labels_of_other_digits_are_refused(tmp_path):
    (tmp_path / "train.csv").write_text(
        "text,label\n" + "".join(f"t{n},{['01', '1', '2'][n % 3]}\n" for n in range(30))
    )
    refused(tmp_path / "train.csv", Form(), "written alike", "'01'", "'1'")


def test_files_beside_those_of_the_splits_are_said(tmp_path):
    lines = [f"{text},{label}\n" for label, text in messages()]
    for name in ("train.csv", "test.csv", "north.csv"):
        (tmp_path / name).write_text("text,label\n" + "".join(f"{name} {line}" for line in lines))
    notes = read(str(tmp_path), Form(), Faults("error")).notes
    assert any(note.startswith(f"not read in {tmp_path}: north.csv, since") for note in notes)
