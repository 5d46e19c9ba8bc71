"""Random pairs of token rows, and networks that train on them in milliseconds."""

import keras
import numpy as np
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers import Dropout
from tfmodels.models import LSTMOptions, LSTMSeq2Seq, TransformerOptions, TransformerSeq2Seq
from tfmodels.training import TokenBatches, TokenRows

VOCABULARY = 13


def token_rows(folder, count, seed=0):
    random = np.random.default_rng(seed)

    def column():
        lengths = random.integers(1, 9, count)
        tokens = random.integers(token_ids.END + 1, VOCABULARY, lengths.sum())
        tokens[np.cumsum(lengths) - 1] = token_ids.END
        return tokens, lengths

    return TokenRows.write(folder, [{"source": column(), "target": column()}])


def seq2seq(source, target):
    inputs = {"source": source, "target": shifted(target)}
    return inputs, target, weights(target)


def next_token(source, target):
    return shifted(target), target, weights(target)


def shifted(target):
    return np.concatenate([np.full_like(target[:, :1], token_ids.START), target[:, :-1]], axis=1)


def weights(target):
    return (target != token_ids.PAD).astype(np.float32)


def token_batches(folder, count, assemble, replicas=2, batch_tokens=40, seed=0):
    return TokenBatches(token_rows(folder, count, seed), batch_tokens, replicas, seed, assemble)


def log_softmax(logits):
    """In double precision."""
    shifted = logits - logits.max(axis=-1, keepdims=True).astype("float64")
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def transformer(dropout=0.0):
    options = TransformerOptions(
        num_layers=1, d_model=8, num_heads=2, feed_forward_dim=16, dropout=dropout, norm_first=True
    )
    return TransformerSeq2Seq(VOCABULARY, options)


def lstm():
    return LSTMSeq2Seq(VOCABULARY, LSTMOptions(d_model=8, num_heads=2, attention="multi_head", dropout=0.0))


FAMILIES = {"transformer": transformer, "lstm": lstm}


class Bigrams(keras.Model):
    """The logits of the next token are a row of a table; it takes integers only."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.table = self.add_weight((VOCABULARY, VOCABULARY), name="table")
        self.dropout = Dropout(dropout)

    def call(self, inputs, training=None):
        return self.dropout(tf.gather(self.table.value, inputs), training=training)
