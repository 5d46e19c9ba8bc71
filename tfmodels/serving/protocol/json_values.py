"""Single JSON values of a request, converted to the type of an input."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import tensorflow as tf

from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_types import FLOATS, INTEGERS, type_name

_LONGEST_QUOTE = 1000  # characters of a request that a message quotes
_JSON_TYPES = {int: "Number", float: "Number", str: "String", list: "Array", dict: "Object"}


def converter(dtype: tf.DType) -> Callable[[Any], Any]:
    """Returns the conversion of JSON values to a type.

    Args:
        dtype: The type of an input.

    Returns:
        A function that takes a JSON value and returns a Python value, or raises a `ServingError`.
    """

    def type_error(value: Any) -> ServingError:
        return invalid(
            f"JSON Value: {quoted(value)} Type: {_json_type(value)} is not of expected type: {type_name(dtype)}"
        )

    def text(value: Any) -> bytes:
        if isinstance(value, dict):
            return _decoded(value)
        if not isinstance(value, str):
            raise type_error(value)
        try:
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise invalid("JSON Parse error: The surrogate pair in string is invalid.") from None

    def boolean(value: Any) -> bool:
        if not isinstance(value, bool):
            raise type_error(value)
        return value

    def integer(value: Any) -> int:
        if type(value) is not int or not dtype.min <= value <= dtype.max:
            raise type_error(value)
        return value

    def decimal(value: Any) -> float:
        if type(value) not in (int, float):
            raise type_error(value)
        lossy = abs(value) >= 2 ** FLOATS[dtype] if type(value) is int else float(dtype.max) < abs(value) < np.inf
        if lossy:
            target = type_name(dtype)
            raise invalid(f"Cannot convert JSON value: {quoted(value)} to {target} without loss of precision.")
        return value

    def unknown(value: Any) -> Any:
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED, f"Conversion of JSON Value: {quoted(value)} to type: {type_name(dtype)}"
        )

    if dtype == tf.string:
        return text
    if dtype == tf.bool:
        return boolean
    if dtype in INTEGERS:
        return integer
    return decimal if dtype in FLOATS else unknown


def is_base64(value: Any) -> bool:
    """Whether a JSON value is binary data, `{"b64": "..."}`."""
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def _decoded(value: dict[str, Any]) -> bytes:
    if not is_base64(value):
        raise invalid(f"JSON Value: {quoted(value)} not formatted correctly for base64 data")
    text = value["b64"]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("Unable to base64 decode") from None


def quoted(value: Any) -> str:
    """A JSON value as error messages quote it, shortened if it is long, and not written to its end then."""
    text = ""
    for piece in json.JSONEncoder(indent=4, ensure_ascii=False).iterencode(value):
        text += piece
        if len(text) > _LONGEST_QUOTE:
            text = f"{text[:_LONGEST_QUOTE]}..."
            break
    return text.encode("utf-8", "replace").decode()


def _json_type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "True", False: "False", None: "Null"}[value]
    return _JSON_TYPES[type(value)]
