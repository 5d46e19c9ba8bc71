"""JSON of TensorFlow Serving's REST interface <-> arrays, with the server's own error messages.

Row form: `{"instances": [...]}` -> `{"predictions": [...]}`. Column form: `{"inputs": ...}` -> `{"outputs": ...}`.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
import tensorflow as tf

from tfmodels.serving.status import ServingError, invalid

_MOST_AXES = 32
_LONGEST_QUOTE = 1000  # characters of a request that a message repeats
_JSON_TYPES = {int: "Number", float: "Number", str: "String", list: "Array", dict: "Object"}
_TYPE_NAMES = {tf.float16: "half", tf.float32: "float", tf.float64: "double"}
_FLOATS = {tf.float32: 24, tf.float64: 53}  # -> bits of the mantissa
_INTEGERS = (tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64)


@dataclass(frozen=True)
class PredictRequest:
    """The body of a predict request.

    Args:
        signature: The signature's name, empty for the default.
        inputs: Input name -> array; text as an object array of `bytes`.
        row: Whether it came in row form, and so is to be answered.
    """

    signature: str
    inputs: dict[str, np.ndarray]
    row: bool


def type_name(dtype: tf.DType) -> str:
    """Names a type as the server's messages do.

    Args:
        dtype: The type.

    Returns:
        Such as `float` for float32.
    """
    return _TYPE_NAMES.get(dtype, dtype.name)


def read_predict(body: bytes, types_of: Callable[[str], Mapping[str, tf.DType]]) -> PredictRequest:
    """Reads the body of a predict request.

    Args:
        body: The JSON document. Bytes that are not UTF-8 pass through into strings, as in the server.
        types_of: Gives input name -> type, for the name of a signature.

    Returns:
        The request.

    Raises:
        ServingError: If the document does not fit the signature.

    Example:
        `read_predict(b'{"instances": ["a", "b"]}', lambda signature: {"text": tf.string})`
    """
    document = _parse(body)
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid(
            f"JSON Value: {_quoted(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    types = types_of(signature)
    if not types:
        raise invalid(f"Failed to get input map for signature: {signature or 'DEFAULT'}")
    if "instances" in document and "inputs" in document:
        raise invalid(
            f"JSON Value: {_quoted(document)} Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist "
        )
    if "instances" in document:
        return PredictRequest(signature, _rows(document, types), row=True)
    if "inputs" in document:
        return PredictRequest(signature, read_columns(document["inputs"], types), row=False)
    raise invalid("Missing 'inputs' or 'instances' key")


def read_columns(value: Any, types: Mapping[str, tf.DType]) -> dict[str, np.ndarray]:
    """Reads the column form: what a request has as `inputs`, and an answer as `outputs`.

    Args:
        value: An object of values by name, or a value alone if there is one name.
        types: Name -> type.

    Returns:
        Name -> array; text as an object array of `bytes`.

    Raises:
        ServingError: If a value is missing or does not fit its type.
    """
    if not _is_named(value):
        if len(types) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                "tensorinfo_map"
            )
        value = {next(iter(types)): value}
    if missing := [name for name in types if name not in value]:
        raise invalid(f"Missing named input: {missing[0]} in 'inputs' object.")
    arrays = {}
    for name, dtype in types.items():
        column = _Column(dtype)
        column.add(value[name])
        arrays[name] = column.array()
    return arrays


def write_request(signature: str, inputs: Mapping[str, np.ndarray]) -> bytes:
    """Writes the body of a predict request, in column form.

    Args:
        signature: The signature's name.
        inputs: Input name -> array. Text that is not UTF-8 goes as base64.

    Returns:
        The JSON document.
    """
    columns = {name: _nested(array, _text_or_base64) for name, array in inputs.items()}
    return json.dumps({"signature_name": signature, "inputs": columns}, ensure_ascii=False).encode()


def write_answer(outputs: Mapping[str, np.ndarray], row: bool) -> bytes:
    """Writes the body of an answer.

    Args:
        outputs: Output name -> array.
        row: Whether the request came in row form.

    Returns:
        The JSON document. Strings are base64 objects if the output's name ends in `_bytes`; of other strings, bytes
        that are not UTF-8 are replaced by U+FFFD (the real server writes them into the document as they are).

    Raises:
        ServingError: If an output cannot be written.

    Example:
        `write_answer({"text": np.array([b"a"], object)}, row=True)` -> `{"predictions": ["a"]}`
    """
    if row:
        _check_rows(outputs)
    columns = {name: _nested(array, _base64 if name.endswith("_bytes") else _text) for name, array in outputs.items()}
    if len(columns) == 1:
        answer = next(iter(columns.values()))
    elif row:
        answer = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    else:
        answer = columns
    document = {"predictions" if row else "outputs": answer}
    return json.dumps(document, ensure_ascii=False).encode()


def _parse(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise invalid("JSON Parse error: The document is empty")
    try:
        document = json.loads(body.decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError as error:
        raise invalid(f"JSON Parse error: {error.msg} at offset: {error.pos}") from None
    except (RecursionError, ValueError) as error:  # a ValueError: a number of thousands of digits
        raise invalid(f"JSON Parse error: {error}") from None
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {_quoted(document)} Is not object")
    return document


def _rows(document: Mapping[str, Any], types: Mapping[str, tf.DType]) -> dict[str, np.ndarray]:
    rows = document["instances"]
    if not isinstance(rows, list):
        raise invalid(f"JSON Value: {_quoted(document)} Excepting 'instances' to be an list/array")
    if not rows:
        raise invalid(f"JSON Value: {_quoted(document)} No values in 'instances' array")
    if not isinstance(rows[0], dict) and len(types) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    named = _is_named(rows[0])
    columns = {name: _Column(dtype) for name, dtype in types.items()}
    for number, row in enumerate(rows):
        if _is_named(row) != named:
            raise invalid(
                f"Expecting object but got list at item {number} of input list"
                if named
                else f"Expecting value/list but got object at item {number} of input list"
            )
        where = f"Failed to process element: {number}"
        if not named:
            _add(where, "", next(iter(columns.values())), row)
            continue
        for name, value in row.items():
            if name not in columns:
                message = f"JSON object: does not have named input: {name}"
                raise invalid(f"{where} key: {name} of 'instances' list. Error: INVALID_ARGUMENT: {message}")
            _add(where, f" key: {name}", columns[name], value)
        if row.keys() != types.keys():
            raise invalid(
                f"{where} of 'instances' list. JSON object: {_quoted(row)} keys must be equal to: "
                f"{','.join(sorted(types))}"
            )
    return {name: column.array(len(rows)) for name, column in columns.items()}


def _add(where: str, key: str, column: "_Column", value: Any) -> None:
    try:
        column.add(value)
    except ServingError as error:
        raise invalid(f"{where}{key} of 'instances' list. Error: {error.code.name}: {error.message}") from None


class _Column:
    """The values of one input, in one flat list; each element that is added must have the shape of the first."""

    def __init__(self, dtype: tf.DType) -> None:
        self._dtype = dtype
        self._convert = _converter(dtype)
        self._shape: tuple[int, ...] | None = None
        self._flat: list[Any] = []

    def add(self, value: Any) -> None:
        shape = _shape(value)
        start = len(self._flat)
        self._fill(value, 0, shape)
        if self._shape is None:
            self._shape = shape
            self._size = len(self._flat)
        elif len(self._flat) - start != self._size:
            raise invalid(f"Expecting tensor size: {self._size} but got: {len(self._flat) - start}")
        elif shape != self._shape:
            raise invalid(f"Expecting shape {_listed(self._shape)} but got: {_listed(shape)}")

    def array(self, *rows: int) -> np.ndarray:
        """The values `[*rows, *shape]`."""
        dtype = object if self._dtype == tf.string else self._dtype.as_numpy_dtype
        array = np.empty(len(self._flat), dtype)
        array[:] = self._flat
        return array.reshape((*rows, *self._shape))

    def _fill(self, value: Any, level: int, shape: tuple[int, ...]) -> None:
        if not isinstance(value, list):
            if level != len(shape):
                raise invalid(
                    f"JSON Value: {_quoted(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                    f"Expected at level: {len(shape)}"
                )
            self._flat.append(self._convert(value))
            return
        if level >= len(shape):
            raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
        if len(value) != shape[level]:
            raise invalid(
                f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
            )
        for item in value:
            self._fill(item, level + 1, shape)


def _shape(value: Any) -> tuple[int, ...]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > _MOST_AXES:
            raise invalid(f"Expected at most {_MOST_AXES} axes. Received lists nested deeper")
        value = value[0] if value else None
    return tuple(shape)


def _converter(dtype: tf.DType) -> Callable[[Any], Any]:
    def type_error(value: Any) -> ServingError:
        return invalid(
            f"JSON Value: {_quoted(value)} Type: {_json_type(value)} is not of expected type: {type_name(dtype)}"
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
        lossy = abs(value) >= 2 ** _FLOATS[dtype] if type(value) is int else float(dtype.max) < abs(value) < np.inf
        if lossy:
            target = type_name(dtype)
            raise invalid(f"Cannot convert JSON value: {_quoted(value)} to {target} without loss of precision.")
        return value

    def unknown(value: Any) -> Any:
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED, f"Conversion of JSON Value: {_quoted(value)} to type: {type_name(dtype)}"
        )

    if dtype == tf.string:
        return text
    if dtype == tf.bool:
        return boolean
    if dtype in _INTEGERS:
        return integer
    return decimal if dtype in _FLOATS else unknown


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and not _is_base64(value)


def _decoded(value: dict[str, Any]) -> bytes:
    if not _is_base64(value):
        raise invalid(f"JSON Value: {_quoted(value)} not formatted correctly for base64 data")
    text = value["b64"]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("Unable to base64 decode") from None


def _quoted(value: Any) -> str:
    text = json.dumps(value, indent=4, ensure_ascii=False).encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def _json_type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "True", False: "False", None: "Null"}[value]
    return _JSON_TYPES[type(value)]


def _listed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _check_rows(outputs: Mapping[str, np.ndarray]) -> None:
    rows = None
    for name, array in outputs.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if rows is not None and len(array) != rows:
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {rows}")
        rows = len(array)


def _nested(array: np.ndarray, encode: Callable[[bytes], Any]) -> Any:
    """The values as JSON has them, in nested lists; strings by way of `encode`."""
    if array.dtype == object:
        values = np.empty(array.size, object)
        values[:] = [encode(value) for value in array.ravel()]
        return values.reshape(array.shape).tolist()
    dtype = tf.as_dtype(array.dtype)
    if dtype == tf.float32:
        # By way of the shortest decimal: 0.1 and not 0.10000000149011612.
        return array.astype("U").astype(np.float64).tolist() if array.size else array.tolist()
    if dtype != tf.bool and dtype not in (*_INTEGERS, *_FLOATS):
        raise invalid(f"Failed to write JSON value for tensor type: {type_name(dtype)}")
    return array.tolist()


def _base64(value: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(value).decode()}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _text_or_base64(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return _base64(value)
