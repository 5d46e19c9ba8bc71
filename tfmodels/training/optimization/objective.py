"""What a training minimises, measures in validation and shows."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import tensorflow as tf

from tfmodels.training.callbacks.progress import Column
from tfmodels.training.optimization import losses
from tfmodels.training.options import Options

PerElement = Callable[[Any, Any], tf.Tensor]  # targets, outputs -> a number for each element that has a weight


@dataclass(frozen=True)
class Objective:
    """What a training minimises, and what else its validation measures.

    Attributes:
        loss: Of each element (a token, a step of a channel), in training.
        validation_loss: The same in validation.
        metrics: Name -> what is averaged over the elements of the validation data by their weights.
        scores: Takes the mean loss and metrics of a validation and gives the entries of its row in the history,
            `val_loss` among them.
        columns: What a line shows of these entries behind `val_loss`.

    Example:
        `Objective(loss=squared_error, validation_loss=squared_error)`
    """

    loss: PerElement
    validation_loss: PerElement
    metrics: Mapping[str, PerElement] = field(default_factory=dict)
    scores: Callable[[dict[str, float]], dict[str, float]] = lambda means: {
        f"val_{name}": value for name, value in means.items()
    }
    columns: tuple[Column, ...] = ()


def next_token(options: Options) -> Objective:
    """The objective of a model that gives the logits of tokens: cross-entropy, measured without label smoothing.

    Args:
        options: With `label_smoothing`.

    Returns:
        The objective.

    Example:
        `next_token(Options(label_smoothing=0.1))`
    """
    return Objective(
        loss=partial(losses.smoothed_cross_entropy, smoothing=options.label_smoothing),
        validation_loss=losses.smoothed_cross_entropy,
        metrics={"accuracy": _correct},
        scores=_token_scores,
        columns=(("val perpl.", 10, "val_perplexity", ".3f"), ("accuracy", 8, "val_accuracy", ".2%")),
    )


def _correct(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(targets, tf.argmax(logits, axis=-1, output_type=targets.dtype)), tf.float32)


def _token_scores(means: dict[str, float]) -> dict[str, float]:
    return {
        "val_loss": means["loss"],
        "val_perplexity": math.exp(min(means["loss"], 700.0)),
        "val_accuracy": means["accuracy"],
    }
