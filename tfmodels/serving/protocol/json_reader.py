"""Reading JSON of TensorFlow Serving's REST interface, with the server's own error messages.

Row form: `{"instances": [...]}` -> `{"predictions": [...]}`. Column form: `{"inputs": ...}` -> `{"outputs": ...}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfmodels.serving.protocol.json_column import JsonColumn
from tfmodels.serving.protocol.json_document import parse_document
from tfmodels.serving.protocol.json_values import is_base64, quoted
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_types import FLOATS

_TINY = {np.dtype(name): np.finfo(name).tiny for name in FLOATS}


@dataclass(frozen=True)
class JsonRequest:
    """The body of a predict request.

    Args:
        signature: The signature's name, empty for the default.
        inputs: Input name -> array; text as an object array of `bytes`.
        row: Whether it is in row form, which is then the form of the response.
    """

    signature: str
    inputs: dict[str, np.ndarray]
    row: bool


def read_json_request(body: bytes, types_of: Callable[[str], Mapping[str, str]]) -> JsonRequest:
    """Reads the body of a predict request.

    Args:
        body: The JSON document. Bytes that are not UTF-8 stay in its strings, as in the server.
        types_of: Maps the name of a signature to its input types, input name -> TensorFlow's name of the type.

    Returns:
        The request.

    Raises:
        ServingError: If the document does not fit the signature.

    Example:
        `read_json_request(b'{"instances": ["a", "b"]}', lambda signature: {"text": "string"})`
    """
    document = parse_document(body)
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {quoted(document)} Is not object")
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid(
            f"JSON Value: {quoted(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    types = types_of(signature)
    if not types:
        raise invalid(f"Failed to get input map for signature: {signature or 'DEFAULT'}")
    if "instances" in document and "inputs" in document:
        raise invalid(
            f"JSON Value: {quoted(document)} Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist "
        )
    if "instances" in document:
        return JsonRequest(signature, _normal(_rows(document, types)), row=True)
    if "inputs" in document:
        return JsonRequest(signature, _normal(read_columns(document["inputs"], types)), row=False)
    raise invalid("Missing 'inputs' or 'instances' key")


def read_columns(value: Any, types: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Reads the column form: the `inputs` of a request or the `outputs` of a response.

    Args:
        value: An object, name -> value, or just the value if there is one name.
        types: Name -> TensorFlow's name of the type.

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
        column = JsonColumn(dtype)
        column.add(value[name])
        arrays[name] = column.array()
    return arrays


def _normal(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same with zeros for denormal numbers: the server computes without them."""
    for array in arrays.values():
        if array.dtype.kind == "f":
            denormal = np.abs(array) < _TINY[array.dtype]
            if denormal.any():
                array[denormal] *= 0  # which keeps the sign
    return arrays


def _rows(document: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, np.ndarray]:
    rows = document["instances"]
    if not isinstance(rows, list):
        raise invalid(f"JSON Value: {quoted(document)} Expecting 'instances' to be an list/array")
    if not rows:
        raise invalid(f"JSON Value: {quoted(document)} No values in 'instances' array")
    if not isinstance(rows[0], dict) and len(types) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    named = _is_named(rows[0])
    columns = {name: JsonColumn(dtype) for name, dtype in types.items()}
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
                f"{where} of 'instances' list. JSON object: {quoted(row)} keys must be equal to: "
                f"{','.join(sorted(types))}"
            )
    return {name: column.array(len(rows)) for name, column in columns.items()}


def _add(where: str, key: str, column: "JsonColumn", value: Any) -> None:
    try:
        column.add(value)
    except ServingError as error:
        raise invalid(f"{where}{key} of 'instances' list. Error: {error.code.name}: {error.message}") from None


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64(value)
