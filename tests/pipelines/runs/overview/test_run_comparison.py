import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from hypothesis import given
from hypothesis import strategies as st

import tfmodels
from pipelines.runs import option_files, report
from pipelines.runs.overview import run_differences, scored_models
from pipelines.runs.overview.scored_models import Scored
from pipelines.runs.report import Report
from pipelines.runs.reports import row_scores
from pipelines.runs.reports.judgement import judge
from pipelines.runs.reports.row_scores import RowScores
from tfmodels import metrics
from tfmodels.export.card_file import write_card

ROWS = [f"row {number}" for number in range(300)]
EVALUATION = {"step": 20, "epoch": 1.0, "train_loss": 1.0, "val_loss": 2.0, "seconds": 3.0}


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def reported(right, split="validation", rows=ROWS, higher=True, of_rows=True):
    statistics = np.stack([100.0 * right, np.ones(len(right))], axis=1)
    scored = RowScores(statistics, metrics.independent_blocks(len(right)), "mean") if of_rows else None
    return Report(
        task="classification", model="LSTM", split=split, rows=len(right),
        primary={"metric": "accuracy", "higher_is_better": higher},
        metrics={"accuracy": 100 * right.mean(), "loss": 1.0},
        baselines={}, seed=1, parameters=1, train_seconds=1.0, command="x", row_scores=scored,
        rows_digest=row_scores.digest(rows),
    )  # fmt: skip


def write_run(name, right, **options):
    path = Path("runs", name)
    path.mkdir(parents=True, exist_ok=True)
    option_files.write(
        path / "config.yaml", {"format": 2, "task": "classification", "training": {"seed": 1, **options}}
    )
    (path / "history.json").write_text(json.dumps([EVALUATION]))
    for split in ("validation", "test"):
        report.write(reported(right, split), path)
    return path


def drawn(seed, share=0.8):
    return (np.random.default_rng(seed).random(len(ROWS)) < share).astype(float)


def scored(name, right, higher=True):
    found = reported(right, higher=higher)
    return Scored(name, Path(name), found, found.row_scores)


def test_a_clear_difference_is_shown_and_a_small_one_is_not():
    equal, worse = drawn(1), drawn(2, 0.5)
    one = equal.copy()
    one[:3] = 1 - one[:3]
    pairs = run_differences.pairs([scored("a", equal), scored("b", one), scored("c", worse)])
    assert [(pair.one, pair.other, pair.better) for pair in pairs] == [("a", "b", ""), ("a", "c", "a"), ("b", "c", "b")]
    assert pairs[1].difference == pytest.approx(100 * (equal.mean() - worse.mean()))
    assert pairs[1].low > 0 and pairs[0].low < 0 < pairs[0].high and pairs[1].p < 0.05 < pairs[0].p
    pairs = run_differences.pairs([scored("a", equal, higher=False), scored("c", worse, higher=False)])
    assert pairs[0].better == "c"


def of_risks(risks, name):
    labels = np.random.default_rng(0).random(len(ROWS)) < 0.4
    found = replace(reported(drawn(1)), metrics={"accuracy": metrics.risk_scores(labels, risks(labels))["auroc"]})
    rows = RowScores(np.stack([labels, risks(labels)], axis=1), np.arange(len(ROWS)) // 2, row_scores.AUROC)
    return Scored(name, Path(name), found, rows)


def test_risks_are_compared_by_their_ranks(tmp_path):
    noise = np.random.default_rng(1).random((2, len(ROWS)))
    good, poor = of_risks(lambda labels: (labels + noise[0]) / 2.2, "good"), of_risks(lambda labels: noise[1], "poor")
    ranks = of_risks(lambda labels: ((labels + noise[0]) / 2.2) ** 3, "ranks")
    pairs = run_differences.pairs([good, poor, ranks])
    assert [pair.better for pair in pairs] == ["good", "", "ranks"]
    assert (pairs[1].p, pairs[1].difference) == (1.0, 0.0)
    cases = metrics.RiskCases(good.rows.statistics[:, 0], good.rows.blocks, np.zeros(len(ROWS), int))
    expected = metrics.risk_difference(cases, good.rows.statistics[:, 1], poor.rows.statistics[:, 1])
    assert (pairs[0].low, pairs[0].high) == (expected.low, expected.high)
    assert pairs[0].difference == pytest.approx(expected.difference)
    file = tmp_path / "risks.npy"
    row_scores.write(good.rows, file)
    np.testing.assert_array_equal(row_scores.read(file, row_scores.AUROC).statistics, good.rows.statistics)
    for statistics in (good.rows.statistics * 2, good.rows.statistics[:, :1], np.full((300, 2), np.nan)):
        row_scores.write(RowScores(statistics, good.rows.blocks, row_scores.AUROC), file)
        with pytest.raises(ValueError, match="Expected statistics of rows"):
            row_scores.read(file, row_scores.AUROC)


def test_the_same_answers_are_no_difference_and_few_rows_tell_nothing():
    right = drawn(1)
    (pair,) = run_differences.pairs([scored("a", right), scored("b", right)])
    assert (pair.p, pair.better, pair.difference) == (1.0, "", 0.0)
    (pair,) = run_differences.pairs([scored("a", right[:3]), scored("b", 1 - right[:3])])
    assert (pair.p, pair.low, pair.better) == (None, None, "")


def test_chances_are_corrected_as_holm_does():
    assert run_differences._corrected([0.01, 0.04, None, 0.03]) == pytest.approx([0.03, 0.06, None, 0.06])
    assert run_differences._corrected([0.5, 0.9]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_correction_keeps_the_order_and_never_helps(chances):
    corrected = run_differences._corrected(chances)
    assert all(chance <= now <= 1 for chance, now in zip(chances, corrected, strict=True))
    order = np.argsort(chances, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)


@pytest.mark.slow
def test_equal_models_are_seldom_called_better():
    random, called = np.random.default_rng(0), 0
    for _ in range(1000):
        shared = random.random(len(ROWS))
        rights = [((0.5 * shared + 0.5 * random.random(len(ROWS))) < 0.6).astype(float) for _ in range(3)]
        models = [scored(str(number), right) for number, right in enumerate(rights)]
        called += any(pair.better for pair in run_differences.pairs(models))
    assert called / 1000 <= 0.06


def test_statistics_of_any_metric_are_written_and_read():
    answers = [f"a b c d {number}" for number in range(8)]
    statistics = metrics.bleu_statistics(answers, [["a b c d 3"]] * len(answers), False)
    judged = judge(statistics, {}, np.arange(len(answers)), score=metrics.bleu_of_sums)
    row_scores.write(judged.rows, Path("x.rows.npy"))
    found = row_scores.read(Path("x.rows.npy"), "bleu")
    np.testing.assert_array_equal(found.statistics, statistics)
    assert found.blocks.tolist() == [*range(len(answers))]
    other = RowScores(statistics[::-1], found.blocks, "bleu")
    expected = metrics.paired_difference(statistics, statistics[::-1], found.blocks, metrics.bleu_of_sums)
    assert expected is not None and found.minus(other) == expected
    for content, score in ((np.zeros([3, 1]), "mean"), (np.zeros(3), "mean"), (np.zeros([3, 3]), "other")):
        np.save("x.rows.npy", content)
        with pytest.raises(ValueError, match="Expected statistics of rows"):
            row_scores.read(Path("x.rows.npy"), score)
    with pytest.raises(ValueError, match="Expected a score of mean"):
        row_scores.name_of(len)


def test_the_command_compares_runs_and_exports():
    write_run("a", drawn(1), steps=20)
    path = write_run("b", drawn(2, 0.5), steps=40)
    export = Path("saved_models/b/3")
    export.mkdir(parents=True)
    (export / "saved_model.pb").touch()
    write_card(export, {"task": "classification", "run": {"name": "b"}})
    report.write(reported(drawn(2, 0.5)), path, of="b-3")
    status, printed = command("compare", "a", "b")
    assert status == 0 and "training.steps" in printed and "accuracy, with 95 % intervals" in printed
    assert Path("runs/compared.png").stat().st_size > 5_000
    status, printed = command("compare", "a", "saved_models/b", "--json")
    found = json.loads(printed)
    assert found["pairs"][0]["better"] == "a" and found["options"] == {
        "training.steps": {"a": 20, "saved_models/b": 40}
    }
    assert not Path("runs/a/test_uses.log").read_text().count("compare")
    assert command("compare", "a", "b", "--split", "test")[0] == 0
    assert Path("runs/a/test_uses.log").read_text().endswith("tfmodels compare a b --split test\n")


def test_the_same_from_python():
    write_run("a", drawn(1), steps=20)
    write_run("b", drawn(2, 0.5), steps=40)
    (row,) = tfmodels.compare("a", "b", split="test").to_dict("records")
    assert row["better"] == "a" and row["low"] > 0
    assert Path("runs/b/test_uses.log").read_text().endswith("tfmodels compare a b --split test\n")
    listed = tfmodels.runs(sort="accuracy")
    assert listed.index.tolist() == ["a", "b"] and listed["training.steps"].tolist() == [20, 40]
    assert listed.loc["a", "score"] == pytest.approx(100 * drawn(1).mean())
    assert tfmodels.runs(task="translation").empty
    with pytest.raises(ValueError, match="two or more different"):
        tfmodels.compare("a")


def test_models_that_cannot_be_compared_are_refused():
    write_run("a", drawn(1))
    report.write(reported(drawn(2), rows=[*ROWS[:-1], "other"]), write_run("rows", drawn(2)))
    report.write(reported(drawn(2), of_rows=False), write_run("old", drawn(2)))
    (Path("runs/old") / "report.rows.npy").unlink()
    (write_run("unscored", drawn(2)) / "report.json").unlink()
    for words, message in {
        ("a", "rows"): "scored on the same rows by the same metric. Received: rows ",
        ("a", "old"): "with the scores of its rows",
        ("a", "unscored"): "`tfmodels evaluate unscored` writes it",
        ("a", "nowhere"): "Expected a SavedModel",
        ("a", "a"): "two or more different runs",
        ("a",): "two or more different runs",
    }.items():
        status, printed = command("compare", *words)
        assert status == 2 and message in printed, printed
    with pytest.raises(FileNotFoundError):
        scored_models.read("unscored", "validation")
