"""What all families of readers share: token vectors, windows, question-context attention, scores of spans."""

from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers import AttentionPooling, Coattention, Dense, Dropout, SpanHead, TokenEmbedding, WordDropout, masks
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.reader_options import LSTMReaderOptions, TransformerReaderOptions
from tfmodels.models.readers import windows
from tfmodels.models.serving_signature import ids_signature

_AT_ONCE = 16  # windows that are read together outside of training, so that memory does not grow with the context


class Reader(keras.Model):
    """Finds the span of a context that answers a question, or that there is none, from token ids.

    Question and context are read alike; each token also tells whether it occurs in the question. A long context is read
    in overlapping windows. In each window attention between context and question joins both (`Coattention`), and the
    result is read again. The windows' states are put together, so that the spans of the whole context, and the answer
    that there is none, are the classes of one softmax. Padding changes nothing.

    Args:
        vocabulary_size: Number of token ids.
        options: Options of the family. This class uses `d_model` and `dropout`.
        max_answer_length: Most tokens of an answer.
        window: Tokens of a window.
        overlap: Tokens that a window shares with the next one.
        word_dropout: Rate of tokens that training replaces by `<unk>`, see `WordDropout`.
        **kwargs: Of `keras.Model`.

    Call arguments:
        inputs: dict of int32 `question` `[batch, question]` and `context` `[batch, time]`, padded with 0 on the right;
            tokens that end a text (`</s>`) belong to no answer.
        intermediates: Also return a dict of attention maps; `"coattention"` `[batch, time, question]` is how much each
            token of the context attends to each of the question.

    Returns:
        Logits, float32 `[batch, 1 + time * max_answer_length]` in every dtype policy. The first is that of no answer;
        that of the span from token `t` with `n` tokens has index `t * max_answer_length + n`.

    Weights that are no network's: folded, int32 `[vocabulary_size]`: tokens with the same number count as the same in
    "occurs in the question", such as `The` and `the`. It starts as `0, 1, 2 ...`.

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
        }
        policy = self.dtype_policy
        self.d_model, self.window, self.overlap, self.max_answer_length = (
            options.d_model, window, overlap, max_answer_length
        )  # fmt: skip
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, options.d_model, dtype=policy, name="embedding")
        self.matches = Dense(options.d_model, use_bias=False, dtype=policy, name="matches")
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.coattention = Coattention(options.dropout, dtype=policy, name="coattention")
        self.narrow = Dense(options.d_model, activation="relu", dtype=policy, name="narrow")
        self.spans = SpanHead(max_answer_length, dtype=policy, name="spans")
        self.pooling = AttentionPooling(options.d_model, dtype=policy, name="pooling")
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
        self.matches.build((None, None, 2))
        self.coattention.build(states, states)
        self.narrow.build((None, None, 4 * self.d_model))
        for layer in (self.dropout, self.spans, self.pooling):
            layer.build(states)
        self.no_answer.build((None, self.d_model))
        self.folded = self.add_weight(
            name="folded",
            shape=[self.embedding.vocabulary_size],
            dtype="int32",
            initializer=lambda shape, dtype: tf.range(shape[0], dtype=dtype),
            trainable=False,
        )

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        check_names(inputs, ["question", "context"])
        question, context = inputs["question"], inputs["context"]
        asked, mask = self._encoded_question(question, training), masks.padding_mask(context)
        lengths = tf.math.count_nonzero(mask, axis=1, dtype=tf.int32)
        laid = windows.over(lengths, self.window, self.overlap)
        time = tf.shape(context)[1]
        if training:
            states, attention = self._read_windows(laid, tf.range(laid.total), question, asked, context, training)
        else:
            states, attention = self._read_in_turn(laid, question, asked, context)
        logits = self._logits(laid.joined(states, time), mask, context)
        return (logits, {"coattention": laid.joined(attention, time)}) if intermediates else logits

    def _encoded_question(self, ids: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The states of questions, `[batch, question, d_model]`."""
        return self.read(self._vectors(ids, ids, training), masks.padding_mask(ids), training)

    def _read_in_turn(
        self, laid: windows.Windows, question: tf.Tensor, asked: tf.Tensor, context: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """As `_read_windows` of all, a few at a time."""
        turns = tf.maximum(1, -(-laid.total // _AT_ONCE))  # one without windows, where there are no rows
        shapes = ([None, self.window, self.d_model], [None, self.window, None])
        arrays = [tf.TensorArray(self.compute_dtype, turns, infer_shape=False, element_shape=shape) for shape in shapes]

        def turn(index: tf.Tensor, states: tf.TensorArray, attention: tf.TensorArray) -> tuple:
            chosen = tf.range(index * _AT_ONCE, tf.minimum((index + 1) * _AT_ONCE, laid.total))
            read, scores = self._read_windows(laid, chosen, question, asked, context, False)
            return index + 1, states.write(index, read), attention.write(index, scores)

        _, states, attention = tf.while_loop(
            lambda index, *_: index < turns, turn, [tf.constant(0), *arrays], parallel_iterations=1
        )
        return states.concat(), attention.concat()

    def _read_windows(
        self,
        laid: windows.Windows,
        chosen: tf.Tensor,
        question: tf.Tensor,
        asked: tf.Tensor,
        context: tf.Tensor,
        training: bool | None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The states of the tokens of some windows, `[n, window, d_model]`, and their attention to the question."""
        row = tf.gather(laid.row, chosen)
        ids, question, asked = laid.cut(context, chosen), tf.gather(question, row), tf.gather(asked, row)
        ids = tf.ensure_shape(ids, [None, self.window])
        mask, question_mask = masks.padding_mask(ids), masks.padding_mask(question)
        states = self.read(self._vectors(ids, question, training), mask, training)
        joined, scores = self.coattention(
            states, asked, sequence_mask=mask, memory_mask=question_mask, return_scores=True, training=training
        )
        return self.read_again(self.dropout(self.narrow(joined), training=training), mask, training), scores

    def _vectors(self, ids: tf.Tensor, question: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The vectors of tokens, with what of them the question has."""
        vectors = self.embedding(self.word_dropout(ids, training=training))
        folded = tf.convert_to_tensor(self.folded)
        known = question > token_ids.END  # <unk> stands for any word
        same = [
            tf.reduce_any((one[:, :, tf.newaxis] == other[:, tf.newaxis]) & known[:, tf.newaxis], axis=2)
            for one, other in ((ids, question), (tf.gather(folded, ids), tf.gather(folded, question)))
        ]
        matches = self.matches(tf.cast(tf.stack(same, axis=-1), self.compute_dtype))
        return self.dropout(vectors + matches, training=training)

    def _logits(self, states: tf.Tensor, mask: tf.Tensor, context: tf.Tensor) -> tf.Tensor:
        states = tf.where(mask[:, :, tf.newaxis], states, tf.zeros([], states.dtype))
        spans = self.spans(states, sequence_mask=mask & (context != token_ids.END))
        none = tf.cast(self.no_answer(self.pooling(states, sequence_mask=mask)), tf.float32)
        logits = tf.concat([none, tf.reshape(spans, [tf.shape(spans)[0], -1])], axis=1)
        time = context.shape[1]
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
