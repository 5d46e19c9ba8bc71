import gzip
import json
from dataclasses import asdict

import pandas as pd
import pytest

from pipelines.question_answering.prediction_files import (
    read_predictions,
    read_requests,
    write_answers,
    write_predictions,
)
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.questions import question_json, question_tables
from pipelines.sources.questions.question import Answer, Question

COLUMNS = {part: question_tables.usual(part) for part in ("question", "context", "id")}
CARD = {"table": {"columns": COLUMNS, "files": asdict(FileOptions()), "dialect": None}}
QUESTIONS = [
    Question('Who said "no"?', "Anna said\nno, twice.", (Answer("Anna", 0),), id="q1", title="Anna"),
    Question("何人？", "三人、Änne もいた。", (), id="q2", title="Änne"),
]
ROWS = [{"question": one.question, "context": one.context} for one in QUESTIONS]


def outputs(*answers):
    return [{"answer": one, "start": 0, "end": len(one), "score": 0.75, "answerable": 0.5} for one in answers]


@pytest.mark.parametrize("ending", ["json", "json.gz"])
def test_predictions_are_read_as_they_were_written(tmp_path, ending):
    path = tmp_path / f"train.{ending}"
    question_json.write(path, QUESTIONS)
    rows = read_requests(path, CARD)
    assert rows == ROWS and rows.ids == ["q1", "q2"]
    found = tmp_path / f"predictions.{ending}"
    write_answers(found, rows, outputs("Anna", ""), CARD)
    assert read_predictions(found) == {"q1": "Anna", "q2": ""}
    if ending == "json":
        assert json.loads(found.read_text(encoding="utf-8")) == {"q1": "Anna", "q2": ""}


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "csv.gz"])
def test_tables_keep_their_columns_and_are_read_again(tmp_path, ending):
    frame = pd.DataFrame([{"number": place, **row} for place, row in enumerate(ROWS)])
    frame.to_json(tmp_path / "new.jsonl", orient="records", lines=True)
    rows = read_requests(tmp_path / "new.jsonl", CARD)
    assert rows == ROWS and rows.ids == ["", ""]
    for _ in range(2):
        write_answers(tmp_path / f"out.{ending}", rows, outputs("Anna", "三人"), CARD)
        rows = read_requests(tmp_path / f"out.{ending}", CARD)
        assert rows == ROWS
        assert rows.names == ["number", "question", "context", "answer", "start", "end", "score", "answerable"]
    assert [cells[3] for cells in rows.cells] == ["Anna", "三人"] and str(rows.cells[1][0]) == "1"


def test_columns_have_the_names_of_training_and_ids_are_kept(tmp_path, capsys):
    table = {**CARD["table"], "columns": {"question": ["q"], "context": ["text"], "id": ["key"]}}
    (tmp_path / "new.csv").write_text("key,q,text\n7,Who?,Anna.\n8,,Anna.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="question"):
        read_requests(tmp_path / "new.csv", {"table": table})
    rows = read_requests(tmp_path / "new.csv", {"table": table, "on_bad": "drop"})
    assert rows == [{"question": "Who?", "context": "Anna."}] and rows.ids == ["7"]
    write_answers(tmp_path / "out.json", rows, outputs("Anna"), CARD)
    assert read_predictions(tmp_path / "out.json") == {"7": "Anna"}
    capsys.readouterr()
    write_answers(tmp_path / "plain.json", ROWS, outputs("a", "b"), CARD)
    assert "numbers of the questions" in capsys.readouterr().err
    assert read_predictions(tmp_path / "plain.json") == {"1": "a", "2": "b"}
    write_answers(tmp_path / "out.txt", ROWS, outputs("a", "b"), CARD)
    assert (tmp_path / "out.txt").read_text() == "a\nb\n"


def test_the_columns_of_training_come_before_the_usual_ones_and_capitals_do_not_matter(tmp_path):
    (tmp_path / "new.csv").write_text("question,QUERY,Passage,passage\nno,Who?,Anna.,no\n", encoding="utf-8")
    columns = {"question": ["query", "question"], "context": ["Passage", "context"], "id": []}
    rows = read_requests(tmp_path / "new.csv", {"table": {**CARD["table"], "columns": columns}})
    assert rows == [{"question": "no", "context": "Anna."}]
    (tmp_path / "new.csv").write_text("QUERY,text,Passage\nWho?,no,Anna.\n", encoding="utf-8")
    rows = read_requests(tmp_path / "new.csv", {"table": {**CARD["table"], "columns": columns}})
    assert rows == [{"question": "Who?", "context": "Anna."}]
    columns["question"] = ["asked"]
    with pytest.raises(ValueError, match="'asked'"):
        read_requests(tmp_path / "new.csv", {"table": {**CARD["table"], "columns": columns}})


def test_questions_of_one_id_get_numbers(tmp_path, capsys):
    write_predictions(tmp_path / "out.json", ["q", "q"], ["a", "b"])
    assert "the same id" in capsys.readouterr().err and read_predictions(tmp_path / "out.json") == {"1": "a", "2": "b"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"q1": "a", "q1": "b"}', "'q1' twice"),
        (b'["a"]', "list"),
        (b'{"q1": 3}', "3 for 'q1'"),
        (b'{"q1": ', "Expecting"),
        (b"\xff", "decode"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_file_of_predictions_is_refused(tmp_path, content, what):
    path = tmp_path / "predictions.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"ids and answers|a text for each id") as found:
        read_predictions(path)
    assert what in str(found.value)
    damaged = tmp_path / "predictions.json.gz"
    damaged.write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(ValueError, match="ids and answers"):
        read_predictions(damaged)
    with pytest.raises(FileNotFoundError, match="not there"):
        read_predictions(tmp_path / "nothing.json")


def test_files_without_questions_and_lying_cards_are_refused(tmp_path):
    (tmp_path / "new.csv").write_text("question,context\n", encoding="utf-8")
    with pytest.raises(ValueError, match="file with questions"):
        read_requests(tmp_path / "new.csv", CARD)
    (tmp_path / "new.csv").write_text("question,number\nWho?,3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="context"):
        read_requests(tmp_path / "new.csv", CARD)
    with pytest.raises(ValueError, match="question"):
        read_requests(tmp_path / "new.csv", {"table": {**CARD["table"], "columns": {**COLUMNS, "question": [3]}}})
