"""Single JSON values of a request, converted to the type of an input."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np

from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_types import FLOATS, INTEGERS, server_name

_LONGEST_QUOTE = 1000  # characters of a request that a message quotes
_JSON_TYPES = {int: "Number", float: "Number", str: "String", list: "Array", dict: "Object"}
_ENCODER = json.JSONEncoder(indent=4, ensure_ascii=False)


def converter(dtype: str) -> Callable[[list[Any]], list[Any]]:
    """Returns the conversion of JSON values to a type.

    Args:
        dtype: TensorFlow's name of the type of an input.

    Returns:
        A function that takes JSON values and returns Python values, or raises a `ServingError`.

    Example:
        `converter("string")(["a", {"b64": "YQ=="}])` -> `[b"a", b"a"]`
    """
    if dtype == "string":
        return lambda values: [_text(value) for value in values]
    if dtype == "bool":
        return lambda values: _checked(values, {bool}, dtype)
    if dtype in FLOATS:
        return lambda values: _checked(values, {int, float}, dtype)
    if dtype in INTEGERS:
        return lambda values: _integers(values, dtype)
    return lambda values: _unknown(values, dtype)


def is_base64(value: Any) -> bool:
    """Whether a JSON value is binary data, `{"b64": "..."}`."""
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def quoted(value: Any) -> str:
    """A JSON value as error messages quote it, shortened if it is long."""
    text = ""
    for part in _ENCODER.iterencode(value):  # no more of it than is needed
        text += part
        if len(text) > _LONGEST_QUOTE:
            text = f"{text[:_LONGEST_QUOTE]}..."
            break
    return text.encode("utf-8", "replace").decode()


def _checked(values: list[Any], kinds: set[type], dtype: str) -> list[Any]:
    if not set(map(type, values)) <= kinds:
        raise _type_error(next(value for value in values if type(value) not in kinds), dtype)
    return values


def _integers(values: list[Any], dtype: str) -> list[Any]:
    _checked(values, {int}, dtype)
    limits = np.iinfo(dtype)
    if values and not limits.min <= min(values) <= max(values) <= limits.max:
        raise _type_error(next(value for value in values if not limits.min <= value <= limits.max), dtype)
    return values


def _unknown(values: list[Any], dtype: str) -> list[Any]:
    if not values:
        return values
    message = f"Conversion of JSON Value: {quoted(values[0])} to type: {server_name(dtype)}"
    raise ServingError(grpc.StatusCode.UNIMPLEMENTED, message)


def _text(value: Any) -> bytes:
    if isinstance(value, dict):
        return _decoded(value)
    if not isinstance(value, str):
        raise _type_error(value, "string")
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise invalid("JSON Parse error: The surrogate pair in string is invalid.") from None


def _decoded(value: dict[str, Any]) -> bytes:
    if not is_base64(value):
        raise invalid(f"JSON Value: {quoted(value)} not formatted correctly for base64 data")
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("Unable to base64 decode") from None


def _type_error(value: Any, dtype: str) -> ServingError:
    return invalid(
        f"JSON Value: {quoted(value)} Type: {_json_type(value)} is not of expected type: {server_name(dtype)}"
    )


def _json_type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "True", False: "False", None: "Null"}[value]
    return _JSON_TYPES[type(value)]
