"""Parallel text from any translation data set of TensorFlow Datasets, by name."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds

from pipelines.sources.split_names import SPLIT_OF
from pipelines.sources.text.pair import Pair
from pipelines.sources.tfds import tfds_builders


def find_languages(name: str, data_dir: str | Path | None = None) -> tuple[str, str]:
    """Finds the two languages of a data set.

    Args:
        name: The data set and its configuration: "ted_hrlr_translate/pt_to_en".
        data_dir: Folder of the prepared files; by default that of TFDS (`TFDS_DATA_DIR`).

    Returns:
        The names of the features to translate from and to: the supervised keys, or else the only two text features.

    Raises:
        ValueError: There is no such data set, or its features do not tell which two texts form a pair.

    Example:
        `find_languages("ted_hrlr_translate/pt_to_en")` -> `("pt", "en")`
    """
    info = tfds_builders.builder(name, data_dir).info
    languages = tuple(info.supervised_keys or _text_features(info))
    if len(languages) != 2 or not set(languages) <= set(_text_features(info)):
        raise ValueError(
            f"Expected a data set with texts in two languages. "
            f"Received: name={name!r}, whose text features are {_text_features(info)}"
        )
    return languages


def read(split: str, name: str, source: str, target: str, data_dir: str | Path | None = None) -> Iterator[Pair]:
    """Reads the pairs of a split. The first call downloads and prepares the data set.

    Args:
        split: "train", "validation" or "test"; a split named "valid", "val" or "dev" counts as "validation".
        name: The data set and its configuration: "ted_hrlr_translate/pt_to_en".
        source: The feature that holds the text to translate: "pt".
        target: The feature that holds its translation: "en".
        data_dir: Folder of the prepared files; by default that of TFDS (`TFDS_DATA_DIR`).

    Yields:
        The pairs, without a kind.

    Raises:
        ValueError: The data set, a language or the split does not exist; the message lists those that do.

    Example:
        `for pair in read("train", "ted_hrlr_translate/pt_to_en", "pt", "en"): ...`
    """
    builder = tfds_builders.builder(name, data_dir)
    for language in (source, target):
        if language not in _text_features(builder.info):
            raise ValueError(
                f"Expected a language of {name!r}: {', '.join(_text_features(builder.info)) or 'it has no texts'}. "
                f"Received: language={language!r}"
            )
    builder.download_and_prepare()
    splits = tuple(builder.info.splits)
    found = [part for part in splits if SPLIT_OF.get(part) == split]
    if not found:
        raise ValueError(f"Expected a split of {name!r}: {', '.join(splits)}. Received: split={split!r}")
    for batch in tfds_builders.batches(builder, found[0]):
        for source_text, target_text in zip(batch[source], batch[target], strict=True):
            yield Pair(source_text.decode(), target_text.decode())


def _text_features(info: tfds.core.DatasetInfo) -> list[str]:
    features = info.features.items() if isinstance(info.features, tfds.features.FeaturesDict) else ()
    return [name for name, feature in features if isinstance(feature, tfds.features.Text)]
