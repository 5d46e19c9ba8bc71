"""Sizes of what is known of items."""

from typing import NamedTuple


class FeatureSizes(NamedTuple):
    """Sizes of the features of items.

    Attributes:
        features: Number of features that an item may have, such as words of titles.
        most: Most features of an item.
        numbers: Numbers of each item.

    Example:
        `TransformerRecommender(1_682, features=FeatureSizes(2_000, 16, 2))`
    """

    features: int
    most: int
    numbers: int = 0
