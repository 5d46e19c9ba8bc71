"""Data sets of TensorFlow Datasets, by name."""

import difflib
from pathlib import Path

import tensorflow_datasets as tfds


def builder(name: str, data_dir: str | Path | None = None) -> tfds.core.DatasetBuilder:
    """Finds a data set.

    Args:
        name: The data set and its configuration: "ted_hrlr_translate/pt_to_en".
        data_dir: Where TFDS keeps prepared files; by default where it always does (`TFDS_DATA_DIR`).

    Returns:
        Its builder; nothing is prepared yet.

    Raises:
        ValueError: If there is no such data set; the message names the nearest.

    Example:
        `builder("imdb_reviews").info.splits`
    """
    dataset, _, config = name.partition("/")
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError:
        nearest = difflib.get_close_matches(dataset, set(tfds.list_builders()), n=3)
    except ValueError:  # the data set is there, its configuration is not
        configs = list(tfds.builder_cls(dataset).builder_configs)
        nearest = [f"{dataset}/{near}" for near in difflib.get_close_matches(config, configs, n=3)]
    hint = f" (nearest: {', '.join(nearest)})" if nearest else ""
    raise ValueError(f"Expected a data set of TensorFlow Datasets{hint}. Received: name={name!r}")
