"""Reading signatures from messages, without TensorFlow."""

from collections.abc import Mapping
from typing import Any

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature
from tfmodels.export.graph.tensor_types import tensor_type_name


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
        for name, definition in sorted(message.signature_def.items())
        if not name.startswith("__saved_model")
        and all(map(is_dense, (*definition.inputs.values(), *definition.outputs.values())))
    }


def is_dense(tensor: Any) -> bool:
    """Whether a `TensorInfo` names one tensor of the graph, not the parts of a ragged or sparse one."""
    return bool(tensor.name)


def _fields(tensors: Mapping[str, Any]) -> dict[str, Field]:
    return {
        name: Field(name, tensor_type_name(tensor.dtype), _shape(tensor.tensor_shape))
        for name, tensor in tensors.items()
    }


def _shape(shape: Any) -> tuple[int | None, ...] | None:
    return None if shape.unknown_rank else tuple(None if axis.size < 0 else axis.size for axis in shape.dim)
