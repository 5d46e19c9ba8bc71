import pytest

from pipelines.runs.rows import request_rows
from tfmodels.export.graph.field import Field

TEXT = {"text": Field("text", "string", (None,))}
MORE = {"size": Field("size", "int32", (None,)), **TEXT}
PAIR = {"target": Field("target", "string", (None,)), **TEXT}
SERIES = {"values": Field("values", "float32", (None, 2, 1))}


@pytest.mark.parametrize(
    ("name", "content", "inputs", "rows"),
    [
        ("a.txt", "one\n\n{}\n", TEXT, [{"text": "one"}, {"text": ""}, {"text": "{}"}]),
        ("a.txt", "\ufeffone\u2028\x0c\r\ntwo", TEXT, [{"text": "one\u2028\x0c"}, {"text": "two"}]),
        ("a.jsonl", '"one"\n"two"\n', TEXT, [{"text": "one"}, {"text": "two"}]),
        ("a.jsonl", '{"text": "zwölf", "more": 1}\n', TEXT, [{"text": "zwölf", "more": 1}]),
        ("a.jsonl", '{"text": "one", "size": 3}', MORE, [{"text": "one", "size": 3}]),
        ("a.jsonl", '{"values": [[1], [2]]}', SERIES, [{"values": [[1], [2]]}]),
        ("a.csv", 'target;text\na;"b;c"\n', PAIR, [{"target": "a", "text": "b;c"}]),
        ("a.csv", "source\none\n", TEXT, [{"text": "one"}]),
    ],
)
def test_rows_are_read(tmp_path, name, content, inputs, rows):
    file = tmp_path / name
    file.write_text(content, encoding="utf-8", newline="")
    assert request_rows.read_rows(file, inputs) == rows


@pytest.mark.parametrize(
    ("name", "content", "inputs", "message"),
    [
        ("a.txt", "", TEXT, "an empty file"),
        ("a.csv", "text\n", TEXT, "only the header text"),
        ("a.txt", "one", PAIR, r"the inputs \['target', 'text'\].*without \['target'\]"),
        ("a.csv", "text,size\na,x\n", MORE, r"Expected size \(int32\). Received: size='x'"),
        ("a.csv", "text,text\na,1\n", TEXT, "one column named 'text'"),
        ("a.jsonl", '{"text": "a", "size": 1}\n{"text": "b"}', MORE, r"none of \['size'\], .*line 2"),
        ("a.jsonl", '{"text": "a"}\n{"text": ', TEXT, "line 2"),
        ("a.jsonl", "[1]", TEXT, "line 1"),
    ],
)
def test_what_are_no_rows_is_named(tmp_path, name, content, inputs, message):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(ValueError, match=message):
        request_rows.read_rows(file, inputs)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv.gz", "a.tsv", "a.parquet"])
def test_answers_are_rows_again(tmp_path, name):
    rows = [{"text": "one\u2028\n", "id": "7"}, {"text": 'say "no"', "id": "8"}]
    outputs = [{"length": 3, "text": "eins"}, {"length": 2, "text": "sag"}]
    request_rows.write_rows(tmp_path / name, rows, TEXT, outputs)
    again = request_rows.read_rows(tmp_path / name, TEXT)
    assert [{key: str(row[key]) for key in ("text", "id")} for row in again] == rows
    assert [(row["answer_text"], int(row["length"])) for row in again] == [("eins", 3), ("sag", 2)]
    request_rows.write_rows(tmp_path / name, again, TEXT, outputs)
    assert request_rows.read_rows(tmp_path / name, TEXT) == again


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_labels_have_columns_in_tables(tmp_path, name):
    several = {"labels": ["bad", "good"], "probabilities": [0.25, 0.75]}
    request_rows.write_rows(tmp_path / name, ["a"], TEXT, [{"label": "good", "unknown": 0.5, **several}])
    read = {"text": "a", "label": "good", "p(bad)": "0.25", "p(good)": "0.75", "unknown": "0.5"}
    assert request_rows.read_rows(tmp_path / name, TEXT) == [read]
    fields = {"label": Field("l", "string", (None,)), "labels": Field("ls", "string", (None, 2))}
    request_rows.check_file(tmp_path / name, fields)
    forecasts = {"mean": Field("m", "float32", (None, 24, 1))}
    request_rows.check_file(tmp_path / "a.jsonl", forecasts)
    with pytest.raises(ValueError, match=r"Expected \.jsonl or .*\['mean'\]"):
        request_rows.check_file(tmp_path / name, forecasts)


def test_texts_and_lines(tmp_path):
    request_rows.write_rows(tmp_path / "a.jsonl", ["one"], TEXT, [{"text": "eins"}])
    assert request_rows.read_rows(tmp_path / "a.jsonl", TEXT) == [{"text": "one", "answer_text": "eins"}]
    request_rows.write_rows(tmp_path / "a.de", ["one"], TEXT, [{"length": 1, "text": "eins"}])
    assert (tmp_path / "a.de").read_text() == "eins\n"
    with pytest.raises(ValueError, match=r"Expected the ending \.jsonl"):
        request_rows.write_rows(tmp_path / "a.out", ["one"], TEXT, [{"length": 1}])
