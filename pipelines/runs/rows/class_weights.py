"""The weight of each class in the training of a classifier."""

import math
from collections.abc import Sequence

from tfmodels import option_lists
from tfmodels.checked_options import OptionError
from tfmodels.suggestions import did_you_mean

_BALANCED = "balanced"


def parse(option: str, classes: Sequence[str], counts: Sequence[int]) -> list[float]:
    """Reads the option `class_weights`.

    Args:
        option: Empty for 1 each; `balanced` for the same total weight of each class, with a mean of 1 over the texts;
            or such as `spam=3,ham=1`, where classes that are not named weigh 1.
        classes: The labels.
        counts: Number of texts of each class.

    Returns:
        A weight for each class, in the order of `classes`.

    Raises:
        OptionError: The option cannot be read.
        ValueError: It names an unknown class.

    Example:
        `parse("spam=3", ["ham", "spam"], [90, 10])` -> `[1.0, 3.0]`
    """
    if option == _BALANCED:
        return [sum(counts) / (len(counts) * max(count, 1)) for count in counts]
    weights = dict.fromkeys(classes, 1.0)
    for label, weight in _named(option).items():
        if label not in weights:
            raise ValueError(
                f"Expected `{_BALANCED}` or weights such as `{classes[0]}=2`, of the classes {', '.join(classes)}. "
                f"Received: class_weights={option!r}{did_you_mean(label, classes)}"
            )
        weights[label] = weight
    return list(weights.values())


def check(option: str) -> None:
    """Refuses a value of the option `class_weights` that cannot be read, whatever the classes are.

    Args:
        option: As of `parse`.

    Raises:
        OptionError: It is neither `balanced` nor weights above 0, each with its class.

    Example:
        `check("spam=3,ham=1")`
    """
    if option != _BALANCED:
        _named(option)


def _named(option: str) -> dict[str, float]:
    """The weight of each class that the option names."""
    found = {}
    for part in option_lists.split(option):
        label, _, text = part.rpartition("=")
        weight = _number(text)
        if not label or not 0 < weight < math.inf:
            raise OptionError(
                "class_weights", f"to be empty, {_BALANCED} or weights above 0, as in spam=3,ham=1", option
            )
        found[label] = weight
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
