import tracemalloc

import numpy as np
import pytest

from tfmodels import metrics

TRUTH = np.array([0, 0, 0, 1, 1, 3])
ANSWERS = np.array([0, 0, 1, 1, 3, 3])
NAMES = ["a", "b", "never", "d"]


def test_single_labels():
    found = metrics.single_label_scores(TRUTH, ANSWERS, NAMES)
    f1 = [2 * 1 * (2 / 3) / (1 + 2 / 3), 0.5, 2 * 0.5 * 1 / 1.5]
    assert found.scores == pytest.approx({"accuracy": 100 * 4 / 6, "macro_f1": 100 * sum(f1) / 3})
    np.testing.assert_array_equal(found.confusion, [[2, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]])
    a, _, never, d = found.classes
    assert a == pytest.approx(metrics.ClassScores("a", 100, 200 / 3, 100 * f1[0], 3))
    assert never == metrics.ClassScores("never", 0, 0, 0, 0)
    assert d == pytest.approx(metrics.ClassScores("d", 50, 100, 100 * f1[2], 1))


def test_label_sets():
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]])
    answers = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]], bool)
    found = metrics.multi_label_scores(truth, answers, ["x", "y", "never"])
    x, y = 2 * 2 / (2 * 2 + 1), 2 * 1 / (2 * 1 + 1)
    expected = {"micro_f1": 2 * 3 / (2 * 3 + 2), "macro_f1": (x + y) / 2, "subset_accuracy": 2 / 4}
    assert found.scores == pytest.approx({name: 100 * score for name, score in expected.items()})
    np.testing.assert_array_equal(found.confusion[0], [[1, 1], [0, 2]])
    assert found.classes[1] == pytest.approx(metrics.ClassScores("y", 100, 50, 100 * y, 2))
    assert metrics.multi_label_scores(0 * truth, 0 * truth, NAMES[:3]).scores["subset_accuracy"] == 100


def test_wrong_answers_are_refused():
    with pytest.raises(ValueError, match=r"Received: shapes \(0,\) and \(0,\)"):
        metrics.single_label_scores(TRUTH[:0], TRUTH[:0], NAMES)
    with pytest.raises(ValueError, match=r"Expected classes from 0 to 1. Received: 0 to 3"):
        metrics.single_label_scores(TRUTH, ANSWERS, NAMES[:2])
    with pytest.raises(ValueError, match=r"\[rows, 2\].*Received: shapes \(3, 3\) and \(3, 3\)"):
        metrics.multi_label_scores(np.eye(3), np.eye(3), ["x", "y"])


def test_reliability_of_answers_made_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.5, 0.5]])
    labels = np.array([0, 1, 0, 1, 1])
    # Bins up to 0.25, 0.5, 0.75 and 1: one wrong answer of 0.5; two right ones of 0.6 and 0.7; 0.9 right, 0.8 wrong.
    found = metrics.reliability(probabilities, labels, bins=4)
    np.testing.assert_array_equal(found.counts, [0, 1, 2, 2])
    np.testing.assert_allclose(found.confidence, [np.nan, 0.5, 0.65, 0.85])
    np.testing.assert_allclose(found.accuracy, [np.nan, 0, 1, 0.5])
    assert found.ece == pytest.approx(100 * (1 * 0.5 + 2 * 0.35 + 2 * 0.35) / 5)
    assert found.nll == pytest.approx(-np.log([0.9, 0.2, 0.6, 0.7, 0.5]).mean())


def test_reliability_of_label_sets():
    probabilities, labels = np.array([[0.9, 0.2], [0.6, 0.0]]), np.array([[1, 1], [0, 0]])
    found = metrics.reliability(probabilities, labels, bins=2)
    np.testing.assert_array_equal(found.counts, [2, 2])
    np.testing.assert_allclose(found.confidence, [0.1, 0.75])
    np.testing.assert_allclose(found.accuracy, [0.5, 0.5])
    assert found.ece == pytest.approx(100 * (0.4 + 0.25) / 2)
    assert found.nll == pytest.approx(-np.log([0.9, 0.2, 0.4, 1.0]).mean())


def test_probabilities_drawn_from_are_calibrated_and_sharpened_ones_are_not():
    random = np.random.default_rng(0)
    logits = random.normal(scale=2, size=[20_000, 3])
    labels = np.argmax(logits + random.gumbel(size=logits.shape), axis=1)
    honest, sharp = (np.exp(factor * logits) for factor in (1, 3))
    honest, sharp = (values / values.sum(axis=1, keepdims=True) for values in (honest, sharp))
    assert metrics.reliability(honest, labels).ece < 1.5
    assert metrics.reliability(sharp, labels).ece > 8
    assert np.isfinite(metrics.reliability(np.eye(3), np.array([1, 1, 1])).nll)


def test_wrong_probabilities_are_refused():
    with pytest.raises(ValueError, match=r"at least one row.*Received: shapes \(0, 2\) and \(0,\)"):
        metrics.reliability(np.zeros([0, 2]), np.zeros([0], int))


def test_majority_class():
    found = metrics.majority_class(np.array([2, 2, 0]), rows=2, classes=4)
    np.testing.assert_allclose(found, [[1 / 3, 0, 2 / 3, 0]] * 2)
    np.testing.assert_allclose(metrics.majority_class(np.array([[1, 0], [1, 1]]), 1, 2), [[1, 0.5]])
    with pytest.raises(ValueError, match="at least one training label"):
        metrics.majority_class(np.zeros([0], int), 1, 2)


TRAIN = (["a fine film", "not fine at all", "a fine day", "not a fine day", "so so", "so so so"], [3, 0, 3, 0, 1, 1])
VALIDATION = (["a fine fine film", "not fine", "so"], np.array([3, 0, 1]))


def test_linear_models():
    regression, machine = metrics.linear_models(
        ["fine day", "not fine day", "so, so", ""], TRAIN, VALIDATION, classes=4
    )
    assert (regression.name, machine.name) == (
        "logistic regression on words and characters",
        "linear SVM on words and characters",
    )
    assert regression.strength > 0 and machine.strength > 0
    for one in (regression, machine):
        np.testing.assert_array_equal(one.decided[:3], [3, 0, 1])
    np.testing.assert_array_equal(regression.probabilities.argmax(axis=1), regression.decided)
    np.testing.assert_allclose(regression.probabilities.sum(axis=1), 1)
    assert not regression.probabilities[:, 2].any(), "a class that training does not have"
    assert machine.probabilities is None
    two = metrics.linear_models(["fine", "so so"], (TRAIN[0], np.equal(TRAIN[1], 1) * 1), (["so"], [1]), 2)
    for one in two:
        np.testing.assert_array_equal(one.decided, [0, 1])


def test_linear_models_of_label_sets():
    labels = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]])
    for found in metrics.linear_models(TRAIN[0], (TRAIN[0], labels), (TRAIN[0], labels), classes=4):
        np.testing.assert_array_equal(found.decided, labels.astype(bool))
        assert found.decided.dtype == bool
    one = labels[:, :1]
    regression, machine = metrics.linear_models(TRAIN[0], (TRAIN[0], one), (TRAIN[0], one), classes=1)
    np.testing.assert_array_equal(regression.probabilities > 0.5, one.astype(bool))
    np.testing.assert_array_equal(machine.decided, one.astype(bool))


def test_linear_models_see_characters_and_may_be_asked_nothing():
    spelt = ([f"{word}ing" for word in "abcdefgh"] + [f"{word}ed" for word in "abcdefgh"], [1] * 8 + [0] * 8)
    known = (["ying", "yed"], [1, 0])
    for found in metrics.linear_models(["zing", "zed"], spelt, known, classes=2):
        assert found.decided.tolist() == [1, 0]
    for found in metrics.linear_models([], spelt, ([], np.zeros(0, int)), classes=2):
        assert found.decided.shape == (0,)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match=r"at least two classes. Received: \[1\]"):
        metrics.linear_models(["a"], (["a", "b"], [1, 1]), (["a"], [1]), 2)


def test_the_nearest_class():
    texts = ["fine day", "not fine day", "so, so"]
    found = metrics.nearest_class(texts, (TRAIN[0], np.array(TRAIN[1])), VALIDATION, classes=4)
    np.testing.assert_array_equal(found.probabilities.argmax(axis=1), [3, 0, 1])
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert "nearest class" in found.name
    assert metrics.nearest_class([], (TRAIN[0], TRAIN[1]), VALIDATION, classes=4).probabilities.shape == (0, 4)
    labels = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    several = metrics.nearest_class(TRAIN[0], (TRAIN[0], labels), (TRAIN[0], labels), classes=3)
    np.testing.assert_array_equal(several.probabilities >= 0.5, labels.astype(bool))


def test_thousands_of_classes_take_little_memory():
    """Scores, calibration and baseline of 3,000 classes; logistic regression or a float64 copy would take gigabytes."""
    count, rows = 3000, 3000
    texts, labels = [f"w{place} w{place // 2} a b" for place in range(rows)], np.arange(rows) % count
    tracemalloc.start()
    found = metrics.nearest_class(texts, (texts, labels), (texts, labels), classes=count)
    assert (found.probabilities.argmax(axis=1) == labels).mean() > 0.99
    scored = metrics.single_label_scores(labels, found.probabilities.argmax(axis=1), list(map(str, labels)))
    assert scored.confusion.trace() > 0.99 * rows
    assert metrics.reliability(found.probabilities, labels).ece < 100
    assert metrics.majority_class(labels, rows, count).shape == (rows, count)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 4 * rows * count
