"""Copying weights from one network to another."""

from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np


class Copied(NamedTuple):
    """Result of `copy_weights`.

    Attributes:
        variables: Names of the variables that were copied, completely or some of their rows.
        fresh: Name -> why the variable was not copied.
    """

    variables: list[str]
    fresh: dict[str, str]


def copy_weights(origin: keras.Model, network: keras.Model, rows: Mapping[str, np.ndarray] | None = None) -> Copied:
    """Copies the weights whose name and shape agree from one network to another; the others keep their values.

    The name of a weight is its path inside its network, such as `encoder_0/attention/query_kernel`.

    Args:
        origin: The network to copy from, built.
        network: The network to copy to, built.
        rows: Name of a weight -> for each of its rows, int `[rows]`, the row of the same weight of `origin` to copy, or
            -1 for none. Only the other axes of such a weight must agree.

    Returns:
        Which variables were copied, and why the others were not.

    Raises:
        ValueError: The networks have no weight in common.

    Example:
        >>> copied = copy_weights(translator, fine_tuned, {"embedding/vectors": np.array([0, 1, 2, 3, -1, 17])})
        >>> copied.fresh        # {"source_positions/vectors": "(64, 128) -> (128, 128)"}
    """
    rows = rows or {}
    there = weights_by_name(origin)
    copied, fresh = [], {}
    for name, weight in weights_by_name(network).items():
        start = 1 if name in rows else 0
        if name not in there:
            fresh[name] = "not there"
        elif there[name].shape[start:] != weight.shape[start:]:
            fresh[name] = f"{tuple(there[name].shape)} -> {tuple(weight.shape)}"
        elif name in rows and (rows[name] < 0).all():
            fresh[name] = "no row in common"
        else:
            value = there[name].numpy()
            weight.assign(_taken(value, weight.numpy(), rows[name]) if name in rows else value)
            copied.append(name)
    if not copied:
        raise ValueError(
            "Expected networks that have weights in common, of the same names and shapes. Received: "
            f"{type(origin).__name__} and {type(network).__name__} without any"
        )
    return Copied(copied, fresh)


def weights_by_name(network: keras.Model) -> dict[str, keras.Variable]:
    """Returns the weights of a built network by their paths inside it."""
    named = {}
    for weight in network.weights:
        parts = weight.path.split("/")
        start = parts.index(network.name) + 1 if network.name in parts else 0
        named["/".join(parts[start:])] = weight
    return named


def _taken(values: np.ndarray, own: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of `values` where `rows` names one, else those of `own`."""
    taken = rows >= 0
    own = own.copy()
    own[taken] = values[rows[taken]]
    return own
