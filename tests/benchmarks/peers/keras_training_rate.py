"""Measures the training throughput of the same Transformer in stock Keras layers with Keras' `fit`; prints a JSON line.

Runs in any environment with Keras and TensorFlow, on the batches of `our_batches.py`. The first steps are a warm-up.

    python tests/benchmarks/peers/keras_training_rate.py --batches /tmp/work/batches.npz

Favourable to Keras: batches are in memory; the loss has no label smoothing, which Keras does not have for sparse labels
and which is much slower with dense ones; and XLA is off, since it would compile for each of dozens of batch shapes.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import batches
import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import tensorflow as tf

LAYERS, WIDTH, HEADS, INNER, DROPOUT = 3, 256, 4, 1024, 0.1
LONGEST = 512
WARM_UP_STEPS = 10


class Positions(keras.layers.Layer):
    """Adds sinusoidal positions."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        angles = np.arange(LONGEST)[:, np.newaxis] / 10_000 ** (np.arange(0, WIDTH, 2) / WIDTH)
        self.table = np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)

    def call(self, x):
        return x + keras.ops.cast(keras.ops.convert_to_tensor(self.table)[: keras.ops.shape(x)[1]], x.dtype)


class Attention(keras.layers.Layer):
    """A pre-norm residual block of self-attention or cross-attention."""

    def __init__(self, causal: bool = False, **kwargs) -> None:
        super().__init__(**kwargs)
        self.causal = causal
        self.norm = keras.layers.LayerNormalization()
        self.attention = keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=DROPOUT)
        self.dropout = keras.layers.Dropout(DROPOUT)

    def call(self, x, memory=None, attention_mask=None):
        normed = self.norm(x)
        memory = normed if memory is None else memory
        attended = self.attention(normed, memory, attention_mask=attention_mask, use_causal_mask=self.causal)
        return x + self.dropout(attended)


class FeedForward(keras.layers.Layer):
    """A pre-norm residual block of two dense layers."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.norm = keras.layers.LayerNormalization()
        self.inner = keras.layers.Dense(INNER, activation="relu")
        self.inner_dropout = keras.layers.Dropout(DROPOUT)
        self.outer = keras.layers.Dense(WIDTH)
        self.dropout = keras.layers.Dropout(DROPOUT)

    def call(self, x):
        return x + self.dropout(self.outer(self.inner_dropout(self.inner(self.norm(x)))))


class Transformer(keras.Model):
    """Three layers on each side; source, target and output share one embedding."""

    def __init__(self, vocabulary_size: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.embedding = keras.layers.ReversibleEmbedding(vocabulary_size, WIDTH)
        self.positions = Positions()
        self.dropout = keras.layers.Dropout(DROPOUT)
        self.encoder = [(Attention(), FeedForward()) for _ in range(LAYERS)]
        self.encoder_norm = keras.layers.LayerNormalization()
        self.decoder = [(Attention(causal=True), Attention(), FeedForward()) for _ in range(LAYERS)]
        self.decoder_norm = keras.layers.LayerNormalization()

    def call(self, inputs):
        mask = keras.ops.not_equal(inputs["source"], 0)[:, None, :]
        memory = self.embed(inputs["source"])
        for attention, feed_forward in self.encoder:
            memory = feed_forward(attention(memory, attention_mask=mask))
        memory = self.encoder_norm(memory)
        x = self.embed(inputs["target"])
        for attention, cross_attention, feed_forward in self.decoder:
            x = feed_forward(cross_attention(attention(x), memory, mask))
        return self.embedding(self.decoder_norm(x), reverse=True)

    def embed(self, ids):
        return self.dropout(self.positions(self.embedding(ids) * WIDTH**0.5))


class Stopwatch(keras.callbacks.Callback):
    """Measures the time from the end of the warm-up to the end of the last step."""

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if batch + 1 in (WARM_UP_STEPS, self.params["steps"]):
            float(logs["loss"])  # waits until the step is done
            now = time.perf_counter()
            if batch + 1 == WARM_UP_STEPS:
                self.start = now
            self.seconds_per_step = (now - self.start) / max(batch + 1 - WARM_UP_STEPS, 1)


def elements(data: batches.Batches) -> tf.data.Dataset:
    """The batches as a data set for `fit`, with weights that mask the padding."""

    def generate():
        for source, target, labels in data.steps:
            yield {"source": source, "target": target}, labels, (labels != 0).astype(np.float32)

    ids = tf.TensorSpec([None, None], tf.int32)
    weights = tf.TensorSpec([None, None], tf.float32)
    dataset = tf.data.Dataset.from_generator(generate, output_signature=({"source": ids, "target": ids}, ids, weights))
    return dataset.prefetch(tf.data.AUTOTUNE)


def main(make: Callable[[int], keras.Model] = Transformer) -> None:
    """Trains and prints the JSON line.

    Args:
        make: Makes the network from the vocabulary size; it maps `source` and `target` to logits.
    """
    parser = argparse.ArgumentParser(description="Measures the training throughput of a Keras model as a JSON line.")
    parser.add_argument("--batches", type=Path, required=True, help="batches.npz of our_batches.py")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    arguments = parser.parse_args()
    data = batches.read(arguments.batches)
    if len(data.steps) <= WARM_UP_STEPS:
        parser.error(f"Expected more than {WARM_UP_STEPS} batches. Received: {len(data.steps)}")
    keras.config.set_dtype_policy({"float32": "float32", "bfloat16": "mixed_bfloat16"}[arguments.precision])
    model = make(data.vocabulary_size)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-4, beta_2=0.98), loss, jit_compile=False)
    stopwatch = Stopwatch()
    history = model.fit(
        elements(data), steps_per_epoch=len(data.steps), callbacks=[stopwatch], verbose=0, shuffle=False
    )
    result = {
        "tokens_per_second": data.tokens_per_step / stopwatch.seconds_per_step,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,  # Linux counts in KiB
        "parameters": model.count_params(),
        "loss": history.history["loss"][0],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
