"""What a training minimises, measures in validation and prints."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import tensorflow as tf

from tfmodels.layers.copying import CopyLogits
from tfmodels.training.optimization import losses
from tfmodels.training.optimization.copy_loss import copy_cross_entropy
from tfmodels.training.optimization.divergences import softmax_divergence
from tfmodels.training.options import Options

Column = tuple[str, int, str, str]  # title, width, key in a row of the history, format
PerElement = Callable[[Any, Any], tf.Tensor]  # targets, outputs -> a number for each weighted element


@dataclass(frozen=True)
class Objective:
    """What a training minimises, and what else is measured in validation.

    Attributes:
        loss: Loss of each element (a token, a step of a channel) in training: the shape of the weights, not a mean.
        validation_loss: The same in validation. Default: `loss`.
        metrics: Name -> metric of each element, whose weighted mean over the validation data is computed.
        scores: Takes the mean loss and metrics of a validation and returns entries for the history, `val_loss` among
            them.
        columns: Columns for these entries that each evaluation prints after `val_loss`.
        divergence: How far two outputs for the same element are apart, for R-Drop: `divergence(targets, first,
            second)`. None where outputs are no distribution.
        unit: Of the loss, for its axis, such as `nats per token`. Empty = unknown.

    Example:
        >>> objective = Objective(
        ...     loss=lambda targets, outputs: tf.abs(targets - outputs),
        ...     metrics={"within_one": lambda targets, outputs: tf.cast(tf.abs(targets - outputs) < 1, tf.float32)},
        ...     columns=(("within 1", 8, "val_within_one", ".1%"),),  # of each line that an evaluation prints
        ... )
    """

    loss: PerElement
    validation_loss: PerElement | None = None
    metrics: Mapping[str, PerElement] = field(default_factory=dict)
    scores: Callable[[dict[str, float]], dict[str, float]] = lambda means: {
        f"val_{name}": value for name, value in means.items()
    }
    columns: tuple[Column, ...] = ()
    divergence: Callable[[Any, Any, Any], tf.Tensor] | None = None
    unit: str = ""


def next_token(options: Options) -> Objective:
    """Returns the objective of a model that predicts tokens: cross-entropy, validated without label smoothing.

    Args:
        options: `label_smoothing` is read.

    Returns:
        The objective.

    Example:
        `next_token(Options(label_smoothing=0.1))`
    """
    return Objective(
        loss=partial(_cross_entropy, smoothing=options.label_smoothing),
        validation_loss=losses.smoothed_cross_entropy,
        metrics={"accuracy": _correct},
        scores=_token_scores,
        columns=(("val ppl", 8, "val_perplexity", ".3f"), ("accuracy", 8, "val_accuracy", ".2%")),
        divergence=lambda targets, first, second: softmax_divergence(first, second),
        unit="nats per token",
    )


def _cross_entropy(targets: tf.Tensor, outputs: tf.Tensor | CopyLogits, smoothing: float) -> tf.Tensor:
    if isinstance(outputs, CopyLogits):
        return copy_cross_entropy(targets, outputs, smoothing)
    return losses.smoothed_cross_entropy(targets, outputs, smoothing)


def _correct(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(targets, tf.argmax(logits, axis=-1, output_type=targets.dtype)), tf.float32)


def _token_scores(means: dict[str, float]) -> dict[str, float]:
    return {
        "val_loss": means["loss"],
        "val_perplexity": math.exp(min(means["loss"], 700.0)),
        "val_accuracy": means["accuracy"],
    }
