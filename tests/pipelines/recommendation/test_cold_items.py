import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.recommendation import data, task
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.recommendation.items import cold_items, item_features
from pipelines.recommendation.packed_histories import padded
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels import training
from tfmodels.checked_options import OptionError
from tfmodels.models import TransformerRecommenderOptions

KINDS, PARTS = ["anvil", "drum", "flute", "globe", "kettle", "lamp"], 6
SMALL = TransformerRecommenderOptions(num_layers=1, d_model=24, feed_forward_dim=24, dropout=0.0, attention_dropout=0.0)


def item(kind, part):
    return f"{kind % len(KINDS)}/{part}"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """After each kind comes the next one, in any of its parts; the table says the kinds in the words of a title."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        random = np.random.default_rng(0)
        rows = [
            [f"user {user}", item(user + step, random.integers(PARTS)), step]
            for user in range(150)
            for step in range(8)
        ]
        row_files.write("events.csv", ["user", "item", "time"], rows)
        row_files.write("items.csv", ["item", "title", "year"], list(table(PARTS)))
        config = Config(
            data="events.csv",
            item_table="items.csv",
            cold_share=0.1,
            time_format="order",
            max_length=6,
            answers=AnswerOptions(k=10, max_candidates=3, exclude_seen=False),
            transformer=SMALL,
            training=training.Options(
                steps=120, interval=60, batch_tokens=256, learning_rate=0.01, warmup_steps=5, label_smoothing=0.0,
                ema_decay=0.0, seed=3,
            ),
        )  # fmt: skip
        run = preparation.prepare(task, runs.create("recommendation", config))
        task.fit(config, run)
        yield run


def table(last, first=0):
    for kind, word in enumerate(KINDS):
        for part in range(first, last):
            yield [item(kind, part), f"An {word.upper()} of {part}", "unknown" if kind + part == 0 else 1980 + kind]


def test_items_are_held_out_of_training_and_stay_in_the_catalogue(fitted):
    trained, every = data.items(fitted), data.catalogue(fitted)
    assert len(trained) == 32 and len(every) == 36 and every[:32] == trained
    histories, _ = data.training_histories(fitted)
    assert histories.items.min() == 0 and histories.items.max() == 31
    used = np.concatenate([histories.items[one:end] for one, end in zip(histories.starts, histories.ends, strict=True)])
    assert (np.bincount(used) == data.counts(fitted)).all()
    cases = data.cases(fitted, "test")
    assert (cases.targets >= 32).any() and cases.targets.max() < 36 and (cases.histories.items >= 32).any()
    assert any("of 4 items are kept out" in note for note in data.notes(fitted))
    assert any("cells that are none count as unknown: 1, such as 'unknown'" in note for note in data.notes(fitted))


def test_items_without_an_event_are_recommended_by_their_features(fitted):
    report = task.evaluate(fitted.config, fitted, "test")
    (cold,) = (one for one in report.tables if one["title"].startswith("HR@10 of the"))
    rows = {row[0]: row[1:] for row in cold["rows"]}
    assert rows["chance"] == [1.0, pytest.approx(10 / 36)]  # of four items all are among the first ten
    assert rows["model"][1] > 0.7 > rows["most popular"][1]
    assert "content neighbours" in report.baselines
    (groups,) = (one for one in report.tables if "by popularity" in one["title"])
    (told,) = (row for row in groups["rows"] if row[0].endswith("told by features"))
    assert told[1] == (data.cases(fitted, "test").targets >= 32).sum()


def test_the_rank_among_cold_items_is_that_of_their_scores():
    def score(inputs, outputs, endpoint):
        of = {"a": 0.3, "b": 0.1, "c": 0.3, "": 9.0}
        return {"scores": np.array([[of[one] for one in row] for row in inputs["candidates"]])}

    signature = SimpleNamespace(inputs={"candidates": SimpleNamespace(shape=(None, 2))})
    answering = SimpleNamespace(endpoints={"score": signature}, predict_columns=score)
    histories = [["", "x"], ["", "a"], ["b", "c"]]
    ranks = cold_items._among_cold(answering, {"items": histories}, ["a", "b", "c"], np.array([0, 2, 0]))
    assert ranks.tolist() == [1.5, 1.0, 1.0]


def test_new_items_are_answered_beside_the_old_ones_without_training(fitted):
    rows = [*table(PARTS + 1, PARTS), *table(1), ["odd", "Nothing known", ""], ["9/9", "A Lamp", ""]]
    row_files.write("new.csv", ["item", "title", "year"], rows)
    asked = replace(fitted, config=replace(fitted.config, items="new.csv"))
    served = predictor.of_run(asked)
    history = [item(kind, 2) for kind in (1, 2, 3)]
    assert item(4, PARTS) in served.predict([{"items": padded(history, 6)}])[0]["items"]
    wanted = {"items": padded(history, 6), "candidates": [item(4, PARTS), "9/9", "odd"]}
    scores = served.predict([wanted], "score")[0]["scores"]
    assert scores[0] > 5 * scores[1] > 0 == scores[2]  # "odd" has no feature that training knows
    # Histories of new items are read, too, and the answers of old ones stay what they were.
    assert served.predict([{"items": padded([item(3, PARTS)], 6)}])[0]["items"][0].startswith("4/")
    old, new = (task._recommender(one.config, one) for one in (fitted, asked))
    ids = tf.constant([[1, 2, 3]])
    np.testing.assert_allclose(new.logits(ids)[:, : len(old.items)], old.logits(ids), atol=1e-5)
    assert new.items == [*old.items, *(item(kind, PARTS) for kind in range(len(KINDS))), "9/9"]
    assert old.answer(tf.constant([[""]]))["items"][0, 0] == data.items(fitted)[0].encode()


@pytest.mark.slow
def test_new_items_are_exported(fitted, capsys):
    row_files.write("newer.csv", ["year", "item", "title"], [["1980", "brand new", "An anvil of 7"]])
    for weights in ("float32", "int8"):
        command = ["export", "recommendation", "--items", "newer.csv", "--to", "saved_models/new", "--weights", weights]
        assert main.main(command) == 0
        assert capsys.readouterr().out.count("newer.csv: 1 new items") == 1
        served = pipelines.load("saved_models/new")
        asked = {"items": padded([item(kind, 2) for kind in (3, 4, 5)], 6), "candidates": ["brand new", item(2, 1), ""]}
        scores = served.predict([asked], "score")[0]["scores"]
        assert scores[0] > 5 * scores[1] > 0


def test_seeds_are_scored_on_the_same_cold_items(fitted):
    other = replace(fitted.config, training=replace(fitted.config.training, seed=8))
    run = preparation.prepare(task, runs.create("recommendation", other, "seed8"))
    assert data.items(run) == data.items(fitted) and data.catalogue(run) == data.catalogue(fitted)
    for one, two in zip(data.cases(run, "test")[:4], data.cases(fitted, "test")[:4], strict=True):
        assert (
            all((a == b).all() for a, b in zip(one, two, strict=True)) if isinstance(one, tuple) else (one == two).all()
        )


def test_new_items_are_said_once(fitted, capsys):
    row_files.write("once.csv", ["item", "title", "year"], [["once", "A lamp", 1984]])
    asked = replace(fitted, config=replace(fitted.config, items="once.csv"))
    task.evaluate(asked.config, asked, "test")
    assert capsys.readouterr().out.count("once.csv: 1 new items") == 1


def test_a_table_of_other_columns_is_refused(fitted):
    row_files.write("other.csv", ["item", "name"], [["x", "y"]])
    with pytest.raises(ValueError, match="Expected a column for --item_features: item, name"):
        task._recommender(replace(fitted.config, items="other.csv"), fitted)


def test_features_of_a_run_are_those_of_its_table(fitted):
    ids, numbers = item_features.arrays(fitted)
    words, every = item_features.rules(fitted).words, data.catalogue(fitted)
    kind = KINDS[int(every[33][0])]
    spoken = {words[one - 1].split()[1] for one in ids[33] if one}
    assert {"an", "of", kind} <= spoken and kind.upper() not in spoken
    unknown = every.index(item(0, 0))
    assert numbers[unknown].tolist() == [0, 0] and abs(numbers[:, 0].mean()) < 0.2


@pytest.mark.parametrize("options", [{"cold_share": 0.1}, {"item_features": "title"}, {"items": "new.csv"}])
def test_options_of_a_table_need_one(options):
    with pytest.raises(OptionError, match=f"item_table to be a table of items, with {next(iter(options))}"):
        Config(**options)
