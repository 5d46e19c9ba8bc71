"""From files to served answers, by the commands."""

import contextlib
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from running_server import running
from small_questions import fit_with, write_questions

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.question_answering import task
from tfmodels import metrics, serving

QUESTIONS = [
    ("Who is in Łódź?", "Änne is in Łódź today. Bo is in Rome."),
    ("", "Bo is in Rome."),
    ("Who is in Rome?", ""),
    ("Who is in 東京?", "👩‍🔬 e\u0301 東京。"),
    ("Who is in Bonn?", "Emil is in Wien. " * 40 + "Dora is in Bonn."),
]
ROWS = [{"question": question, "context": context} for question, context in QUESTIONS]


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        write_questions(Path("questions"))
        yield Path.cwd()


@pytest.fixture(scope="module")
def run(workplace, one_replica):
    with one_replica():
        status, printed = fit_with("small")
    assert status == 0, printed
    return runs.load("small")


@pytest.fixture(scope="module")
def exported(run):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "small"]) == 0, printed.getvalue()
    return Path("saved_models/small/1")


def content(path):
    return json.loads(path.read_text(encoding="utf-8"))


def assert_alike(one, other, tolerance=1e-5):
    assert one.keys() == other.keys()
    for name, value in one.items():
        if isinstance(value, float) or (isinstance(value, list) and name in ("score", "attention")):
            np.testing.assert_allclose(value, other[name], atol=tolerance)
        else:
            assert value == other[name], name


def test_fit_reports_and_says_what_was_read(run):
    report = content(run.path / "report.json")
    assert (report["task"], report["rows"]) == ("question_answering", 8)
    assert {"exact_match", "f1", "no_answer_accuracy", "ece"} <= report["metrics"].keys()
    assert len(report["baselines"]) == 3 and report["parameters"] > 0
    for name in ("curves", "calibration", "coverage"):
        assert (run.path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_run_its_export_and_a_server_answer_alike_alone_and_in_a_batch(run, exported):
    in_run, in_export = pipelines.load("small"), pipelines.load(exported)
    with running("saved_models") as server, serving.Client(f"{server.rest}/v1/models/small") as client:
        for endpoint in ("serving_default", "nbest", "explain"):
            together = in_run.predict(ROWS, endpoint)
            of_export = in_export.predict(ROWS, endpoint)
            served = client.predict(
                endpoint, question=[one for one, _ in QUESTIONS], context=[other for _, other in QUESTIONS]
            )
            for place, row in enumerate(ROWS):
                assert_alike(together[place], in_run.predict(row, endpoint))
                assert_alike(together[place], of_export[place])
                for name, values in together[place].items():
                    of_server = served[name][place]
                    if endpoint != "explain" and name in ("answer", "start", "end"):
                        texts = [one.decode() for one in np.atleast_1d(of_server)] if name == "answer" else of_server
                        assert np.atleast_1d(values).tolist() == np.atleast_1d(texts).tolist()


def test_a_file_is_answered_beside_its_columns_and_scored_as_the_report_is(run, tmp_path):
    assert main.main(["predict", "small", "--input", "questions/dev.jsonl", "--output", f"{tmp_path}/a.jsonl"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert list(rows[0]) == ["id", "question", "context", "answer", "start", "end", "score", "answerable"]
    for row in rows:
        piece = row["context"].encode()[max(row["start"], 0) : max(row["end"], 0)].decode()
        assert row["answer"] == piece
    known = [json.loads(line)["answer"] for line in Path("questions/dev.jsonl").read_text("utf-8").splitlines()]
    found = metrics.squad_scores([row["answer"] for row in rows], [[one] if one else [] for one in known])
    scores = content(run.path / "report.json")["metrics"]
    assert found.mean(axis=0).tolist() == pytest.approx([scores["exact_match"], scores["f1"]])


@pytest.mark.slow
def test_a_run_twice_is_exported_as_an_ensemble_that_answers_as_the_run(run, exported):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "small", "small"]) == 0, printed.getvalue()
    alone, together = (pipelines.load(str(path)) for path in (exported, Path("saved_models/small-ensemble")))
    for one, other in zip(alone.predict(ROWS), together.predict(ROWS), strict=True):
        assert_alike(one, other, 1e-4)
    with contextlib.redirect_stdout(io.StringIO()):
        assert main.main(["evaluate", "saved_models/small-ensemble"]) == 0
    found = content(run.path / "report.small-ensemble-1.json")
    own = content(run.path / "report.json")
    assert found["metrics"]["f1"] == pytest.approx(own["metrics"]["f1"])
    assert found["model"] == "ensemble of 2 runs"


@pytest.mark.slow
def test_runs_that_differ_in_what_they_decide_are_refused_as_one(run, one_replica, capsys):
    with one_replica():
        assert fit_with("wider", "--window", "14")[0] == 0
    assert main.main(["export", "small", "wider"]) == 2
    assert "with the same window as" in capsys.readouterr().err


@pytest.mark.slow
def test_a_training_that_is_stopped_ends_as_one_that_is_not(run, one_replica, monkeypatch):
    from tfmodels.training.callbacks import saving

    def stopped(self, *arguments):
        original(self, *arguments)
        raise KeyboardInterrupt

    original = saving.Saving.on_epoch_end
    with one_replica():
        with monkeypatch.context() as patch:
            patch.setattr(saving.Saving, "on_epoch_end", stopped)
            assert fit_with("stopped")[0] == 130
        assert fit_with("stopped")[0] == 0
    for one, other in zip(run.history, runs.load("stopped").history, strict=True):
        assert (one["val_loss"], one["train_loss"]) == (other["val_loss"], other["train_loss"])
    assert content(run.path / "report.json")["metrics"] == content(Path("runs/stopped/report.json"))["metrics"]


@pytest.mark.slow
def test_two_replicas_train_as_one_and_bfloat16_trains(run, two_replicas):
    assert fit_with("replicas")[0] == 0
    for one, other in zip(run.history, runs.load("replicas").history, strict=True):
        assert one["val_loss"] == pytest.approx(other["val_loss"], rel=1e-4)
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-4)
    status, printed = fit_with("short", "--training.precision", "bfloat16")
    assert status == 0, printed
    assert runs.load("short").history[-1]["val_loss"] == pytest.approx(run.history[-1]["val_loss"], rel=0.05)


@pytest.mark.slow
def test_seeds_are_trained_and_compared(workplace):
    status, printed = fit_with("seeded", "--seeds", "0,1")
    assert status == 0, printed
    assert {"seeded-seed-0", "seeded-seed-1"} <= {path.name for path in Path("runs").iterdir()}
    assert "f1" in Path("runs/seeded-seeds.json").read_text()


@pytest.mark.slow
def test_a_reader_starts_from_a_classifier(workplace, one_replica):
    lines = [
        "text,label",
        *(f"{'Anna' if place % 2 else 'Bo'} is in Oslo {place} today.,{place % 2}" for place in range(40)),
    ]
    Path("labels.csv").write_text("\n".join(lines))
    family = ["--model", "lstm", "--lstm.d_model", "8", "--lstm.num_layers", "1"]
    small = ["--training.steps", "2", "--training.interval", "1", "--training.batch_tokens", "200"]
    with one_replica(), contextlib.redirect_stdout(io.StringIO()):
        assert main.main(["fit", "classification", "--run", "labels", "--data", "labels.csv", *family, *small]) == 0
        status, printed = fit_with("started", "--start_from", "labels", "--keep_tokens", "true")
    assert status == 0, printed
    assert "0 new, 0 gone" in printed and "newly initialised" in printed


@pytest.mark.slow
def test_weights_of_eight_bits_answer_nearly_alike(run, exported):
    words = ["--weights", "int8", "--samples", "data", "--to", "saved_models/eighths"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "small", *words]) == 0
    # A question alone is no row.
    assert "tfmodels predict saved_models/eighths --input FILE --output FILE" in printed.getvalue()
    whole, eighths = (pipelines.load(path) for path in (exported, "saved_models/eighths"))
    for one, other in zip(whole.predict(ROWS), eighths.predict(ROWS), strict=True):
        assert one["answerable"] == pytest.approx(other["answerable"], abs=0.05)


@pytest.mark.slow
def test_a_learning_rate_is_searched(workplace, one_replica, monkeypatch):
    from tfmodels.training.search import learning_rate_range

    monkeypatch.setattr(learning_rate_range, "STEPS", 30)
    with one_replica():
        assert fit_with("search", "--find_lr")[0] == 0
    assert content(Path("runs/search/find_lr.json"))["rates"]


@pytest.mark.slow
def test_explain_draws_question_against_context(run, tmp_path):
    row = "Who is in Łódź?\tÄnne is in Łódź today."
    assert main.main(["explain", "small", row, "--output", str(tmp_path)]) == 0
    numbers = content(tmp_path / "numbers.json")
    assert numbers["question"] == "Who is in Łódź?" and np.shape(numbers["attention"]) == (
        len(numbers["tokens"]),
        len(numbers["question_tokens"]),
    )
    assert (tmp_path / "attention.png").read_bytes().startswith(b"\x89PNG")


def test_data_without_a_test_split_says_so(run):
    config = replace(run.config, data="questions/train.jsonl")
    with pytest.raises(ValueError, match="Expected data with a test split"):
        task.evaluate(config, replace(run, config=config), "test")


def test_a_question_and_a_context_are_one_text_with_a_tab(run, capsys):
    question, context = "Who is in Oslo?", "Anna is in Oslo.\tBo is in Bonn."
    asked = {"question": question, "context": context}
    words = ["--endpoint", "nbest", f"{question}\t{context}", "--output", "nbest.jsonl"]
    assert main.main(["predict", "small", *words]) == 0
    found = json.loads(Path("nbest.jsonl").read_text("utf-8"))
    for name, value in pipelines.load("small").predict(asked, "nbest").items():
        assert found[name] == pytest.approx(value) if name in ("score", "answerable") else found[name] == value
    capsys.readouterr()
    assert main.main(["predict", "small", f"{question}\t{context}"]) == 0 and capsys.readouterr().out.strip()
    assert main.main(["predict", "small", question]) == 2
    assert "Expected a question, a tab and the context" in capsys.readouterr().err


@pytest.mark.slow
def test_why_questions_are_not_learnt_is_said(workplace):
    write_questions(Path("twice"))
    with Path("twice/dev.jsonl").open("a", encoding="utf-8") as file:
        for number in range(3):  # twice in its context, and no place is given
            row = {"id": f"twice{number}", "question": "Who?", "context": f"Bo {number}. Bo.", "answer": "Bo"}
            file.write("\n" + json.dumps(row))
    status, printed = fit_with("twice", "--data", "twice", "--dry_run")
    assert status == 0, printed
    assert (
        "3 of 11 validation questions are not learnt or validated on in training: their answers have no one" in printed
    )
    assert "beyond max_context_length" not in printed
