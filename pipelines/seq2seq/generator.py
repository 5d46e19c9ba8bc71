"""A trained encoder-decoder as functions from text to text, in the graph."""

import itertools
from collections.abc import Sequence
from functools import partial

import keras
import tensorflow as tf

from pipelines.runs.explanation import Explanation
from tfmodels import decoding, token_ids
from tfmodels.export import Endpoint
from tfmodels.plots import draw_attention
from tfmodels.preprocessing import Subwords

_UNSET_LENGTH, _UNSET_PENALTY, _UNSET_PREFIX = 0, -1.0, ""
# For model cards.
OPTIONS = (
    "max_length: tokens of the answer, 0 = unset; length_penalty, coverage_penalty: at least 0, negative = unset; "
    "prefix: what the answer starts with, whole words, empty = unset.",
    "sample: the same seed gives the same answer; temperature: 0 = the most probable token, negative = unset, which "
    "is 1; top_k, top_p: 0 = unset, which is all.",
    "score: the natural-log probability, divided by the length penalty and with the coverage penalty added where the "
    "answer was searched for.",
)
_ROWS = 64  # of one batch of answers
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
        no_repeat_ngram: Size of the n-grams of tokens that must not occur twice in an answer; 0 = any may.
        coverage_penalty: Default weight of the coverage penalty; 0 = none.

    Example:
        >>> translator = TextToText(network, subwords, max_length=128, beam_size=4, length_penalty=0.6)
        >>> translator.answer(tf.constant(["May 5, 2024"]))["text"]
    """

    def __init__(
        self,
        network: keras.Model,
        subwords: Subwords,
        max_length: int,
        beam_size: int,
        length_penalty: float,
        no_repeat_ngram: int = 0,
        coverage_penalty: float = 0.0,
    ) -> None:
        self.network = network
        self.subwords = subwords
        self.max_length = max_length
        self.beam_size = beam_size
        self.length_penalty = length_penalty
        self.no_repeat_ngram = no_repeat_ngram
        self.coverage_penalty = coverage_penalty
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
        coverage_penalty: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """As `answer`, with options of each row.

        Args:
            text: string `[batch]`.
            max_length: int32 `[batch]`, most tokens of the answer; 0 = unset.
            length_penalty: float32 `[batch]`, at least 0; negative = unset.
            prefix: string `[batch]`, what the answer starts with; empty = unset. Its tokens are forced as they are and
                the answer goes on with any token: a prefix should end with a whole word, without a blank behind it.
                What is longer than the answer may be is cut.
            coverage_penalty: float32 `[batch]`, at least 0; negative = unset.
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
            top_k: int32 `[batch]`, how many tokens are drawn from; 0 = unset, which is all.
            top_p: float32 `[batch]`, the share of the probability that is drawn from; 0 = unset, which is all.

        Returns:
            As `answer`; `score` is the log-probability under the model, without length penalty.
        """
        source = self.subwords.ids(text, self.max_length)
        drawn = decoding.sample(
            self.network,
            self.network.encode(source),
            self._limits(text, source),
            seed,
            tf.where(temperature >= 0, temperature, 1.0),
            top_k,
            tf.where(top_p > 0, top_p, 1.0),
            no_repeat_ngram=self.no_repeat_ngram,
        )
        return {"text": self.subwords.text(drawn.ids), "score": drawn.score, "length": drawn.length}

    def score(self, text: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """How probable the model finds given answers.

        An answer of `answer` or `nbest` scores here what it scored there, up to the penalties, if the search spelt it
        with the tokens that the tokenizer takes for it: a text, above all a long one, can be spelt in other ways too.

        Args:
            text: string `[batch]`.
            target: string `[batch]`, cut to `max_length` tokens.

        Returns:
            `score` float32 `[batch]`, the natural-log probability of the target and its end, without penalties;
            `length` int32 `[batch]`, its tokens without the end.
        """
        source, ids = (self.subwords.ids(side, self.max_length) for side in (text, target))
        score = decoding.log_probability(self.network, self.network.encode(source), ids)
        return {"score": score, "length": tf.math.count_nonzero(ids, axis=1, dtype=tf.int32) - 1}

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
        found = self._found(text, source, *_unset(text))
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
            tf.TensorSpec([None], tf.string, "prefix"),
            tf.TensorSpec([None], tf.float32, "coverage_penalty"),
        )
        chance = (
            tf.TensorSpec([None], tf.int64, "seed"),
            tf.TensorSpec([None], tf.float32, "temperature"),
            tf.TensorSpec([None], tf.int32, "top_k"),
            tf.TensorSpec([None], tf.float32, "top_p"),
        )
        return [
            Endpoint("serving_default", (text,), self.answer),
            Endpoint("with_options", (text, *options), self.answer_with_options),
            Endpoint("nbest", (text,), self.nbest),
            Endpoint("attention", (text,), self.attention),
            Endpoint("sample", (text, *chance), self.sample),
            Endpoint("score", (text, tf.TensorSpec([None], tf.string, "target")), self.score),
        ]

    def samples(self, texts: list[str | bytes]) -> dict[str, dict[str, list]]:
        """What an export is checked on: these texts at each endpoint, with all sorts of options.

        Args:
            texts: Sources, at least two.

        Returns:
            Endpoint name -> input name -> a value for each text.
        """
        options = {
            "with_options": {
                "max_length": [0, 3],
                "length_penalty": [_UNSET_PENALTY, 0.0, 1.0],
                "prefix": [_UNSET_PREFIX, *texts],
                "coverage_penalty": [_UNSET_PENALTY, 0.0, 0.2, 0.2],
            },
            "sample": {
                "seed": range(len(texts)),
                "temperature": [-1.0, 0.7, 0.0],
                "top_k": [0, 0, 8],
                "top_p": [0.0, 0.9],
            },
            "score": {"target": texts[::-1]},
        }
        return {
            endpoint.name: {
                "text": texts,
                **{
                    name: list(itertools.islice(itertools.cycle(values), len(texts)))
                    for name, values in options.get(endpoint.name, {}).items()
                },
            }
            for endpoint in self.endpoints()
        }

    def _search(self, text: tf.Tensor, *options: tf.Tensor | None) -> dict[str, tf.Tensor]:
        """All answers of the beam, each output `[batch, beam_size]`; the options of `answer_with_options`."""
        found = self._found(text, self.subwords.ids(text, self.max_length), *options)
        shape = tf.shape(found.length)
        texts = self.subwords.text(tf.reshape(found.ids, [shape[0] * shape[1], tf.shape(found.ids)[2]]))
        outputs = {"text": tf.reshape(texts, shape), "score": found.score, "length": found.length}
        return {name: tf.ensure_shape(values, [None, self.beam_size]) for name, values in outputs.items()}

    def _found(
        self,
        text: tf.Tensor,
        source: tf.Tensor,
        max_length: tf.Tensor,
        length_penalty: tf.Tensor,
        prefix: tf.Tensor,
        coverage_penalty: tf.Tensor | None,
    ) -> decoding.Decoded:
        """All answers of the beam, with defaults in place of options that are unset."""
        limits = self._limits(text, source)
        arguments = (
            source,
            tf.where(max_length > _UNSET_LENGTH, tf.minimum(max_length, limits), limits),
            tf.where(length_penalty >= 0, length_penalty, self.length_penalty),
            self._forced(prefix),
        )
        # The search that sums coverage up takes half as long again: only where it is wanted, and in the graph only of
        # an endpoint that may want it.
        if coverage_penalty is None:
            penalty = tf.fill(tf.shape(text), float(self.coverage_penalty))
            return self._decode_covering(*arguments, penalty) if self.coverage_penalty else self._decode(*arguments)
        penalty = tf.where(coverage_penalty >= 0, coverage_penalty, self.coverage_penalty)
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
            self.beam_size,
            length_penalty,
            prefix,
            self.no_repeat_ngram,
            coverage_penalty,
        )

    def _forced(self, prefix: tf.Tensor) -> tf.Tensor:
        """The tokens that each answer starts with, int32 `[batch, n]`, without `</s>`."""
        ids = self.subwords.ids(prefix, self.max_length)
        return tf.where(ids == token_ids.END, token_ids.PAD, ids)

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


def _unset(text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, None]:
    """The options of `answer_with_options`, unset for each text; the last for all of them, whatever they are."""
    return *(tf.fill(tf.shape(text), value) for value in (_UNSET_LENGTH, _UNSET_PENALTY, _UNSET_PREFIX)), None


def _best(answers: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The first of the answers, each output `[batch]`."""
    return {name: values[:, 0] for name, values in answers.items()}


def answer_all(translator: TextToText, texts: Sequence[str]) -> list[str]:
    """Answers many texts, in batches of similar length.

    Args:
        translator: What answers.
        texts: Any number of them.

    Returns:
        The best answer to each, in their order.

    Example:
        `answer_all(translator, ["May 5, 2024", "4:05 PM"])`
    """
    answer = tf.function(translator.answer, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    answers = [""] * len(texts)
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        found = answer(tf.constant([texts[row] for row in rows]))["text"].numpy()
        for row, text in zip(rows, found, strict=True):
            answers[row] = text.decode()
    return answers


def explain(translator: TextToText, text: str) -> Explanation:
    """Draws what each token of an answer looked at, and what the tokens of the text did.

    Args:
        translator: What answers.
        text: The text.

    Returns:
        The answer, the tokens of both and the maps of cross-attention; a picture of these, and one of the encoder's
        attention where it has any.

    Example:
        `explain(translator, "May 5, 2024").write(Path("pictures"))`
    """
    source, target, maps = translator.attention_maps(tf.constant([text]))
    target = target[:, : tf.math.count_nonzero(target)]  # the search leaves room behind </s>
    answer = translator.subwords.text(target)[0].numpy().decode()
    source_tokens, target_tokens = (
        [piece.decode() for piece in translator.subwords.pieces(ids)[0].numpy()] for ids in (source, target)
    )
    cross = {
        name: scores[0, :, : len(target_tokens)].numpy()
        for name, scores in maps.items()
        if name.endswith("cross_attention")
    }
    encoder = {name: scores[0].numpy() for name, scores in maps.items() if name.startswith("encoder")}
    pictures = {
        "cross_attention": partial(draw_attention, cross, target_tokens, source_tokens, title=f"{text}\n{answer}")
    }
    if encoder:
        pictures["encoder_attention"] = partial(draw_attention, encoder, source_tokens, source_tokens, title=text)
    numbers = {
        "source": text,
        "text": answer,
        "tokens": {"source": source_tokens, "target": target_tokens},
        "attention": {name: scores.tolist() for name, scores in cross.items()},
    }
    return Explanation(numbers, pictures)
