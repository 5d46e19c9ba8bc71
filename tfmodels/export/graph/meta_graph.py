"""Reading the graph of a SavedModel from disk, without loading or running it."""

from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

# Generated from TensorFlow's published .proto files; the public `tf` API has no name for this message.
from tensorflow.core.protobuf import saved_model_pb2

from tfmodels.export.graph.field import Field


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
