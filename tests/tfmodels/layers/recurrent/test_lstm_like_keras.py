import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers

BATCH, TIME, DIM, UNITS = 4, 5, 3, 6
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=[BATCH, TIME, DIM]).astype("float32")
STATE = RANDOM.normal(size=[2, BATCH, UNITS]).astype("float32")
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]], bool)
OPTIONS = [
    dict(zip(("return_sequences", "return_state", "go_backwards", "zero_output_for_mask"), values, strict=True))
    for values in itertools.product([False, True], repeat=4)
]


def both(**options):
    """Our layer and Keras', with the same weights."""
    pair = layers.LSTM(UNITS, **options), keras.layers.LSTM(UNITS, use_cudnn=False, **options)
    for layer in pair:
        layer.build(X.shape)
    weights = [RANDOM.normal(0, 0.5, weight.shape) for weight in pair[0].weights]
    for layer in pair:
        layer.set_weights(weights)
    return pair


def equal(ours, theirs):
    keras.tree.assert_same_structure(ours, theirs)
    keras.tree.map_structure(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), ours, theirs)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(name for name in options if options[name]))
def test_every_argument_means_what_it_means_in_keras(options):
    ours, theirs = both(**options)
    for mask, state in itertools.product((None, MASK), (None, list(STATE))):
        equal(
            ours(X, mask=mask, initial_state=state),
            theirs(X, mask=mask if mask is None else tf.constant(mask), initial_state=state),
        )
    assert ours.compute_output_shape(X.shape) == theirs.compute_output_shape(X.shape)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_gradients_equal_those_of_keras(go_backwards):
    pair = both(return_sequences=True, return_state=True, go_backwards=go_backwards)
    x, *state = (tf.constant(value) for value in (X, *STATE))

    def gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch([x, *state])
            outputs, h, c = layer(x, mask=tf.constant(MASK), initial_state=state)
            loss = tf.reduce_sum(outputs * np.cos(np.arange(outputs.shape[1] * UNITS)).reshape(outputs.shape[1:]))
            loss += tf.reduce_sum(h * 2.0 - c)
        return tape.gradient(loss, [x, *state, *(weight.value for weight in layer.weights)])

    for one, other in zip(*map(gradients, pair), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", None])
@pytest.mark.parametrize("sequences", [False, True], ids=["last", "sequences"])
@pytest.mark.parametrize("return_state", [False, True], ids=["", "states"])
def test_bidirectional_of_keras_takes_our_lstm(merge_mode, sequences, return_state):
    pair = [
        keras.layers.Bidirectional(layer, merge_mode=merge_mode)
        for layer in both(return_sequences=sequences, return_state=return_state)
    ]
    for layer in pair:
        layer.build(X.shape)
    weights = [RANDOM.normal(0, 0.5, weight.shape) for weight in pair[0].weights]
    for layer in pair:
        layer.set_weights(weights)
    for mask in (None, tf.constant(MASK)):
        equal(*(layer(X, mask=mask) for layer in pair))
    again = keras.layers.Bidirectional.from_config(pair[0].get_config())
    again.build(X.shape)
    again.set_weights(weights)
    equal(again(X), pair[1](X))


@pytest.mark.parametrize("sequences", [False, True], ids=["last", "sequences"])
def test_bidirectional_lstm_equals_keras_bidirectional(sequences):
    ours = layers.BidirectionalLSTM(UNITS, return_sequences=sequences)
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=sequences, use_cudnn=False))
    for layer in (ours, theirs):
        layer.build(X.shape)
    theirs.set_weights(ours.get_weights())
    for mask in (None, tf.constant(MASK)):
        equal(ours(X, mask=mask), theirs(X, mask=mask))


def test_an_embedding_s_mask_reaches_the_lstm_and_what_follows():
    ids = np.array([[5, 2, 7, 0, 0], [3, 0, 0, 0, 0]])

    def model(lstm):
        return keras.Sequential(
            [
                keras.Input([None], dtype="int32"),
                keras.layers.Embedding(9, DIM, mask_zero=True),
                lstm(UNITS, return_sequences=True),
                lstm(UNITS),
                keras.layers.Dense(1),
            ]
        )

    ours, theirs = model(layers.LSTM), model(keras.layers.LSTM)
    theirs.set_weights(ours.get_weights())
    assert ours.output_shape == (None, 1)
    equal(ours.predict(ids, verbose=0), theirs.predict(ids, verbose=0))
    np.testing.assert_allclose(ours(ids[1:]), ours(ids[1:, :1]), rtol=1e-5)


def test_a_mask_reaches_an_lstm_that_starts_in_a_state():
    lstm, masking = layers.LSTM(UNITS), keras.layers.Masking()
    x = X * MASK[..., np.newaxis]
    np.testing.assert_array_equal(
        lstm(masking(x), initial_state=list(STATE)), lstm(x, initial_state=list(STATE), mask=MASK)
    )


@pytest.mark.parametrize("bidirectional", [False, True], ids=["one_way", "both_ways"])
def test_a_stack_returns_what_each_direction_ends_with(bidirectional):
    stack = layers.LSTMStack(UNITS, 2, bidirectional, return_sequences=True)
    outputs = stack(X, mask=MASK).numpy()
    last = layers.LSTMStack(UNITS, 2, bidirectional)
    last.build(X.shape)
    last.set_weights(stack.get_weights())
    expected = np.zeros_like(outputs[:, 0])
    for row, visible in enumerate(MASK[:3]):
        first, end = np.flatnonzero(visible)[[0, -1]]
        expected[row, :UNITS] = outputs[row, end, :UNITS]
        expected[row, UNITS:] = outputs[row, first, UNITS:]
    np.testing.assert_allclose(last(X, mask=MASK), expected)
    assert last(X).shape == expected.shape


def test_weights_start_and_are_kept_as_keras_is_told():
    options = {
        "kernel_initializer": keras.initializers.RandomNormal(seed=1),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
        "bias_initializer": "ones",
        "unit_forget_bias": False,
        "kernel_regularizer": "l2",
        "bias_constraint": "non_neg",
        "activity_regularizer": "l1",
    }
    ours, theirs = layers.LSTM(UNITS, **options), keras.layers.LSTM(UNITS, use_cudnn=False, **options)
    equal(ours(X), theirs(X))
    equal(ours.losses, theirs.losses)
    assert ours.bias.constraint is not None
    copy = layers.LSTM.from_config(ours.get_config())
    equal(copy(X), theirs(X))


def test_one_seed_draws_the_same_dropout():
    lstm = layers.LSTM(UNITS, dropout=0.5, recurrent_dropout=0.5, seed=3)
    lstm.build(X.shape)
    again = layers.LSTM.from_config(lstm.get_config())
    again.build(X.shape)
    again.set_weights(lstm.get_weights())
    np.testing.assert_array_equal(lstm(X, training=True), again(X, training=True))


@pytest.mark.parametrize(
    "argument",
    [
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"use_bias": False},
        {"stateful": True},
        {"unroll": True},
        {"use_cudnn": True},
    ],
    ids=lambda argument: next(iter(argument)),
)
def test_what_only_keras_computes_is_refused(argument):
    with pytest.raises(ValueError, match=r"`keras.layers.LSTM` takes others and has the same weights"):
        layers.LSTM(UNITS, **argument)


def test_the_activations_of_the_equations_may_be_named():
    layers.LSTM(UNITS, activation=keras.activations.tanh, recurrent_activation="sigmoid", use_cudnn=False)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.LSTM(0), "Expected `units` to be at least 1"),
        (lambda: layers.LSTM(2, go_backwards=True, reverse=True), "Expected one of `go_backwards` and `reverse`"),
        (lambda: layers.LSTM(UNITS)(X, STATE[0]), r"Expected `initial_state` to be \[h, c\]"),
    ],
    ids=["units", "both_orders", "one_state"],
)
def test_lstm_refuses_in_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()


OLD = {"units": UNITS, "dropout": 0.0, "recurrent_dropout": 0.0, "weight_drop": 0.0, "layer_norm": False}
OLD_LSTM = {**OLD, "reverse": True, "decay": False, "xla": False}


def test_configurations_of_before_return_sequences_compute_as_they_did():
    old = layers.LSTM.from_config(OLD_LSTM)
    outputs = old(X, sequence_mask=MASK, return_state=True)
    theirs = keras.layers.LSTM(
        UNITS, go_backwards=True, return_sequences=True, return_state=True, zero_output_for_mask=True, use_cudnn=False
    )
    theirs.build(X.shape)
    theirs.set_weights(old.get_weights())
    expected, h, c = theirs(X, mask=tf.constant(MASK))
    equal(outputs, (expected[:, ::-1], h, c))
    for layer in (layers.BidirectionalLSTM, layers.LSTMStack):
        assert layer.from_config(OLD)(X).shape[1] == TIME
    assert type(old).from_config(old.get_config())(X).shape == [BATCH, TIME, UNITS]
