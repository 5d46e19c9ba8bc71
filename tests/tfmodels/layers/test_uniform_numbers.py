import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers.uniform_numbers import uniform

ROWS, STEPS = 20_000, 12
SEEDS = {
    "counted": np.arange(ROWS),
    "negative": -np.arange(ROWS),
    "in the high word": np.arange(ROWS) << 32,
    "round": 1000 * np.arange(ROWS),
    "largest": 2**63 - 1 - np.arange(ROWS),
}


def excess(counts):
    """The chi-square statistic against equal counts, in its standard deviations above its mean."""
    expected, freedom = counts.sum() / counts.size, counts.size - 1
    return (((counts - expected) ** 2 / expected).sum() - freedom) / np.sqrt(2 * freedom)


@pytest.fixture(scope="module", params=SEEDS)
def numbers(request):
    seeds = tf.constant(SEEDS[request.param], tf.int64)
    return np.stack([uniform(seeds, tf.constant(step)) for step in range(STEPS)], axis=1)


def test_numbers_are_uniform(numbers):
    assert numbers.min() >= 0 and numbers.max() < 1
    for step in range(STEPS):
        assert excess(np.histogram(numbers[:, step], 64, (0, 1))[0]) < 5


@pytest.mark.parametrize("axis", [0, 1], ids=["seeds", "steps"])
def test_neighbours_are_independent(numbers, axis):
    numbers = np.moveaxis(numbers, axis, 0)
    pairs = np.histogram2d(numbers[:-1].ravel(), numbers[1:].ravel(), 16, [[0, 1], [0, 1]])[0]
    assert excess(pairs) < 5


def test_numbers_are_those_of_splitmix64():
    def mixed(bits):
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            bits = (bits ^ bits >> shift) * factor % 2**64
        return bits ^ bits >> 31

    # What the generator's authors give for this state, of which the first is one increment behind it.
    assert mixed((1234567 + 0x9E3779B97F4A7C15) % 2**64) == 6457827717110365317
    seeds = [0, 1, -1, 2**63 - 1]
    for step in range(3):
        states = [mixed(seed % 2**64) + (step + 1) * 0x9E3779B97F4A7C15 for seed in seeds]
        expected = [(mixed(state % 2**64) >> 40) / 2**24 for state in states]
        assert uniform(tf.constant(seeds, tf.int64), tf.constant(step)).numpy().tolist() == expected


def test_a_number_depends_on_its_seed_and_the_step_alone():
    seeds = tf.constant([5, -3, 2**62, 5], tf.int64)
    together = uniform(seeds, tf.constant(3)).numpy()
    assert together[0] == together[3]
    assert len(set(together.tolist())) == 3
    for row in range(4):
        assert uniform(seeds[row : row + 1], tf.constant(3))[0] == together[row]
    assert not np.any(uniform(seeds, tf.constant(4)) == together)
