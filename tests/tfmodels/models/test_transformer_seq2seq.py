import numpy as np
import pytest

from tfmodels.models import (
    TransformerClassifier,
    TransformerClassifierOptions,
    TransformerOptions,
    TransformerSeq2Seq,
)

VOCABULARY = 17
INPUTS = {"source": np.array([[5, 9, 4, 7, 3]], "int32"), "target": np.array([[2, 11, 4, 16, 9, 7]], "int32")}


def test_parameters_of_the_base_model():
    model = TransformerSeq2Seq(100)
    model(INPUTS)
    attention = 4 * (512 * 512 + 512)
    feed_forward = 512 * 2048 + 2048 + 2048 * 512 + 512
    norm = 2 * 512
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    assert model.count_params() == 100 * 512 + 6 * (encoder_layer + decoder_layer)


def test_sequences_longer_than_the_learned_positions_are_survived():
    options = TransformerOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12, positions="learned")
    model = TransformerSeq2Seq(VOCABULARY, options, max_length=3)
    assert np.isfinite(model(INPUTS)).all()


@pytest.mark.parametrize(
    ("family", "kind", "classes"),
    [(TransformerSeq2Seq, TransformerOptions, ()), (TransformerClassifier, TransformerClassifierOptions, (2,))],
)
def test_dropouts_of_attention_and_activation_follow_dropout_unless_given(family, kind, classes):
    sizes = {"num_layers": 1, "d_model": 8, "num_heads": 2, "feed_forward_dim": 12, "dropout": 0.3}
    for given, expected in (({}, (0.3, 0.3)), ({"attention_dropout": 0.0, "activation_dropout": 0.4}, (0.0, 0.4))):
        model = family(VOCABULARY, *classes, kind(**sizes, **given))
        for layer in (*model.encoder_layers, *getattr(model, "decoder_layers", ())):
            attention = layer.attention if hasattr(layer, "attention") else layer.cross_attention
            assert (attention.dropout_rate, layer.feed_forward.dropout_rate) == expected
            assert layer.dropout.rate == 0.3


def test_sources_in_chunks_are_encoded_as_at_once():
    sizes = {"num_layers": 1, "d_model": 8, "num_heads": 2, "feed_forward_dim": 12, "dropout": 0.0}
    whole, chunked = (TransformerSeq2Seq(VOCABULARY, TransformerOptions(**sizes, query_chunk=n)) for n in (0, 2))
    for model in (whole, chunked):
        model(INPUTS)
    chunked.set_weights(whole.get_weights())
    for training in (False, True):
        np.testing.assert_allclose(chunked(INPUTS, training=training), whole(INPUTS, training=training), rtol=1e-5)


def test_attention_in_chunks_drops_no_weights():
    with pytest.raises(ValueError, match=r"attention_dropout to be 0 or left out with query_chunk.*=0\.1"):
        TransformerClassifierOptions(query_chunk=8, attention_dropout=0.1)
    assert TransformerClassifierOptions(query_chunk=8, attention_dropout=0.0).query_chunk == 8


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"positions to be one of .*rotary.*Received: positions='none'"):
        TransformerOptions(positions="none")
    with pytest.raises(ValueError, match=r"d_model to be a multiple of twice num_heads, 8.*d_model=10"):
        TransformerOptions(d_model=10, num_heads=4)
    with pytest.raises(ValueError, match=r"activation to be one of .*Received: activation='tanh'"):
        TransformerOptions(activation="tanh")
