"""Elements of the datasets that a recommender is trained and validated on."""

from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.recommendation import data, training_rows
from pipelines.recommendation.config import Config
from pipelines.runs import Run
from tfmodels import training

_LOGITS = 1 << 26  # of a batch of a validation, at most

Element = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


class NextItemBatches(training.TokenBatches):
    """Batches that predict the item after each step; a sample of them that after the last one, as validation does.

    Args:
        *args: As of `TokenBatches`.
        last: Batches of the same rows, of the last step.

    Example:
        `make(config, run)["train"].sample(10)`
    """

    def __init__(self, *args: Any, last: training.TokenBatches) -> None:
        super().__init__(*args)
        self._last = last

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch. All steps would take many times the time of a validation."""
        return self._last.sample(count)


def make(config: Config, run: Run) -> dict[str, training.TokenBatches]:
    """Batches of a prepared run by split.

    Args:
        config: The options.
        run: The run.

    Returns:
        `train`: the next item of each step; `validation`: that of the last one.

    Example:
        `make(config, run)["train"].steps_per_epoch`
    """
    options, replicas = config.training, training.replicas(config.training.replicas)
    # Each row of a validation has a logit of every item.
    validated = min(options.batch_tokens, max(_LOGITS // len(data.items(run)), config.max_length))
    last = partial(last_step, exclude_seen=config.answers.exclude_seen)
    rows, held_out = (training.TokenRows(run.assets / split) for split in ("train", "validation"))
    beside, of_held_out = (training_rows.read_sides(run, split) for split in ("train", "validation"))
    return {
        "train": NextItemBatches(
            rows,
            options.batch_tokens,
            replicas,
            options.seed,
            each_step,
            options.accumulate,
            None,
            beside,
            last=training.TokenBatches(rows, validated, replicas, options.seed, last, beside=beside),
        ),
        "validation": training.TokenBatches(held_out, validated, replicas, options.seed, last, beside=of_held_out),
    }


def each_step(items: np.ndarray, targets: np.ndarray, sides: np.ndarray | None = None) -> Element:
    """An element that predicts the next item after each step.

    Args:
        items: int32 `[rows, time]`, padded with 0.
        targets: int32 `[rows, time]`, the next items, padded with 0.
        sides: int `[rows, most, sides]`, what is known of each step beside its item.

    Returns:
        `(inputs, targets, weights)`.
    """
    width = max(items.shape[1], targets.shape[1])
    items, targets = (np.pad(one, [(0, 0), (0, width - one.shape[1])]) for one in (items, targets))
    inputs = {"items": items, "targets": targets, **_beside(sides, width)}
    return inputs, targets, (targets > 0).astype(np.float32)


def last_step(
    items: np.ndarray, targets: np.ndarray, sides: np.ndarray | None = None, exclude_seen: bool = True
) -> Element:
    """An element that predicts the item after the last step.

    Args:
        items: int32 `[rows, time]`, padded with 0.
        targets: int32 `[rows, n]`, padded with 0, of each row the last is right.
        sides: See `each_step`.
        exclude_seen: Whether the items are no candidates.

    Returns:
        `(inputs, targets, weights)`: of targets `[rows, 1 + time]` the first is the right item, the others are those
        that are no candidates, or 0; weights `[rows]`.
    """
    last: Any = (items > 0).sum(axis=1, dtype=np.int32) - 1
    others = items if exclude_seen else np.zeros_like(items)
    right = np.take_along_axis(targets, (targets > 0).sum(axis=1, keepdims=True) - 1, axis=1)
    right_and_others = np.concatenate([right, others], axis=1)
    inputs = {"items": items, "last": last, **_beside(sides, items.shape[1])}
    return inputs, right_and_others, np.ones(len(items), np.float32)


def _beside(sides: np.ndarray | None, width: int) -> dict[str, np.ndarray]:
    if sides is None:
        return {}
    found = sides[:, :width].astype(np.int32)
    return {"sides": np.pad(found, [(0, 0), (0, width - found.shape[1]), (0, 0)])}
