"""`tfmodels explain` of exports, whose answers may be anything."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines import runs
from pipelines.cli import main, task_options
from pipelines.runs.predictor import Predictor
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

TEXT = {"text": Field("text", "string", (None,))}
ANSWERS = {
    "translation": {
        "text": "Ein Hund",
        "source_tokens": ["▁A", "▁dog", "</s>", ""],
        "target_tokens": ["▁Ein", "▁Hund", ""],
        "attention": np.arange(12.0).reshape(3, 4) / 12,
    },
    "classification": {
        "label": "good",
        "probability": 0.75,
        "tokens": ["fine", "film", "", ""],
        "start": [0, 5, 0, 0],
        "end": [4, 9, 0, 0],
        "attention": [0.25, 0.75, 0, 0],
    },
}
ANSWERS["summarization"] = ANSWERS["translation"] | {"copied": np.full([3, 4], 0.25)}
ENDPOINTS = {"translation": "attention", "summarization": "attention"}
ENDPOINTS |= {"classification": "explain", "forecasting": "serving_default"}


def array(value):
    if isinstance(value, str):
        return np.array([value.encode()], object)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return np.array([[one.encode() for one in value]], object)
    return np.array([value], np.float32)


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("saved/mine/1").mkdir(parents=True)


def explained(monkeypatch, capsys, task, answer, endpoint=""):
    """The exit status and what was printed of `tfmodels explain` of an export that answers this."""
    fields = {name: Field(name, "string", None) for name in answer}
    signatures = {endpoint or ENDPOINTS[task]: Signature(TEXT, fields)}

    def call(name, text):
        return {output: array(value) for output, value in answer.items()}

    predictor = Predictor({"task": task, "columns": ["text"]}, signatures, call)
    monkeypatch.setattr(task_options, "model", lambda *_: predictor)
    status = main.main(["explain", "saved/mine", "A fine film"])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("task", "figures"),
    [
        ("translation", ["cross_attention.png"]),
        ("summarization", ["cross_attention.png", "copied.png"]),
        ("classification", ["words.png", "words.html"]),
    ],
)
def test_an_export_is_explained_by_its_endpoint(monkeypatch, capsys, task, figures):
    status, printed, _ = explained(monkeypatch, capsys, task, ANSWERS[task])
    assert status == 0
    folder = Path("explain/mine")
    assert printed.split() == [str(folder / name) for name in (*figures, "numbers.json")]
    numbers = json.loads((folder / "numbers.json").read_text())
    assert np.shape(numbers.get("copied", [])) == ((2, 3) if task == "summarization" else (0,))
    if task != "classification":
        assert numbers["tokens"] == {"source": ["▁A", "▁dog", "</s>"], "target": ["▁Ein", "▁Hund"]}
        assert np.shape(numbers["attention"]["attention"]) == (2, 3)
    else:
        assert (numbers["tokens"], numbers["scores"]["attention"]) == (["fine", "film"], [0.25, 0.75])


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("translation", {"attention": [[0.5]]}),
        ("translation", {"attention": [[[0.5]]]}),
        ("translation", {"attention": "many"}),
        ("translation", {"attention": np.full([3, 4], np.nan)}),
        ("summarization", {"copied": [[0.5]]}),
        ("translation", {"source_tokens": [1.0, 2.0]}),
        ("translation", {"target_tokens": ["", ""]}),
        ("classification", {"tokens": "fine"}),
        ("classification", {"start": [0]}),
        ("classification", {"probability": "high"}),
    ],
    ids=str,
)
def test_answers_of_another_form_are_refused(monkeypatch, capsys, task, changes):
    status, printed, said = explained(monkeypatch, capsys, task, ANSWERS[task] | changes)
    assert (status, printed) == (2, "") and f"Expected an output {next(iter(changes))!r}" in said


def test_an_export_without_the_endpoint_is_refused_by_its_name(monkeypatch, capsys):
    status, _, said = explained(monkeypatch, capsys, "translation", ANSWERS["translation"], "serving_default")
    assert status == 2 and "the endpoint `attention`, or a run. Received: saved/mine with serving_default" in said
    status, _, said = explained(monkeypatch, capsys, "forecasting", {"mean": [1.0]})
    assert status == 2 and "Expected a run: exports of forecasting have no endpoint that explains" in said
    status, _, said = explained(monkeypatch, capsys, "foreign", {"mean": [1.0]}, "attention")
    assert status == 2 and "Expected a run: exports of foreign" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "b", "c"], "3 runs; export them as one and explain that: tfmodels export a b c --to FOLDER"),
        (["a", "not", "run"], "2 texts; put quotes around one of several words"),
        (["a"], "Received: no text"),
    ],
    ids=str,
)
def test_one_model_and_one_text_are_explained(monkeypatch, capsys, words, said):
    monkeypatch.setattr(runs, "locate", lambda name: Path(name) if len(name) == 1 else None)
    assert main.main(["explain", *words]) == 2
    assert said in capsys.readouterr().err
