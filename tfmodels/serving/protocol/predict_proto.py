"""Reading Predict requests of gRPC, with the checks of TensorFlow Serving."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import grpc
import numpy as np

from tfmodels.export.graph.tensor_types import tensor_type_name
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_proto import read_tensor
from tfmodels.serving.protocol.tensor_types import server_name

DEFAULT_ENDPOINT = "serving_default"


class ProtoRequest(NamedTuple):
    """A Predict request over gRPC.

    Args:
        endpoint: The signature's name.
        feed: Input name -> array.
        outputs: Names of the requested outputs; empty for all.
    """

    endpoint: str
    feed: dict[str, np.ndarray]
    outputs: tuple[str, ...]


def read_proto_request(request: Any, definitions: Mapping[str, Any]) -> ProtoRequest:
    """Reads a request.

    Args:
        request: The `PredictRequest`.
        definitions: Signature name -> `SignatureDef`.

    Returns:
        The request.

    Raises:
        ServingError: If it does not fit its signature.
    """
    endpoint = request.model_spec.signature_name or DEFAULT_ENDPOINT
    definition = find_definition(definitions, endpoint)
    given, known = set(request.inputs), set(definition.inputs)
    if len(given) > len(known) or (len(given) < len(known) and not definition.defaults):
        raise invalid(
            f"input size does not match signature: {len(given)}!={len(known)} len({_set(given)}) != "
            f"len({_set(known)}). Sent extra: {_set(given - known)}. Missing but required: {_set(known - given)}."
        )
    if unknown := given - known:
        raise invalid(
            f"input tensor alias not found in signature: {min(unknown)}. Inputs expected to be in the set "
            f"{_set(known)}."
        )
    if missing := known - given - set(definition.defaults):
        raise invalid(f"input tensor alias not found in the request nor among the defaults: {_set(missing)}.")
    feed = {
        name: _array(index, request.inputs[name] if name in given else definition.defaults[name], info.dtype)
        for index, (name, info) in enumerate(sorted(definition.inputs.items()))
    }
    return ProtoRequest(endpoint, feed, _outputs(request.output_filter, definition))


def find_definition(definitions: Mapping[str, Any], endpoint: str) -> Any:
    """Looks up a signature.

    Args:
        definitions: Signature name -> `SignatureDef`.
        endpoint: The name.

    Returns:
        The `SignatureDef`.

    Raises:
        ServingError: If there is none.
    """
    if endpoint not in definitions:
        raise ServingError(grpc.StatusCode.FAILED_PRECONDITION, f'Serving signature key "{endpoint}" not found.')
    return definitions[endpoint]


def _array(index: int, tensor: Any, dtype: int) -> np.ndarray:
    if tensor.dtype != dtype:
        given = server_name(tensor_type_name(tensor.dtype)) if tensor.dtype else "invalid"
        expected = server_name(tensor_type_name(dtype))
        raise invalid(f"Expects arg[{index}] to be {expected} but {given} is provided")
    try:
        return read_tensor(tensor)
    except ValueError as error:
        raise invalid(f"Could not parse arg[{index}] as a tensor: {error}") from error


def _outputs(wanted: Any, definition: Any) -> tuple[str, ...]:
    for name in wanted:
        if name not in definition.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the set "
                f"{_set(definition.outputs)}."
            )
    if len(set(wanted)) < len(wanted):
        raise invalid(f"duplicate output tensor alias: {next(name for name in wanted if list(wanted).count(name) > 1)}")
    return tuple(wanted)


def _set(names: Any) -> str:
    return "{" + ",".join(sorted(names)) + "}"
