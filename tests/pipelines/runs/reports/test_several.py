import json
import statistics

import pytest

from pipelines.runs.report import Report
from pipelines.runs.reports import several


def report(seed, metrics, baselines=None, **others):
    given = {"split": "validation", "primary": {"metric": "bleu", "higher_is_better": True}, **others}
    baselines = {"copy": {"bleu": 2.0}} if baselines is None else baselines
    return Report(
        task="translation", model="Seq2Seq", metrics=metrics, baselines=baselines, seed=seed, parameters=3,
        train_seconds=60.0, command=f"tfmodels fit translation --training.seed {seed}", **given,
    )  # fmt: skip


def test_mean_and_sample_standard_deviation_of_each_metric():
    scores = [40.0, 41.5, 39.0]
    found = several.summary({f"m-{seed}": report(seed, {"bleu": score}) for seed, score in enumerate(scores)})
    assert found["metrics"]["bleu"] == {"mean": statistics.mean(scores), "spread": statistics.stdev(scores)}
    assert found["baselines"] == {"copy": {"bleu": {"mean": 2.0, "spread": 0.0}}}
    assert [one["seed"] for one in found["runs"]] == [0, 1, 2]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_metric_that_one_report_lacks_has_no_mean():
    found = several.summary({"a": report(0, {"bleu": 1.0, "chrf": 5.0}), "b": report(1, {"bleu": 3.0, "chrf": None})})
    assert found["metrics"] == {"bleu": {"mean": 2.0, "spread": 2**0.5}, "chrf": {"mean": None, "spread": None}}


def test_one_run_has_no_spread():
    assert several.summary({"a": report(0, {"bleu": 1.0})})["metrics"]["bleu"] == {"mean": 1.0, "spread": None}


def test_a_baseline_of_some_reports_only_is_left_out():
    found = several.summary({"a": report(0, {"bleu": 1.0}), "b": report(1, {"bleu": 1.0}, {"other": {"bleu": 1.0}})})
    assert found["baselines"] == {}


@pytest.mark.parametrize(
    "other", [{"split": "test"}, {"primary": {"metric": "chrf", "higher_is_better": True}, "baselines": {}}]
)
def test_reports_of_different_things_are_refused(other):
    second = report(1, {"bleu": 1.0, "chrf": 1.0}, **other)
    with pytest.raises(
        ValueError, match=r"Expected reports of one task, split and primary metric\. Received: a: trans"
    ):
        several.summary({"a": report(0, {"bleu": 1.0}), "b": second})


def test_the_table_names_runs_baselines_and_commands(capsys):
    moved = [report(seed, {"bleu": 40.0 + seed}, {"trees": {"bleu": 2.0 + seed}}) for seed in range(2)]
    several.show(several.summary({"m-0": moved[0], "m-1": moved[1]}))
    printed = capsys.readouterr().out
    assert "2 runs" in printed and "m-1" in printed
    assert "40.5" in printed and "0.7071" in printed
    assert "2.5 ± 0.71" in printed  # a baseline that depends on the seed, too
    assert "better than the best baseline in bleu: 2 of 2 runs" in printed
    assert "m-1: tfmodels fit translation --training.seed 1" in printed
