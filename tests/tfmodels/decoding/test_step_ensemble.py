import numpy as np
import pytest
import tensorflow as tf
import toy_model
from exhaustive_search import VOCAB, every_sequence, log_probability

from tfmodels import decoding
from tfmodels.decoding import StepEnsemble
from tfmodels.models import LSTMOptions, LSTMSeq2Seq, TransformerOptions, TransformerSeq2Seq
from tfmodels.token_ids import END, PAD, START

SOURCE = np.array([[5, 9, 4, 7, END], [8, 6, END, PAD, PAD], [7, END, PAD, PAD, PAD]], "int32")
TARGET = np.array([[11, 4, 16, 9, END], [10, 5, END, PAD, PAD], [END, PAD, PAD, PAD, PAD]], "int32")
SHIFTED = np.concatenate([np.full([3, 1], START, "int32"), TARGET[:, :-1]], axis=1)
LIMITS = np.array([6, 4, 0], "int32")
SEEDS = np.array([3, 1, 4])
DECODERS = {
    "greedy": lambda model, memory, limits, _: decoding.greedy(model, memory, limits),
    "ngrams": lambda model, memory, limits, _: decoding.greedy(model, memory, limits, no_repeat_ngram=1),
    "beam": lambda model, memory, limits, _: decoding.beam_search(model, memory, limits, 3),
    "covering": lambda model, memory, limits, _: decoding.beam_search(model, memory, limits, 3, coverage_penalty=0.4),
    "sample": lambda model, memory, limits, seeds: decoding.sample(model, memory, limits, seeds, top_k=9, top_p=0.95),
}


class Geometric:
    """The distribution that an ensemble of toys should have."""

    def __init__(self, members):
        self.members = members

    def log_probabilities(self, prefix, bias):
        return toy_model.log_softmax(np.mean([one.log_probabilities(prefix, bias) for one in self.members], axis=0))


def decoded(decoder, model, rows=slice(None)):
    return DECODERS[decoder](model, model.encode(SOURCE[rows]), tf.constant(LIMITS[rows]), tf.constant(SEEDS[rows]))


def network(kind, seed=0):
    if kind == "lstm":
        made = LSTMSeq2Seq(17, LSTMOptions(num_layers=2, d_model=8, num_heads=2, attention="multi_head"))
    else:
        made = TransformerSeq2Seq(17, TransformerOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12))
    made({"source": SOURCE, "target": SHIFTED})
    random = np.random.default_rng(seed)
    made.set_weights([random.normal(scale=0.6, size=weight.shape) for weight in made.weights])
    return made


@pytest.fixture(scope="module")
def mixed():
    return [network("transformer"), network("lstm", 1), network("transformer", 2)]


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("times", [1, 2])
def test_an_ensemble_of_one_model_is_the_model(mixed, decoder, times):
    for model in mixed[:2]:
        together = StepEnsemble([model] * times)
        found, alone = (decoded(decoder, one) for one in (together, model))
        assert found.ids.numpy().tolist() == alone.ids.numpy().tolist()
        np.testing.assert_allclose(found.score, alone.score, rtol=1e-5, atol=1e-5)


def test_a_beam_for_every_sequence_ranks_all_by_the_mean_of_the_log_probabilities():
    members = [toy_model.PrefixModel(seed=5), toy_model.PrefixModel(seed=6), toy_model.TableModel(seed=7)]
    bias = np.random.default_rng(0).normal(0, 1, [1, VOCAB]).astype("float32")
    wanted = Geometric(members)
    sequences = every_sequence(3, lambda sequence: log_probability(wanted, sequence, bias[0]))
    memory = {str(place): toy_model.to_memory(bias) for place in range(3)}
    found = decoding.beam_search(StepEnsemble(members), memory, tf.constant([3]), len(sequences), 0.0)
    kept = [found.ids[0, i, : found.length[0, i]].numpy().tolist() for i in range(len(sequences))]
    assert kept == [sequence for sequence, _ in sequences]
    np.testing.assert_allclose(found.score[0], [score for _, score in sequences], rtol=1e-4, atol=1e-4)


def test_the_log_probability_of_a_target_is_that_of_the_normalised_mean(mixed):
    together = StepEnsemble(mixed)
    own = [tf.nn.log_softmax(one({"source": SOURCE, "target": SHIFTED})) for one in mixed]
    mean = tf.nn.log_softmax(tf.add_n(own) / 3)
    tokens = tf.gather(mean, TARGET, batch_dims=2)
    wanted = tf.reduce_sum(tf.where(TARGET == PAD, 0.0, tokens), axis=1)
    found = decoding.log_probability(together, together.encode(SOURCE), tf.constant(TARGET))
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    logits = together({"source": SOURCE, "target": SHIFTED})
    np.testing.assert_allclose(tf.nn.log_softmax(logits), mean, atol=1e-4)
    alone = [decoding.log_probability(one, one.encode(SOURCE), tf.constant(TARGET)) for one in mixed]
    assert np.ptp(alone, axis=0).min() > 0.1  # the members differ


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_row_decodes_alone_as_in_a_batch_and_in_a_graph_as_eagerly(mixed, decoder):
    together = StepEnsemble(mixed)
    whole = decoded(decoder, together)
    in_graph = tf.function(lambda: decoded(decoder, together), autograph=False)()
    assert in_graph.ids.numpy().tolist() == whole.ids.numpy().tolist()
    np.testing.assert_allclose(in_graph.score, whole.score, rtol=1e-4, atol=1e-4)
    for row in range(2):
        alone = decoded(decoder, together, slice(row, row + 1))
        length = alone.ids.shape[-1]
        assert alone.ids[0].numpy().tolist() == whole.ids[row][..., :length].numpy().tolist()
        np.testing.assert_allclose(alone.score[0], whole.score[row], rtol=1e-4, atol=1e-4)


def test_the_coverage_is_the_mean_of_the_coverages_of_the_members(mixed):
    together = StepEnsemble(mixed)
    memory, ids = together.encode(SOURCE), tf.fill([3, 1], START)
    cache = together.step(ids, together.start(memory, 4, coverage=True), tf.constant(0))[1]
    own = [one.step(ids, one.start(one.encode(SOURCE), 4, coverage=True), tf.constant(0))[1] for one in mixed]
    mean = np.mean([one["state"]["coverage"] for one in own], axis=0)
    np.testing.assert_allclose(cache["state"]["coverage"], mean, atol=1e-5)


def test_its_attention_is_the_mean_over_the_heads_of_each_member(mixed):
    together = StepEnsemble(mixed)
    _, maps = together({"source": SOURCE, "target": SHIFTED}, intermediates=True)
    _, own = mixed[1]({"source": SOURCE, "target": SHIFTED}, intermediates=True)
    assert maps["cross_attention"].shape == (3, 3, 5, 5)
    mean = tf.reduce_mean(own["decoder/cross_attention"], axis=1)
    np.testing.assert_allclose(maps["cross_attention"][:, 1], mean, atol=1e-5)


def test_an_ensemble_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"Expected at least one member of an ensemble\. Received: members=\[\]"):
        StepEnsemble([])
