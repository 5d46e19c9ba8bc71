"""The names of the splits of a data set, and the names that files and data sets use for them."""

from collections.abc import Mapping
from typing import TypeVar

OTHER = "other"  # in place of a split: all rows of other data than was prepared
SPLITS = ("train", "validation", "test")  # in the order of time, if the data has one
SPLIT_OF = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}
_Rows = TypeVar("_Rows")


def chosen(splits: Mapping[str, _Rows], split: str, data: str) -> _Rows:
    """One of the splits of a data set.

    Args:
        splits: Split -> its rows.
        split: The name of one.
        data: What the option `data` names.

    Returns:
        Its rows.

    Raises:
        ValueError: There is none of that name.

    Example:
        `chosen(read("squad").splits, "test", "squad")`
    """
    if split not in splits:
        raise ValueError(
            f"Expected data with a {split} split. Received: data={data!r}, with {', '.join(splits)}. Leave out "
            "--split to score the validation split, or score other data with --data"
        )
    return splits[split]
