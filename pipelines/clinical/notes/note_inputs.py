"""Notes as inputs of a network, in the graph."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.runs import Run
from pipelines.text import vocabulary

if TYPE_CHECKING:
    from pipelines.clinical.config import Config
    from tfmodels.preprocessing import Tokenizer

_BUCKETS = 2**31 - 1


class ReadNotes(NamedTuple):
    """The latest notes of requests.

    Attributes:
        ids: int32 `[batch, notes, tokens]`, 0 at padding.
        time: float32 `[batch, notes]`, hours; 0 at padding.
        place: int32 `[batch, notes]`, the column that each was in.
        cut: int32 `[batch]`, older ones that had no room.
    """

    ids: tf.Tensor
    time: tf.Tensor
    place: tf.Tensor
    cut: tf.Tensor

    @property
    def there(self) -> tf.Tensor:
        """Which are no padding, bool `[batch, notes]`."""
        return tf.reduce_any(self.ids > 0, axis=2)

    def at_their_places(self, values: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
        """Values of notes, float32 `[batch, notes]`, in the columns they came from, `[batch, columns]`; 0 elsewhere."""
        return tf.reduce_sum(tf.one_hot(self.place, columns) * values[:, :, tf.newaxis], axis=1)


class NoteInputs:
    """Texts of requests as notes of a network.

    Args:
        tokens: The tokenizer.
        most: Most notes of a row that are read, the latest.
        length: Most tokens of a note, `</s>` included.

    Example:
        `NoteInputs(words, 8, 64).latest(text, time, now)`
    """

    def __init__(self, tokens: "Tokenizer", most: int, length: int) -> None:
        self.tokens, self.most, self.length = tokens, most, length

    def stored(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of texts, int32, one text after the other, and how many each has."""
        found = self.tokens.ragged_ids(tf.constant(list(texts)), self.length)
        return found.values.numpy(), found.row_lengths().numpy()

    def latest(self, text: tf.Tensor, time: tf.Tensor, now: tf.Tensor) -> ReadNotes:
        """The notes up to an hour, in as many columns as the row with the most has.

        Args:
            text: string `[batch, columns]`, empty where there is no note.
            time: float32 `[batch, columns]`, hours.
            now: float32 `[batch]`; later notes are not read.

        Returns:
            The notes, on the right. Their order in the request changes nothing.
        """
        text = tf.strings.strip(text)
        seen = (text != "") & tf.math.is_finite(time) & (time <= now[:, tf.newaxis])
        count = tf.reduce_sum(tf.cast(seen, tf.int32), axis=1)
        width = tf.minimum(tf.maximum(tf.reduce_max(tf.concat([count, [0]], axis=0)), 1), self.most)
        width = tf.minimum(width, tf.shape(time)[1])
        order = tf.argsort(_key(text), axis=1, stable=True)
        hours = tf.gather(tf.where(seen, time, tf.float32.min), order, batch_dims=1)
        order = tf.gather(order, tf.argsort(hours, axis=1, stable=True), batch_dims=1)
        place = order[:, tf.shape(time)[1] - width :]
        seen, text, time = (tf.gather(one, place, batch_dims=1) for one in (seen, text, time))
        ids = self.tokens.ids(tf.reshape(text, [-1]), self.length)
        ids = tf.pad(ids, [[0, 0], [0, tf.maximum(1 - tf.shape(ids)[1], 0)]])  # of a batch without rows
        ids = tf.reshape(ids, [tf.shape(text)[0], width, tf.shape(ids)[1]])
        ids = tf.where(seen[:, :, tf.newaxis], ids, 0)
        return ReadNotes(ids, tf.where(seen, time, 0.0), place, tf.maximum(count - width, 0))


def of_run(config: "Config", run: Run) -> NoteInputs:
    """The inputs of a prepared run that reads notes."""
    return NoteInputs(vocabulary.read(run), config.max_notes, config.max_note_length)


def keys(texts: np.ndarray) -> np.ndarray:
    """What notes of one time are ordered by, int64 `[notes]`."""
    return _key(tf.constant(texts.tolist(), tf.string, [len(texts)])).numpy()


def _key(text: tf.Tensor) -> tf.Tensor:
    return tf.strings.to_hash_bucket_fast(text, _BUCKETS)
