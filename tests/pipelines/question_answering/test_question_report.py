import json
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.question_answering import data, question_answering_report
from pipelines.question_answering.config import Config
from pipelines.runs import Run, report
from pipelines.sources.questions.question import Answer, Question

NAMES = ("Anna", "Berta", "Clara", "Dora", "Erna", "Frida", "Gerda", "Hanna")


class Exported:
    """Answers with the first word of each context."""

    def __init__(self, **changed):
        self.changed = changed

    def predict_columns(self, inputs, outputs):
        first = [context.split()[0] for context in inputs["context"]]
        rows = len(first)
        found = {
            "answer": np.array([word.encode() for word in first], object),
            "score": np.linspace(0, 1, rows, dtype=np.float32),
            "answerable": np.linspace(0.5, 1, rows, dtype=np.float32),
        }
        return {name: (found | self.changed)[name] for name in outputs}


def questions(split):
    past = {"train": "sang", "validation": "left", "other": "wrote"}[split]
    found = [Question(f"Who {past}?", f"{name} {past} in May.", (Answer(name, 0),), id=name) for name in NAMES]
    return [*found, Question("Who stayed?", "Nobody was there.")]


@pytest.fixture
def made(tmp_path, monkeypatch):
    asked = []

    def read(config, run, split):
        asked.append((run.other, split))
        return questions("other" if run.other else split)

    monkeypatch.setattr(data, "read", read)
    monkeypatch.setattr(data, "notes", lambda run: ["made by hand"])
    rows = [{"step": step, "epoch": 1, "train_loss": 1.0, "val_loss": 2.0, "seconds": 1.0} for step in (1, 2)]
    (tmp_path / "history.json").write_text(json.dumps(rows))
    finder = SimpleNamespace(endpoints=list, network=SimpleNamespace(count_params=lambda: 7), threshold=0.25)

    def make(served, other="", split="validation"):
        run = Run(tmp_path, "question_answering", Config(), served=served, other=other)
        return question_answering_report.make(run.config, run, finder, split)

    return make, asked


def test_a_report_holds_the_scores_of_what_is_served(made, tmp_path):
    make, _ = made
    found = make(Exported())
    assert found.metrics["exact_match"] == pytest.approx(100 * 8 / 9) and found.metrics["no_answer_accuracy"] == 0
    assert set(found.comparisons) == set(found.baselines) and len(found.baselines) == 3
    assert "validation split; synthetic; " in found.caption
    assert found.beats_baseline in (True, None) and any("0.250" in note for note in found.notes)
    rows = [dict(zip(found.answers.names, row, strict=True)) for row in found.answers.rows()]
    assert np.mean([row["f1"] for row in rows]) == pytest.approx(found.metrics["f1"])
    assert [row["probability"] for row in rows] == pytest.approx(np.linspace(0, 1, 9))
    assert report.read(report.write(found, tmp_path)).metrics == pytest.approx(found.metrics)
    for name, draw in found.figures.items():
        draw(tmp_path / f"{name}.png", "made")
        assert (tmp_path / f"{name}.png").stat().st_size > 5_000


def test_baselines_learn_from_the_training_data_of_the_run_alone(made):
    make, asked = made
    make(Exported(), other="other.json", split="other")
    assert asked == [("other.json", "other"), ("", "train")]


@pytest.mark.parametrize(
    "changed", [{"score": np.full(9, 2.0)}, {"answerable": np.full(9, np.nan)}, {"score": np.ones([9, 2])}]
)
def test_exports_without_probabilities_are_refused(made, changed):
    make, _ = made
    with pytest.raises(ValueError, match="of a probability for each question"):
        make(Exported(**changed))
