"""Builders of TensorFlow Datasets, by name, and the rows of their splits."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from tfmodels import training

_BATCH = 1024  # rows read at once; reading single rows is many times slower


def builder(name: str, data_dir: str | Path | None = None) -> tfds.core.DatasetBuilder:
    """Finds the builder of a data set.

    Args:
        name: The data set and its configuration: "ted_hrlr_translate/pt_to_en".
        data_dir: Folder of the prepared files; by default that of TFDS (`TFDS_DATA_DIR`).

    Returns:
        The builder. It may not be prepared yet.

    Raises:
        ValueError: There is no such data set; the message has the nearest names.

    Example:
        `builder("imdb_reviews").info.splits`
    """
    dataset, _, config = name.partition("/")
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError:
        nearest = difflib.get_close_matches(dataset, set(tfds.list_builders()), n=3)
    except ValueError:  # the data set exists, its configuration does not
        configs = list(tfds.builder_cls(dataset).builder_configs)
        nearest = [f"{dataset}/{near}" for near in difflib.get_close_matches(config, configs, n=3)]
    hint = f" (nearest: {', '.join(nearest)})" if nearest else ""
    raise ValueError(f"Expected a data set of TensorFlow Datasets{hint}. Received: name={name!r}")


def batches(builder: tfds.core.DatasetBuilder, split: str) -> Iterator[dict[str, np.ndarray]]:
    """Reads the rows of a split in batches, without autotuning, see `training.without_autotune`.

    Args:
        builder: Builder of a prepared data set.
        split: The name that the data set uses for the split.

    Yields:
        Features by name, each an array `[rows, ...]`.

    Example:
        `next(batches(builder("imdb_reviews"), "train"))["text"]`
    """
    reading = tfds.ReadConfig(options=training.without_autotune())
    yield from tfds.as_numpy(builder.as_dataset(split=split, batch_size=_BATCH, read_config=reading))
