"""Finished sequences leave the batch, which changes no result."""

import numpy as np
import pytest
import tensorflow as tf
from toy_model import PrefixModel, to_memory

from tfmodels.decoding import beam_search, greedy, sample
from tfmodels.token_ids import END

LIMITS = [0, 6, 2, 1, 6, 3, 0, 5, 4, 1, 1, 6]
DECODERS = {
    "greedy": lambda model, memory, limits, rows: greedy(model, memory, limits),
    "beams": lambda model, memory, limits, rows: beam_search(model, memory, limits, beam_size=3),
    "drawn": lambda model, memory, limits, rows: sample(
        model, memory, limits, seed=tf.cast(rows, tf.int64), temperature=0.5 + tf.cast(rows, tf.float32) / 8
    ),
}


class Counted(PrefixModel):
    """Counts the tokens that it is fed, padding included."""

    fed = 0

    def step(self, ids, cache, position):
        self.fed += int(tf.size(ids))
        return super().step(ids, cache, position)


@pytest.fixture
def bias():
    found = np.random.default_rng(5).normal(0, 1.5, [len(LIMITS), 7]).astype("float32")
    found[:, END] -= 4  # some sequences reach their limits, some do not
    return found


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS)
def test_each_row_has_the_result_that_it_has_alone(bias, decode, compiled):
    model = PrefixModel(seed=3)

    @tf.function(input_signature=[tf.TensorSpec([None, 7]), *[tf.TensorSpec([None], tf.int32)] * 2])
    def graph(bias, limits, rows):
        return decode(model, to_memory(bias), limits, rows)

    answer = graph if compiled else graph.python_function
    together = answer(tf.constant(bias), tf.constant(LIMITS), tf.range(len(LIMITS)))
    assert len(set(together.length.numpy().ravel().tolist())) > 3
    for row, limit in enumerate(LIMITS):
        alone = answer(tf.constant(bias[row : row + 1]), tf.constant([limit]), tf.constant([row]))
        np.testing.assert_array_equal(together.ids[row, ..., :limit], alone.ids[0])
        np.testing.assert_array_equal(together.length[row], alone.length[0])
        np.testing.assert_allclose(together.score[row], alone.score[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("decode", "width"), [("greedy", 1), ("beams", 3), ("drawn", 1)])
def test_a_batch_costs_little_more_than_its_sequences(bias, decode, width):
    bias[:, END] = -20  # nothing ends before its limit
    limits = [1] * 64 + [7]
    model = Counted(seed=3)
    DECODERS[decode](model, to_memory(np.repeat(bias[:1], 65, axis=0)), tf.constant(limits), tf.zeros([65], tf.int32))
    least = width * sum(limit + 1 for limit in limits)
    assert 64 < model.fed <= 1.5 * least
    assert model.fed < width * 65 * (max(limits) + 1) / 3
