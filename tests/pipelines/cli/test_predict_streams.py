"""`tfmodels predict` with standard input and output, and with other endpoints, of a model that needs no TensorFlow."""

import io
import json
import os
import sys

import numpy as np
import pytest

from pipelines.cli import main, task_options
from pipelines.cli.predicting import printed_answers
from pipelines.runs.predictor import Predictor
from pipelines.sources.files import row_files
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

TEXT, SEED, HEAT = Field("text", "string", (None,)), Field("seed", "int64", (None,)), Field("heat", "float32", (None,))
SIGNATURES = {
    "serving_default": Signature({"text": TEXT}, {"text": TEXT}),
    "sample": Signature({"text": TEXT, "seed": SEED, "heat": HEAT}, {"text": TEXT, "heat": HEAT}),
    "nbest": Signature({"text": TEXT}, {"text": Field("text", "string", (None, 2)), "score": HEAT}),
    "maps": Signature({"text": TEXT}, {"map": Field("map", "float32", (None, 1, 2))}),
}
CALLS = []


def answer(endpoint, text, seed=(), heat=()):
    CALLS.append(len(text))
    texts = [one.upper() for one in text]
    if endpoint == "nbest":
        return {
            "text": np.array([[f"{one}1", f"{one}2"] for one in texts], object).astype(bytes),
            "score": np.tile(np.array([-0.5, -1], np.float32), (len(text), 1)),
        }
    if endpoint == "maps":
        return {"map": np.zeros([len(text), 1, 2])}
    if endpoint == "sample":
        texts = [f"{one}{number}" for one, number in zip(texts, seed, strict=True)]
        return {"text": np.array([one.encode() for one in texts], object), "heat": np.array(heat, np.float32)}
    return {"text": np.array([one.encode() for one in texts], object)}


@pytest.fixture(autouse=True)
def model(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    card = {"task": "translation", "columns": ["text"], "defaults": {"heat": 0.5}}
    monkeypatch.setattr(task_options, "model", lambda *_: Predictor(card, SIGNATURES, answer))
    CALLS.clear()


def predicted(monkeypatch, capfd, content, *words):
    """The exit status, what was printed, and the errors of `tfmodels predict MODEL WORDS` with this standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    status = main.main(["predict", "model", *words])
    return status, *capfd.readouterr()


@pytest.mark.parametrize("words", [[], ["-"], ["--input", "-"], ["--input", "-", "--output", "-"]], ids=str)
def test_a_text_a_line_is_answered_in_order(monkeypatch, capfd, words):
    texts = "".join(f"{'x' * (number % 7)}{number}\n" for number in range(9000))
    status, printed, said = predicted(monkeypatch, capfd, texts.encode(), *words)
    assert (status, printed, said) == (0, texts.upper(), "")


def test_the_last_line_need_not_end_and_lines_may_end_as_on_windows(monkeypatch, capfd):
    assert predicted(monkeypatch, capfd, "\ufeffeins\r\n\r\nd\u2028rei".encode())[1] == "EINS\n\nD\u2028REI\n"


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_tables_go_through_as_files_do(monkeypatch, capfd, kind):
    row_files.write(f"in.{kind}", ["id", "text"], [["1", "a\tb,"], ["2", 'c"\nd']])
    assert predicted(monkeypatch, capfd, b"", "--input", f"in.{kind}", "--output", f"out.{kind}")[0] == 0
    with open(f"in.{kind}", "rb") as file:
        words = ("--input", "-", "--input_format", kind, "--output", "-")
        status, printed, said = predicted(monkeypatch, capfd, file.read(), *words)
    with open(f"out.{kind}", encoding="utf-8", newline="") as file:
        assert (status, printed, said) == (0, file.read(), "")
    status, printed, _ = predicted(monkeypatch, capfd, b"", "--input", f"in.{kind}", "--output", "-")
    with open(f"out.{kind}", encoding="utf-8", newline="") as file:
        assert (status, printed) == (0, file.read())  # the format of the input is that of the output


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_lines_may_become_a_table(monkeypatch, capfd, tmp_path, kind):
    printed = predicted(monkeypatch, capfd, b'a\n"b\nc\td\n', "--output", "-", "--output_format", kind)[1]
    (tmp_path / f"out.{kind}").write_text(printed)
    read = row_files.read(tmp_path / f"out.{kind}")
    assert read.names == ["text", "answer_text"]
    assert [cells for _, cells in read.rows] == [["a", "A"], ['"b', '"B'], ["c\td", "C\tD"]]


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (b"ok\nb\xe4d\n", [], "iconv -f latin1 -t utf-8 FILE | tfmodels ... Received: byte 0xe4 at position 1 of the "
         "line, standard input, line 2"),
        (b"", [], "Received: an empty standard input"),
        (b"\x1f\x8bxx", [], "unpack it: zcat FILE"),
        ("a".encode("utf-16"), [], "convert it: iconv -t utf-8 FILE"),
        (b"id,other\n1,2\n", ["--input", "-", "--input_format", "csv"], "Received: id, other, standard input"),
        (b"x", ["--input_format", "csv", "--input", "a.csv"], "Expected --input_format with --input -"),
        (b"x", ["--output_format", "csv"], "Expected --output_format with --output -"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_what_to_do(monkeypatch, capfd, content, words, said):
    status, printed, errors = predicted(monkeypatch, capfd, content, *words)
    assert status == 2 and said in errors
    assert printed == ("OK\n" if content[:2] == b"ok" else "")


@pytest.mark.parametrize("words", [[], ["--output", "-"]], ids=str)
def test_lines_are_answered_before_the_next_ones_are_written(monkeypatch, capfd, words):
    """A program that writes a line and waits for its answer gets it."""

    class Asking(io.RawIOBase):
        lines = iter([b"one\n", b"two\n"])

        def readable(self):
            return True

        def readinto(self, buffer):
            line = next(self.lines, b"")
            if line:
                assert capfd.readouterr().out == ("ONE\n" if line == b"two\n" else "")
            buffer[: len(line)] = line
            return len(line)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Asking())))
    piped = open(os.dup(1), "w")  # noqa: SIM115  buffered, unlike that of pytest
    monkeypatch.setattr(sys, "stdout", piped)
    assert main.main(["predict", "model", *words]) == 0
    assert capfd.readouterr().out == "TWO\n" and CALLS == [1, 1]


def test_inputs_of_an_endpoint_are_options(monkeypatch, capfd):
    words = ("--endpoint", "sample", "--seed", "-7", "a", "b")
    assert predicted(monkeypatch, capfd, b"", *words) == (0, "A-7\nB-7\n", "")
    words = ("--endpoint=sample", "--seed=7", "--output", "-", "--output_format", "jsonl", "--heat", "0.25", "a")
    assert json.loads(predicted(monkeypatch, capfd, b"", *words)[1]) == {
        "text": "a",
        "answer_heat": 0.25,
        "answer_text": "A7",
    }


def test_inputs_of_an_endpoint_are_columns_unless_they_are_options(monkeypatch, capfd):
    words = ("--endpoint", "sample", "--input", "-", "--input_format", "csv")
    table = b"text,seed,heat\na,1,0.25\nb,2,1\n"
    assert predicted(monkeypatch, capfd, table, *words)[1] == "A1\nB2\n"
    assert predicted(monkeypatch, capfd, table, *words, "--seed", "5")[1] == "A5\nB5\n"
    assert "Expected seed (int64). Received: seed='x'" in predicted(monkeypatch, capfd, b"text,seed\na,x\n", *words)[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sed", "1"], "seed (int64), text (text). Received: --sed (did you mean seed?)"),
        (["--seed", "1.5"], "Expected seed (int64). Received: seed='1.5'"),
        (["--seed", "1", "--heat", "nan"], "Expected a finite number of heat (float32). Received: --heat nan"),
        (["--seed", "1", "--heat", "-inf"], "Expected a finite number of heat (float32). Received: --heat -inf"),
        ([], "heat (float32), seed (int64), text (text). Received: none of seed"),
    ],
    ids=str,
)
def test_wrong_inputs_are_refused_with_the_known_ones(monkeypatch, capfd, words, said):
    status, _, errors = predicted(monkeypatch, capfd, b"", "--endpoint", "sample", *words, "a")
    assert status == 2 and said in errors


def test_answers_with_several_fields_are_a_table_or_json(monkeypatch, capfd):
    printed = predicted(monkeypatch, capfd, b"a\nb\n", "--endpoint", "nbest")[1]
    assert printed.splitlines() == [
        "row\trank\tscore\ttext", "1\t1\t-0.5\tA1", "1\t2\t-1.0\tA2", "2\t1\t-0.5\tB1", "2\t2\t-1.0\tB2",
    ]  # fmt: skip
    words = ("--output", "-", "--output_format", "csv", "--endpoint", "nbest")
    assert predicted(monkeypatch, capfd, b"a\n", *words)[1] == "text,score_1,score_2,text_1,text_2\na,-0.5,-1.0,A1,A2\n"
    assert predicted(monkeypatch, capfd, b"a\n", "--endpoint", "maps")[1] == '{"map": [[0.0, 0.0]]}\n'


@pytest.mark.parametrize(
    ("output", "printed"),
    [
        ({"text": "a", "score": 0.5}, "a"),
        ({"text": "a", "map": [[0.5]]}, '{"text": "a", "map": [[0.5]]}'),
        ({"label": "a\tb", "probability": 0.5}, "a b\t0.5000"),
        ({"label": "a", "probability": 0.5, "tokens": ["x"]}, '{"label": "a", "probability": 0.5, "tokens": ["x"]}'),
    ],
    ids=str,
)
def test_what_another_endpoint_says_is_not_left_out(output, printed, capsys):
    printed_answers.show([output], short=False)
    assert capsys.readouterr().out == f"{printed}\n"
    printed_answers.show([output])
    assert capsys.readouterr().out == (
        "a b\t0.5000\n" if "\t" in printed else "a\t0.5000\n" if "label" in output else "a\n"
    )


def test_a_file_that_cannot_hold_the_answers_is_refused_before_they_are_computed(monkeypatch, capfd):
    status, _, errors = predicted(monkeypatch, capfd, b"", "--endpoint", "maps", "--output", "maps.csv", "a")
    assert status == 2 and "Expected .jsonl or .parquet for outputs with several values each" in errors and not CALLS
    assert predicted(monkeypatch, capfd, b"", "--endpoint", "maps", "--output", "maps.jsonl", "a")[0] == 0


def test_standard_input_is_named_alone(monkeypatch, capfd):
    for words in (["-", "-"], ["a", "-"]):
        status, printed, errors = predicted(monkeypatch, capfd, b"b\n", *words)
        assert (status, printed) == (2, "") and "Received: - among 2 texts" in errors
    assert predicted(monkeypatch, capfd, b"", "--", "-", "a")[:2] == (0, "-\nA\n")


def test_without_texts_a_terminal_is_not_waited_for(monkeypatch, capfd):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(b"a\n")))
    assert main.main(["predict", "model"]) == 2
    assert "either texts, --input FILE, or texts at standard input" in capfd.readouterr().err
    assert main.main(["predict", "model", "--input", "-"]) == 0  # who asks for it may type
    assert capfd.readouterr().out == "A\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert main.main(["predict", "model"]) == 2


def test_a_table_keeps_the_encoding_of_the_training_data(monkeypatch, tmp_path, capfdbinary):
    files = {"columns": ["text"], "files": {"encoding": "latin-1"}}
    card = {"task": "translation", "columns": ["text"], "table": files}
    monkeypatch.setattr(task_options, "model", lambda *_: Predictor(card, SIGNATURES, answer))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("text\nä\n".encode("latin-1"))))
    assert main.main(["predict", "model", "--input", "-", "--input_format", "csv", "--output", "-"]) == 0
    assert capfdbinary.readouterr().out == "text,answer_text\nä,Ä\n".encode("latin-1")


NESTED = b'{"text": "a", "answers": {"text": ["x"]}, "mixed": 1}\n{"text": "b", "answers": null, "mixed": "c"}\n'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "out.csv"], "Received: column 'answers', in.jsonl, row 1"),
        (["--output", "out.tsv.gz"], "Received: column 'answers', in.jsonl, row 1"),
        (["--output", "-", "--output_format", "csv"], "Received: column 'answers', in.jsonl, row 1"),
        (["--output", "out.parquet"], "'c' after others, column 'mixed', in.jsonl, row 2"),
        (["--output", "out.parquet", "--endpoint", "nbest"], "column 'mixed', in.jsonl, row 2"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_said_before_the_model_answers(monkeypatch, capfd, tmp_path, words, said):
    (tmp_path / "in.jsonl").write_bytes(NESTED)
    status, _, errors = predicted(monkeypatch, capfd, b"", "--input", "in.jsonl", *words)
    assert (status, CALLS) == (2, []) and said in errors


def test_columns_that_answers_replace_are_not_judged(monkeypatch, capfd, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "a", "answer_text": ["x"]}\n')
    assert predicted(monkeypatch, capfd, b"", "--input", "in.jsonl", "--output", "out.csv")[0] == 0
    assert [cells for _, cells in row_files.read("out.csv").rows] == [["a", "A"]]
    (tmp_path / "nested.jsonl").write_bytes(NESTED)
    for output in ("out.jsonl", "out.txt"):
        assert predicted(monkeypatch, capfd, b"", "--input", "nested.jsonl", "--output", output)[0] == 0


@pytest.mark.parametrize(
    ("task", "written", "refused"),
    [
        ("translation", ["o.csv", "o.txt", "o.gz"], ["o.json", "o.json.gz", "o.ndjson", "o.xlsx"]),
        ("question_answering", ["o.json", "o.JSON.gz", "o.txt", "o.parquet"], ["o.ndjson", "o.zip"]),
        *((name, ["o.csv", "o.tsv.gz", "o.jsonl", "o.parquet"], ["o.txt", "o", "o.json"])
          for name in ("clinical", "recommendation", "forecasting")),
    ],
)  # fmt: skip
def test_endings_that_a_task_does_not_write_are_said_before_the_model_answers(
    monkeypatch, capfd, tmp_path, task, written, refused
):
    card = {"task": task, "columns": ["text"]}
    monkeypatch.setattr(task_options, "model", lambda *_: Predictor(card, SIGNATURES, answer))
    for place, output in enumerate([*written, *refused]):
        status, _, errors = predicted(monkeypatch, capfd, b"", "--input", "absent.csv", "--output", output)
        is_read = "absent.csv" in errors or "card" in errors  # the output was taken, and the input is asked for
        assert (status, CALLS) == (2, []) and is_read == (place < len(written)), (output, errors)
