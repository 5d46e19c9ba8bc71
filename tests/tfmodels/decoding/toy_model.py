import numpy as np
import tensorflow as tf

from tfmodels.token_ids import START


def log_softmax(logits):
    logits = logits - logits.max()
    return logits - np.log(np.exp(logits).sum())


def to_memory(bias):
    bias = tf.cast(bias, tf.float32)
    return {"mask": tf.ones(tf.shape(bias), tf.bool), "bias": bias}


def by_text(memory):
    """As in a cache: the batch on axis 1."""
    return {name: tensor[None] for name, tensor in memory.items()}


def add_bias(logits, bias):
    beams = tf.shape(logits)[0] // tf.maximum(tf.shape(bias)[0], 1)
    return (logits + tf.repeat(bias, beams, axis=0))[:, None]


class TableModel:
    """Logits by position and previous token, plus a bias of each row; no state."""

    def __init__(self, vocab=7, positions=8, seed=0, scale=2.0):
        self.table = np.random.default_rng(seed).normal(0, scale, [positions, vocab, vocab]).astype("float32")

    def start(self, memory, max_length):
        return {"model": {}, "memory": by_text(memory), "history": {}, "state": {}}

    def step(self, ids, cache, position):
        logits = tf.gather(tf.constant(self.table)[position], ids[:, 0])
        return add_bias(logits, cache["memory"]["bias"][0]), cache

    def log_probabilities(self, prefix, bias):
        return log_softmax(self.table[len(prefix), [START, *prefix][-1]] + bias)


class PrefixModel:
    """Logits by the whole prefix, through two nested states: mixed up rows change the result."""

    def __init__(self, vocab=7, positions=8, seed=0, scale=2.0):
        random = np.random.default_rng(seed)
        self.embedding = random.normal(0, 1, [vocab, 4]).astype("float32")
        self.mix = random.normal(0, 1, [4, 4]).astype("float32")
        self.weights = random.normal(0, 1, [positions, 4]).astype("float32")
        self.head = random.normal(0, scale, [4, vocab]).astype("float32")

    def start(self, memory, max_length):
        rows = tf.shape(memory["bias"])[0]
        state = {"hash": tf.zeros([1, rows, 4]), "layers": [{"seen": tf.zeros([max_length, rows, 4])}]}
        return {"model": {}, "memory": by_text(memory), "history": {}, "state": state}

    def step(self, ids, cache, position):
        embedded = tf.gather(self.embedding, ids[:, 0])  # [rows, 4]
        state = cache["state"]
        running = tf.tanh(state["hash"][0] @ self.mix + embedded)
        seen = state["layers"][0]["seen"]
        here = tf.range(tf.shape(seen)[0]) == position
        seen = tf.where(here[:, None, None], embedded, seen)
        attended = tf.reduce_sum(seen * tf.constant(self.weights)[: tf.shape(seen)[0], None], axis=0)  # [rows, 4]
        logits = add_bias((running + tf.tanh(attended)) @ self.head, cache["memory"]["bias"][0])
        return logits, {**cache, "state": {"hash": running[None], "layers": [{"seen": seen}]}}

    def log_probabilities(self, prefix, bias):
        running, attended = self.states(prefix)
        return log_softmax((running + np.tanh(attended)) @ self.head + bias)

    def states(self, prefix):
        embedded = self.embedding[[START, *prefix]]
        running = np.zeros(4, "float32")
        for vector in embedded:
            running = np.tanh(running @ self.mix + vector)
        attended = (embedded * self.weights[: len(embedded)]).sum(axis=0)
        return running, attended


class AttentionModel(PrefixModel):
    """A `PrefixModel` with attention to a source that is as long as the vocabulary."""

    def __init__(self, vocab=7, positions=8, seed=0, scale=2.0):
        super().__init__(vocab, positions, seed, scale)
        self.look = np.random.default_rng(seed + 1).normal(0, 3, [4, vocab]).astype("float32")

    def start(self, memory, max_length, coverage=False):
        cache = super().start(memory, max_length)
        if coverage:
            cache["state"]["coverage"] = tf.transpose(tf.where(memory["mask"], 0.0, 1.0))
        return cache

    def step(self, ids, cache, position):
        logits, after = super().step(ids, cache, position)
        if "coverage" in cache["state"]:
            mask = cache["memory"]["mask"][0]
            mask = tf.repeat(mask, len(ids) // len(mask), axis=0)
            attention = tf.nn.softmax(tf.where(mask, after["state"]["hash"][0] @ self.look, -1e9))
            after["state"]["coverage"] = cache["state"]["coverage"] + tf.transpose(attention)
        return logits, after

    def coverage(self, text, mask):
        """The attention that each source position receives from the tokens of a sequence and its end."""
        looks = [self.states(text[:i])[0] @ self.look for i in range(len(text) + 1)]
        return sum(np.exp(log_softmax(np.where(mask, look, -1e9))) for look in looks)
