import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import TransformerDecoderLayer, TransformerEncoderLayer, masks

torch = pytest.importorskip("torch")

BATCH, TIME, SOURCE, DIM, HEADS, INNER = 2, 5, 4, 8, 2, 12
VARIANTS = pytest.mark.parametrize(
    ("activation", "norm_first"), [("relu", False), ("relu", True), ("gelu", False), ("gelu", True)]
)
SOURCE_MASK = np.array([[True] * 4, [True, True, False, False]])
TARGET_MASK = np.array([[True] * 5, [True, True, True, True, False]])


def to_torch(arrays, attentions, norms):
    """Our arrays by path (weights or gradients), under PyTorch's names and in its layout."""
    named = {
        "linear1.weight": arrays["feed_forward/inner/kernel"].T,
        "linear1.bias": arrays["feed_forward/inner/bias"],
        "linear2.weight": arrays["feed_forward/outer/kernel"].T,
        "linear2.bias": arrays["feed_forward/outer/bias"],
    }
    for ours, theirs in attentions.items():
        projections = [
            (arrays[f"{ours}/{name}_kernel"], arrays[f"{ours}/{name}_bias"]) for name in ("query", "key", "value")
        ]
        kernels, biases = zip(*projections, strict=True)
        named[f"{theirs}.in_proj_weight"] = np.concatenate(kernels, axis=1).T
        named[f"{theirs}.in_proj_bias"] = np.concatenate(biases)
        named[f"{theirs}.out_proj.weight"] = arrays[f"{ours}/output_kernel"].T
        named[f"{theirs}.out_proj.bias"] = arrays[f"{ours}/output_bias"]
    for ours, theirs in norms.items():
        named[f"{theirs}.weight"], named[f"{theirs}.bias"] = arrays[f"{ours}/gamma"], arrays[f"{ours}/beta"]
    return named


def assert_equal(layer, peer, inputs, our_masks, their_masks, attentions, norms):
    random = np.random.default_rng(0)
    inputs = [random.normal(size=shape) for shape in inputs]
    layer.build(*(x.shape for x in inputs))
    layer.set_weights([random.normal(scale=0.3, size=weight.shape) for weight in layer.weights])
    paths = [weight.path.split("/", 1)[1] for weight in layer.weights]
    peer.load_state_dict(
        {
            name: torch.tensor(array)
            for name, array in to_torch(dict(zip(paths, layer.get_weights(), strict=True)), attentions, norms).items()
        }
    )
    coefficients = random.normal(size=inputs[0].shape)

    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = layer(*tensors, **our_masks, training=True)
        loss = tf.reduce_sum(output * coefficients)
    input_gradients, gradients = tape.gradient(loss, [tensors, [weight.value for weight in layer.weights]])
    gradients = dict(zip(paths, [gradient.numpy() for gradient in gradients], strict=True))

    peer_inputs = [torch.tensor(x, requires_grad=True) for x in inputs]
    peer_output = peer(*peer_inputs, **{name: torch.tensor(mask) for name, mask in their_masks.items()})
    (peer_output * torch.tensor(coefficients)).sum().backward()

    np.testing.assert_allclose(output, peer_output.detach().numpy(), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(input_gradients, peer_inputs, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-5, atol=1e-6)
    gradients = to_torch(gradients, attentions, norms)
    assert gradients.keys() == dict(peer.named_parameters()).keys()
    for name, parameter in peer.named_parameters():
        np.testing.assert_allclose(gradients[name], parameter.grad.numpy(), rtol=1e-5, atol=1e-5, err_msg=name)


@VARIANTS
def test_encoder_layer(activation, norm_first):
    options = {"dropout": 0.0, "activation": activation, "norm_first": norm_first}
    assert_equal(
        TransformerEncoderLayer(DIM, HEADS, INNER, **options, dtype="float64"),
        torch.nn.TransformerEncoderLayer(DIM, HEADS, INNER, **options, batch_first=True, dtype=torch.float64),
        [(BATCH, SOURCE, DIM)],
        {"attention_mask": masks.key_mask(SOURCE_MASK)},
        {"src_key_padding_mask": ~SOURCE_MASK},
        {"attention": "self_attn"},
        {"attention_norm": "norm1", "feed_forward_norm": "norm2"},
    )


@VARIANTS
def test_decoder_layer(activation, norm_first):
    options = {"dropout": 0.0, "activation": activation, "norm_first": norm_first}
    causal = masks.causal_mask(tf.range(TIME)[None], TIME).numpy()
    assert_equal(
        TransformerDecoderLayer(DIM, HEADS, INNER, **options, dtype="float64"),
        torch.nn.TransformerDecoderLayer(DIM, HEADS, INNER, **options, batch_first=True, dtype=torch.float64),
        [(BATCH, TIME, DIM), (BATCH, SOURCE, DIM)],
        {
            "self_attention_mask": causal & masks.key_mask(TARGET_MASK),
            "cross_attention_mask": masks.key_mask(SOURCE_MASK),
        },
        {
            "tgt_mask": ~causal[0, 0],
            "tgt_key_padding_mask": ~TARGET_MASK,
            "memory_key_padding_mask": ~SOURCE_MASK,
        },
        {"self_attention": "self_attn", "cross_attention": "multihead_attn"},
        {"self_attention_norm": "norm1", "cross_attention_norm": "norm2", "feed_forward_norm": "norm3"},
    )
