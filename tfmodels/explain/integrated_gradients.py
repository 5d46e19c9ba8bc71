"""Integrated gradients: attribution of a prediction to its tokens."""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
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
        others: Float `[batch, n]`, the contributions of the other inputs, which belong to the sum; None without any.
    """

    scores: "np.ndarray"
    targets: "np.ndarray"
    probabilities: "np.ndarray"
    gap: "np.ndarray"
    others: "np.ndarray | None" = None


def integrated_gradients(
    model: Any,
    ids: "np.ndarray | tf.Tensor",
    targets: "np.ndarray | tf.Tensor | None" = None,
    steps: int = 32,
    multi_label: bool = False,
    others: "np.ndarray | tf.Tensor | None" = None,
) -> Attribution:
    """Attributes the probability of a class to tokens (Sundararajan et al., 2017), and to other inputs.

    The gradient with respect to the token vectors is integrated along the straight line from zero vectors, which no
    token has, to those of the text, by Gauss-Legendre quadrature, which needs few points.

    Args:
        model: What has the methods `embed(ids)` and `classify(vectors, ids)` of a `Classifier`.
        ids: int32 `[batch, time]` or `[batch, sentences, words]`, padded with 0.
        targets: int `[batch]`, the class of each row. Default: the most probable one.
        steps: Number of points of the quadrature.
        multi_label: Whether each class has a probability of its own (sigmoid); else softmax.
        others: Float `[batch, n, size]`, inputs beside the tokens that go from zero to these values with the token
            vectors: what `classify(vectors, ids, others)` takes.

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
    whole_inputs = [vectors] if others is None else [vectors, tf.convert_to_tensor(others, tf.float32)]

    def logits(point: "list[tf.Tensor]") -> "tf.Tensor":
        return model.classify(point[0], tokens, *point[1:])

    chosen = tf.cast(tf.argmax(logits(whole_inputs), axis=-1) if targets is None else targets, tf.int32)
    if chosen.shape != tokens.shape[:1]:
        raise ValueError(f"Expected a target for each of {tokens.shape[0]} rows. Received: shape {tuple(chosen.shape)}")

    def probability(point: "list[tf.Tensor]") -> "tf.Tensor":
        return tf.gather(activation(logits(point)), chosen, batch_dims=1)

    @tf.function(autograph=False)  # traced once for all points
    def slope(place: "tf.Tensor") -> "list[tf.Tensor]":
        point = [place * values for values in whole_inputs]
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = probability(point)
        return tape.gradient(value, point)

    places, shares = np.polynomial.legendre.leggauss(steps)  # of the interval from -1 to 1
    totals = [tf.zeros_like(values) for values in whole_inputs]
    for place, share in zip((places + 1) / 2, shares / 2, strict=True):
        slopes = slope(tf.constant(place, tf.float32))
        totals = [total + float(share) * one for total, one in zip(totals, slopes, strict=True)]
    scores = [tf.reduce_sum(total * values, axis=-1) for total, values in zip(totals, whole_inputs, strict=True)]
    whole = probability(whole_inputs)
    expected = whole - probability([tf.zeros_like(values) for values in whole_inputs])
    summed = tf.add_n([tf.reduce_sum(one, axis=list(range(1, one.shape.rank))) for one in scores])
    attributed, *beside = (one.numpy() for one in scores)
    return Attribution(attributed, chosen.numpy(), whole.numpy(), (summed - expected).numpy(), *beside)
