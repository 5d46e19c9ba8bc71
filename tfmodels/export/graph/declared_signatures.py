"""Reading signatures from messages, without TensorFlow."""

from collections.abc import Mapping
from typing import Any

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature
from tfmodels.export.graph.tensor_types import tensor_type_name

# Every SavedModel lists them as signatures; a server runs the first when it loads a version.
INITIALISER, TRAIN_OP = "__saved_model_init_op", "__saved_model_train_op"


def read_signatures(message: Any) -> dict[str, Signature]:
    """Lists the endpoints of a SavedModel.

    Args:
        message: Its `MetaGraphDef`, or the `SignatureDefMap` that a server sends.

    Returns:
        Endpoint name -> signature. The initialiser, which every SavedModel lists as a signature, is left out, and so
        are endpoints with ragged or sparse tensors, which no request can reach.
    """
    return {
        name: Signature(_fields(definition.inputs), _fields(definition.outputs))
        for name, definition in endpoint_definitions(message).items()
        if all(map(is_dense, (*definition.inputs.values(), *definition.outputs.values())))
    }


def endpoint_definitions(message: Any) -> dict[str, Any]:
    """The `SignatureDef` of each endpoint, by name.

    What is kept under a reserved name to be run, such as the initialiser, is none. A server answers with tensors under
    any name, so a reserved name with tensors is an endpoint like others.
    """
    return {
        name: definition
        for name, definition in sorted(message.signature_def.items())
        if name not in (INITIALISER, TRAIN_OP) or any(tensor.dtype for tensor in definition.outputs.values())
    }


def is_dense(tensor: Any) -> bool:
    """Whether a `TensorInfo` names one tensor of the graph, not the parts of a ragged or sparse one."""
    return bool(tensor.name)


def shape_of(tensor: Any) -> tuple[int | None, ...] | None:
    """The shape of a `TensorInfo`: the sizes of its axes, None for open ones; None if it is unknown."""
    if tensor.tensor_shape.unknown_rank:
        return None
    return tuple(None if axis.size == -1 else axis.size for axis in tensor.tensor_shape.dim)


def _fields(tensors: Mapping[str, Any]) -> dict[str, Field]:
    return {name: Field(name, tensor_type_name(tensor.dtype), shape_of(tensor)) for name, tensor in tensors.items()}
