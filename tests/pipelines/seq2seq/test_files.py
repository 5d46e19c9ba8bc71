import json

import pytest

from pipelines.seq2seq.files import answers, requests
from pipelines.sources.files import row_files

CARD = {"columns": ["text"]}
OUTPUTS = [{"text": "eins\nzwei", "score": -0.5, "length": 2}]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_table_gives_its_column_and_keeps_the_others(tmp_path, ending):
    row_files.write(tmp_path / f"in.{ending}", ["id", "text"], [["7", 'one "{}"\u2028']])
    texts = requests(tmp_path / f"in.{ending}", CARD)
    assert texts == ['one "{}"\u2028']
    answers(tmp_path / f"out.{ending}", texts, OUTPUTS, CARD)
    assert requests(tmp_path / f"out.{ending}", CARD) == texts
    assert row_files.read(tmp_path / f"out.{ending}").names == ["id", "text", "answer_text", "score", "length"]


def test_lines_and_texts_of_the_command_line(tmp_path):
    (tmp_path / "in.en").write_text("one\u2028two\n\n", encoding="utf-8")
    assert requests(tmp_path / "in.en", CARD) == ["one\u2028two", ""]
    answers(tmp_path / "out.de", ["one"], OUTPUTS, CARD)
    assert (tmp_path / "out.de").read_text() == "eins zwei\n"
    answers(tmp_path / "out.jsonl", ["one"], OUTPUTS, CARD)
    assert json.loads((tmp_path / "out.jsonl").read_text())["answer_text"] == "eins\nzwei"
    with pytest.raises(ValueError, match=r"a column 'text'\. Received: a, b"):
        (tmp_path / "in.csv").write_text("a,b\n1,2\n")
        requests(tmp_path / "in.csv", CARD)


def test_the_card_names_the_columns_and_how_files_are_written(tmp_path):
    card = {"columns": ["text"], "table": {"columns": ["text", "en"], "files": {"encoding": "latin-1"}}}
    (tmp_path / "in.csv").write_bytes("id,en\n1,Käse\n".encode("latin-1"))
    (tmp_path / "in.en").write_bytes("Käse\n".encode("latin-1"))
    assert requests(tmp_path / "in.csv", card) == requests(tmp_path / "in.en", card) == ["Käse"]
    (tmp_path / "in.jsonl").write_text('{"en": "a"}\n{"id": 1}\n')
    with pytest.raises(ValueError, match=r"a text in each row\. Received: None, .*line 2$"):
        requests(tmp_path / "in.jsonl", card)
    assert requests(tmp_path / "in.jsonl", {**card, "on_bad": "drop"}) == ["a"]
