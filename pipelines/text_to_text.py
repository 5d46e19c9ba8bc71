"""A trained encoder-decoder as functions from text to text, in the graph."""

import itertools
from collections.abc import Iterable, Iterator

import keras
import tensorflow as tf

from tfmodels import decoding, token_ids
from tfmodels.export import Endpoint
from tfmodels.preprocessing import Subwords

_UNSET_LENGTH, _UNSET_PENALTY = 0, -1.0
_BLANK = r"[\s\p{Z}]*"  # every blank of Unicode, or nothing


class TextToText:
    """Raw strings in, finished strings out.

    Texts are cut to `max_length` tokens. An answer has at most twice as many tokens as its source and ten more,
    and an empty or blank source has the empty answer; so a row's answer is the same alone and in any batch.

    Args:
        network: Honours `encode`, `start` and `step`.
        subwords: Of both sides.
        max_length: Tokens of a source and of an answer, `</s>` included.
        beam_size: Width of the beam.
        length_penalty: Default exponent of the length penalty.

    Example:
        >>> translator = TextToText(network, subwords, max_length=128, beam_size=4, length_penalty=0.6)
        >>> translator.answer(tf.constant(["May 5, 2024"]))["text"]
    """

    def __init__(
        self, network: keras.Model, subwords: Subwords, max_length: int, beam_size: int, length_penalty: float
    ) -> None:
        self.network = network
        self.subwords = subwords
        self.max_length = max_length
        self.beam_size = beam_size
        self.length_penalty = length_penalty
        # Traced once, so that the endpoints of an export share one search.
        self._decode = tf.function(
            self._beam_search,
            input_signature=[
                tf.TensorSpec([None, None], tf.int32, "source"),
                tf.TensorSpec([None], tf.int32, "limits"),
                tf.TensorSpec([None], tf.float32, "length_penalty"),
            ],
            autograph=False,
        )

    def answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best answer: `text` string `[batch]`, `score` float32 `[batch]`, `length` int32 `[batch]` in tokens."""
        unset = tf.zeros_like(text, tf.int32)
        return self.answer_with_options(text, unset + _UNSET_LENGTH, tf.cast(unset, tf.float32) + _UNSET_PENALTY)

    def answer_with_options(
        self, text: tf.Tensor, max_length: tf.Tensor, length_penalty: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """As `answer`, with options of each row.

        Args:
            text: string `[batch]`.
            max_length: int32 `[batch]`, most tokens of the answer; 0 = unset.
            length_penalty: float32 `[batch]`, at least 0; negative = unset.
        """
        return {name: values[:, 0] for name, values in self._search(text, max_length, length_penalty).items()}

    def nbest(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, each output `[batch, beam_size]`, best first. Where there are fewer answers, empty strings."""
        unset = tf.zeros_like(text, tf.int32)
        return self._search(text, unset + _UNSET_LENGTH, tf.cast(unset, tf.float32) + _UNSET_PENALTY)

    def attention(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best answer with the tokens of both sides and what each token of the answer looked at.

        Returns:
            `text` string `[batch]`; `source_tokens` and `target_tokens` string `[batch, max_length]`; `attention`
            float32 `[batch, max_length, max_length]` (target, source), the last cross-attention's mean over its heads.
        """
        source, target, maps = self.attention_maps(text)
        last = [scores for name, scores in maps.items() if name.endswith("cross_attention")][-1]
        mean = tf.reduce_mean(last, axis=1)
        used = tf.cast(target != token_ids.PAD, mean.dtype)[:, :, tf.newaxis]
        return {
            "text": self.subwords.text(target),
            "source_tokens": self._fixed(self.subwords.pieces(source), 1),
            "target_tokens": self._fixed(self.subwords.pieces(target), 1),
            "attention": self._fixed(mean * used, 2),
        }

    def attention_maps(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, dict[str, tf.Tensor]]:
        """Source ids, ids of the best answer (both end with `</s>`), and all attention maps between them."""
        source = self.subwords.ids(text, self.max_length)
        penalty = tf.fill(tf.shape(text), self.length_penalty)
        found = self._decode(source, self._limits(text, source), penalty)
        ids, length = found.ids[:, 0], found.length[:, 0]
        target = tf.pad(ids, [[0, 0], [0, 1]])
        target += token_ids.END * tf.one_hot(length, tf.shape(target)[1], dtype=tf.int32)
        shifted = tf.pad(ids, [[0, 0], [1, 0]], constant_values=token_ids.START)
        _, maps = self.network({"source": source, "target": shifted}, intermediates=True, training=False)
        return source, target, maps

    def endpoints(self) -> list[Endpoint]:
        """What an export of this can be asked."""
        text = tf.TensorSpec([None], tf.string, "text")
        options = (
            tf.TensorSpec([None], tf.int32, "max_length"),
            tf.TensorSpec([None], tf.float32, "length_penalty"),
        )
        return [
            Endpoint("serving_default", (text,), self.answer),
            Endpoint("with_options", (text, *options), self.answer_with_options),
            Endpoint("nbest", (text,), self.nbest),
            Endpoint("attention", (text,), self.attention),
        ]

    def _search(self, text: tf.Tensor, max_length: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        """All answers of the beam, each output `[batch, beam_size]`."""
        source = self.subwords.ids(text, self.max_length)
        limits = self._limits(text, source)
        limits = tf.where(max_length > _UNSET_LENGTH, tf.minimum(max_length, limits), limits)
        penalty = tf.where(length_penalty >= 0, length_penalty, self.length_penalty)
        found = self._decode(source, limits, penalty)
        shape = tf.shape(found.length)
        texts = self.subwords.text(tf.reshape(found.ids, [shape[0] * shape[1], tf.shape(found.ids)[2]]))
        outputs = {"text": tf.reshape(texts, shape), "score": found.score, "length": found.length}
        return {name: tf.ensure_shape(values, [None, self.beam_size]) for name, values in outputs.items()}

    def _beam_search(self, source: tf.Tensor, limits: tf.Tensor, length_penalty: tf.Tensor) -> decoding.Decoded:
        memory = self.network.encode(source)
        return decoding.beam_search(self.network, memory, limits, self.beam_size, length_penalty)

    def _limits(self, text: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        """Most tokens of each row's answer, int32 `[batch]`."""
        tokens = tf.math.count_nonzero(source, axis=1, dtype=tf.int32) - 1  # without </s>
        most = tf.minimum(2 * tokens + 10, self.max_length - 1)
        return tf.where(tf.strings.regex_full_match(text, _BLANK), 0, most)

    def _fixed(self, values: tf.Tensor, axes: int) -> tf.Tensor:
        """Pads the axes after the first to `max_length`."""
        missing = self.max_length - tf.shape(values)[1:]
        paddings = tf.concat([[[0, 0]], tf.stack([tf.zeros_like(missing), missing], axis=1)], axis=0)
        return tf.ensure_shape(tf.pad(values, paddings), [None] + axes * [self.max_length])


def token_rows(subwords: Subwords, pairs: Iterable[tuple], max_length: int) -> Iterator[dict]:
    """Tokenises pairs of texts, for `training.TokenRows.write`; nothing is read before the first batch is asked for.

    Args:
        subwords: Of both sides.
        pairs: Tuples that start with source and target.
        max_length: Tokens that a text is cut to.

    Yields:
        Dicts of `source` and `target`: the tokens of 1,024 texts in a row, and the texts' lengths.
    """

    def batches() -> Iterator[tuple]:
        rows = iter(pairs)
        while batch := list(itertools.islice(rows, 1024)):
            yield tuple(zip(*(pair[:2] for pair in batch), strict=True))

    def tokenise(source, target):  # noqa: ANN001, ANN202 - AutoGraph evaluates annotations
        sides = {"source": subwords.ragged_ids(source, max_length), "target": subwords.ragged_ids(target, max_length)}
        return {side: (ids.values, ids.row_lengths()) for side, ids in sides.items()}

    texts = tf.TensorSpec([None], tf.string)
    dataset = tf.data.Dataset.from_generator(batches, output_signature=(texts, texts))
    yield from dataset.map(tokenise, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2).as_numpy_iterator()
