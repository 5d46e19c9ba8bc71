import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models import LSTMOptions, LSTMSeq2Seq

INPUTS = {"source": np.array([[5, 9, 4, 7, 3]], "int32"), "target": np.array([[2, 11, 4, 16, 9, 7]], "int32")}


def test_parameters():
    model = LSTMSeq2Seq(100, LSTMOptions(d_model=8))
    model(INPUTS)

    def lstm(inputs, units):
        return 4 * units * (inputs + units + 1)

    encoder = 4 * lstm(8, 4)
    decoder = lstm(8, 8) + lstm(16, 8)
    assert model.count_params() == 100 * 8 + encoder + decoder + (8 * 8 + 8 * 8 + 8) + (16 * 8 + 8)


def test_the_decoder_starts_where_the_encoder_ends():
    model = LSTMSeq2Seq(17, LSTMOptions(d_model=8, attention="multi_head"))
    model(INPUTS)
    memory = model.encode(tf.constant(INPUTS["source"]))
    blind = {**memory, "h": tf.zeros_like(memory["h"]), "c": tf.zeros_like(memory["c"])}
    first = tf.constant([[2]])
    seeing, _ = model.step(first, model.start(memory, 1), 0)
    not_seeing, _ = model.step(first, model.start(blind, 1), 0)
    assert np.abs(seeing - not_seeing).max() > 1e-3


def test_attention_weights_are_dropped_in_training_only_if_asked():
    outputs = {}
    for rate in (0.0, 0.5):
        model = LSTMSeq2Seq(17, LSTMOptions(num_layers=1, d_model=8, dropout=0.0, attention_dropout=rate))
        model(INPUTS)
        outputs[rate] = [model(INPUTS, training=training).numpy() for training in (True, True, False)]
    np.testing.assert_array_equal(outputs[0.0][0], outputs[0.0][2])
    assert np.any(outputs[0.5][0] != outputs[0.5][1])


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"d_model to be even.*Received: d_model=7"):
        LSTMOptions(d_model=7)
    with pytest.raises(ValueError, match=r"attention to be one of .*Received: attention='hard'"):
        LSTMOptions(attention="hard")
    with pytest.raises(ValueError, match=r"d_model to be a multiple of num_heads, 4.*Received: d_model=10"):
        LSTMOptions(d_model=10, num_heads=4, attention="multi_head")
