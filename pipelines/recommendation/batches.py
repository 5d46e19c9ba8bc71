"""Elements of the datasets that a recommender is trained and validated on."""

from typing import Any

import numpy as np

from pipelines.recommendation.config import Config
from pipelines.runs import Run
from tfmodels import training

Element = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


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
    options, assembled = config.training, {"train": each_step, "validation": last_step}
    return {
        split: training.TokenBatches(
            training.TokenRows(run.assets / split),
            options.batch_tokens,
            training.replicas(options.replicas),
            options.seed,
            assemble,
            options.accumulate if split == "train" else 1,
        )
        for split, assemble in assembled.items()
    }


def each_step(items: np.ndarray, targets: np.ndarray) -> Element:
    """An element that predicts the next item after each step.

    Args:
        items: int32 `[rows, time]`, padded with 0.
        targets: int32 `[rows, time]`, the next items, padded with 0.

    Returns:
        `(inputs, targets, weights)`.
    """
    width = max(items.shape[1], targets.shape[1])
    items, targets = (np.pad(one, [(0, 0), (0, width - one.shape[1])]) for one in (items, targets))
    return {"items": items, "targets": targets}, targets, (targets > 0).astype(np.float32)


def last_step(items: np.ndarray, targets: np.ndarray) -> Element:
    """An element that predicts the item after the last step.

    Args:
        items: int32 `[rows, time]`, padded with 0.
        targets: int32 `[rows, 1]` or wider, padded with 0.

    Returns:
        `(inputs, targets, weights)`, the latter two `[rows]`.
    """
    last: Any = (items > 0).sum(axis=1, dtype=np.int32) - 1
    return {"items": items, "last": last}, targets[:, 0], np.ones(len(items), np.float32)
