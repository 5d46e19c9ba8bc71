import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import LSTM, BidirectionalLSTM, LSTMStack

BATCH, TIME, DIM, UNITS = 3, 5, 4, 6
LENGTHS = np.array([5, 2, 3])
MASK = np.arange(TIME) < LENGTHS[:, None]
ALL = {"return_sequences": True, "return_state": True, "zero_output_for_mask": True}
SEQUENCES = {"return_sequences": True, "return_state": True}
REVERSE = pytest.mark.parametrize("reverse", [False, True], ids=["forward", "backward"])


def random_weights(layer, scale=0.5):
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(scale=scale, size=weight.shape) for weight in layer.weights])
    return layer


def built(layer, dim=DIM):
    layer.build((None, None, dim))
    return random_weights(layer)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


X, STATE = draw(BATCH, TIME, DIM), (draw(BATCH, UNITS), 2 * draw(BATCH, UNITS))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normalised(x, gamma, beta):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gamma + beta


def oracle(layer, x, mask, h, c):
    """The equations of the docstring, a step and a row at a time, in float64."""
    weights = {weight.path.split("/", 1)[1]: weight.numpy().astype("float64") for weight in layer.weights}

    def norm(name, value):
        return normalised(value, weights[f"{name}/gamma"], weights[f"{name}/beta"]) if len(weights) > 3 else value

    outputs = np.zeros((*x.shape[:2], len(h[0])))
    h, c = h.astype("float64"), c.astype("float64")
    for row in range(len(x)):
        steps = range(x.shape[1])
        for step in reversed(steps) if layer.reverse else steps:
            if not mask[row, step]:
                continue
            gates = norm("input_norm", x[row, step] @ weights["kernel"])
            gates = gates + norm("recurrent_norm", h[row] @ weights["recurrent_kernel"]) + weights["bias"]
            i, f, g, o = np.split(gates, 4)
            c[row] = sigmoid(f) * c[row] + sigmoid(i) * np.tanh(g)
            h[row] = sigmoid(o) * np.tanh(norm("cell_norm", c[row]))
            outputs[row, step] = h[row]
    return outputs, h, c


@REVERSE
@pytest.mark.parametrize("layer_norm", [False, True])
def test_equals_the_equations(reverse, layer_norm):
    layer = built(LSTM(UNITS, layer_norm=layer_norm, reverse=reverse, **ALL))
    outputs, h, c = layer(X, mask=MASK, initial_state=STATE)
    for ours, expected in zip((outputs, h, c), oracle(layer, X, MASK, *STATE), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_equals_torch_forward_and_gradient(bidirectional):
    torch = pytest.importorskip("torch")
    layer = built(LSTMStack(UNITS, 2, bidirectional, residual=False, return_sequences=True, return_state=True))
    peer = torch.nn.LSTM(DIM, UNITS, 2, batch_first=True, bidirectional=bidirectional)
    directions = [
        (lstm, f"l{i}{suffix}")
        for i, part in enumerate(layer.layers)
        for lstm, suffix in ([(part.forward, ""), (part.backward, "_reverse")] if bidirectional else [(part, "")])
    ]
    with torch.no_grad():
        for lstm, suffix in directions:
            getattr(peer, f"weight_ih_{suffix}").copy_(torch.tensor(lstm.kernel.numpy().T))
            getattr(peer, f"weight_hh_{suffix}").copy_(torch.tensor(lstm.recurrent_kernel.numpy().T))
            getattr(peer, f"bias_ih_{suffix}").copy_(torch.tensor(lstm.bias.numpy()))
            getattr(peer, f"bias_hh_{suffix}").zero_()

    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs, *states = layer(x, mask=MASK)
        loss = tf.reduce_sum(tf.square(outputs)) + tf.add_n([tf.reduce_sum(h - c) for h, c in states])
    watched = [x, *(value.value for lstm, _ in directions for value in (lstm.kernel, lstm.recurrent_kernel, lstm.bias))]
    gradients = tape.gradient(loss, watched)

    peer_x = torch.tensor(X, requires_grad=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(peer_x, LENGTHS, batch_first=True, enforce_sorted=False)
    peer_outputs, (peer_h, peer_c) = peer(packed)
    peer_outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(peer_outputs, batch_first=True)
    ((peer_outputs**2).sum() + (peer_h - peer_c).sum()).backward()
    peer_gradients = [peer_x.grad.numpy()]
    for _, suffix in directions:
        peer_gradients += [getattr(peer, f"weight_{kind}_{suffix}").grad.numpy().T for kind in ("ih", "hh")]
        peer_gradients.append(getattr(peer, f"bias_ih_{suffix}").grad.numpy())

    np.testing.assert_allclose(outputs, peer_outputs.detach().numpy(), rtol=1e-5, atol=1e-6)
    for one, other in zip(gradients, peer_gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "make", [lambda: LSTM(UNITS, **ALL), lambda: LSTMStack(DIM, 2, **SEQUENCES)], ids=["one", "two"]
)
def test_two_halves_equal_the_whole(make):
    layer = built(make())
    whole, *states = layer(X)
    first, *between = layer(X[:, :2])
    second, *after = layer(X[:, 2:], initial_state=between)
    np.testing.assert_allclose(tf.concat([first, second], axis=1), whole, rtol=1e-5, atol=1e-6)
    for one, other in zip(tf.nest.flatten(after), tf.nest.flatten(states), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LSTM(UNITS, **ALL),
        lambda: LSTM(UNITS, reverse=True, **ALL),
        lambda: BidirectionalLSTM(UNITS, **SEQUENCES),
    ],
    ids=["forward", "backward", "both"],
)
def test_a_row_does_not_depend_on_its_batch(make):
    layer = built(make())
    together, *state = layer(X, mask=MASK)
    for row, length in enumerate(LENGTHS):
        alone, *alone_state = layer(X[row : row + 1, :length])
        np.testing.assert_allclose(together[row, :length], alone[0], rtol=1e-5, atol=1e-6)
        assert not np.any(together[row, length:])
        for one, other in zip(state, alone_state, strict=True):
            np.testing.assert_allclose(one[row], other[0], rtol=1e-5, atol=1e-6)


def test_a_row_of_padding_keeps_its_state():
    layer = built(BidirectionalLSTM(UNITS, **SEQUENCES))
    state = tuple(np.concatenate([part, -part], axis=1) for part in STATE)
    outputs, *after = layer(X, mask=np.zeros_like(MASK), initial_state=state)
    assert not np.any(outputs)
    for one, other in zip(after, state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_both_directions_are_two_layers():
    layer = built(BidirectionalLSTM(UNITS, return_sequences=True))
    forward, backward = np.split(layer(X, mask=MASK), 2, axis=-1)
    np.testing.assert_array_equal(forward, layer.forward(X, mask=MASK)[0])
    np.testing.assert_array_equal(backward, layer.backward(X, mask=MASK)[0])
    assert np.abs(forward - backward).max() > 0.1


def test_residual_connections_where_widths_agree():
    layer = built(LSTMStack(UNITS, 3, return_sequences=True))
    x = layer.layers[0](X)  # DIM is not UNITS: no residual connection
    for part in layer.layers[1:]:
        x = x + part(x)
    np.testing.assert_array_equal(layer(X), x)


@pytest.mark.parametrize("rates", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}], ids=lambda rates: next(iter(rates)))
def test_variational_dropout_has_one_mask_for_all_steps(rates):
    """A cell that forgets and gets equal inputs settles at a constant output, unless the mask changes."""
    layer = built(LSTM(UNITS, **rates, return_sequences=True))
    if "dropout" in rates:
        layer.recurrent_kernel.assign(tf.zeros_like(layer.recurrent_kernel))
    forget = tf.repeat(tf.constant([0.0, -50.0, 0.0, 0.0]), UNITS)
    layer.bias.assign(forget)
    same = np.repeat(X[:, :1], 40, axis=1)
    h = layer(same, training=True).numpy()[:, 20:]  # the recurrence has converged
    np.testing.assert_allclose(h, np.repeat(h[:, :1], 20, axis=1), rtol=1e-3, atol=1e-5)
    assert np.abs(h - layer(same)[:, 20:]).max() > 1e-2


def test_weight_drop_has_one_mask_for_the_batch():
    layer = built(LSTM(UNITS, weight_drop=0.5, return_sequences=True))
    same = np.repeat(X[:1], BATCH, axis=0)
    outputs = layer(same, training=True).numpy()
    np.testing.assert_allclose(outputs, np.repeat(outputs[:1], BATCH, axis=0), rtol=1e-5, atol=1e-6)
    assert np.abs(outputs - layer(same)).max() > 1e-3


def test_nothing_random_is_left_in_a_graph_for_inference():
    layer = built(
        LSTMStack(
            UNITS, 2, True, return_sequences=True, dropout=0.5, recurrent_dropout=0.5, weight_drop=0.5, layer_norm=True
        )
    )
    traced = tf.function(lambda x: layer(x, training=False)).get_concrete_function(tf.TensorSpec([None, None, DIM]))
    functions = [traced.graph.as_graph_def(), *traced.graph.as_graph_def().library.function]
    operations = {node.op for graph in functions for node in getattr(graph, "node", getattr(graph, "node_def", []))}
    assert "MatMul" in operations or "BatchMatMulV2" in operations
    assert not [name for name in operations if "Random" in name or "Assign" in name or "Cudnn" in name]


def test_the_forget_gate_starts_open():
    layer = LSTM(2)
    layer.build((None, None, 3))
    assert layer.bias.numpy().tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_decay_multiplies_the_state_before_each_step():
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=[3, 4, 5]), tf.float32)
    elapsed = tf.constant(random.exponential(30, size=[3, 4]), tf.float32)
    fading, plain = LSTM(6, decay=True, **SEQUENCES), LSTM(6, **SEQUENCES)
    outputs, *_ = fading(x, elapsed=elapsed)
    plain.build(x.shape)
    plain.set_weights(fading.get_weights()[:3])
    state = (tf.zeros([3, 6]), tf.zeros([3, 6]))
    for step in range(4):
        left = tf.exp(-elapsed[:, step : step + 1] * np.log1p(np.exp(-4.0)))
        state = tuple(part * left for part in state)
        expected, *state = plain(x[:, step : step + 1], initial_state=state)
        np.testing.assert_allclose(outputs[:, step], expected[:, 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fading(x)[0], plain(x)[0], rtol=1e-6)
