import numpy as np
import pytest

from pipelines.classification import classification_report, predictions
from pipelines.runs.predictor import Predictor
from tfmodels import metrics
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature


def test_the_most_probable_class_is_predicted_whatever_the_threshold():
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    found = predictions.of_probabilities(np.array([0, 1, 1]), probabilities, threshold=0.9)
    assert found.decided.tolist() == [0, 0, 1]
    assert found.correct.tolist() == [True, False, True]
    assert found.label_probability.tolist() == [0.6, 0.3, 0.8]
    assert found.scores(["bad", "good"]).scores["accuracy"] == pytest.approx(200 / 3)


def test_labels_are_those_that_reach_the_threshold():
    labels, probabilities = np.array([[1, 0], [1, 1]]), np.array([[0.6, 0.4], [0.7, 0.3]])
    for threshold, decided in {0.5: [[1, 0], [1, 0]], 0.3: [[1, 1], [1, 1]], 0.7: [[0, 0], [1, 0]]}.items():
        found = predictions.of_probabilities(labels, probabilities, threshold)
        np.testing.assert_array_equal(found.decided, decided)
        np.testing.assert_array_equal(found.correct, (labels == decided).all(axis=1))
    np.testing.assert_allclose(found.label_probability, [0.36, 0.21])


@pytest.mark.parametrize("decided", [[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[1, 0], [1, 1]]])
@pytest.mark.parametrize("labels", [[[0, 0], [0, 0]], [[0, 1], [1, 0]]])
def test_the_score_of_the_sums_is_the_score(labels, decided):
    found = predictions.Predictions(np.array(labels), np.array(decided), None)
    sums = found.primary_statistics.sum(axis=0)
    assert metrics.micro_f1_of_sums(sums) == pytest.approx(found.scores(["bad", "good"]).scores["micro_f1"], rel=1e-12)
    one = predictions.Predictions(found.labels[:, 0], found.decided[:, 0], None)
    accuracy = one.scores(["other", "bad"]).scores["accuracy"]
    assert metrics.ratio(one.primary_statistics.sum(axis=0)) == pytest.approx(accuracy, rel=1e-12)


def test_what_is_scored_are_the_labels_and_probabilities_that_are_served():
    texts = ["x", "longer", "xx", "x x x x"]
    answers = {"x": "good|bad", "longer": "", "xx": "bad", "x x x x": "good"}

    def call(endpoint, /, text):
        words = [one.decode() if isinstance(one, bytes) else one for one in text]
        return {
            "label": np.array([answers[word].encode() for word in words], object),
            "labels": np.array([[b"bad", b"good"]] * len(words), object),
            "probabilities": np.array([[len(word) / 10, 0.5] for word in words], np.float32),
        }

    signature = Signature({"text": Field("text", "string", (None,))}, {})
    served = Predictor({"columns": ["text"]}, {"serving_default": signature}, call)
    labels = np.array([[1, 1], [1, 0], [1, 0], [0, 0]])
    found = predictions.served(labels, served, texts, ["bad", "good"], "|")
    np.testing.assert_array_equal(found.decided, [[1, 1], [0, 0], [1, 0], [0, 1]])
    np.testing.assert_allclose(found.probabilities[:, 0], [0.1, 0.6, 0.2, 0.7])
    sums = found.primary_statistics.sum(axis=0)
    assert metrics.micro_f1_of_sums(sums) == pytest.approx(found.scores(["bad", "good"]).scores["micro_f1"])
    with pytest.raises(ValueError, match="Expected a model with the labels of the run, good, bad"):
        predictions.served(labels, served, texts, ["good", "bad"], "|")


@pytest.mark.parametrize("labels", [[0, 1, 1], [[1, 0], [1, 1], [0, 0]]])
def test_the_means_of_answers_are_the_scores(labels):
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.0, 1.0]], np.float32)
    model = predictions.of_probabilities(np.array(labels), probabilities)
    answers = classification_report.answers_of(["a", "b", "c"], model, ["bad", "good"], "|")
    rows = [dict(zip(answers.names, row, strict=True)) for row in answers.rows()]
    assert [row["right"] for row in rows] == model.correct.tolist()
    assert [row["p(good)"] for row in rows] == probabilities[:, 1].tolist()
    if np.ndim(labels) == 1:
        accuracy = model.scores(["bad", "good"]).scores["accuracy"]
        assert 100 * np.mean([row["right"] for row in rows]) == pytest.approx(accuracy)
        assert np.mean([row["loss"] for row in rows]) == pytest.approx(model.calibration().nll)
        assert rows[1] == rows[1] | {"label": "good", "answer": "bad", "probability": probabilities[1, 0]}
