"""A trained encoder-decoder as functions from text to text, in the graph."""

from typing import Any

import keras
import tensorflow as tf

from pipelines.runs.predictor import Predictor
from pipelines.seq2seq.config import DecodingOptions
from pipelines.seq2seq.phrases import phrases_not_to_repeat
from tfmodels import decoding, token_ids
from tfmodels.decoding import StepEnsemble
from tfmodels.preprocessing import Subwords

UNSET_LENGTH, UNSET_PENALTY, UNSET_PREFIX = 0, -1.0, ""
_BLANK = r"[\s\p{Z}]*"  # any whitespace of Unicode, or nothing


class Generator:
    """Raw strings in, finished strings out.

    Sources are cut to `max_source_length` tokens. The length of an answer is limited by `max_answer_length` and by its
    own source alone, and an empty or blank source has the empty answer; so a row's answer is the same alone and in any
    batch.

    Args:
        network: With `encode`, `start` and `step`, such as `TransformerSeq2Seq`, or a `StepEnsemble` of such.
        subwords: Of both sides.
        max_source_length: Most tokens of a source, `</s>` included.
        max_answer_length: Most tokens of an answer, `</s>` included.
        options: Of the search; a request may have others.

    Attributes:
        served: An export that is scored in its place, by `answer_all`.

    Example:
        >>> generator = Generator(network, subwords, 128, 128, DecodingOptions(beam_size=4))
        >>> generator.answer(tf.constant(["May 5, 2024"]))["text"]
    """

    def __init__(
        self,
        network: keras.Model | StepEnsemble,
        subwords: Subwords,
        max_source_length: int,
        max_answer_length: int,
        options: DecodingOptions,
    ) -> None:
        self.network: Any = network
        self.subwords = subwords
        self.max_source_length = max_source_length
        self.max_answer_length = max_answer_length
        self.options = options
        self.served: Predictor | None = None
        self._phrases = phrases_not_to_repeat(subwords, options.no_repeat_phrase)
        # Each traced once, so that the endpoints of an export share their searches.
        signature = [
            tf.TensorSpec([None, None], tf.int32, "source"),
            tf.TensorSpec([None], tf.int32, "limits"),
            tf.TensorSpec([None], tf.float32, "length_penalty"),
            tf.TensorSpec([None, None], tf.int32, "prefix"),
        ]
        penalty = tf.TensorSpec([None], tf.float32, "coverage_penalty")
        self._decode = tf.function(self._beam_search, input_signature=signature, autograph=False)
        self._decode_covering = tf.function(self._beam_search, input_signature=[*signature, penalty], autograph=False)

    def answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best answer: `text` string `[batch]`, `score` float32 `[batch]`, `length` int32 `[batch]` in tokens."""
        return _best(self._search(text, *_unset(text)))

    def answer_with_options(
        self,
        text: tf.Tensor,
        max_length: tf.Tensor,
        length_penalty: tf.Tensor,
        prefix: tf.Tensor,
        coverage_penalty: tf.Tensor | None,
    ) -> dict[str, tf.Tensor]:
        """As `answer`, with options of each row.

        Args:
            text: string `[batch]`.
            max_length: int32 `[batch]`, most tokens of the answer; 0 or below = unset.
            length_penalty: float32 `[batch]`, at least 0; negative = unset.
            prefix: string `[batch]`, what the answer starts with; empty = unset. Its tokens are forced as they are and
                any token may follow: a prefix should end with a whole word, without whitespace behind it. It is cut to
                the limit of the answer.
            coverage_penalty: float32 `[batch]`, at least 0; negative = unset, as is None for all rows.
        """
        return _best(self._search(text, max_length, length_penalty, prefix, coverage_penalty))

    def nbest(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, each output `[batch, beam_size]`, best first. Where there are fewer answers, empty strings."""
        return self._search(text, *_unset(text))

    def sample(
        self, text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, top_k: tf.Tensor, top_p: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """An answer drawn at random, the same for the same seed; see `decoding.sample`.

        Args:
            text: string `[batch]`.
            seed: int64 `[batch]`, any numbers.
            temperature: float32 `[batch]`, 0 = always the most probable token; negative = unset, which is 1.
            top_k: int32 `[batch]`, how many tokens are drawn from; 0 or below = unset, which is all.
            top_p: float32 `[batch]`, the share of the probability that is drawn from; 0 or below = unset, which is all.

        Returns:
            As `answer`; `score` is the log-probability under the model, without length penalty.
        """
        source = self._source(text)
        drawn = decoding.sample(
            self.network,
            self.network.encode(source),
            self.limits(text, source),
            seed,
            tf.where(temperature >= 0, temperature, 1.0),
            top_k,
            tf.where(top_p > 0, top_p, 1.0),
            no_repeat_ngram=self.options.no_repeat_ngram,
            no_repeat_phrase=self._phrases,
        )
        return {"text": self.subwords.text(drawn.ids), "score": drawn.score, "length": drawn.length}

    def score(self, text: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """How probable the model finds given answers.

        An answer of `answer` or `nbest` has the same score here, up to the penalties, if the search found it as the
        tokens that the tokenizer makes of it: a text, above all a long one, has other segmentations too.

        Args:
            text: string `[batch]`.
            target: string `[batch]`, cut to `max_answer_length` tokens.

        Returns:
            `score` float32 `[batch]`, the natural-log probability of the target and its end, without penalties;
            `length` int32 `[batch]`, its tokens without the end.
        """
        source, ids = self._source(text), self.subwords.ids(target, self.max_answer_length)
        score = decoding.log_probability(self.network, self.network.encode(source), ids)
        return {"score": score, "length": tf.math.count_nonzero(ids, axis=1, dtype=tf.int32) - 1}

    def attention(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best answer, the tokens of both sides, and the attention of each token of the answer to the source.

        Args:
            text: string `[batch]`.

        Returns:
            `text` string `[batch]`; `source_tokens` string `[batch, max_source_length]`; `target_tokens` string
            `[batch, max_answer_length]`; `attention` float32 `[batch, max_answer_length, max_source_length]`, the last
            cross-attention's mean over its heads. Of a model that copies also `copied`, like `attention`: the
            probability that a token of the answer was copied from there.
        """
        source, target, maps = self.attention_maps(text)
        last = [scores for name, scores in maps.items() if name.endswith("cross_attention")][-1]
        mean = tf.reduce_mean(last, axis=1)
        used = tf.cast(target != token_ids.PAD, mean.dtype)[:, :, tf.newaxis]
        sizes = (self.max_answer_length, self.max_source_length)
        copied = {"copied": _padded(maps["copied"][:, 0] * used, *sizes)} if "copied" in maps else {}
        return {
            "text": self.subwords.text(target),
            "source_tokens": _padded(self.subwords.pieces(source), self.max_source_length),
            "target_tokens": _padded(self.subwords.pieces(target), self.max_answer_length),
            "attention": _padded(mean * used, *sizes),
            **copied,
        }

    def attention_maps(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, dict[str, tf.Tensor]]:
        """Source ids, ids of the best answer (both end with `</s>`), and all attention maps between them.

        Of a model that copies also `"copied"`, `[batch, 1, target, source]`: the probability that a token of the answer
        was copied from a token of the source, given both.
        """
        source = self._source(text)
        found = self._found(text, source, *_unset(text))
        ids, length = found.ids[:, 0], found.length[:, 0]
        target = tf.pad(ids, [[0, 0], [0, 1]])
        target += token_ids.END * tf.one_hot(length, tf.shape(target)[1], dtype=tf.int32)
        shifted = tf.pad(ids, [[0, 0], [1, 0]], constant_values=token_ids.START)
        outputs, maps = self.network({"source": source, "target": shifted}, intermediates=True, training=False)
        if "decoder/copy" in maps:
            same = source[:, tf.newaxis] == target[:, :, tf.newaxis]
            chosen = tf.exp(tf.gather(outputs, target, batch_dims=2))[..., tf.newaxis]
            weights = tf.reshape(maps["decoder/copy"], tf.shape(same))  # also of no rows
            maps["copied"] = tf.math.divide_no_nan(tf.where(same, weights, 0.0), chosen)[:, tf.newaxis]
        return source, target, maps

    def limits(self, text: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        """Most tokens of each row's answer, without `</s>`.

        Args:
            text: string `[batch]`.
            source: Its tokens, int32 `[batch, source]`.

        Returns:
            int32 `[batch]`; 0 for blank texts.
        """
        limit = tf.fill(tf.shape(text), self.max_answer_length - 1)
        if self.options.length_ratio:
            tokens = tf.math.count_nonzero(source, axis=1, dtype=tf.int32) - 1  # without </s>
            by_source = self.options.length_ratio * tf.cast(tokens, tf.float32) + self.options.length_margin
            limit = tf.cast(tf.minimum(by_source, tf.cast(limit, tf.float32)), tf.int32)
        return tf.where(tf.strings.regex_full_match(text, _BLANK), 0, limit)

    def _search(
        self,
        text: tf.Tensor,
        max_length: tf.Tensor,
        length_penalty: tf.Tensor,
        prefix: tf.Tensor,
        coverage_penalty: tf.Tensor | None,
    ) -> dict[str, tf.Tensor]:
        """All answers of the beam, each output `[batch, beam_size]`; the options of `answer_with_options`."""
        found = self._found(text, self._source(text), max_length, length_penalty, prefix, coverage_penalty)
        shape = tf.shape(found.length)
        texts = self.subwords.text(tf.reshape(found.ids, [shape[0] * shape[1], tf.shape(found.ids)[2]]))
        outputs = {"text": tf.reshape(texts, shape), "score": found.score, "length": found.length}
        return {name: tf.ensure_shape(values, [None, self.options.beam_size]) for name, values in outputs.items()}

    def _found(
        self,
        text: tf.Tensor,
        source: tf.Tensor,
        max_length: tf.Tensor,
        length_penalty: tf.Tensor,
        prefix: tf.Tensor,
        coverage_penalty: tf.Tensor | None,
    ) -> decoding.Decoded:
        """All answers of the beam; options that are unset have their defaults."""
        limits = self.limits(text, source)
        arguments = (
            source,
            tf.where(max_length > UNSET_LENGTH, tf.minimum(max_length, limits), limits),
            tf.where(length_penalty >= 0, length_penalty, self.options.length_penalty),
            self._forced(prefix),
        )
        # The search that sums coverage takes half as long again: it runs only where a row has that penalty, and is
        # part of the graph only of endpoints that may have it.
        if coverage_penalty is None:
            if not self.options.coverage_penalty:
                return self._decode(*arguments)
            return self._decode_covering(*arguments, tf.fill(tf.shape(text), float(self.options.coverage_penalty)))
        penalty = tf.where(coverage_penalty >= 0, coverage_penalty, self.options.coverage_penalty)
        return tf.cond(
            tf.reduce_any(penalty > 0),
            lambda: self._decode_covering(*arguments, penalty),
            lambda: self._decode(*arguments),
        )

    def _beam_search(
        self,
        source: tf.Tensor,
        limits: tf.Tensor,
        length_penalty: tf.Tensor,
        prefix: tf.Tensor,
        coverage_penalty: tf.Tensor | float = 0.0,
    ) -> decoding.Decoded:
        return decoding.beam_search(
            self.network,
            self.network.encode(source),
            limits,
            self.options.beam_size,
            length_penalty,
            prefix,
            self.options.no_repeat_ngram,
            coverage_penalty,
            self._phrases,
        )

    def _forced(self, prefix: tf.Tensor) -> tf.Tensor:
        """The tokens that each answer starts with, int32 `[batch, n]`, without `</s>`."""
        ids = self.subwords.ids(prefix, self.max_answer_length)
        return tf.where(ids == token_ids.END, token_ids.PAD, ids)

    def _source(self, text: tf.Tensor) -> tf.Tensor:
        return self.subwords.ids(text, self.max_source_length)


def _unset(text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, None]:
    """The options of `answer_with_options`, unset for each text."""
    return *(tf.fill(tf.shape(text), value) for value in (UNSET_LENGTH, UNSET_PENALTY, UNSET_PREFIX)), None


def _padded(values: tf.Tensor, *sizes: int) -> tf.Tensor:
    """Pads the axes after the first to fixed sizes."""
    missing = tf.constant(sizes) - tf.shape(values)[1:]
    paddings = tf.concat([[[0, 0]], tf.stack([tf.zeros_like(missing), missing], axis=1)], axis=0)
    return tf.ensure_shape(tf.pad(values, paddings), [None, *sizes])


def _best(answers: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The first of the answers, each output `[batch]`."""
    return {name: values[:, 0] for name, values in answers.items()}
