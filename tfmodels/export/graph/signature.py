"""The signature of an exported endpoint, as the SavedModel declares it."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.field import Field


@dataclass(frozen=True)
class Signature:
    """Names, types and shapes of an endpoint's inputs and outputs.

    Both are in the order of their names: a server keeps no other, and rows are to look alike wherever a model runs.

    Args:
        inputs: By name, each `[batch, ...]`.
        outputs: By name, each `[batch, ...]`.
    """

    inputs: dict[str, Field]
    outputs: dict[str, Field]

    def __post_init__(self) -> None:
        """Puts names in order."""
        object.__setattr__(self, "inputs", dict(sorted(self.inputs.items())))
        object.__setattr__(self, "outputs", dict(sorted(self.outputs.items())))

    def feed(self, values: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
        """Converts values to arrays of the types and shapes of the endpoint's inputs.

        Args:
            values: Input name -> array or nested list, `[batch, ...]`. Text may be `str` or `bytes`.

        Returns:
            Input name -> array; text as an object array of `bytes`.

        Raises:
            ValueError: If an input is missing or unknown, or a value does not fit its type or shape.

        Example:
            `signature.feed({"text": ["one", "two"]})`
        """
        if values.keys() != self.inputs.keys():
            raise ValueError(f"Expected the inputs {sorted(self.inputs)}. Received: inputs={sorted(values)}")
        arrays = {name: _array(field, values[name]) for name, field in self.inputs.items()}
        rows = {name: len(array) for name, array in arrays.items()}
        if len(set(rows.values())) > 1:
            raise ValueError(f"Expected the same number of rows in every input. Received: rows={rows}")
        return arrays

    def ordered(self, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Puts outputs in the order of the signature.

        Args:
            outputs: Output name -> array, in any order.

        Returns:
            The same.

        Example:
            `signature.ordered(runner.call("serving_default", text=["one"]))`
        """
        return {name: outputs[name] for name in self.outputs}


def find_signature(signatures: Mapping[str, Signature], endpoint: str) -> Signature:
    """Looks up an endpoint by name.

    Args:
        signatures: Endpoint name -> signature.
        endpoint: The requested name.

    Returns:
        Its signature.

    Raises:
        ValueError: If there is none; suggests the nearest name.
    """
    if endpoint in signatures:
        return signatures[endpoint]
    nearest = difflib.get_close_matches(endpoint, signatures, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise ValueError(f"Expected an endpoint of {sorted(signatures)}. Received: endpoint={endpoint!r}.{hint}")


def _array(field: Field, value: ArrayLike) -> np.ndarray:
    try:
        array = _texts(value) if field.dtype == "string" else _numbers(value, np.dtype(field.dtype))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"Expected input {field.name!r} to hold {field.dtype} values in rows of one length. {error}"
        ) from error
    if not field.takes(array.shape):
        raise ValueError(
            f"Expected input {field.name!r} of shape {list(field.shape or ())}. Received: shape={list(array.shape)}"
        )
    return array


def _texts(value: ArrayLike) -> np.ndarray:
    return np.vectorize(_encoded, otypes=[object])(np.asarray(value, dtype=object))


def _encoded(text: str | bytes) -> bytes:
    if not isinstance(text, str | bytes):
        raise TypeError(f"Received: {text!r}")
    # JSON can contain a lone surrogate. It becomes invalid UTF-8, which endpoints handle; strict encoding would fail.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def _numbers(value: ArrayLike, dtype: np.dtype) -> np.ndarray:
    given = np.asarray(value)
    if given.dtype.kind not in "biuf":
        raise TypeError(f"Received: dtype={given.dtype}")
    with np.errstate(over="ignore"):
        array = given.astype(dtype)
    # Whole numbers stay what they are; others may be rounded, but not become infinite.
    same = (array, given) if dtype.kind in "biu" else (np.isinf(array), np.isinf(given))
    if not np.array_equal(*same):
        raise ValueError(f"Received values that do not fit: {given.dtype} from {given.min()} to {given.max()}")
    return array
