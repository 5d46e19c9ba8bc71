"""Scores on other measurements than those of a run."""

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_stays import SMALL, STEPS

from pipelines import runs
from pipelines.cli import main
from pipelines.clinical import data, other_cases, task
from pipelines.clinical.config import Config, OtherTables
from pipelines.runs.reports import export_card
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels.export import card_sections


@pytest.fixture(scope="module")
def held_out(fitted):
    """Tables of the entities of the test split, whose order is another."""
    prepared = data.read(fitted)
    chosen = prepared.histories.entities.take(prepared.of_split("test").entity[::-1]).to_pylist()
    for name in ("events", "labels"):
        frame = pd.read_csv(f"{name}.csv", dtype=str)
        frame = frame[frame.stay_id.isin(chosen)]
        frame.iloc[::-1].to_csv(f"later_{name}.csv", index=False)
    return replace(fitted, other="later_events.csv")


def of_later(run):
    return replace(run.config, other=OtherTables(labels_file="later_labels.csv"))


def test_the_test_split_as_other_data_has_the_scores_of_the_test_split(fitted, held_out):
    own = task.evaluate(fitted.config, fitted, "test")
    other = task.evaluate(of_later(fitted), held_out, "other")
    assert other.metrics == pytest.approx(own.metrics, rel=1e-6)
    assert list(other.baselines) == list(own.baselines)
    for name, scores in own.baselines.items():
        assert other.baselines[name] == pytest.approx(scores, rel=1e-6)
    tables = [{table["title"]: table["rows"] for table in one.tables} for one in (own, other)]
    assert all(tables[0][title] == rows for title, rows in tables[1].items() if "hour" in title or "group" in title)
    assert sorted(row[0] for row in other.answers.rows()) == sorted(row[0] for row in own.answers.rows())
    assert not any("too good" in note for note in other.notes)


def test_the_command_scores_other_data_and_keeps_the_report_apart(fitted, held_out):
    command = ["evaluate", str(fitted.path), "--data", "later_events.csv", "--other.labels_file", "later_labels.csv"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        assert main.main(command) == 0, printed.getvalue()
        assert main.main([*command, "--split", "test"]) != 0
    assert "Expected no --split with --data" in printed.getvalue()
    (file,) = (one for one in fitted.path.glob("report.other*.json") if not one.name.endswith(".rows.json"))
    report = json.loads(file.read_text())
    assert report["split"] == "other" and any("later_labels.csv" in note for note in report["notes"])


def scored(fitted, rows, labels):
    row_files.write("new_events.csv", ["stay_id", "time", "variable", "value"], rows)
    row_files.write("new_labels.csv", ["stay_id", "died", "severity"], [[*one, 3] for one in labels])
    config = replace(fitted.config, other=OtherTables(labels_file="new_labels.csv"))
    return other_cases.scored(config, replace(fitted, other="new_events.csv"))


def test_what_makes_scores_doubtful_is_said(fitted):
    prepared = data.read(fitted)
    known = prepared.histories.entities[int(prepared.of_split("train").entity[0])].as_py()
    rows = [[known, "00:00", "HR", 80], ["new", "00:00", "HR", 120], ["new", "01:00", "Age", 60]]
    found = scored(fitted, rows, [[known, "no"], ["new", "yes"]])
    said = " ".join(found.content["said"])
    assert f"such as {known!r}: if they are the same, these scores are too good" in said
    assert "1 of 2 entities have none of the static fields that the model reads" in said
    cases = found.of_split("other")
    assert found.histories.entities.take(cases.entity).to_pylist() == [known, "new"] and cases.label.tolist() == [0, 1]
    assert found.statics.numbers["Age"][cases.entity].tolist()[1] == 60
    np.testing.assert_array_equal(found.histories.hours[: len(prepared.histories)], prepared.histories.hours)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["yes", "perhaps"], "Expected the labels of training, 'no', 'yes'"), (["yes", "yes"], "cases of both classes")],
)
def test_labels_that_training_had_not_are_refused(fitted, labels, expected):
    rows = [[of, "00:00", "HR", 80] for of in "ab"]
    with pytest.raises(ValueError, match=expected):
        scored(fitted, rows, [*zip("ab", labels, strict=True)])


def test_a_variable_that_training_had_not_is_refused(fitted):
    rows = [[of, "00:00", "HR", 80] for of in "ab"] + [["a", "01:00", "HRate", 80]]
    with pytest.raises(ValueError, match="HRate"):
        scored(fitted, rows, [["a", "no"], ["b", "yes"]])


def test_notes_of_other_data_are_read(workplace):
    rows = [[f"p{one}", "note", "fever and cough" if one % 2 else "well", 1] for one in range(60)]
    rows += [[f"p{one}", "HR", 80 + one % 7, 0] for one in range(60)]
    row_files.write("noted.csv", ["stay_id", "variable", "value", "hours"], rows)
    row_files.write("noted_labels.csv", ["stay_id", "died"], [[f"p{one}", "ny"[one % 2]] for one in range(60)])
    config = Config(data="noted.csv", labels_file="noted_labels.csv", note_variables="note", transformer=SMALL,
                    training=STEPS)  # fmt: skip
    run = preparation.prepare(task, runs.create("clinical", config, "noted"))
    prepared = data.read(run)
    joined = other_cases.scored(config, replace(run, other="noted.csv"))
    own, more = (of.notes.columns(np.arange(60) + first, np.full(60, np.inf), 2)
                 for of, first in ((prepared, 0), (joined, 60)))  # fmt: skip
    np.testing.assert_array_equal(own[1], more[1])
    np.testing.assert_array_equal(own[0], more[0])
    assert {*own[1][:, 1]} == {"fever and cough", "well"}


def test_a_report_of_risks_can_be_compared(fitted):
    report = task.evaluate(fitted.config, fitted, "test")
    cases = data.read(fitted).of_split("test")
    of_rows = report.row_scores.metrics
    assert of_rows["auroc"].score == "auroc" and report.rows_digest
    np.testing.assert_array_equal(of_rows["auroc"].rows[:, 0], cases.label)
    np.testing.assert_array_equal(report.row_scores.blocks, cases.entity)
    assert {name: of.value for name, of in of_rows.items()} == pytest.approx(report.metrics)
    assert len(report.row_scores.texts) == len(cases.label)


def test_the_card_of_an_export_has_the_table_of_groups(fitted):
    card = export_card.card(fitted, "float32", Path("saved_models/stays"))
    (table,) = card["scores"]["splits"][0]["tables"]
    assert {row[0] for row in table["rows"]} == {"sex F", "sex M"}
    page = "\n".join(card_sections.scores(card))
    assert "validation split, by group: " in page and "| sex F | " in page and "false-positive rate" in page
