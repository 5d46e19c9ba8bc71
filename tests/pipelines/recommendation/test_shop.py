import sys

import pytest

from pipelines import runs
from pipelines.recommendation import task
from pipelines.recommendation.config import Config
from pipelines.runs import report
from pipelines.runs.starting import preparation
from pipelines.sources.events import event_sequences, event_splits
from pipelines.sources.synthetic import synthetic_shop
from tfmodels.metrics.next_items import item_ranking, next_item_baselines
from tfmodels.metrics.next_items.histories import Histories


def test_no_baseline_finds_what_is_next_in_the_shop():
    """Ten of the 78 things of the series are 13 %."""
    split = event_splits.leave_one_out(event_sequences.in_order(synthetic_shop.events(1, 1500)))
    events, starts = split.sequences.events, split.sequences.starts
    training, cases = Histories(events.item, starts[:-1], split.train_end), split.cases["test"]
    asked = Histories(events.item, starts[cases.user], cases.end)
    for name, model in next_item_baselines.fit(training, len(events.items), events.time):
        ranking = item_ranking.rank(model.scores, asked, events.item[cases.target], len(events.items))
        assert (ranking.ranks <= 10).mean() < 0.25, name


@pytest.mark.slow
def test_the_defaults_learn_what_is_next_in_the_shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])
    run = preparation.prepare(task, runs.create("recommendation", Config()))
    task.fit(run.config, run)
    found = report.read(run.path / "report.json")
    assert found.metrics["hr@10"] > 0.75
    assert max(scores["hr@10"] for scores in found.baselines.values()) < 0.25
