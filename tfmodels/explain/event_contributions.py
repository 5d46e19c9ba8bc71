"""Integrated gradients of measurements: what each of them, each static field and each aggregate adds to a logit."""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import tensorflow as tf


class EventContributions(NamedTuple):
    """What a logit is made of.

    Attributes:
        logit: float32 `[batch]`.
        base: float32 `[batch]`, that of the same moments without what was measured, and of unknown fields. The sum of
            all contributions is about `logit - base`.
        events: float32 `[batch, events]`, of each measurement; 0 at padding.
        fields: float32 `[batch, fields]`, of each static field, then of each aggregate.
        attention: float32 `[batch, events]`, how much of the pooled vector comes from each measurement.
        notes: float32 `[batch, notes]`, of each note; None of a model that reads none.
        note_attention: float32 `[batch, notes]`, how much of the vector of all notes comes from each; None as well.
    """

    logit: "tf.Tensor"
    base: "tf.Tensor"
    events: "tf.Tensor"
    fields: "tf.Tensor"
    attention: "tf.Tensor"
    notes: "tf.Tensor | None" = None
    note_attention: "tf.Tensor | None" = None


def event_contributions(
    model: Any, inputs: "dict[str, tf.Tensor]", output: "int | tf.Tensor" = 0, steps: int = 16
) -> Any:
    """Attributes a logit of a model of irregular measurements (integrated gradients; Sundararajan et al., 2017).

    All measurements and notes come to count at the same rate, from not at all to fully, and the static fields and
    aggregates go from unknown to what they are. The gradients on this way are integrated by Gauss-Legendre quadrature.
    What fitted models of fields add is exact. It is a function of tensors, so that an endpoint may have it.

    Args:
        model: An `EventClassifier`, built.
        inputs: Its inputs.
        output: Number of the logit, or int32 `[batch]`, that of each row.
        steps: Points of the quadrature, one after the other.

    Returns:
        `EventContributions`.

    Raises:
        ValueError: There is no step.

    Example:
        `event_contributions(model, inputs).events`
    """
    import numpy as np
    import tensorflow as tf

    if steps < 1:
        raise ValueError(f"Expected `steps` to be at least 1. Received: steps={steps}")
    events, fields, notes = model.read(inputs)
    rows = tf.shape(events.time)[0]
    known = tf.zeros([rows, 0]) if fields is None else fields
    whole = [events.weight, known, tf.zeros([rows, 0]) if notes is None else notes.weight]

    def logit_at(point: "list[tf.Tensor]", maps: "dict[str, tf.Tensor] | None" = None) -> "tf.Tensor":
        weighed = None if notes is None else notes._replace(weight=point[2])
        found = model.network_logits(
            events._replace(weight=point[0]), None if fields is None else point[1], weighed, maps
        )
        return found[:, output] if isinstance(output, int) else tf.gather(found, output, axis=1, batch_dims=1)

    places, shares = np.polynomial.legendre.leggauss(steps)  # of the interval from -1 to 1
    places, shares = (tf.constant(one / 2 + shift, tf.float32) for one, shift in ((places, 0.5), (shares, 0.0)))

    def add(step: "tf.Tensor", *sums: "tf.Tensor") -> tuple:
        point = [places[step] * one for one in whole]
        with tf.GradientTape() as tape:
            tape.watch(point)
            logit = logit_at(point)
        slopes = tape.gradient(logit, point, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return step + 1, *(one + shares[step] * slope for one, slope in zip(sums, slopes, strict=True))

    start = (tf.constant(0), *map(tf.zeros_like, whole))
    _, of_events, of_fields, of_notes = tf.while_loop(lambda step, *_: step < steps, add, start, parallel_iterations=1)
    maps: dict[str, tf.Tensor] = {}
    logit = logit_at(whole, maps)
    values, flags = tf.split(of_fields * known, 2, axis=1)  # of a field and of its being known
    attention = tf.reduce_mean(tf.cast(maps["pooling/attention"], tf.float32), axis=1)
    base = logit_at([*map(tf.zeros_like, whole)])
    of_fields = values + flags
    if model.fitted is not None and fields is not None:  # a sum, whose parts are known
        inputs = tf.split(known, 2, axis=1)
        logit, base = logit + model.fitted(*inputs)[:, 0], base + model.fitted.base()
        of_fields += model.fitted.contributions(*inputs)
    found = EventContributions(logit, base, of_events * events.weight, of_fields, attention)
    return found if notes is None else found._replace(notes=of_notes * whole[2], note_attention=maps["notes/attention"])
