import json
from dataclasses import replace
from pathlib import Path

from pipelines.runs import overfitting
from pipelines.runs.report import Report
from pipelines.runs.reports import of_members
from pipelines.runs.run_folders import Run

ROW = {"step": 10, "epoch": 1.0, "train_loss": 1.0, "val_loss": 2.0, "seconds": 1.0, "learning_rate": 0.1, "loss": 1.0}


def test_the_losses_of_one_member_are_not_those_of_the_ensemble(tmp_path):
    run = Run(Path(tmp_path), "forecasting", None)
    scored = Report(
        task="forecasting", model="x", split="test", primary={"metric": "mae", "higher_is_better": False},
        metrics={"mae": 1.0}, baselines={}, tables=[], notes=["a note"],
        seed=1, parameters=1, train_seconds=1.0, command="",
    )  # fmt: skip
    assert of_members.without_training(scored, run) == scored
    (tmp_path / "history.json").write_text(json.dumps([ROW]))
    tables = [overfitting.table(run.history), {"title": "by steps", "columns": [], "rows": []}]
    notes = [overfitting.verdict(run.history), "a note"]
    found = of_members.without_training(replace(scored, tables=tables, notes=notes), run)
    assert [table["title"] for table in found.tables] == ["by steps"]
    assert found.notes[:-1] == ["a note"]
    assert found.notes[-1].endswith(f"corrections and teachers are those of {run.name}, the first member")
