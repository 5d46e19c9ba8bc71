"""What an answer owes to each token, by its gradient."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf


class Attribution(NamedTuple):
    """What each token adds to the probability of a class.

    Attributes:
        scores: Float, in the shape of the ids; below 0 where a token speaks against the class, 0 at padding.
        targets: int `[batch]`, the classes.
        probabilities: `[batch]`, of these classes.
        gap: `[batch]`, by how much the sum of a row's scores misses the difference that it should be: that between the
            probability and the one of a text whose token vectors are zero. More steps make it smaller.
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

    The gradient with respect to the token vectors is integrated on the straight way from vectors that are zero, which
    no token has, to those of the text. The points of the way are those of Gauss and Legendre, with which few do.

    Args:
        model: With `embed(ids)` and `classify(vectors, ids)`, as a `Classifier` has them.
        ids: int32 `[batch, time]` or `[batch, sentences, words]`, padded with 0.
        targets: int `[batch]`, the class of each row. Default: the most probable one.
        steps: Points of the way.
        multi_label: Whether each class has a probability of its own (sigmoid); else softmax.

    Returns:
        The attributions and how complete they are.

    Raises:
        ValueError: If there are fewer than one step, or not as many targets as rows.

    Example:
        `integrated_gradients(model, words.ids(tf.constant(["A fine film."]), 128)).scores`
    """
    import numpy as np
    import tensorflow as tf

    if steps < 1:
        raise ValueError(f"Expected `steps` to be at least 1. Received: steps={steps}")
    activation = tf.sigmoid if multi_label else tf.nn.softmax
    tokens = tf.convert_to_tensor(ids)
    vectors = tf.cast(model.embed(tokens), tf.float32)  # the steps are too small for half precision
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

    places, shares = np.polynomial.legendre.leggauss(steps)  # on the way from -1 to 1
    total = tf.zeros_like(vectors)
    for place, share in zip((places + 1) / 2, shares / 2, strict=True):
        total += float(share) * slope(tf.constant(place, tf.float32))
    scores = tf.reduce_sum(total * vectors, axis=-1)
    whole = probability(vectors)
    expected = whole - probability(tf.zeros_like(vectors))
    gap = tf.reduce_sum(scores, axis=list(range(1, scores.shape.rank))) - expected
    return Attribution(scores.numpy(), chosen.numpy(), whole.numpy(), gap.numpy())
