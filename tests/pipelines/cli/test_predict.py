import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main, task_options
from pipelines.cli.predicting import served
from pipelines.runs.rows import request_rows
from tfmodels.export.graph.field import Field


def parsed(arguments):
    parser = argparse.ArgumentParser("predict")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--input")
    parser.add_argument("--output")
    return task_options.parse(parser, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--output", "F", "a", "b"],
        ["--output", "F", "run", "a", "b"],
        ["run", "a", "--output=F", "b"],
        ["run", "a", "b", "--output", "F"],
        ["run", "--output", "F", "--", "a", "b"],
        ["--decoding.beam_size", "8", "run", "a", "--output", "F", "b"],
    ],
)
def test_options_may_stand_anywhere(arguments):
    options, overrides = parsed(arguments)
    assert (options.words, options.output) == (["run", "a", "b"], "F")
    assert overrides in ([], ["--decoding.beam_size", "8"])


def test_texts_that_look_like_options_follow_two_dashes():
    assert parsed(["run", "--output", "F", "--", "-5 degrees", "--output"])[0].words == [
        "run",
        "-5 degrees",
        "--output",
    ]


@pytest.mark.parametrize(
    "arguments", [["run", "rows.txt"], ["run", "a", "rows.txt"], ["--url", "http://h", "rows.txt"]]
)
def test_a_file_in_place_of_a_text_is_refused(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    Path("rows.txt").write_text("one\n")
    assert main.main(["predict", *arguments]) == 2
    assert "'rows.txt', which is a file; type --input rows.txt" in capsys.readouterr().err
    assert main.main(["predict", "run", "--", "rows.txt", "x" * 5000]) == 2  # both are texts
    assert "Expected a run" in capsys.readouterr().err


def written_over(words):
    """What is said about an output that is an input, under all names that it may have; the file stays."""
    rows = Path("rows.jsonl")
    rows.write_text("[]\n")
    Path("folder").mkdir()
    Path("folder/alias.jsonl").symlink_to(rows.resolve())
    Path("hard.jsonl").hardlink_to(rows)
    for name in ("rows.jsonl", "folder/../rows.jsonl", "folder/alias.jsonl", "hard.jsonl", str(rows.resolve())):
        assert main.main([*words, name]) == 2
        yield name
        assert rows.read_text() == "[]\n"


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "run", "--input", "rows.jsonl", "--output"],
        ["predict", "--url", "http://localhost:1/v1/models/m", "--input", "rows.jsonl", "--output"],
        ["predict", "run", "--input", "row*.jsonl", "--output", "answers/", "--bad"],
        ["score", "run", "--input", "rows.jsonl", "--output"],
    ],
    ids=" ".join,
)
def test_an_input_is_never_written_over(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    for name in written_over(words):
        said = capsys.readouterr().err
        assert "Expected another file for the output, so that the input stays" in said
        assert f"Received: {words[-1]} {name}, which is rows.jsonl" in said


def test_the_file_behind_standard_input_is_never_written_over(tmp_path):
    rows, other = tmp_path / "rows.jsonl", tmp_path / "other.jsonl"
    rows.write_text("[]\n")
    other.write_text("[]\n")
    script = "import sys; from pipelines.cli import subcommands; subcommands.check_output(sys.argv[1], ['-'])"
    for output, wrong in ((rows, True), (other, False), (tmp_path / "new", False)):
        with rows.open() as file:
            ended = subprocess.run(
                [sys.executable, "-c", script, output], stdin=file, check=False, capture_output=True, text=True
            )
        assert (
            (f"Received: --output {rows}, which is standard input" in ended.stderr) == wrong == bool(ended.returncode)
        )


def test_a_folder_that_is_not_there_is_said_before_predicting(tmp_path, capsys):
    assert main.main(["predict", "run", "a", "--output", str(tmp_path / "no" / "F")]) == 2
    assert "Expected a folder for the output" in capsys.readouterr().err


def test_a_server_knows_no_tables(tmp_path):
    (tmp_path / "history.csv").write_text("hour,load\n")
    inputs = {"values": Field("values", "float32", (None, 2, 1))}
    with pytest.raises(ValueError, match=r"with \['hour', 'load'\]") as refused:
        request_rows.read_rows(tmp_path / "history.csv", inputs)
    assert "in place of --url" in str(served.with_advice(refused.value, inputs))
