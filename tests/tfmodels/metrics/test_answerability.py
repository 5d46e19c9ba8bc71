import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from tfmodels import metrics


def distorted(slope, intercept, rows=20_000):
    """Scores whose true log-odds are `slope * score + intercept`."""
    random = np.random.default_rng(0)
    scores = random.normal(0, 2, rows)
    return scores, (random.random(rows) < expit(slope * scores + intercept)).astype(int)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.4, -1.5), (2.5, 1.0), (0.002, 0.3)])
def test_a_known_distortion_is_recovered(slope, intercept):
    scores, labels = distorted(slope * 2, intercept)
    found = metrics.platt_scaling(2000 * scores, labels)  # of any size
    assert found.slope * 1000 == pytest.approx(slope, abs=0.05 * slope + 0.02)
    assert found.intercept == pytest.approx(intercept, abs=0.1)
    sure = found.probabilities(2000 * scores)
    assert metrics.reliability(sure[:, np.newaxis], labels[:, np.newaxis]).ece < 1.5


def test_the_fit_is_that_of_a_general_minimiser():
    scores, labels = distorted(0.7, 0.5, rows=60)
    positive = labels.sum()
    targets = np.where(labels, (positive + 1) / (positive + 2), 1 / (60 - positive + 2))

    def loss(both):
        logits = both[0] * scores + both[1]
        return np.sum(np.logaddexp(0, logits) - targets * logits)

    np.testing.assert_allclose(metrics.platt_scaling(scores, labels), minimize(loss, [1, 0]).x, atol=1e-3)


def test_what_cannot_be_told_apart_gets_the_share():
    scores, labels = distorted(1.0, 0.0)
    found = metrics.platt_scaling(-scores, labels)
    assert found.slope == 0 and found.probabilities(scores[:3]) == pytest.approx(labels.mean(), abs=1e-3)
    few = metrics.platt_scaling(np.array([0.0, 1.0, 2.0]), np.array([1, 1, 1])).probabilities(np.array([1.0]))
    assert 0.7 < few[0] < 0.9  # four of five, by Laplace's rule
    for scores, labels in (([], []), ([1.0], [2]), ([np.nan], [1]), ([1.0], [1, 0])):
        with pytest.raises(ValueError, match="Expected"):
            metrics.platt_scaling(np.array(scores), np.array(labels))


ROWS = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.sampled_from([0, 50, 100]), st.sampled_from([0, 100])), min_size=1
)


@given(ROWS)
def test_no_other_threshold_is_better(rows):
    probabilities, answered, silent = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    single = probabilities.astype(np.float32)

    def score(threshold):
        return np.where(single >= np.float32(threshold), answered, silent).mean()

    found = metrics.best_threshold(probabilities, answered, silent)
    assert found.score == pytest.approx(score(found.threshold))
    assert found.score >= max(map(score, [*single, 0, 1.5])) - 1e-9


def test_thresholds_lie_between_probabilities():
    found = metrics.best_threshold(np.array([0.25, 0.75]), np.array([0, 100]), np.array([100, 0]))
    assert found == (0.5, 100)
    assert metrics.best_threshold(np.array([0.3]), np.array([10]), np.array([0])) == (0, 10)
    assert metrics.best_threshold(np.array([1.0]), np.array([0]), np.array([100])).threshold > 1
    for wrong in ([1.5], [np.nan], [], [0.5, 0.5]):
        with pytest.raises(ValueError, match="Expected"):
            metrics.best_threshold(np.array(wrong), np.array([1]), np.array([1]))
