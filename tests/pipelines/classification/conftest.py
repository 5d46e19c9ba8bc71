import sys
from pathlib import Path

import numpy as np
import pytest
from small_opinions import write_opinions

import pipelines
from pipelines import runs
from pipelines.classification import classification_explanation, data, task
from pipelines.runs import report
from pipelines.runs.frames import python_runs
from tfmodels import export
from tfmodels.export.graph.field import Field


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here; `opinions` holds opinions of which one word tells the label."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        patch.setattr(classification_explanation, "_MOST_TEXTS", 4)  # gradients take time
        write_opinions(Path("opinions"))
        yield Path.cwd()


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """The commands of trainings, none of which trains; the model finds all that begins with f."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel.json"])
    commands, names = [], ("label", "labels", "probabilities", "probability")

    def fit(config, run):
        commands.append(runs.command_line())
        (run.checkpoints / "best").mkdir(parents=True, exist_ok=True)
        (run.checkpoints / "best" / "ckpt.index").write_bytes(b"1")
        found = report.Report(
            task="classification", model="Finder", split="validation", metrics={"accuracy": 1.0}, baselines={}, seed=1,
            primary={"metric": "accuracy", "higher_is_better": True}, parameters=0, train_seconds=0.0,
            command=runs.command_line(), notes=["<script>alert('notes')</script>"],
        )  # fmt: skip
        report.write(found, run.path, weights=run.weights_digest)

    def predictor_of(run):
        classes = np.array([one.encode() for one in data.classes(run)], object)

        def call(endpoint, /, text):
            first = np.array([str(one).startswith("f") for one in text])
            probabilities = np.stack([1 - first * 0.9, first * 0.9], axis=1)
            label = classes[first.astype(int)]
            values = (label, np.stack([classes] * len(text)), probabilities, probabilities.max(axis=1))
            return dict(zip(names, values, strict=True))

        outputs = {name: Field(name, "string", None) for name in names}
        signature = export.Signature({"text": Field("text", "string", (None,))}, outputs)
        return pipelines.Predictor(
            {"columns": ["text"], "table": {"text": run.config.text}}, {"serving_default": signature}, call
        )

    monkeypatch.setattr(task, "fit", fit)
    monkeypatch.setattr(python_runs, "predictor_of", predictor_of)
    return commands
