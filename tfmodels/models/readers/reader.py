"""What all families of readers share: token vectors, windows, question-context attention, scores of spans."""

from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import keras
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers import AttentionPooling, Coattention, Dense, Dropout, SpanHead, TokenEmbedding, WordDropout, masks
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.reader_options import LSTMReaderOptions, TransformerReaderOptions
from tfmodels.models.readers import question_matches, windows
from tfmodels.models.serving_signature import ids_signature

_SHAPES = 32  # kinds of tokens, such as capitalised ones
_SPELLING, _BUCKETS, _LETTERS = 16, 4096, 32  # n-grams of a token at most, their numbers, the width of their vectors
_AT_ONCE = 16  # windows that are read together outside of training, so that memory does not grow with the context


class _Texts(NamedTuple):
    """Questions and contexts: their ids, the states of the former, how the latter match, and their windows."""

    laid: windows.Windows
    question: tf.Tensor
    asked: tf.Tensor
    context: tf.Tensor
    matches: tf.Tensor


class Reader(keras.Model):
    """Finds the span of a context that answers a question, or that there is none, from token ids.

    Question and context are read alike. Besides its own vector each token has those of its character n-grams and of its
    shape, and features of how it and its surroundings match the question (`question_matches`). A long context is read
    in overlapping windows. In each window attention between context and question joins both (`Coattention`), and the
    result is read again. The windows' states are put together, so that the spans of the whole context, and the answer
    that there is none, are the classes of one softmax: a linear function of the states and of the features of matches,
    with weights that depend on a summary of the question. Padding changes nothing.

    Args:
        vocabulary_size: Number of token ids.
        options: Options of the family. This class uses `d_model` and `dropout`.
        max_answer_length: Most tokens of an answer.
        window: Tokens of a window.
        overlap: Tokens that a window shares with the next one.
        word_dropout: Rate of tokens that training replaces by `<unk>`, see `WordDropout`.
        score_inside: Whether each token inside a span adds to its logit, see `SpanHead`.
        **kwargs: Of `keras.Model`.

    Call arguments:
        inputs: dict of int32 `question` `[batch, question]` and `context` `[batch, time]`, padded with 0 on the right;
            tokens that end a text (`</s>`) belong to no answer.
        intermediates: Also return a dict of attention maps; `"coattention"` `[batch, time, question]` is how much each
            token of the context attends to each of the question.

    Returns:
        Logits, float32 `[batch, 1 + time * max_answer_length]` in every dtype policy. The first is that of no answer;
        that of the span from token `t` with `n` tokens has index `t * max_answer_length + n`.

    Weights that are not trained say what is known of each token: folded, int32 `[vocabulary_size]`, of which tokens
    with the same number count as the same, such as `The` and `the` (it starts as `0, 1, 2 ...`); spellings, int32
    `[vocabulary_size, 16]`, its character n-grams by number from 1 to 4,095, padded with 0 (it starts as zeros);
    shapes, int32 `[vocabulary_size]`, its kind from 0 to 31 (zeros); begins, int32 `[vocabulary_size]`, 1 where it
    begins a word, 0 where it goes on with one (ones); rarity, float32 `[vocabulary_size]`, its weight where it matches
    the question (ones).

    A family is a subclass that names its `options_type` and defines `read(vectors, mask, training)`, which reads
    question and context, and `read_again(states, mask, training)`, of the context with the question.
    """

    options_type: ClassVar[type[LSTMReaderOptions] | type[TransformerReaderOptions]]

    def __init__(
        self,
        vocabulary_size: int,
        options: LSTMReaderOptions | TransformerReaderOptions,
        *,
        max_answer_length: int = 30,
        window: int = 384,
        overlap: int = 128,
        word_dropout: float = 0.0,
        score_inside: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_jit = False  # the number of windows follows from the texts
        if not max_answer_length // 2 < overlap < window:
            raise ValueError(
                "Expected an overlap above half of the longest answer and below the window. Received: "
                f"overlap={overlap}, window={window}, max_answer_length={max_answer_length}"
            )
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "options": {one.name: getattr(options, one.name) for one in fields(self.options_type)},
            "max_answer_length": max_answer_length,
            "window": window,
            "overlap": overlap,
            "word_dropout": word_dropout,
            "score_inside": score_inside,
        }
        policy = self.dtype_policy
        self.d_model, self.window, self.overlap, self.max_answer_length = (
            options.d_model, window, overlap, max_answer_length
        )  # fmt: skip
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, options.d_model, dtype=policy, name="embedding")
        self.letters = TokenEmbedding(_BUCKETS, _LETTERS, dtype=policy, name="letters")
        self.spelling = Dense(options.d_model, use_bias=False, dtype=policy, name="spelling")
        self.kinds = TokenEmbedding(_SHAPES, options.d_model, dtype=policy, name="kinds")
        self.matches = Dense(options.d_model, use_bias=False, dtype=policy, name="matches")
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.coattention = Coattention(options.dropout, dtype=policy, name="coattention")
        self.narrow = Dense(options.d_model, activation="relu", dtype=policy, name="narrow")
        self.spans = SpanHead(max_answer_length, score_inside, dtype=policy, name="spans")
        self.pooling = AttentionPooling(options.d_model, dtype=policy, name="pooling")
        self.question_pooling = AttentionPooling(options.d_model, dtype=policy, name="question_pooling")
        self.no_answer = Dense(1, dtype=policy, name="no_answer")

    @property
    def input_dtype(self) -> str:
        """What Keras converts floats to before `call`: ids, as its `Embedding` does."""
        return "int32"

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes int32 `question` and `context` of any length."""
        signature = input_signature or ids_signature("question", "context")
        super().export(filepath, *args, input_signature=signature, **kwargs)

    def compute_output_shape(self, inputs_shape: dict[str, tuple]) -> Any:  # noqa: D102
        return output_shape(self, inputs_shape, "int32")

    compute_output_spec = traced_output_spec

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        states = (None, None, self.d_model)
        self.word_dropout.build((None, None))
        self.embedding.build((None, None))
        for embedding in (self.letters, self.kinds):
            embedding.build((None, None))
        self.spelling.build((None, None, _LETTERS))
        self.matches.build((None, None, question_matches.COUNT))
        self.coattention.build(states, states)
        self.narrow.build((None, None, 4 * self.d_model))
        for layer in (self.dropout, self.pooling, self.question_pooling):
            layer.build(states)
        self.spans.build((None, None, self.d_model + question_matches.COUNT), (None, self.d_model))
        self.no_answer.build((None, 2 * self.d_model + question_matches.COUNT))
        size = self.embedding.vocabulary_size
        self.folded = self._table("folded", [size], lambda shape, dtype: tf.range(shape[0], dtype=dtype))
        self.spellings = self._table("spellings", [size, _SPELLING], "zeros")
        self.shapes = self._table("shapes", [size], "zeros")
        self.begins = self._table("begins", [size], "ones")
        self.rarity = self._table("rarity", [size], "ones", "float32")

    def _table(self, name: str, shape: list[int], initializer: Any, dtype: str = "int32") -> keras.Variable:
        """What is known of each token, as it is in any dtype policy."""
        return self.add_weight(
            name=name, shape=shape, dtype=dtype, initializer=initializer, trainable=False, autocast=False
        )

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        check_names(inputs, ["question", "context"])
        question, context = inputs["question"], inputs["context"]
        matches, mask = self._matches(context, question), masks.padding_mask(context)
        asked = self._encoded_question(question, context, training)
        lengths = tf.math.count_nonzero(mask, axis=1, dtype=tf.int32)
        time = tf.shape(context)[1]
        laid = windows.over(lengths, time, self.window, self.overlap)
        texts = _Texts(laid, question, asked, context, matches)
        if training:
            states, attention = self._read_windows(texts, tf.range(laid.total), training)
        else:
            states, attention = self._read_in_turn(texts)
        logits = self._logits(texts, laid.joined(states, time), mask, training)
        return (logits, {"coattention": laid.joined(attention, time)}) if intermediates else logits

    def _matches(self, ids: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
        """How the tokens of a text match those of the other one, see `question_matches`."""
        known = map(tf.convert_to_tensor, (self.folded, self.spellings, self.begins, self.rarity))
        found = question_matches.match_features(ids, others, question_matches.TokenTables(*known), _BUCKETS)
        return tf.cast(found, self.compute_dtype)

    def _encoded_question(self, ids: tf.Tensor, context: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The states of questions, `[batch, question, d_model]`."""
        return self.read(self._vectors(ids, self._matches(ids, context), training), masks.padding_mask(ids), training)

    def _read_in_turn(self, texts: "_Texts") -> tuple[tf.Tensor, tf.Tensor]:
        """As `_read_windows` of all, a few at a time."""
        total = texts.laid.total
        turns = tf.maximum(1, -(-total // _AT_ONCE))  # one without windows, where there are no rows
        shapes = ([None, None, self.d_model], [None, None, None])
        arrays = [tf.TensorArray(self.compute_dtype, turns, infer_shape=False, element_shape=shape) for shape in shapes]

        def turn(index: tf.Tensor, states: tf.TensorArray, attention: tf.TensorArray) -> tuple:
            chosen = tf.range(index * _AT_ONCE, tf.minimum((index + 1) * _AT_ONCE, total))
            read, scores = self._read_windows(texts, chosen, False)
            return index + 1, states.write(index, read), attention.write(index, scores)

        _, states, attention = tf.while_loop(
            lambda index, *_: index < turns, turn, [tf.constant(0), *arrays], parallel_iterations=1
        )
        return states.concat(), attention.concat()

    def _read_windows(self, texts: "_Texts", chosen: tf.Tensor, training: bool | None) -> tuple[tf.Tensor, tf.Tensor]:
        """The states of the tokens of some windows, `[n, window, d_model]`, and their attention to the question."""
        row = tf.gather(texts.laid.row, chosen)
        ids, matches = (texts.laid.cut(values, chosen) for values in (texts.context, texts.matches))
        asked = tf.gather(texts.asked, row)
        mask, question_mask = masks.padding_mask(ids), masks.padding_mask(tf.gather(texts.question, row))
        states = self.read(self._vectors(ids, matches, training), mask, training)
        joined, scores = self.coattention(
            states, asked, sequence_mask=mask, memory_mask=question_mask, return_scores=True, training=training
        )
        return self.read_again(self.dropout(self.narrow(joined), training=training), mask, training), scores

    def _vectors(self, ids: tf.Tensor, matches: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The vectors of tokens. One that word dropout hides keeps its shape and its matches."""
        shown = self.word_dropout(ids, training=training)
        spellings = tf.gather(tf.convert_to_tensor(self.spellings), shown)
        present = tf.cast(spellings > 0, self.compute_dtype)[..., tf.newaxis]
        letters = tf.reduce_sum(self.letters(spellings) * present, axis=2)
        letters /= tf.maximum(tf.reduce_sum(present, axis=2), tf.ones([], self.compute_dtype))
        kinds = self.kinds(tf.gather(tf.convert_to_tensor(self.shapes), ids))
        vectors = self.embedding(shown) + self.spelling(letters) + kinds + self.matches(matches)
        return self.dropout(vectors, training=training)

    def _logits(self, texts: "_Texts", states: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:
        there = mask[:, :, tf.newaxis]
        zero = tf.zeros([], states.dtype)
        states = tf.where(there, self.dropout(states, training=training), zero)
        asked = self.question_pooling(texts.asked, sequence_mask=masks.padding_mask(texts.question))
        asked = self.dropout(asked, training=training)
        read = tf.concat([states, texts.matches], axis=-1)
        spans = self.spans(read, query=asked, sequence_mask=mask & (texts.context != token_ids.END))
        best = tf.reduce_max(tf.where(there, texts.matches, zero), axis=1)
        summary = tf.concat([self.pooling(states, sequence_mask=mask), asked, best], axis=-1)
        none = tf.cast(self.no_answer(summary), tf.float32)
        logits = tf.concat([none, tf.reshape(spans, [tf.shape(spans)[0], -1])], axis=1)
        time = texts.context.shape[1]
        return tf.ensure_shape(logits, [None, None if time is None else 1 + time * self.max_answer_length])

    def read(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:
        """States of a text, `[batch, time, d_model]`, of its vectors; defined by each family."""
        raise NotImplementedError

    def read_again(self, states: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:
        """States of a context that has seen the question; defined by each family."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {**super().get_config(), **self._arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": cls.options_type(**config["options"])}, custom_objects)
