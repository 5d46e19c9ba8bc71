import json

import pytest

from pipelines.sources.files import answer_files, row_files
from pipelines.sources.files.answer_files import read_texts, write_answers

ANSWERS = {"label": ["good", "bad"], "score": [0.25, None]}


def test_texts_of_each_format(tmp_path):
    texts = ["a\u2028b", ""]
    for name in ("t.csv", "t.tsv", "t.jsonl", "t.parquet"):
        row_files.write(tmp_path / name, ["id", "text"], [[number, text] for number, text in enumerate(texts)])
        assert read_texts(tmp_path / name, "text") == texts
    (tmp_path / "t.en").write_text("\ufeffa\u2028b\r\n\n", encoding="utf-8", newline="")
    assert read_texts(tmp_path / "t.en", "text") == texts
    row_files.write(tmp_path / "t.csv", ["source"], [[text] for text in texts])
    assert read_texts(tmp_path / "t.csv", "text") == texts


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.txt", "", "an empty file"),
        ("t.csv", "", "an empty file"),
        ("t.csv", "id,text\n", "only the header id, text"),
        ("t.jsonl", "", "an empty file"),
        ("t.jsonl", '{"text": "a"}\n{"text": 7}\n', "a text in each row. Received: 7, .*line 2"),
        ("t.jsonl", '{"text": "a", "id": 1}\n{"id": 7}\n', "Received: None, .*line 2"),
        ("t.csv", "id,txt\n1,2\n", "a column 'text'. Received: id, txt"),
    ],
)
def test_files_without_texts_are_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        read_texts(tmp_path / name, "text")


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.parquet"])
def test_answers_lie_beside_the_columns_of_the_input(tmp_path, name, capsys):
    row_files.write(tmp_path / name, ["id", "text", "label"], [["7", 'x "y"', "?"], ["8", "z", "?"]])
    texts = read_texts(tmp_path / name, "text")
    for _ in range(2):  # the output is an input
        write_answers(tmp_path / f"out.{name}", texts, ANSWERS)
        again = row_files.read(tmp_path / f"out.{name}")
        assert again.names == ["id", "text", "label", "score"]
        rows = [cells for _, cells in again.rows]
        assert rows[0] == ["7", 'x "y"', "good", 0.25 if name in ("t.jsonl", "t.parquet") else "0.25"]
        assert rows[1][3] in (None, "")
        assert "in place of the input's columns label" in capsys.readouterr().err
        texts = read_texts(tmp_path / f"out.{name}", "text")
        assert texts == ['x "y"', "z"]


def test_what_the_model_reads_keeps_its_name(tmp_path):
    write_answers(tmp_path / "t.jsonl", ["one"], {"text": ["eins"], "length": [2]})
    assert json.loads((tmp_path / "t.jsonl").read_text()) == {"text": "one", "answer_text": "eins", "length": 2}
    assert read_texts(tmp_path / "t.jsonl", "text") == ["one"]


def test_lines_hold_the_first_answer(tmp_path):
    write_answers(tmp_path / "t.out", answer_files.TextRows(["a", "b"], ["text"], [["a"], ["b"]], "text"), ANSWERS)
    assert (tmp_path / "t.out").read_text() == "good\nbad\n"


def test_answers_have_the_delimiter_and_the_encoding_of_the_input(tmp_path):
    (tmp_path / "in.csv").write_text("id;text\n1;grün, rot\n", encoding="utf-16")
    texts = answer_files.read_texts(tmp_path / "in.csv", "text")
    answer_files.write_answers(tmp_path / "out.csv", texts, {"score": [0.5]})
    assert (tmp_path / "out.csv").read_text(encoding="utf-16") == "id;text;score\n1;grün, rot;0.5\n"
    answer_files.write_answers(tmp_path / "out.tsv", texts, {"score": [0.5]})
    assert (tmp_path / "out.tsv").read_text(encoding="utf-8") == "id\ttext\tscore\n1\tgrün, rot\t0.5\n"
