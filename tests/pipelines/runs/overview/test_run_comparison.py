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
from pipelines.runs.overview import differing_rows, run_differences, scored_models
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
    losses = 1 - right / 2
    of_metrics = {"accuracy": row_scores.mean(100 * right, higher_is_better=higher)}
    of_metrics["loss"] = row_scores.mean(losses, higher_is_better=False)
    of_metrics["length"] = row_scores.mean(losses * 2, higher_is_better=None)
    texts = [(f"asked {row}", "yes", "yes" if one else "no") for row, one in zip(rows, right, strict=False)]
    scored = RowScores(of_metrics, metrics.independent_blocks(len(right)), texts) if of_rows else None
    return Report(
        task="classification", model="LSTM", split=split, rows=len(right),
        primary={"metric": "accuracy", "higher_is_better": higher},
        metrics={"accuracy": 100 * right.mean(), "loss": losses.mean(), "length": 2 * losses.mean(), "bits": 3.0},
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
    return Scored(name, Path(name), Path(name), found, found.row_scores)


def of_primary(models):
    return [pair for pair in run_differences.pairs(models) if pair.metric == "accuracy"]


def test_a_clear_difference_is_shown_and_a_small_one_is_not():
    equal, worse = drawn(1), drawn(2, 0.5)
    one = equal.copy()
    one[:3] = 1 - one[:3]
    pairs = of_primary([scored("a", equal), scored("b", one), scored("c", worse)])
    assert [(pair.one, pair.other, pair.better) for pair in pairs] == [("a", "b", ""), ("a", "c", "a"), ("b", "c", "b")]
    assert [pair.verdict for pair in pairs] == ["no difference shown", "a is better", "b is better"]
    assert pairs[1].difference == pytest.approx(100 * (equal.mean() - worse.mean()))
    assert pairs[1].low > 0 and pairs[0].low < 0 < pairs[0].high and pairs[1].p < 0.05 < pairs[0].p
    pairs = of_primary([scored("a", equal, higher=False), scored("c", worse, higher=False)])
    assert pairs[0].better == "c"


def test_every_metric_of_rows_is_compared_by_what_is_better_of_it():
    found = run_differences.pairs([scored("a", drawn(1)), scored("c", drawn(2, 0.5))])
    assert [(pair.metric, pair.verdict) for pair in found] == [
        ("accuracy", "a is better"), ("loss", "a is better"), ("length", "c is higher"),
    ]  # fmt: skip
    assert [pair.better for pair in found] == ["a", "a", ""]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=4, unique=True), st.floats(0.5, 0.9))
def test_an_interval_is_on_one_side_of_zero_where_a_difference_is_shown(seeds, share):
    models = [scored(str(seed), drawn(seed, share if place else 0.8)) for place, seed in enumerate(seeds)]
    found = of_primary(models)
    for pair in found:
        assert (pair.low > 0 or pair.high < 0) == (pair.p < 0.05) == bool(pair.better)
    alone = of_primary(models[:2])[0]
    assert found[0].p == pytest.approx(min(1.0, alone.p * len(found)))
    assert found[0].high - found[0].low >= (alone.high - alone.low) * (1 - 1e-9)


def of_risks(risks, name):
    labels = (np.random.default_rng(0).random(len(ROWS)) < 0.4).astype(float)
    found = replace(reported(drawn(1)), metrics={"accuracy": metrics.risk_scores(labels, risks(labels))["auroc"]})
    metric = metrics.RowMetric(np.stack([labels, risks(labels)], axis=1), "auroc")
    return Scored(name, Path(name), Path(name), found, RowScores({"accuracy": metric}, np.arange(len(ROWS)) // 2))


def test_risks_are_compared_by_their_ranks():
    noise = np.random.default_rng(1).random((2, len(ROWS)))
    good, poor = of_risks(lambda labels: (labels + noise[0]) / 2.2, "good"), of_risks(lambda labels: noise[1], "poor")
    ranks = of_risks(lambda labels: ((labels + noise[0]) / 2.2) ** 3, "ranks")
    pairs = run_differences.pairs([good, poor, ranks])
    assert [pair.better for pair in pairs] == ["good", "", "ranks"]
    assert (pairs[1].p, pairs[1].difference) == (1.0, 0.0)
    labels, risks = good.rows.metrics["accuracy"].rows.T
    cases = metrics.RiskCases(labels, good.rows.blocks, np.zeros(len(ROWS), int))
    expected = metrics.risk_difference(cases, risks, poor.rows.metrics["accuracy"].rows[:, 1])
    (alone,) = run_differences.pairs([good, poor])
    assert (alone.low, alone.high) == pytest.approx((expected.low, expected.high))


def test_the_rows_that_differ_most_are_shown_with_their_answers():
    right = drawn(1)
    other = right.copy()
    other[[7, 40]] = 1 - other[[7, 40]]
    found = differing_rows.of([scored("a", right), scored("b", other)])
    assert [row.row for row in found] == [8, 41]
    assert found[0].input == "asked row 7" and found[0].reference == "yes"
    assert {found[0].answers[name] for name in "ab"} == {"yes", "no"} and {*found[0].scores.values()} == {0.0, 100.0}
    assert len(differing_rows.of([scored("a", right), scored("b", 1 - right)])) == differing_rows.MOST
    assert differing_rows.of([scored("a", right), scored("b", right)]) == []
    without = scored("b", other)
    without = without._replace(rows=replace(without.rows, texts=()))
    assert differing_rows.of([scored("a", right), without]) == []


def test_the_same_answers_are_no_difference_and_few_rows_tell_nothing():
    right = drawn(1)
    (pair,) = of_primary([scored("a", right), scored("b", right)])
    assert (pair.p, pair.better, pair.difference) == (1.0, "", 0.0)
    (pair,) = of_primary([scored("a", right[:3]), scored("b", 1 - right[:3])])
    assert (pair.p, pair.low, pair.better, pair.verdict) == (None, None, "", "too few rows to tell")


def test_what_is_written_of_rows_is_read():
    answers = [f"a b c d {number}" for number in range(8)]
    statistics = metrics.bleu_statistics(answers, [["a b c d 3"]] * len(answers), False)
    judged = judge(statistics, {}, np.arange(len(answers)), score=metrics.bleu_of_sums)
    right = row_scores.mean(np.arange(8.0), np.arange(8) > 2, higher_is_better=None)
    texts = [("half \ud800", "x" * 1000, answer) for answer in answers]
    file = Path("report.json")
    described = row_scores.write(RowScores({"bleu": judged.rows, "right": right}, judged.blocks, texts), file)
    found = row_scores.read(file, described)
    np.testing.assert_array_equal(found.metrics["bleu"].rows, statistics)
    np.testing.assert_array_equal(found.metrics["right"].rows, right.rows)
    assert [one.higher_is_better for one in found.metrics.values()] == [True, None]
    assert found.blocks.tolist() == [*range(8)] and found.texts[0] == ["half \ud800", "x" * 300, answers[0]]
    with pytest.raises(ValueError, match="Expected a score of mean"):
        judge(statistics, {}, np.arange(8), score=len)
    for wrong in (
        None,
        [],
        {"bleu": 3},
        {"bleu": {"columns": []}},
        {"bleu": {"columns": [99], "score": "mean"}},
        {"bleu": {"columns": [True, 1], "score": "mean"}},
        {"bleu": {"columns": [0, 1], "score": "other"}},
        {"bleu": {"columns": [0, 1], "score": ["mean"]}},
        {"bleu": {"columns": [0, 1, 2], "score": "mean"}},
    ):
        with pytest.raises(ValueError, match="Expected"):
            row_scores.read(file, wrong)
    for texts in ("{", "{}", '[["a", "b"]]', '[["a", "b", 3]]', json.dumps([["a", "b", "c"]] * 9)):
        Path("report.rows.json").write_text(texts)
        with pytest.raises(ValueError, match="Expected"):
            row_scores.read(file, described)
    Path("report.rows.json").unlink()
    for content in (np.zeros([3, 1]), np.zeros(3), np.zeros([3, 3], np.float32), np.full([3, 14], np.nan)):
        np.save("report.rows.npy", content)
        with pytest.raises(ValueError, match="Expected"):
            row_scores.read(file, described)


def test_a_report_of_the_version_before_is_compared_by_its_primary_metric():
    for name, right in (("a", drawn(1)), ("b", drawn(2, 0.5))):
        file = write_run(name, right) / "report.json"
        content = json.loads(file.read_text())
        del content["row_metrics"]
        file.write_text(json.dumps({**content, "row_score": "mean"}))
        statistics = [100 * right, np.ones(len(right)), metrics.independent_blocks(len(right))]
        np.save(file.with_suffix(".rows.npy"), np.stack(statistics, axis=1))
        file.with_suffix(".rows.json").unlink()
    assert tfmodels.compare("a", "b")["verdict"].tolist() == ["a is better"]


def test_rows_that_do_not_give_the_scores_of_their_report_are_refused():
    write_run("a", drawn(1))
    file = write_run("b", drawn(2)) / "report.json"
    content = json.loads(file.read_text())
    content["metrics"]["loss"] += 0.1
    file.write_text(json.dumps(content))
    status, printed = command("compare", "a", "b")
    assert status == 2 and "Expected rows that give the scores of" in printed and "loss=" in printed
    with pytest.raises(ValueError, match="rows that give"):
        report.write(replace(reported(drawn(1)), metrics={"accuracy": 3.0}), Path("runs/a"))
    del content["row_metrics"]["accuracy"]
    file.write_text(json.dumps(content))
    status, printed = command("compare", "a", "b")
    assert status == 2 and "rows of loss, length" in printed


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
    assert "a is better" in printed and "c is higher" not in printed and "rows that differ most" in printed
    assert "Not compared, since no rows give them, or not of all: bits" in printed
    assert Path("runs/compared.png").stat().st_size > 5_000
    status, printed = command("compare", "a", "saved_models/b", "--json")
    found = json.loads(printed)
    assert found["pairs"][0]["better"] == "a" and found["options"] == {
        "training.steps": {"a": 20, "saved_models/b": 40}
    }
    assert [pair["metric"] for pair in found["pairs"]] == ["accuracy", "loss", "length"]
    assert found["differing_rows"][0]["answers"].keys() == {"a", "saved_models/b"}
    assert not Path("runs/a/test_uses.log").read_text().count("compare")
    assert command("compare", "a", "b", "--split", "test")[0] == 0
    assert Path("runs/a/test_uses.log").read_text().endswith("tfmodels compare a b --split test\n")


def test_the_same_from_python():
    write_run("a", drawn(1), steps=20)
    write_run("b", drawn(2, 0.5), steps=40)
    row = tfmodels.compare("a", "b", split="test").to_dict("records")[0]
    assert row["better"] == "a" and row["low"] > 0
    assert tfmodels.compare("a", "b", table="options").loc["training.steps"].tolist() == [20, 40]
    assert tfmodels.compare("a", "b", table="metrics").loc["bits", "b"] == 3.0
    assert {"row", "answer of a", "score of b"} < {*tfmodels.compare("a", "b", table="rows")}
    with pytest.raises(ValueError, match="one of differences"):
        tfmodels.compare("a", "b", table="other")
    assert Path("runs/b/test_uses.log").read_text().endswith("tfmodels compare a b --split test\n")
    listed = tfmodels.runs(sort="accuracy")
    assert listed.index.tolist() == ["a", "b"] and listed["training.steps"].tolist() == [20, 40]
    assert listed.loc["a", "score"] == pytest.approx(100 * drawn(1).mean())
    assert tfmodels.runs(task="translation").empty
    with pytest.raises(ValueError, match="two or more different"):
        tfmodels.compare("a")


def test_names_of_any_characters_are_compared_and_logged():
    names = ("half\udcff", "two\nlines", "x\x1b[2Jy", r"$\frac{")
    for number, name in enumerate(names):
        write_run(name, drawn(number))
    status, printed = command("compare", *names, "--split", "test")
    assert status == 0 and "\x1b" not in printed and r"half\udcff" in printed
    assert len(Path("runs", names[0], "test_uses.log").read_text().splitlines()) == 2
    assert json.loads(command("compare", *names, "--json")[1])["models"].keys() == {*names}


def test_a_damaged_history_costs_its_curve_alone():
    write_run("a", drawn(1))
    (write_run("b", drawn(2)) / "history.json").write_text("[")
    status, printed = command("compare", "a", "b", "--output", "both.svg")
    assert status == 0 and "The losses of b are not drawn" in printed and Path("both.svg").stat().st_size


def test_models_that_cannot_be_compared_are_refused():
    write_run("a", drawn(1))
    report.write(reported(drawn(2), rows=[*ROWS[:-1], "other"]), write_run("rows", drawn(2)))
    report.write(reported(drawn(2), of_rows=False), write_run("old", drawn(2)))
    (Path("runs/old") / "report.rows.npy").unlink()
    (write_run("unscored", drawn(2)) / "report.json").unlink()
    empty = write_run("empty", drawn(2)) / "report.json"
    empty.write_text(
        json.dumps({**(content := json.loads(empty.read_text())), "metrics": {**content["metrics"], "accuracy": None}})
    )
    blocks = write_run("blocks", drawn(2)) / "report.rows.npy"
    np.save(blocks, np.load(blocks)[::-1])
    for words, message in {
        ("a", "rows"): "scored on the same rows by the same metric. Received: rows ",
        ("a", "old"): "with the scores of its rows",
        ("a", "empty"): "Expected a score accuracy in ",
        ("a", "blocks"): "depend on each other alike",
        ("a", "unscored"): "`tfmodels evaluate unscored` writes it",
        ("a", "nowhere"): "Expected a SavedModel",
        ("a", "a"): "two or more different runs",
        ("a", "runs/a/"): "Expected different runs or exports. Received: a twice",
        ("a", "other", "--output", "x.txt"): "one of the endings .png",
        ("a",): "two or more different runs",
    }.items():
        status, printed = command("compare", *words)
        assert status == 2 and message in printed, printed
    with pytest.raises(FileNotFoundError):
        scored_models.read("unscored", "validation")
