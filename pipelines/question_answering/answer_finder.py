"""A trained reader as graph functions from question and context to answers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.question_answering.config import Choice
from tfmodels.export import Endpoint
from tfmodels.layers import masks

if TYPE_CHECKING:
    from pipelines.question_answering.reader_ensemble import ReaderEnsemble
    from tfmodels.models import Reader
    from tfmodels.preprocessing import Tokenizer

LONGEST = 2**16  # tokens of a context that are read, so that memory is bounded
BEST = 5  # answers of `nbest`
_CANDIDATES = 64  # spans that the one with the best expected F1 is chosen from, and which it is compared with
_LIMITS = (
    "start, end: bytes of the context, from start up to but not including end; -1 where there is no answer.",
    "score: the probability of this answer; answerable: the probability that the context has one, after temperature "
    "scaling on the validation split.",
)
_EXPECTED = (
    f"The answer is the piece with the best expected F1 among the {_CANDIDATES} most probable ones; it need not be the "
    "first of nbest."
)
Inputs = dict[str, tf.Tensor]


class AnswerFinder:
    """Raw questions and contexts in, answers with their places out.

    Padding changes nothing, so a row's answer is the same alone and in any batch.

    Args:
        network: From ids to the logits of spans, built; see `models.Reader`.
        tokens: Turns texts into its ids.
        max_question_length: Most tokens of a question.
        temperature: Divides the logits.
        threshold: Lowest probability that there is an answer, at which one is given.
        choose: Which piece is the answer, see `DecisionOptions`.

    Example:
        >>> finder = AnswerFinder(reader, subwords, 48)
        >>> finder.answer(tf.constant(["Where?"]), tf.constant(["It is here."]))["answer"]
    """

    def __init__(
        self,
        network: "Reader | ReaderEnsemble",
        tokens: "Tokenizer",
        max_question_length: int,
        temperature: float = 1.0,
        threshold: float = 0.0,
        choose: Choice = "probable",
    ) -> None:
        self.network = network
        self.tokens = tokens
        self.max_question_length = max_question_length
        self.temperature = temperature
        self.threshold = threshold
        self.choose = choose

    def ids(self, question: tf.Tensor, context: tf.Tensor) -> Inputs:
        """The inputs of the network for texts, string `[batch]` each."""
        return {
            "question": self.tokens.ids(question, self.max_question_length),
            "context": self.tokens.ids(context, LONGEST),
        }

    def log_probabilities(self, logits: tf.Tensor) -> tf.Tensor:
        """The calibrated log-probabilities of no answer and of all spans, float32, of the network's logits."""
        return tf.nn.log_softmax(logits / self.temperature, axis=1)

    def answer(self, question: tf.Tensor, context: tf.Tensor) -> Inputs:
        """Answers questions, string `[batch]`, from contexts, string `[batch]`.

        Returns:
            `answer` string `[batch]`, a piece of the context; empty if there is none. `start` and `end` int32, its
            bytes; -1 if there is none. `score` float32, the probability of this answer (of none: that there is none).
            `answerable` float32, the probability that the context has an answer.
        """
        return self._decided(self.network(self.ids(question, context), training=False), context)

    def nbest(self, question: tf.Tensor, context: tf.Tensor) -> Inputs:
        """The most probable answers, `[batch, BEST]`, whatever the threshold; as `answer`, with `answerable` `[batch]`.

        Where a context has fewer spans, the rest is empty, with score 0.
        """
        logits = self.network(self.ids(question, context), training=False)
        best = _with_texts(context, self._best(logits, context, BEST))
        return {**best, "answerable": self._answerable(logits, context)}

    def explain(self, question: tf.Tensor, context: tf.Tensor) -> Inputs:
        """As `answer`, with the attention of the tokens around the answer to those of the question.

        Returns:
            Besides, of `[batch, window]`: `tokens` string, `token_start` and `token_end` int32 (bytes of the context);
            of `[batch, max_question_length]`: `question_tokens` string, `question_start` and `question_end` int32; and
            `attention` float32 `[batch, window, max_question_length]`. Empty or 0 beyond the ends.
        """
        inputs = self.ids(question, context)
        logits, maps = self.network(inputs, intermediates=True, training=False)
        starts, ends = self.tokens.offsets(context, LONGEST)
        pieces = tf.where(self._are_pieces(ends > starts, logits), logits[:, 1:], float("-inf"))
        best = tf.argmax(pieces, axis=1, output_type=tf.int32) // self.network.max_answer_length
        around = partial(_around, best, self.network.window)
        asked = partial(_widened, self.max_question_length)
        present = around(masks.padding_mask(inputs["context"]))
        attention = tf.where(present[:, :, tf.newaxis], around(tf.cast(maps["coattention"], tf.float32)), 0.0)
        question_starts, question_ends = self.tokens.offsets(question, self.max_question_length)
        return {
            **self._decided(logits, context),
            "tokens": around(self.tokens.pieces(inputs["context"])),
            "token_start": around(starts),
            "token_end": around(ends),
            "question_tokens": asked(self.tokens.pieces(inputs["question"])),
            "question_start": asked(question_starts),
            "question_end": asked(question_ends),
            "attention": asked(attention),
        }

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export."""
        texts = tuple(tf.TensorSpec([None], tf.string, name) for name in ("question", "context"))
        functions = {"serving_default": self.answer, "nbest": self.nbest, "explain": self.explain}
        return [Endpoint(name, texts, function) for name, function in functions.items()]

    def samples(self, rows: Sequence[tuple[str | bytes, str | bytes]]) -> dict[str, dict[str, list]]:
        """The samples that an export is checked on: these questions and contexts at each endpoint."""
        questions, contexts = map(list, zip(*rows, strict=True))
        return {endpoint.name: {"question": questions, "context": contexts} for endpoint in self.endpoints()}

    def tracked(self) -> list[Any]:
        """What holds the variables and tables of the endpoints."""
        return [self.network, self.tokens]

    def limits(self) -> list[str]:
        """What a reader of the outputs must know, in sentences."""
        return [
            f"A question is cut to {self.max_question_length} tokens, a context to {LONGEST:,}, the end included; an "
            f"answer has at most {self.network.max_answer_length} tokens.",
            f"A context is read in windows of {self.network.window} tokens, of which neighbours share "
            f"{self.network.overlap}.",
            f"No answer is given where answerable is below {self.threshold:.3f}.",
            *([] if self.choose == "probable" else [_EXPECTED]),
            *_LIMITS,
        ]

    def _decided(self, logits: tf.Tensor, context: tf.Tensor) -> Inputs:
        """What `answer` returns, from the logits."""
        best = self._best(logits, context, 1 if self.choose == "probable" else _CANDIDATES)
        chosen = tf.argmax(_expected_f1(**best), axis=1)[:, tf.newaxis]
        best = {name: tf.gather(values, chosen, batch_dims=1) for name, values in best.items()}
        best = {name: values[:, 0] for name, values in _with_texts(context, best).items()}
        answerable = self._answerable(logits, context)
        given = (answerable >= self.threshold) & (best["end"] >= 0)
        return {
            "answer": tf.where(given, best["answer"], ""),
            "start": tf.where(given, best["start"], -1),
            "end": tf.where(given, best["end"], -1),
            "score": tf.where(given, best["score"], 1 - answerable),
            "answerable": answerable,
        }

    def _answerable(self, logits: tf.Tensor, context: tf.Tensor) -> tf.Tensor:
        none = tf.exp(self.log_probabilities(logits)[:, 0])
        return tf.where(tf.strings.length(context) > 0, 1 - none, 0.0)

    def _best(self, logits: tf.Tensor, context: tf.Tensor, count: int) -> Inputs:
        """The most probable spans, `[batch, count]`: their bytes and probability; -1 and 0 where there are no more."""
        starts, ends = self.tokens.offsets(context, LONGEST)
        are_pieces = self._are_pieces(ends > starts, logits)
        spans = tf.where(are_pieces, self.log_probabilities(logits)[:, 1:], float("-inf"))
        spans = tf.pad(spans, [[0, 0], [0, count]], constant_values=float("-inf"))
        found, index = tf.math.top_k(spans, count)
        beyond = tf.shape(starts)[1] - 1
        first = index // self.network.max_answer_length
        last = first + index % self.network.max_answer_length
        start = tf.gather(starts, tf.minimum(first, beyond), batch_dims=1)
        end = tf.gather(ends, tf.minimum(last, beyond), batch_dims=1)
        score = tf.exp(found)
        there = score > 0
        return {
            "start": tf.where(there, start, -1),
            "end": tf.where(there, end, -1),
            "score": tf.where(there, score, 0.0),
        }

    def _are_pieces(self, has_bytes: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Which spans begin and end with a token that has bytes: others have the bytes of one of these.

        Args:
            has_bytes: bool `[batch, time]`.
            logits: Of the network; without rows it has a step where there are no offsets.

        Returns:
            bool `[batch, time * max_answer_length]`.
        """
        rows, spans = tf.unstack(tf.shape(logits[:, 1:]))
        longest = self.network.max_answer_length
        time = spans // longest
        has_bytes = tf.pad(has_bytes, [[0, 0], [0, time - tf.shape(has_bytes)[1]]])
        last = tf.range(time)[:, tf.newaxis] + tf.range(longest)
        ends = tf.gather(tf.pad(has_bytes, [[0, 0], [0, longest]]), last, axis=1)
        return tf.reshape(has_bytes[:, :, tf.newaxis] & ends, [rows, spans])


def _expected_f1(start: tf.Tensor, end: tf.Tensor, score: tf.Tensor) -> tf.Tensor:
    """The mean F1 of each span if each were right as often as it is probable, by the bytes that two share.

    The choice of the best by it is that of minimum Bayes risk (Kumar and Byrne, 2004, "Minimum Bayes-Risk Decoding for
    Statistical Machine Translation").

    Args:
        start: int32 `[batch, n]`, -1 for no span, as `end` is.
        end: Likewise.
        score: float32 `[batch, n]`, their probabilities.

    Returns:
        float32 `[batch, n]`.
    """

    def pairs(of: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], values: tf.Tensor) -> tf.Tensor:
        return of(values[:, :, tf.newaxis], values[:, tf.newaxis])

    shared = tf.maximum(pairs(tf.minimum, end) - pairs(tf.maximum, start), 0)
    f1 = tf.math.divide_no_nan(2 * tf.cast(shared, tf.float32), tf.cast(pairs(tf.add, end - start), tf.float32))
    return tf.linalg.matvec(f1, score)


def _with_texts(context: tf.Tensor, spans: Inputs) -> Inputs:
    """Adds the text of spans `[batch, n]` of contexts `[batch]`."""
    start = tf.maximum(spans["start"], 0)
    length = tf.maximum(spans["end"], 0) - start
    texts = tf.repeat(context, tf.shape(start)[1])
    pieces = tf.strings.substr(texts, tf.reshape(start, [-1]), tf.reshape(length, [-1]))
    pieces = tf.strings.unicode_transcode(pieces, "UTF-8", "UTF-8")  # bytes that are no text become U+FFFD
    return {"answer": tf.reshape(pieces, tf.shape(start)), **spans}


def _around(place: tf.Tensor, width: int, values: tf.Tensor) -> tf.Tensor:
    """`width` steps of `[batch, time, ...]` around a place of each row; nothing where there are none."""
    begin = tf.maximum(0, place - width // 2)
    steps = begin[:, tf.newaxis] + tf.range(width)
    found = tf.gather(values, tf.minimum(steps, tf.shape(values)[1] - 1), batch_dims=1)
    inside = steps < tf.shape(values)[1]
    if values.shape.rank == 3:
        inside = inside[:, :, tf.newaxis]
    return tf.where(inside, found, tf.zeros([], values.dtype))


def _widened(width: int, values: tf.Tensor) -> tf.Tensor:
    """Pads the last axis to a width."""
    before = [[0, 0]] * (values.shape.rank - 1)
    padded = tf.pad(values, [*before, [0, width - tf.shape(values)[-1]]])
    return tf.ensure_shape(padded, [*values.shape[:-1], width])
