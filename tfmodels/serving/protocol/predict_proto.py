"""Conversion between Predict messages of gRPC and arrays, with the checks of TensorFlow Serving."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import grpc
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import predict_pb2

from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_types import type_name

_FIELDS = {
    tf.bool: "bool_val", tf.string: "string_val", tf.float32: "float_val", tf.float64: "double_val",
    tf.int8: "int_val", tf.int16: "int_val", tf.int32: "int_val", tf.uint8: "int_val", tf.uint16: "int_val",
    tf.int64: "int64_val", tf.uint32: "uint32_val", tf.uint64: "uint64_val",
}  # fmt: skip


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


def read_proto_request(request: predict_pb2.PredictRequest, definitions: Mapping[str, Any]) -> ProtoRequest:
    """Reads a request.

    Args:
        request: The message.
        definitions: Signature name -> `SignatureDef`.

    Returns:
        The request.

    Raises:
        ServingError: If it does not fit its signature.
    """
    endpoint = request.model_spec.signature_name or tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
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


def write_input(array: np.ndarray) -> tensor_pb2.TensorProto:
    """Writes an input; numbers are packed as bytes.

    Args:
        array: Its value; text as an object array of `bytes`.

    Returns:
        The `TensorProto`.
    """
    return tf.make_tensor_proto(array, _dtype(array), array.shape)


def write_output(array: np.ndarray) -> tensor_pb2.TensorProto:
    """Writes an output, its values in the field of their type, where clients of the real server read them.

    Args:
        array: Its value; text as an object array of `bytes`.

    Returns:
        The `TensorProto`.
    """
    dtype = _dtype(array)
    if dtype not in _FIELDS:
        return write_input(array)
    tensor = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum)
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    getattr(tensor, _FIELDS[dtype]).extend(array.ravel().tolist())
    return tensor


def _dtype(array: np.ndarray) -> tf.DType:
    return tf.string if array.dtype == object else tf.as_dtype(array.dtype)


def _array(index: int, tensor: Any, dtype: int) -> np.ndarray:
    expected = tf.as_dtype(dtype)
    if tensor.dtype != dtype:
        raise invalid(f"Expects arg[{index}] to be {type_name(expected)} but {_name(tensor.dtype)} is provided")
    size = math.prod(axis.size for axis in tensor.tensor_shape.dim)
    if size < 0:
        raise invalid(f"Expected a shape without negative sizes. Received: arg[{index}] of {size} elements")
    try:
        if tensor.string_val and len(tensor.string_val) == size:  # the usual form of text, and several times as fast
            array = np.empty(size, object)
            array[:] = tensor.string_val
            return array.reshape([axis.size for axis in tensor.tensor_shape.dim])
        return tf.make_ndarray(tensor)
    except (ValueError, TypeError, IndexError) as error:
        raise invalid(f"Could not parse arg[{index}] as a tensor: {error}") from error


def _name(dtype: int) -> str:
    try:
        return type_name(tf.as_dtype(dtype)) if dtype else "invalid"
    except TypeError:  # no such type
        return f"the unknown type {dtype}"


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
