import io
from pathlib import Path

import pytest

from pipelines.cli import main, score, task_options
from pipelines.sources.files import row_files

PAIRS = [["1", "A dog.", 'Ein "Hund"\u2028.'], ["2", "", "x"]]


class Scorer:
    def predict(self, rows, endpoint):
        assert endpoint == "score"
        return [{"score": -1.0, "length": len(row["target"])} for row in rows]


@pytest.fixture(autouse=True)
def scorer(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(task_options, "model", lambda model, overrides: Scorer())


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "tsv.gz"])
@pytest.mark.parametrize("source", ["text", "source"])
def test_pairs_in_columns(capsys, ending, source):
    row_files.write(f"in.{ending}", ["id", source, "target"], PAIRS)
    assert main.main(["score", "run", "--input", f"in.{ending}", "--output", f"out.{ending}"]) == 0
    assert main.main(["score", "run", "--input", f"out.{ending}", "--output", "again.jsonl"]) == 0
    read = row_files.read("again.jsonl")
    assert read.names == ["id", source, "target", "score", "length"]
    assert [cells for _, cells in read.rows] == [[*PAIRS[0], -1.0, 12], [*PAIRS[1], -1.0, 1]]


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.txt"])
def test_lines_of_a_source_and_a_target(capsys, name):
    Path(name).write_text('A dog.\tEin "Hund".\n\tx\n')
    assert main.main(["score", "run", "--input", name]) == 0
    assert capsys.readouterr().out == "-1.000000\t11\n-1.000000\t1\n"
    assert main.main(["score", "run", "--input", name, "--output", "out"]) == 0
    assert Path("out").read_text() == "-1.000000\t11\n-1.000000\t1\n"


@pytest.mark.parametrize(
    "answer",
    [{"text": "a"}, {"score": "a", "length": 1}, {"score": -1.0, "length": -1}, {"score": [-1.0], "length": 1}],
    ids=str,
)
def test_answers_of_another_kind_of_model_are_refused(monkeypatch, capsys, answer):
    Path("pairs.tsv").write_text("a\tb\n")
    monkeypatch.setattr(Scorer, "predict", lambda self, rows, endpoint: [answer])
    assert main.main(["score", "run", "--input", "pairs.tsv"]) == 2
    assert "Expected a model whose endpoint `score`" in capsys.readouterr().err


def test_a_missing_folder_is_refused_before_anything_is_computed(monkeypatch, capsys):
    Path("pairs.tsv").write_text("a\tb\n")
    monkeypatch.setattr(Scorer, "predict", lambda *_: pytest.fail("computed"))
    assert main.main(["score", "run", "--input", "pairs.tsv", "--output", "no/such/scores.txt"]) == 2
    assert "Expected a folder for the output. Received: --output no/such/scores.txt" in capsys.readouterr().err


def test_a_score_without_any_probability_has_an_infinite_perplexity(monkeypatch, capsys):
    Path("pairs.tsv").write_text("a\tb\n")
    monkeypatch.setattr(Scorer, "predict", lambda self, rows, endpoint: [{"score": -1e6, "length": 1}])
    assert main.main(["score", "run", "--input", "pairs.tsv"]) == 0
    assert capsys.readouterr().err.endswith("perplexity inf\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "text,goal\na,b\n", "a column 'target'. Received: text, goal"),
        ("a.csv", "text,target\n", "only the header text, target"),
        ("a.jsonl", '{"text": "a", "target": null}\n', "a text as source and as target.*line 1"),
        ("a.txt", "", "an empty file"),
        ("a.tsv", "a\tb\tc\n", "one tab"),
    ],
)
def test_what_are_no_pairs_is_named(name, content, message):
    Path(name).write_text(content)
    with pytest.raises(ValueError, match=message):
        score._read(Path(name))


def test_pairs_at_standard_input_are_scored_to_standard_output(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\tb\n")))
    assert main.main(["score", "run"]) == 0
    assert capsys.readouterr().out == "-1.000000\t1\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"source,target\na,bc\n")))
    words = ("--input", "-", "--input_format", "csv", "--output", "-", "--output_format", "csv")
    assert main.main(["score", "run", *words]) == 0
    assert capsys.readouterr().out == "source,target,score,length\na,bc,-1.0,2\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\n")))
    assert main.main(["score", "run", "--input", "-"]) == 2
    assert "standard input" in capsys.readouterr().err


def test_data_at_standard_input_is_not_evaluated(capsys):
    assert main.main(["evaluate", "run", "--data", "-"]) == 2
    assert "save it first: cat > FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--output", "answers.txt"], "one of the endings .csv, .tsv, .jsonl, .parquet"),
        (["run", "--output", "-"], "Expected --output FILE with one model. Received: --output -"),
        (["run", "two", "--output", "a.csv"], "Expected --output FILE with one model. Received: 2 models"),
        (["run", "--output", "no/a.csv"], "Expected a folder for the output"),
    ],
    ids=str,
)
def test_answers_that_cannot_be_written_are_refused_before_anything_is_scored(capsys, words, said):
    assert main.main(["evaluate", *words]) == 2
    assert said in capsys.readouterr().err


def test_pairs_that_the_output_cannot_hold_are_said_before_they_are_scored(monkeypatch, capsys):
    Path("in.jsonl").write_text('{"text": "a", "target": "b", "tags": ["c"], "score": [1]}\n')
    assert main.main(["score", "run", "--input", "in.jsonl", "--output", "out.jsonl"]) == 0
    monkeypatch.setattr(task_options, "model", None)
    assert main.main(["score", "run", "--input", "in.jsonl", "--output", "out.csv"]) == 2
    assert "Received: column 'tags', in.jsonl, row 1" in capsys.readouterr().err
