"""A trained classifier as graph functions from text to labels."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.classification.linear_part import LinearPart
from pipelines.text.inputs import FlatInputs, SentenceInputs, unknown_share
from tfmodels.export import Endpoint
from tfmodels.layers import TemperatureScaling

_LIMITS = (
    "probabilities: of all labels, in the order of labels, after temperature scaling on the validation split.",
    "explain: tokens, each with its bytes of the text, from start up to but not including end, and its attention "
    "weight; padded beyond length. Attention weights show what the model attended to, not what caused its output.",
)
_UNKNOWN = (
    "unknown: the share of the text's tokens that the vocabulary lacks, among those that are read. Above a third, "
    "doubt the label."
)
_LINEAR = "A linear model reads n-grams of the first 20,000 bytes, however many tokens they are."
_ROWS = 64  # of one batch


class TextClassifier:
    """Raw strings in, labels with probabilities out.

    Padding changes nothing, so a row's answer is the same alone and in any batch.

    Args:
        network: From ids to logits, built; see `models.TransformerClassifier`.
        inputs: Turns texts into its ids.
        classes: The labels, in the order of the logits.
        temperature: Scales the logits.
        separator: Separator between the labels of a text that may have several; empty for exactly one label.
        threshold: Lowest probability at which a text gets a label, with `separator` only.
        linear: The linear model whose logits are mixed with the network's, if there is one.

    Attributes:
        batch_logits: As `logits`, traced once.

    Example:
        >>> classifier = TextClassifier(network, inputs, ["no", "yes"], TemperatureScaling(dtype="float32"))
        >>> classifier.answer(tf.constant(["A fine film."]))["label"]
    """

    def __init__(
        self,
        network: keras.Model,
        inputs: FlatInputs | SentenceInputs,
        classes: Sequence[str],
        temperature: TemperatureScaling,
        separator: str = "",
        threshold: float = 0.5,
        linear: LinearPart | None = None,
    ) -> None:
        self.network = network
        self.inputs = inputs
        self.classes = list(classes)
        self.temperature = temperature
        self.separator = separator
        self.threshold = threshold
        self.linear = linear
        self.batch_logits = tf.function(
            self.logits, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
        )

    def answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classifies texts, string `[batch]`.

        Returns:
            `label` string `[batch]`: the most probable, or where there may be several all that reach the threshold,
            joined by the separator; `probability` float32 `[batch]`, of that label (of several as if they were
            independent); `probabilities` float32 `[batch, classes]`; `labels` string `[batch, classes]`, the labels
            that these belong to; `unknown` float32 `[batch]`, the share of its tokens that the vocabulary lacks, where
            there may be any.
        """
        ids = self.inputs.ids(text)
        return self.decided(self.probabilities(self.mixed(self.network(ids, training=False), text))) | self.unknown(ids)

    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, with the tokens of each text and their attention weights.

        Returns:
            `label`, `probability` and `unknown` as of `answer`; `length` int32 `[batch]`; and of shape `[batch,
            max_length]`, empty or 0 from `length` on, `tokens` string, `start` and `end` int32 (bytes of the text) and
            `attention` float32 (the mean over the heads).
        """
        ids = self.inputs.ids(text)
        logits, attention = self.attention(ids)
        return self.explained(self.decided(self.probabilities(self.mixed(logits, text))), text, ids, attention)

    def logits(self, text: tf.Tensor) -> tf.Tensor:
        """The logits before temperature scaling: float32 `[batch, classes]`."""
        return self.mixed(self.network(self.inputs.ids(text), training=False), text)

    def mixed(self, logits: tf.Tensor, text: tf.Tensor) -> tf.Tensor:
        """The logits of the network for texts, mixed with those of the linear model if there is one."""
        return logits if self.linear is None else self.linear.mixed(logits, text)

    def attention(self, ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Logits of the network, and the attention to each token, the mean over the heads: float32 like `ids`."""
        logits, maps = self.network(ids, intermediates=True, training=False)
        return logits, tf.cast(tf.reduce_mean(maps["pooling/attention"], axis=1), tf.float32)

    def probabilities(self, logits: tf.Tensor, calibrated: bool = True) -> tf.Tensor:
        """The probability of each class, float32 `[batch, classes]`, after temperature scaling if `calibrated`."""
        scaled = self.temperature(logits) if calibrated else logits
        return tf.sigmoid(scaled) if self.separator else tf.nn.softmax(scaled)

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export."""
        text = tf.TensorSpec([None], tf.string, "text")
        return [Endpoint("serving_default", (text,), self.answer), Endpoint("explain", (text,), self.explain)]

    def samples(self, texts: list[str | bytes]) -> dict[str, dict[str, list]]:
        """The samples that an export is checked on: these texts at each endpoint."""
        return {endpoint.name: {"text": texts} for endpoint in self.endpoints()}

    def parameters(self) -> int:
        """The number of weights that were fitted, of the linear model too."""
        linear = [] if self.linear is None else self.linear.regression.trainable_weights
        return self.network.count_params() + sum(int(np.prod(weight.shape)) for weight in linear)

    def tracked(self) -> list[Any]:
        """What holds the variables and tables of the endpoints."""
        linear = [] if self.linear is None else [self.linear.regression, self.linear.mixture]
        return [self.network, self.inputs.tokens, self.temperature, *linear]

    def limits(self) -> list[str]:
        """What a reader of the outputs must know, in sentences."""
        decision = [f"label: all labels with a probability of at least {self.threshold:g}."] if self.separator else []
        unknown = [_UNKNOWN] if self.inputs.tokens.has_unknown else []
        linear = []
        if self.linear is not None:
            share = (
                f"Its share in the logits is {self.linear.share:.2f}; attention is of the network, which has the rest."
            )
            linear = [f"{_LINEAR} {share}"]
        return [self.inputs.limit, *linear, *decision, *unknown, *_LIMITS]

    def explained(
        self, answer: dict[str, tf.Tensor], text: tf.Tensor, ids: tf.Tensor, attention: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """What `explain` returns, from the answer, the token ids of the texts and the attention to each token."""
        start, end = self.inputs.offsets(text)
        flat = partial(self.inputs.flat, ids)
        return {
            "label": answer["label"],
            "probability": answer["probability"],
            "length": tf.math.count_nonzero(flat(ids), axis=1, dtype=tf.int32),
            "tokens": flat(self.inputs.tokens.pieces(ids)),
            "start": flat(start),
            "end": flat(end),
            "attention": flat(attention),
            **self.unknown(ids),
        }

    def unknown(self, ids: tf.Tensor) -> dict[str, tf.Tensor]:
        """`unknown`, the share of the tokens that the vocabulary lacks, where there may be any."""
        return {"unknown": unknown_share(ids)} if self.inputs.tokens.has_unknown else {}

    def decided(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """`answer` without `unknown`, from the probabilities of all classes, float32 `[batch, classes]`."""
        labels = tf.broadcast_to(tf.constant(self.classes), tf.shape(probabilities))
        if self.separator:
            chosen = probabilities >= self.threshold
            joined = tf.strings.reduce_join(tf.where(chosen, self.separator + labels, ""), axis=1)
            label = tf.strings.regex_replace(joined, f"^{re.escape(self.separator)}", "")
            probability = tf.reduce_prod(tf.where(chosen, probabilities, 1 - probabilities), axis=1)
        else:
            label = tf.gather(tf.constant(self.classes), tf.argmax(probabilities, axis=1))
            probability = tf.reduce_max(probabilities, axis=1)
        return {"label": label, "probability": probability, "probabilities": probabilities, "labels": labels}


def logits_of(classifier: Any, texts: Sequence[str]) -> np.ndarray:
    """The logits of any number of texts, in batches of texts of similar length.

    Args:
        classifier: With `classes` and `batch_logits`, such as a `TextClassifier`.
        texts: The texts.

    Returns:
        float32 `[texts, classes]`, in the order of the texts, before temperature scaling.

    Example:
        `logits_of(classifier, ["A fine film."]).argmax(axis=1)`
    """
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    found = np.zeros([len(texts), len(classifier.classes)], np.float32)
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        found[rows] = classifier.batch_logits(tf.constant([texts[row] for row in rows])).numpy()
    return found
