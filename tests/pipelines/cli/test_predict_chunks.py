"""`tfmodels predict --output FOLDER/`, of a model that needs no TensorFlow."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cli import task_options
from pipelines.runs.bulk import row_chunks
from pipelines.runs.predictor import Predictor
from pipelines.sources.files import row_files
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

TEXT = Field("text", "string", (None,))
ASKED = []


def answer(endpoint, text):
    if any("refused" in one for one in text):
        raise ValueError("Expected a text that pleases. Received: another")
    ASKED.extend(text)
    return {"text": np.array([one.upper().encode() for one in text], object)}


@pytest.fixture(autouse=True)
def model(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("model/1").mkdir(parents=True)
    Path("model/1/saved_model.pb").write_bytes(b"graph")
    card = {"task": "translation", "columns": ["text"]}
    signature = Signature({"text": TEXT}, {"text": TEXT})
    monkeypatch.setattr(task_options, "model", lambda *_: Predictor(card, {"serving_default": signature}, answer))
    ASKED.clear()


def predict(*words):
    return command("predict", "model", *words)


def write_texts(file, texts):
    row_files.write(file, ["id", "text"], [[str(number), text] for number, text in enumerate(texts)])


def rows_of(pattern):
    return [cells for file in sorted(Path().glob(pattern)) for _, cells in row_files.read(file).rows]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "txt"])
def test_shards_together_answer_as_one_file_does(kind):
    texts = [f'"{number}", ein\ttext' for number in range(23)]
    if kind == "txt":
        Path("in.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    else:
        write_texts(f"in.{kind}", texts)
    assert predict("--input", f"in.{kind}", "--output", f"out.{kind}")[0] == 0
    for shard in ("1/2", "0/2"):
        status, printed = predict("--input", f"in.{kind}", "--output", "parts/", "--shard", shard, "--chunk_rows", "5")
        assert status == 0, printed
    assert [file.name[8:22] for file in sorted(Path("parts").glob("answers*"))] == [
        f"{number:05}-of-00005" for number in range(5)
    ]
    assert rows_of("parts/answers-*") == rows_of(f"out.{kind}")


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\ufeff")), min_size=1, max_size=9),
    st.integers(1, 4),
)
def test_every_row_is_in_one_chunk(texts, rows):
    write_texts("any.csv", texts)
    chunks = row_chunks.plan([Path("any.csv")], rows, {})
    found = [row for _, content in row_chunks.read(chunks, lambda chunk: True, rows, {}) for row in content.rows]
    assert [cells for _, cells in found] == [cells for _, cells in row_files.read("any.csv").rows]
    assert [chunk.number for chunk in chunks] == [*range(len(chunks))]


def test_the_same_command_answers_only_what_is_missing():
    write_texts("in.jsonl", [f"text {number}" for number in range(10)])
    words = ("--input", "in.jsonl", "--output", "parts/", "--chunk_rows", "4")
    assert predict(*words)[0] == 0
    Path("parts/answers-00001-of-00003.jsonl").unlink()
    ASKED.clear()
    status, printed = predict(*words)
    assert status == 0 and "2 of 3 chunks were there" in printed
    assert [f"text {number}" for number in range(4, 8)] == ASKED


def test_several_files_are_answered_in_the_order_of_their_names():
    for name in ("b", "a"):
        write_texts(f"in-{name}.csv", [f"{name}{number}" for number in range(3)])
    assert predict("--input", "in-*.csv", "--output", "parts/", "--chunk_rows", "2")[0] == 0
    assert [row[-1] for row in rows_of("parts/answers-*")] == ["A0", "A1", "A2", "B0", "B1", "B2"]


def test_bad_rows_are_set_apart_with_their_place():
    texts = ["fine", "refused\u2028\x85", "good", "refused too", "last"]
    lines = [json.dumps({"text": text}) for text in texts]
    Path("in.jsonl").write_text("\n".join([lines[0], "{broken", *lines[1:], '{"text": 3}']), encoding="utf-8")
    words = ("--input", "in.jsonl", "--output", "parts/", "--chunk_rows", "4")
    status, printed = predict(*words)
    assert status == 2 and "--bad FILE sets such rows apart" in printed and "in.jsonl, line 2" in printed
    status, printed = predict(*words, "--bad", "bad.jsonl")
    assert status == 0 and "4 rows that cannot be answered in bad.jsonl" in printed
    assert [row[-1] for row in rows_of("parts/answers-*")] == ["FINE", "GOOD", "LAST"]
    bad = [json.loads(line) for line in Path("bad.jsonl").read_text().split("\n")[:-1]]
    assert [(one["line"], one["row"]) for one in bad] == [
        (None, None), (3, {"text": "refused\u2028\x85"}), (5, {"text": "refused too"}), (7, {"text": 3})
    ]  # fmt: skip
    assert bad[1]["error"] == "Expected a text that pleases. Received: another"
    assert not any("/tmp" in one["error"] for one in bad)
    ASKED.clear()
    assert predict(*words, "--bad", "again.jsonl")[0] == 0
    assert not ASKED and Path("again.jsonl").read_text() == Path("bad.jsonl").read_text()


def test_a_chunk_of_bad_rows_alone_is_done():
    write_texts("in.csv", ["refused", "refused again", "fine"])
    words = ("--input", "in.csv", "--output", "parts/", "--chunk_rows", "2", "--bad", "bad.jsonl")
    assert predict(*words)[0] == 0 and predict(*words)[0] == 0
    assert ASKED == ["fine"] and [file.name for file in Path("parts").glob("answers*")] == [
        "answers-00001-of-00002.csv"
    ]


def test_a_column_that_no_row_has_stops_before_all_rows_are_tried():
    row_files.write("in.csv", ["words", "id"], [[f"text {number}", str(number)] for number in range(1500)])
    status, printed = predict("--input", "in.csv", "--output", "parts/", "--bad", "bad.jsonl")
    assert status == 2 and "at most 1,000 rows of a chunk" in printed and "'text'" in printed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--chunk_rows", "3"], "with chunk_rows 2. Received: chunk_rows 3"),
        (["--input", "other.csv"], "with files"),
        (["--output", "filled/"], "an empty folder, or one with answers. Received: filled with notes.txt"),
    ],
)  # fmt: skip
def test_a_folder_with_something_else_is_refused(change, message):
    write_texts("in.csv", ["a", "b", "c"])
    write_texts("other.csv", ["d"])
    Path("filled").mkdir()
    Path("filled/notes.txt").touch()
    words = ["--input", "in.csv", "--output", "parts/", "--chunk_rows", "2"]
    assert predict(*words)[0] == 0
    status, printed = predict(*words, *change)
    assert status == 2 and message in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shard", "2/2"], "I from 0 to N - 1"),
        (["--shard", "one"], "--shard I/N"),
        (["--chunk_rows", "0"], "--chunk_rows of at least 1"),
        (["--input", "no-*.csv"], "a pattern that names some"),
        (["--input", "*.??v"], "files of one format"),
        (["--input", "-"], "--input FILE and --output FOLDER/"),
        (["--output", "empty.csv", "--shard", "0/2"], "a file"),
        (["--input", "empty.csv"], "files with rows"),
    ],
)
def test_wrong_options_are_refused(words, message):
    write_texts("in.csv", ["a"])
    write_texts("in.tsv", ["a"])
    write_texts("empty.csv", [])
    status, printed = predict("--input", "in.csv", "--output", "parts/", *words)
    assert status == 2 and message in printed
