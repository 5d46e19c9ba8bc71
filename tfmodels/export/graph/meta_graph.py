"""Reading the graph and the signatures of a SavedModel from disk, without loading or running it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError

# Generated from TensorFlow's published .proto files; the public `tf` API has no name for this message.
from tensorflow.core.protobuf import saved_model_pb2

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature


def read_meta_graph(path: Path) -> tf.compat.v1.MetaGraphDef:
    """Reads the graph that TensorFlow Serving serves.

    Args:
        path: The version folder, with `saved_model.pb`.

    Returns:
        The graph with the tag `serve`: nodes, functions and signatures.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If the file is damaged or has no graph to serve.
    """
    file = path / "saved_model.pb"
    if not file.is_file():
        raise FileNotFoundError(f"Expected a SavedModel, a folder with saved_model.pb. Received: path={path}")
    try:
        graphs = saved_model_pb2.SavedModel.FromString(file.read_bytes()).meta_graphs
    except DecodeError as error:
        raise ValueError(f"Expected a complete SavedModel; copy or export it again. Received: path={path}") from error
    for graph in graphs:
        if tf.saved_model.SERVING in graph.meta_info_def.tags:
            return graph
    raise ValueError(f"Expected a SavedModel with a graph tagged {tf.saved_model.SERVING!r}. Received: path={path}")


def read_signatures(meta_graph: Any) -> dict[str, Signature]:
    """Lists the endpoints of a SavedModel.

    Args:
        meta_graph: Its `MetaGraphDef`.

    Returns:
        Endpoint name -> signature. The initialiser, which every SavedModel lists as a signature, is left out, and so
        are endpoints with ragged or sparse tensors, which no request can reach.
    """
    return {
        name: Signature(_fields(definition.inputs), _fields(definition.outputs))
        for name, definition in sorted(meta_graph.signature_def.items())
        if not name.startswith("__saved_model")
        and all(map(is_dense, (*definition.inputs.values(), *definition.outputs.values())))
    }


def is_dense(tensor: Any) -> bool:
    """Whether a `TensorInfo` names one tensor of the graph, not the parts of a ragged or sparse one."""
    return bool(tensor.name)


def field(name: str, dtype: tf.DType, shape: tf.TensorShape) -> Field:
    """Describes a tensor as a field of a signature.

    Args:
        name: Its name in requests or responses.
        dtype: Its type.
        shape: Its shape.

    Returns:
        The field.
    """
    return Field(name, dtype.name, None if shape.rank is None else tuple(shape.as_list()))


def _fields(tensors: Mapping[str, Any]) -> dict[str, Field]:
    return {
        name: field(name, tf.as_dtype(tensor.dtype), tf.TensorShape(tensor.tensor_shape))
        for name, tensor in sorted(tensors.items())
    }
