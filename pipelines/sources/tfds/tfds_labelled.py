"""Labelled text from data sets of TensorFlow Datasets, by name."""

from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.split_names import SPLIT_OF
from pipelines.sources.text.labelled_files import Form, labelled
from pipelines.sources.text.labelled_splits import Splits
from pipelines.sources.tfds import tfds_builders
from tfmodels.suggestions import did_you_mean


def read(name: str, form: Form, faults: Faults) -> Splits:
    """Reads all splits; the first call downloads and prepares the data set.

    Args:
        name: The data set and its configuration: "imdb_reviews".
        form: Names the features of text and label; the label is a class, whose name is taken, or a text.
        faults: Collects rows without text or label; they are left out.

    Returns:
        The rows by split; a split with another name, such as "unsupervised", is not read.

    Raises:
        ValueError: There is no such data set or feature, or a fault is an error.

    Example:
        `read("imdb_reviews", Form(), Faults("warn"))["train"][0].labels` -> `("neg",)`
    """
    builder = tfds_builders.builder(name)
    for option in ("text", "label"):
        feature, there = getattr(form, option), list(builder.info.features)
        if feature not in there:
            raise ValueError(
                f"Expected a feature of {name!r}: {', '.join(there)}. "
                f"Received: {option}={feature!r}{did_you_mean(feature, there)}"
            )
    builder.download_and_prepare()
    names = getattr(builder.info.features[form.label], "names", None)  # of a ClassLabel
    splits: Splits = {}
    for part in (part for part in builder.info.splits if part in SPLIT_OF):
        rows = splits.setdefault(SPLIT_OF[part], [])
        number = 0
        for batch in tfds_builders.batches(builder, part):
            for text, label in zip(batch[form.text], batch[form.label], strict=True):
                number += 1
                place = f"{name}, row {number:,} of {part}"
                rows += labelled(text.decode(), _label(label, names), place, form, faults)
    return splits


def _label(label: Any, names: list[str] | None) -> str | None:
    """The label as text, of a number or bytes; None if it is unknown (-1 of a class)."""
    if names is not None:
        return names[label] if label >= 0 else None
    return label.decode() if isinstance(label, bytes) else str(label)
