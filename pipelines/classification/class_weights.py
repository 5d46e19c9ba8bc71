"""The weight of each class in the training of a classifier."""

from collections.abc import Sequence

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
        ValueError: The option cannot be read, or names an unknown class.

    Example:
        `parse("spam=3", ["ham", "spam"], [90, 10])` -> `[1.0, 3.0]`
    """
    if option == _BALANCED:
        return [sum(counts) / (len(counts) * max(count, 1)) for count in counts]
    weights = dict.fromkeys(classes, 1.0)
    for part in filter(None, option.split(",")):
        label, _, text = part.strip().rpartition("=")
        if label not in weights:
            raise ValueError(
                f"Expected `{_BALANCED}` or weights such as `{classes[0]}=2`, of the classes {', '.join(classes)}. "
                f"Received: class_weights={option!r}{did_you_mean(label, classes)}"
            )
        weights[label] = _positive(text, option)
    return list(weights.values())


def _positive(text: str, option: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise ValueError(f"Expected weights above 0. Received: {text!r} in class_weights={option!r}")
    return weight
