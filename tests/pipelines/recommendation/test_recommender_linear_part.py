import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.recommendation import data, task
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.recommendation.linear import linear_part
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels import metrics, training
from tfmodels.metrics.next_items import item_ranking, item_regressions
from tfmodels.models import TransformerRecommenderOptions

SMALL = TransformerRecommenderOptions(num_layers=1, d_model=8, feed_forward_dim=8, dropout=0.0, attention_dropout=0.0)
ITEMS, CONTEXT = 30, 40


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A run whose network is hardly trained, of events in which an item follows from any of the last ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        random = np.random.default_rng(0)
        rows = []
        for user in range(150):
            had = [int(random.integers(ITEMS))]
            for _ in range(random.integers(3, 9)):
                had.append(int(random.choice(had[-2:]) + random.integers(1, 4)) % ITEMS)
            rows += [[f"user {user}", f"item {item}", time] for time, item in enumerate(had)]
        row_files.write("events.csv", ["user", "item", "time"], rows)
        config = Config(
            data="events.csv",
            time_format="order",
            wide=True,
            max_length=CONTEXT,
            answers=AnswerOptions(k=10),
            transformer=SMALL,
            training=training.Options(
                steps=2, interval=1, batch_tokens=256, warmup_steps=0, label_smoothing=0.0, ema_decay=0.0
            ),
        )
        run = preparation.prepare(task, runs.create("recommendation", config))
        task.fit(config, run)
        yield run


def ranked(model, run, split="validation"):
    """NDCG@10 of a model that scores histories."""
    cases = data.cases(run, split)
    ranking = item_ranking.rank(model, cases.histories, cases.targets, len(data.items(run)))
    return metrics.ranking_scores(ranking.ranks)["ndcg@10"].mean()


def served(recommender):
    """What the logits of a recommender are after histories."""

    def scores(histories):
        ids = np.zeros([len(histories.starts), CONTEXT], np.int32)
        for row, start, end in zip(ids, histories.starts, histories.ends, strict=True):
            row[: end - start] = histories.items[start:end] + 1
        return recommender.logits(tf.constant(ids)).numpy()

    return scores


def test_the_linear_part_scores_as_the_baseline_does(fitted):
    trained, _ = data.training_histories(fitted)
    expected = item_regressions.linear_next_item(trained, ITEMS)
    cases = data.cases(fitted, "validation").histories
    np.testing.assert_allclose(linear_part.baseline(fitted.config, fitted).scores(cases), expected.scores(cases), 1e-5)
    recommender = task._recommender(fitted.config, fitted)
    recommender.linear.factors = 0.0, 1.0
    np.testing.assert_allclose(served(recommender)(cases), expected.scores(cases), atol=1e-5)


def test_together_they_are_no_worse_on_validation_than_either(fitted):
    recommender = task._recommender(fitted.config, fitted)
    report = task.evaluate(fitted.config, fitted, "validation")
    assert report.metrics["ndcg@10"] >= report.baselines["linear next-item"]["ndcg@10"] > 0.2
    assert report.metrics["ndcg@10"] == pytest.approx(ranked(served(recommender), fitted), abs=1e-6)
    of_network, _ = recommender.linear.factors
    recommender.linear.factors = of_network, 0.0
    assert ranked(served(recommender), fitted) <= report.metrics["ndcg@10"]
    assert any("of the linear part's" in note for note in report.notes)
    assert report.parameters > recommender.network.count_params()


def test_the_export_has_the_linear_part(fitted):
    assert main.main(["export", "recommendation"]) == 0
    history = [f"item {item}" for item in (3, 4, 6)]
    found = pipelines.load("saved_models/recommendation").predict([{"items": [""] * (CONTEXT - 3) + history}])[0]
    names = data.items(fitted)
    ids = tf.constant([[names.index(item) + 1 for item in history]])
    logits = task._recommender(fitted.config, fitted).logits(ids).numpy()[0]
    logits[ids[0].numpy() - 1] = -np.inf
    assert found["items"] == [names[place] for place in np.argsort(-logits, kind="stable")[:10]]


def test_a_damaged_linear_part_is_refused(fitted):
    file = fitted.assets / linear_part.FOLDER / "next_ids.npy"
    kept = file.read_bytes()
    try:
        np.save(file, np.load(file)[1:])
        with pytest.raises(ValueError, match="Expected the arrays of a linear model"):
            linear_part.read(fitted.config, fitted)
    finally:
        file.write_bytes(kept)
    assert linear_part.read(replace(fitted.config, wide=False), fitted) is None


def test_too_many_items_are_refused(fitted, monkeypatch):
    monkeypatch.setattr(item_regressions, "MOST_ITEMS", ITEMS - 1)
    linear_part.prepare(fitted.config, fitted)  # what is there is not fitted again
    (fitted.assets / linear_part.FOLDER).rename("elsewhere")
    try:
        with pytest.raises(ValueError, match="more than 29 items"):
            linear_part.prepare(fitted.config, fitted)
    finally:
        Path("elsewhere").rename(fitted.assets / linear_part.FOLDER)
