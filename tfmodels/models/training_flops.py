"""Floating-point operations of the matrix products of a training step, counted from the model.

A product of an `[m, k]` and a `[k, n]` matrix counts as `2 m k n`. Counted are, at all positions of the batch: each
weight matrix once for each position that passes through it, the products of queries, keys and values for all pairs of
positions, causal or not, and the logits. The backward pass takes two products for each one of the forward pass. Sums,
softmax, norms, dropout, the optimizer and recomputed activations are not counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from tfmodels.models.classifier import Classifier
from tfmodels.models.hierarchical_classifier import HierarchicalClassifier
from tfmodels.models.lstm_classifier import LSTMClassifier
from tfmodels.models.lstm_seq2seq import LSTMSeq2Seq
from tfmodels.models.transformer_classifier import TransformerClassifier
from tfmodels.models.transformer_seq2seq import TransformerSeq2Seq

_MEMORY_KERNELS = (
    "key_kernel",
    "value_kernel",
    "kernel",
)  # of an attention layer: the weights that are multiplied with its memory


def training_flops(network: keras.Model, inputs: Any) -> int | None:
    """Counts the operations of one training step, forward and backward.

    Args:
        network: Built; one of `TransformerSeq2Seq`, `LSTMSeq2Seq`, `TransformerClassifier`, `LSTMClassifier`,
            `HierarchicalClassifier`.
        inputs: A batch as the network takes it; only its shapes are used.

    Returns:
        The number; None for another network.

    Example:
        `training_flops(network, {"source": tf.zeros([64, 20]), "target": tf.zeros([64, 22])}) / 1e9`
    """
    if isinstance(network, TransformerSeq2Seq | LSTMSeq2Seq):
        return 3 * _seq2seq(network, inputs)
    if isinstance(network, TransformerClassifier | LSTMClassifier | HierarchicalClassifier):
        return 3 * _classifier(network, inputs)
    return None


def _seq2seq(network: TransformerSeq2Seq | LSTMSeq2Seq, inputs: Mapping[str, Any]) -> int:
    rows, source = inputs["source"].shape
    target = inputs["target"].shape[1]
    count = _transformer_layers if isinstance(network, TransformerSeq2Seq) else _recurrent_layers
    return count(network, rows, source, target) + _products(network.embedding.weights, rows * target)


def _transformer_layers(network: TransformerSeq2Seq, rows: int, source: int, target: int) -> int:
    encoder = sum(_encoder_layer(layer, rows, source) for layer in network.encoder_layers)
    decoder = sum(
        _products(layer.self_attention.weights, rows * target)
        + _pairs(layer.self_attention.num_heads * layer.self_attention.key_dim, rows, target, target)
        + _cross_attention(layer.cross_attention, network.embedding.dim, rows, source, target)
        + _products(layer.feed_forward.weights, rows * target)
        for layer in network.decoder_layers
    )
    return encoder + decoder


def _recurrent_layers(network: LSTMSeq2Seq, rows: int, source: int, target: int) -> int:
    decoder = [weight for layer in (*network.decoder_layers, network.combine) for weight in layer.weights]
    return (
        _products(network.encoder.weights, rows * source)
        + _products(decoder, rows * target)
        + _cross_attention(network.cross_attention, network.embedding.dim, rows, source, target)
    )


def _classifier(network: Classifier, ids: Any) -> int:
    if isinstance(network, HierarchicalClassifier):
        texts, sentences, words = ids.shape
        rows = texts * sentences
        encoder = _products(network.word_encoder.weights, rows * words)
        encoder += _pooling(network.word_pooling, network.d_model, rows, words)
        encoder += _products(network.sentence_encoder.weights, rows)
        pooled = sentences
    else:
        texts, pooled = ids.shape
        transformer = isinstance(network, TransformerClassifier)
        layers = network.encoder_layers if transformer else ()
        encoder = sum(_encoder_layer(layer, texts, pooled) for layer in layers)
        encoder += 0 if transformer else _products(network.encoder.weights, texts * pooled)
    pooling = _pooling(network.pooling, network.d_model, texts, pooled)
    return encoder + pooling + _products(network.logits.weights, texts)


def _encoder_layer(layer: keras.layers.Layer, rows: int, length: int) -> int:
    width = layer.attention.num_heads * layer.attention.key_dim
    return _products(layer.weights, rows * length) + _pairs(width, rows, length, length)


def _pooling(pooling: keras.layers.Layer, dim: int, rows: int, length: int) -> int:
    return _cross_attention(pooling.attention, dim, rows, length, 1)


def _cross_attention(attention: keras.layers.Layer, dim: int, rows: int, source: int, target: int) -> int:
    """Operations of any kind of attention whose queries and memory are `dim` wide."""
    of_memory = [weight for weight in attention.weights if weight.name in _MEMORY_KERNELS]
    of_queries = [weight for weight in attention.weights if weight.name not in _MEMORY_KERNELS]
    products = _products(of_memory, rows * source) + _products(of_queries, rows * target)
    return products + _pairs(dim, rows, target, source)


def _products(weights: Iterable[keras.Variable], positions: int) -> int:
    """Each matrix once for each position; vectors are added, not multiplied."""
    return 2 * positions * sum(weight.shape[0] * weight.shape[1] for weight in weights if len(weight.shape) == 2)


def _pairs(width: int, rows: int, queries: int, keys: int) -> int:
    """Products of queries and keys, and of attention weights and values."""
    return 4 * rows * queries * keys * width
