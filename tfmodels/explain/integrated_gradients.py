"""Integrated gradients: attribution of a prediction to its tokens."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf


class Attribution(NamedTuple):
    """Contribution of each token to the probability of a class.

    Attributes:
        scores: Float, in the shape of the ids; negative where a token lowers the probability, 0 at padding.
        targets: int `[batch]`, the classes.
        probabilities: `[batch]`, their probabilities.
        gap: `[batch]`, error of the completeness property: the sum of a row's scores minus the difference between its
            probability and that of token vectors of zero. More steps make it smaller.
    """

    scores: "np.ndarray"
    targets: "np.ndarray"
    probabilities: "np.ndarray"
    gap: "np.ndarray"


def integrated_gradients(
    model: "keras.Model",
    ids: "np.ndarray | tf.Tensor",
    targets: "np.ndarray | tf.Tensor | None" = None,
    steps: int = 32,
    multi_label: bool = False,
) -> Attribution:
    """Attributes the probability of a class to tokens (Sundararajan et al., 2017).

    The gradient with respect to the token vectors is integrated along the straight line from zero vectors, which no
    token has, to those of the text, by Gauss-Legendre quadrature, which needs few points.

    Args:
        model: A model with the methods `embed(ids)` and `classify(vectors, ids)` of a `Classifier`.
        ids: int32 `[batch, time]` or `[batch, sentences, words]`, padded with 0.
        targets: int `[batch]`, the class of each row. Default: the most probable one.
        steps: Number of points of the quadrature.
        multi_label: Whether each class has a probability of its own (sigmoid); else softmax.

    Returns:
        The attributions, and their error.

    Raises:
        ValueError: There is no step, or there are not as many targets as rows.

    Example:
        `integrated_gradients(model, words.ids(tf.constant(["A fine film."]), 128)).scores`
    """
    import numpy as np
    import tensorflow as tf

    if steps < 1:
        raise ValueError(f"Expected `steps` to be at least 1. Received: steps={steps}")
    activation = tf.sigmoid if multi_label else tf.nn.softmax
    tokens = tf.convert_to_tensor(ids)
    vectors = tf.cast(model.embed(tokens), tf.float32)  # half precision is too coarse for the steps
    chosen = tf.cast(tf.argmax(model.classify(vectors, tokens), axis=-1) if targets is None else targets, tf.int32)
    if chosen.shape != tokens.shape[:1]:
        raise ValueError(f"Expected a target for each of {tokens.shape[0]} rows. Received: shape {tuple(chosen.shape)}")

    def probability(point: "tf.Tensor") -> "tf.Tensor":
        return tf.gather(activation(model.classify(point, tokens)), chosen, batch_dims=1)

    @tf.function(autograph=False)  # traced once for all points
    def slope(place: "tf.Tensor") -> "tf.Tensor":
        point = place * vectors
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = probability(point)
        return tape.gradient(value, point)

    places, shares = np.polynomial.legendre.leggauss(steps)  # of the interval from -1 to 1
    total = tf.zeros_like(vectors)
    for place, share in zip((places + 1) / 2, shares / 2, strict=True):
        total += float(share) * slope(tf.constant(place, tf.float32))
    scores = tf.reduce_sum(total * vectors, axis=-1)
    whole = probability(vectors)
    expected = whole - probability(tf.zeros_like(vectors))
    gap = tf.reduce_sum(scores, axis=list(range(1, scores.shape.rank))) - expected
    return Attribution(scores.numpy(), chosen.numpy(), whole.numpy(), gap.numpy())
