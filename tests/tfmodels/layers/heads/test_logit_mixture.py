import numpy as np
import pytest

from tfmodels.layers import LogitMixture

LABELS = np.random.default_rng(0).integers(0, 3, 400)


def noisy(seed, strength):
    random = np.random.default_rng(seed)
    return strength * np.eye(3)[LABELS] + random.normal(size=[len(LABELS), 3])


def share(first, second, labels=LABELS, **options):
    mixture = LogitMixture(dtype="float32", **options)
    mixture.learn(first, second, labels)
    mixed = mixture(first.astype(np.float32), second.astype(np.float32)).numpy()
    assert mixture.right(mixed, labels) >= mixture.right(second, labels)
    return float(mixture.share), mixed


def test_two_models_with_other_errors_are_mixed():
    one, other = noisy(1, 1.5), noisy(2, 1.5)
    found, mixed = share(one, other)
    assert 0.3 < found < 0.7
    right = (mixed.argmax(axis=1) == LABELS).sum()
    assert right > max((logits.argmax(axis=1) == LABELS).sum() for logits in (one, other))


def test_a_model_that_knows_nothing_has_no_share():
    assert share(noisy(1, 0), noisy(2, 2))[0] > 0.8
    assert share(noisy(1, 4), noisy(2, 0))[0] < 0.2


def test_the_second_model_is_never_worse_than_the_mixture():
    """The first is likelier and has fewer right decisions."""
    labels = np.zeros(10, int)
    second = np.tile([0.01, 0.0], [10, 1])
    first = np.tile([5.0, 0.0], [10, 1])
    first[0] = [-0.5, 0.0]
    share(first, second, labels)


def test_label_sets_and_the_mean_before():
    labels = np.eye(3, dtype=int)[LABELS]
    found, _ = share(noisy(1, 3) - 1.5, noisy(2, 3) - 1.5, labels, multi_label=True)
    assert 0.2 < found < 0.8
    mixture = LogitMixture(dtype="float32")
    np.testing.assert_allclose(mixture(np.float32([[2, 0]]), np.float32([[0, 1]])), [[1, 0.5]])
    assert LogitMixture.from_config(LogitMixture(True).get_config()).multi_label


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="Expected logits"):
        LogitMixture().learn(noisy(1, 1), noisy(2, 1), LABELS[:3])
