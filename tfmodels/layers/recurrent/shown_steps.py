"""Which outputs of a recurrent layer are not set to zero where steps are masked."""

import tensorflow as tf


def shown_steps(mask: tf.Tensor, zero_output_for_mask: bool, given_state: bool, reverse: bool) -> tf.Tensor | None:
    """The steps whose output is shown, as `keras.layers.LSTM` shows them.

    The output of a masked step is that of the step before, and zero before the first step that is not masked, even if
    the layer starts in another state.

    Args:
        mask: bool `[batch, time]`, False at padding.
        zero_output_for_mask: Whether the output of each masked step is zero instead.
        given_state: Whether the layer starts in a state that is not zero.
        reverse: Whether the last step comes first.

    Returns:
        bool `[batch, time]`; None for all steps.

    Example:
        `shown_steps(tf.constant([[False, True, False]]), False, True, False)` -> `[[False, True, True]]`
    """
    if zero_output_for_mask:
        return mask
    return tf.cumsum(tf.cast(mask, tf.int32), axis=1, reverse=reverse) > 0 if given_state else None
