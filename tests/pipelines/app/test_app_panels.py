"""What the panel of each task shows is what `predict` gives."""

import csv
import json
from pathlib import Path

import pytest
import small_models

from pipelines.app import page, panel
from pipelines.app.panels import files

TEXT = "May 5, <b>2024</b>"


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def shown(model, values):
    """What the panel of a model shows; every output that is there gets a value."""
    import gradio as gr

    own = page.panel_of(model)
    with gr.Blocks():
        known, outputs = own.inputs(model), own.outputs(model)
    filled = {name: component.value for name, component in known.items()} | values
    assert values.keys() <= known.keys()
    found, said = panel.answered(own, model, filled)
    assert found.keys() <= outputs.keys()
    assert model.name in said[1]
    return found


def test_an_answer_its_rivals_and_its_options_are_those_of_predict(exports):
    model = small_models.of_export(exports, "translation")
    predict = model.predictor.predict
    found = shown(model, {"text": TEXT, "attention": True})
    assert found["text"] == predict(TEXT)["text"]
    best = predict(TEXT, "nbest")
    assert [row[-1] for row in found["nbest"]["data"]] == best["text"]
    assert Path(found["cross_attention"]).read_bytes().startswith(b"\x89PNG")
    options = {"max_length": 3, "length_penalty": -1.0, "coverage_penalty": -1.0, "prefix": "x"}
    typed = {f"with_options.{name}": str(value) for name, value in options.items()}
    found = shown(model, {"text": TEXT, "how": "with options", **typed})
    assert found["text"] == predict({"text": TEXT, **options}, "with_options")["text"]
    with pytest.raises(ValueError, match=r"Expected seed \(int64\)"):
        shown(model, {"text": TEXT, "how": "drawn at random", "sample.seed": "seven"})


def test_a_summarizer_has_the_panel_of_a_translator(exports):
    model = small_models.summarization(exports)
    assert shown(model, {"text": TEXT})["text"] == model.predictor.predict(TEXT)["text"]


def test_labels_bars_and_words_of_a_classifier(exports):
    model = small_models.of_export(exports, "sentiment")
    found, answer = shown(model, {"text": "a fine film"}), model.predictor.predict("a fine film")
    assert found["label"] == f"{answer['label']}, {answer['probability']:.4f}"
    assert found["probabilities"] == dict(zip(answer["labels"], answer["probabilities"], strict=True))
    assert "".join(piece for piece, _ in found["words"]) == "a fine film"


def test_the_answer_is_marked_in_its_context(tmp_path):
    model = small_models.question_answering(tmp_path)
    row = {"question": small_models.QUESTION, "context": small_models.CONTEXT}
    found, answer = shown(model, row), model.predictor.predict(row)
    assert found["answer"] == answer["answer"]
    assert found["numbers"].startswith(f"of this answer {answer['score']:.4f}")
    assert [piece for piece, name in found["context"] if name == "answer"] == [answer["answer"]]
    assert "".join(piece for piece, _ in found["context"]) == small_models.CONTEXT
    best = model.predictor.predict(row, "nbest")
    assert [one[0] for one in found["nbest"]["data"]] == [text for text in best["answer"] if text]


def test_forecasts_are_those_that_predict_writes(exports, capsys):
    from pipelines.cli import main

    model = small_models.of_export(exports, "forecasting")
    table, answers = exports.parent / "load.csv", Path("answers.csv").absolute()
    assert main.main(["predict", model.address, "--input", str(table), "--output", str(answers)]) == 0
    for values in ({"file": str(table), "table": ""}, {"file": None, "table": table.read_text()}):
        found = shown(model, values)
        assert Path(found["download"]).read_bytes() == answers.read_bytes()
        assert Path(found["figure"]).read_bytes().startswith(b"\x89PNG")
        assert found["answers"]["headers"] == ["hour", "median", "q0.025", "q0.975"]
        assert len(found["answers"]["data"]) == answers.read_text().count("\n") - 1
    with pytest.raises(ValueError, match="Expected a file, or a table"):
        shown(model, {"file": None, "table": " "})


def test_items_are_picked_left_out_and_weighed():
    model = small_models.recommendation()
    history = ["rope", "nobody knows it", "<b>007</b>"]
    found, row = shown(model, {"items": history}), {"items": ["", *history]}
    answer = model.predictor.predict(row)
    assert [one[0] for one in found["recommended"]["data"]] == answer["items"]
    assert "".join(piece for piece, _ in found["words"]) == ", ".join(history)
    found = shown(model, {"items": history, "exclude": answer["items"][:1]})
    options = {"exclude": ["", "", "", "", answer["items"][0]], "candidates": [""] * 5, "exclude_seen": True, "k": 0}
    wanted = model.predictor.predict(row | options, "with_options")["items"]
    assert [one[0] for one in found["recommended"]["data"]] == [item for item in wanted if item]


def test_risks_over_time_and_their_reasons():
    model = small_models.clinical()
    found = shown(model, {"file": None, "table": small_models.EVENTS})
    task, path = model.task, Path("events.csv").absolute()
    path.write_text(small_models.EVENTS)
    rows = task.requests(path, model.card)
    answers = model.predictor.predict(rows)
    task.answers(path.with_name("risks.csv"), rows, answers, model.card)
    assert Path(found["download"]).read_bytes() == path.with_name("risks.csv").read_bytes()
    drawn = found["over_time"].value
    assert drawn["columns"] == ["hours", "probability", "entity"]
    last = [row for row in drawn["data"] if row[2] == "1: one"][-1]
    assert last[:2] == [2.0, pytest.approx(answers[0]["probability"])]
    assert Path(found["contributions"]).read_bytes().startswith(b"\x89PNG")


def test_a_file_of_rows_gets_the_answers_of_predict(exports, tmp_path):
    model = small_models.of_export(exports, "sentiment")
    (tmp_path / "rows.csv").write_text('text,id\n"fine, <i>",1\ndull,2\n')
    found, _ = panel.answered(files, model, {"file": str(tmp_path / "rows.csv"), "table": ""})
    with Path(found["download"]).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == [one["label"] for one in model.predictor.predict(["fine, <i>", "dull"])]
    assert [row["id"] for row in rows] == ["1", "2"]
    (tmp_path / "rows.jsonl").write_text(json.dumps({"wrong": "a"}))
    with pytest.raises(ValueError, match="text") as refused:
        panel.answered(files, model, {"file": str(tmp_path / "rows.jsonl"), "table": ""})
    assert str(tmp_path) in str(refused.value)  # which the page leaves out
