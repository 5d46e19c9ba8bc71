import pytest
import tensorflow as tf

from pipelines.runs import request_rows

TEXT = {"text": tf.TensorSpec([None], tf.string)}
MORE = {"size": tf.TensorSpec([None], tf.int32), **TEXT}


@pytest.mark.parametrize(
    ("name", "content", "inputs", "rows"),
    [
        ("a.txt", "one\n{}\n", TEXT, [{"text": "one"}, {"text": "{}"}]),
        ("a.jsonl", '"one"\n{"text": "zwölf", "more": 1}\n', TEXT, [{"text": "one"}, {"text": "zwölf"}]),
        ("a.jsonl", '{"text": "one", "size": 3}', MORE, [{"size": 3, "text": "one"}]),
    ],
)
def test_rows_are_read(tmp_path, name, content, inputs, rows):
    file = tmp_path / name
    file.write_text(content)
    assert request_rows.read_rows(file, inputs) == rows


@pytest.mark.parametrize(
    ("name", "content", "inputs", "message"),
    [
        ("a.txt", "", TEXT, "empty file"),
        ("a.txt", "one", MORE, r"the inputs \['size', 'text'\]"),
        ("a.jsonl", '{"text": "a", "size": 1}\n{"text": "b"}', MORE, "line 2 of"),
        ("a.jsonl", '"a"\n{"text": ', TEXT, "line 2 of"),
        ("a.jsonl", "[1]", TEXT, "line 1 of"),
        ("a.txt", "one", {"x": tf.TensorSpec([None], tf.float32)}, "line 1 of"),
    ],
)
def test_lines_that_are_not_rows_are_reported(tmp_path, name, content, inputs, message):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(ValueError, match=message):
        request_rows.read_rows(file, inputs)
