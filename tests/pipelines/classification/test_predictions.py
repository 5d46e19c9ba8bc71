import numpy as np
import pytest

from pipelines.classification.predictions import Predictions


def test_the_most_probable_class_is_predicted_whatever_the_threshold():
    predictions = Predictions(np.array([0, 1, 1]), np.array([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]]), threshold=0.9)
    assert predictions.decided.tolist() == [0, 0, 1]
    assert predictions.correct.tolist() == [True, False, True]
    assert predictions.label_probability.tolist() == [0.6, 0.3, 0.8]
    assert predictions.scores(["bad", "good"]).scores["accuracy"] == pytest.approx(200 / 3)


def test_labels_are_those_that_reach_the_threshold():
    labels, probabilities = np.array([[1, 0], [1, 1]]), np.array([[0.6, 0.4], [0.7, 0.3]])
    for threshold, decided in {0.5: [[1, 0], [1, 0]], 0.3: [[1, 1], [1, 1]], 0.7: [[0, 0], [1, 0]]}.items():
        predictions = Predictions(labels, probabilities, threshold)
        np.testing.assert_array_equal(predictions.decided, decided)
        np.testing.assert_array_equal(predictions.correct, (labels == decided).all(axis=1))
    np.testing.assert_allclose(predictions.label_probability, [0.36, 0.21])
