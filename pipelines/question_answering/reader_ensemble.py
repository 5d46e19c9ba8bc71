"""Several trained readers as one: the mean of their probabilities, in the graph."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    from tfmodels.models import Reader


class ReaderEnsemble(tf.Module):
    """Readers of the same tokens that answer together, called as one of them.

    The probability of a span is the mean of those that the members give it, each calibrated as its own export has it.

    Args:
        members: The readers, built, with answers as long and windows as wide as one another.
        temperatures: Divide the logits of each.

    Example:
        >>> ensemble = ReaderEnsemble([first, second], [1.1, 0.9])
        >>> ensemble({"question": question_ids, "context": context_ids})  # the logarithms of the mean
    """

    def __init__(self, members: "Sequence[Reader]", temperatures: Sequence[float]) -> None:
        super().__init__()
        self.members = list(members)
        self.temperatures = list(temperatures)

    @property
    def max_answer_length(self) -> int:
        """Most tokens of an answer."""
        return self.members[0].max_answer_length

    @property
    def window(self) -> int:
        """Tokens of a window."""
        return self.members[0].window

    @property
    def overlap(self) -> int:
        """Tokens that a window shares with the next one."""
        return self.members[0].overlap

    def __call__(self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool = False) -> Any:
        """As `models.Reader.call`: the logarithms of the mean probabilities, and the mean of the attention."""
        if training:
            raise ValueError("Expected training=False: the members are trained. Received: training=True")
        read = [member(inputs, intermediates=True, training=False) for member in self.members]
        scaled = [logits / temperature for (logits, _), temperature in zip(read, self.temperatures, strict=True)]
        logits = tf.reduce_logsumexp(tf.nn.log_softmax(tf.stack(scaled)), axis=0) - math.log(len(scaled))
        if not intermediates:
            return logits
        maps = [tf.cast(found["coattention"], tf.float32) for _, found in read]
        return logits, {"coattention": tf.add_n(maps) / len(maps)}
