"""A batch of notes as tensors."""

from typing import NamedTuple

import tensorflow as tf

from tfmodels.models.event_classifiers.event_batch import latest


class NoteBatch(NamedTuple):
    """Notes, in any order, some of them padding.

    Attributes:
        ids: int32 `[batch, notes, tokens]`, padded with 0 on the right; a note of zeros is padding.
        time: float32 `[batch, notes]`, hours; 0 at padding.
        weight: float32 `[batch, notes]`, how much of each note counts: 1, and 0 at padding. What lies between is for
            explanations.
    """

    ids: tf.Tensor
    time: tf.Tensor
    weight: tf.Tensor

    @property
    def there(self) -> tf.Tensor:
        """Which notes are no padding, bool `[batch, notes]`."""
        return tf.reduce_any(self.ids > 0, axis=2)

    @property
    def last(self) -> tf.Tensor:
        """The hour of the last note, float32 `[batch]`; 0 if there is none."""
        return latest(self.time, self.there)
