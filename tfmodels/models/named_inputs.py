"""Inputs of models by their names."""

from collections.abc import Sequence
from typing import Any


def check_names(inputs: Any, names: Sequence[str]) -> None:
    """Refuses inputs that are no dict, or lack a name.

    Args:
        inputs: What the model is called with.
        names: The names that it needs.

    Raises:
        ValueError: It is no dict, or has no such name.

    Example:
        `check_names(inputs, ["source", "target"])`
    """
    if not isinstance(inputs, dict):
        raise ValueError(f"Expected a dict of the inputs {list(names)}. Received: a {type(inputs).__name__}")
    if not inputs.keys() >= set(names):
        raise ValueError(f"Expected the inputs {list(names)}. Received: {sorted(inputs)}")
