"""Writing JSON of TensorFlow Serving's REST interface: the bodies of requests and responses."""

import base64
import json
from array import array as float_array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfmodels.serving.protocol.status import invalid
from tfmodels.serving.protocol.tensor_types import FLOATS, INTEGERS, server_name

_ENCODER = json.JSONEncoder(ensure_ascii=False)


def write_request(signature: str, inputs: Mapping[str, np.ndarray]) -> bytes:
    """Writes the body of a predict request, in column form.

    Args:
        signature: The signature's name.
        inputs: Input name -> array. Text that is not UTF-8 is encoded in base64.

    Returns:
        The JSON document.
    """
    columns = {name: _nested(array, _text_or_base64) for name, array in inputs.items()}
    return _ENCODER.encode({"signature_name": signature, "inputs": columns}).encode()


def write_response(outputs: Mapping[str, np.ndarray], row: bool) -> bytes:
    """Writes the body of a response.

    Args:
        outputs: Output name -> array.
        row: Whether the request was in row form.

    Returns:
        The JSON document. Strings are base64 objects if the output's name ends in `_bytes`; in other strings, bytes
        that are not UTF-8 are replaced by U+FFFD (the real server writes them unchanged).

    Raises:
        ServingError: If an output cannot be written.

    Example:
        `write_response({"text": np.array([b"a"], object)}, row=True)` -> `{"predictions": ["a"]}`
    """
    if row:
        _check_rows(outputs)
    columns = {name: _nested(array, _base64 if name.endswith("_bytes") else _text) for name, array in outputs.items()}
    content: Any = columns
    if len(columns) == 1:
        content = next(iter(columns.values()))
    elif row:
        content = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    document = {"predictions" if row else "outputs": content}
    return _ENCODER.encode(document).encode()


def _check_rows(outputs: Mapping[str, np.ndarray]) -> None:
    rows = None
    for name, array in outputs.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if rows is not None and len(array) != rows:
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {rows}")
        rows = len(array)


def _nested(array: np.ndarray, encode: Callable[[bytes], Any]) -> Any:
    """The values as nested lists for JSON; strings are passed through `encode`."""
    if array.dtype == object:
        values = np.empty(array.size, object)
        values[:] = [encode(value) for value in array.ravel()]
        return values.reshape(array.shape).tolist()
    dtype = array.dtype.name
    if dtype == "float32":
        return _decimals(array).tolist()
    if dtype != "bool" and dtype not in (*INTEGERS, *FLOATS):
        raise invalid(f"Failed to write JSON value for tensor type: {server_name(dtype)}")
    return array.tolist()


def _decimals(array: np.ndarray) -> np.ndarray:
    """The values of float32 in six digits where they are enough, else in nine, as the server writes them."""
    values = array.ravel().tolist()
    decimals = [float(f"{value:.6g}") for value in values]
    rounded = float_array("f", decimals).tolist()
    found = [
        short if one == value or value != value else float(f"{value:.9g}")
        for short, one, value in zip(decimals, rounded, values, strict=True)
    ]
    return np.array(found).reshape(array.shape)


def _base64(value: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(value).decode()}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _text_or_base64(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return _base64(value)
