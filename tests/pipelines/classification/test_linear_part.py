"""The linear part: fitted as scikit-learn fits it, served by the graph, with a share of its own."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from small_opinions import SMALL, fit_with

from pipelines import runs
from pipelines.classification import classification_explanation, linear_fitting, linear_part, network, task
from pipelines.classification.config import Config
from pipelines.cli import main

WIDE = [*SMALL, "--wide=true", "--training.steps", "6", "--training.interval", "6"]
TRAIN = (["a fine film", "not fine at all", "a fine day", "a dull day", "so so", "so dull"] * 3, [1, 0, 1, 0, 0, 0] * 3)


@pytest.fixture(scope="module")
def run(workplace, one_replica):
    with one_replica():
        status, printed = fit_with("wide", *WIDE)
    assert status == 0 and "right decisions for the validation split: network" in printed, printed
    return runs.load("wide")


def classifier(run):
    return network.trained(run.config, run)


def prepared(tmp_path, labels, **options):
    """A run whose linear part alone is fitted."""
    config = Config(wide=True, **options)
    run = runs.Run(tmp_path, task="classification", config=config)
    weights = np.ones(labels.max() + 1 if labels.ndim == 1 else labels.shape[1])
    linear_fitting.learn(config, run, (TRAIN[0], labels), (TRAIN[0], labels), weights)
    return linear_part.read(config, run, learnt=False)


def test_the_answers_mix_network_and_linear_part(run):
    model, texts = classifier(run), tf.constant(["a fine film", "", "grey and never seen 語"])
    linear = model.linear.logits(texts)
    alone = model.network(model.inputs.ids(texts), training=False)
    share = model.linear.share
    np.testing.assert_allclose(model.logits(texts), (1 - share) * alone + share * linear, rtol=1e-5)
    again = tf.concat([model.logits(texts[row : row + 1]) for row in range(3)], axis=0)
    np.testing.assert_allclose(model.logits(texts), again, rtol=1e-4, atol=1e-5)


def test_what_ngrams_add_is_the_linear_logits(run):
    linear = classifier(run).linear
    names, added = linear.contributions("a fine film")
    np.testing.assert_allclose(
        added.sum(axis=0) + linear.regression.bias, linear.logits(tf.constant(["a fine film"]))[0], rtol=1e-5
    )
    assert {("words", "fine"), ("words", "a fine")} <= {*names}
    assert linear.contributions("")[1].shape == (0, 2)


def test_the_shares_of_words_and_ngrams_add_up(run):
    model, text = classifier(run), "a fine film, not dull"
    numbers = classification_explanation.make(model, text).numbers
    tokens = sum(numbers["scores"]["integrated gradients"])
    ngrams = sum(one["score"] for one in numbers["ngrams"])
    assert numbers["sums"] == pytest.approx({"tokens": tokens, "ngrams": ngrams}, abs=1e-5)
    ids = model.inputs.ids(tf.constant([text]))
    empty = model.network.classify(tf.zeros_like(model.network.embed(ids)), ids)
    bias = model.linear.regression.bias
    label = model.classes.index(numbers["label"])
    before, after = (
        float(model.probabilities(logits, calibrated=False)[0, label])
        for logits in (model.linear.mixture(empty, bias[tf.newaxis]), model.logits(tf.constant([text])))
    )
    assert tokens + ngrams == pytest.approx(after - before, abs=0.01)
    assert f"alone, whose share is {1 - model.linear.share:.2f}" in numbers["faithfulness"]["title"]


@pytest.mark.slow
def test_the_export_is_checked_in_each_kind_of_weights(run, checks_in_this_process):
    for weights in ("float32", "int8"):
        assert main.main(["export", run.name, "--weights", weights]) == 0


def test_a_run_without_the_share_says_so_and_a_wrong_one_is_refused(run, capsys):
    file = run.path / "wide.npy"
    content = file.read_bytes()
    try:
        np.save(file, np.float32(2))
        with pytest.raises(ValueError, match=r"wide\.npy"):
            linear_part.read(run.config, run)
    finally:
        file.write_bytes(content)
    assert linear_part.read(replace(run.config, wide=False), run) is None


def test_a_lost_table_is_named(run):
    file = run.assets / "wide" / "weight.npy"
    moved = file.rename(file.with_suffix(".kept"))
    try:
        with pytest.raises(FileNotFoundError, match=r"wide.weight\.npy"):
            linear_part.read(run.config, run)
    finally:
        moved.rename(file)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_graph_decides_as_the_fitted_model(tmp_path, classes):
    labels = np.array(TRAIN[1]) + (classes > 2) * np.array(["so" in text for text in TRAIN[0]]) * 2
    part = prepared(tmp_path, np.unique(labels, return_inverse=True)[1])
    logits = part.logits(tf.constant(TRAIN[0])).numpy()
    assert logits.shape == (len(labels), classes)
    assert (logits.argmax(axis=1) == np.unique(labels, return_inverse=True)[1]).all()


def test_characters_are_read_only_where_they_help(tmp_path):
    names, _ = prepared(tmp_path / "words", np.array(TRAIN[1])).contributions("a fine film")
    assert {*names} == {("words", ngram) for ngram in ("a", "fine", "film", "a fine", "fine film")}
    config = Config(wide=True)
    run = runs.Run(tmp_path / "characters", task="classification", config=config)
    spelt = ([f"{letter}ing" for letter in "abcdefgh"] + [f"{letter}ed" for letter in "abcdefgh"], [1] * 8 + [0] * 8)
    held_out = (["zing", "zed", "ying", "yed"], np.array([1, 0, 1, 0]))
    linear_fitting.learn(config, run, (spelt[0], np.array(spelt[1])), held_out, np.ones(2))
    part = linear_part.read(config, run, learnt=False)
    assert part.logits(tf.constant(held_out[0])).numpy().argmax(axis=1).tolist() == held_out[1].tolist()
    assert ("characters", "ing") in part.contributions("zing")[0]


def test_label_sets_and_labels_that_all_or_no_texts_have(tmp_path):
    fine = np.array(TRAIN[1])
    part = prepared(
        tmp_path, np.stack([fine, 1 - fine, np.ones_like(fine), np.zeros_like(fine)], axis=1), separator="|"
    )
    decided = part.logits(tf.constant(TRAIN[0])).numpy() >= 0
    np.testing.assert_array_equal(decided, np.stack([fine, 1 - fine, fine >= 0, fine < 0], axis=1).astype(bool))


def test_the_weight_of_a_class_counts(tmp_path):
    labels, config = np.array(TRAIN[1]), Config(wide=True)
    bias = {}
    for weight in (1.0, 20.0):
        run = runs.Run(tmp_path / str(weight), task="classification", config=config)
        linear_fitting.learn(config, run, (TRAIN[0], labels), (["so"], np.array([0])), [1.0, weight])
        bias[weight] = linear_part.read(config, run, learnt=False).regression.bias.numpy()[1]
    assert bias[20.0] > bias[1.0]


def test_too_many_classes_are_refused(tmp_path):
    run = runs.Run(tmp_path, task="classification", config=Config(wide=True))
    labels = np.arange(2000)
    with pytest.raises(ValueError, match=r"Expected `wide` to be left out.*Received: 2,000 texts, 2,000 classes"):
        linear_fitting.learn(run.config, run, (["a"] * 2000, labels), (["a"], labels[:1]), np.ones(2000))


def test_texts_without_any_word_give_the_frequent_class(tmp_path):
    run = runs.Run(tmp_path, task="classification", config=Config(wide=True))
    linear_fitting.learn(run.config, run, (["", " ", ""], np.array([1, 1, 0])), ([""], np.array([1])), np.ones(2))
    part = linear_part.read(run.config, run, learnt=False)
    assert part.logits(tf.constant(["", "word"])).numpy().argmax(axis=1).tolist() == [1, 1]


def test_a_dry_run_says_what_is_fitted(workplace, capsys):
    assert main.main(["fit", "classification", *WIDE, "--data", "opinions", "--dry_run"]) == 0
    assert "linear part: logistic regression of" in capsys.readouterr().out
    assert task.Config(wide=True).wide
