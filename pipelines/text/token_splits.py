"""The batches of a prepared run's splits."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.sources.split_names import SPLITS
from tfmodels import training

if TYPE_CHECKING:
    import numpy as np

    from pipelines.runs import Run
    from tfmodels.training import SubwordResampling, TokenBatches, TokenRows


def datasets(
    config: Any,
    run: "Run",
    assemble: Callable[..., tuple],
    resampling: "SubwordResampling | None" = None,
    beside: "Mapping[str, np.ndarray | None] | None" = None,
) -> "dict[str, TokenBatches]":
    """The batches of each split that there is.

    Args:
        config: With `training`.
        run: Prepared: a folder of `training.TokenRows` for each split among its assets.
        assemble: Makes an element of the columns of a batch; see `training.TokenBatches`.
        resampling: Segments the training texts anew in each epoch.
        beside: Split -> further numbers of each row, the last argument of `assemble`.

    Returns:
        Split -> batches.

    Example:
        `datasets(config, run, data.assembled)["train"].steps_per_epoch`
    """
    found = {}
    for split in (split for split in SPLITS if (run.assets / split).is_dir()):
        train = split == "train"
        found[split] = batches(
            config,
            training.TokenRows(run.assets / split),
            assemble,
            config.training.accumulate if train else 1,
            resampling if train else None,
            (beside or {}).get(split),
        )
    return found


def batches(
    config: Any,
    rows: "TokenRows",
    assemble: Callable[..., tuple],
    accumulate: int = 1,
    resampling: "SubwordResampling | None" = None,
    beside: "np.ndarray | None" = None,
) -> "TokenBatches":
    """The batches of rows of tokens, with the sizes and the seed of the training options.

    Args:
        config: With `training`.
        rows: The rows.
        assemble: As of `datasets`.
        accumulate: Batches of an update.
        resampling: As of `datasets`.
        beside: Further numbers of each row.

    Returns:
        The batches.
    """
    options = config.training
    replicas = training.replicas(options.replicas)
    return training.TokenBatches(
        rows, options.batch_tokens, replicas, options.seed, assemble, accumulate, resampling, beside
    )


def described(found: "Mapping[str, TokenBatches]", rows: str) -> str:
    """The size of an epoch, in words.

    Args:
        found: Of `datasets`.
        rows: What a row is called, in the plural.

    Example:
        `print(described(datasets(config, run, data.assembled), "texts"))`
    """
    train, validation = found["train"], found["validation"]
    return (
        f"{train.rows_per_epoch:,} {rows} in {train.steps_per_epoch:,} steps an epoch, {train.waste:.1%} of each batch "
        f"padding or filler; {validation.rows_per_epoch:,} {rows} to validate on"
    )
