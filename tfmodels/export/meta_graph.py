"""The graph of a SavedModel as it lies on disk, read without running or even loading it."""

from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

# Generated from TensorFlow's published .proto files; `tf` itself offers no name for this message.
from tensorflow.core.protobuf import saved_model_pb2


def read_meta_graph(path: Path) -> tf.compat.v1.MetaGraphDef:
    """Reads the graph that TensorFlow Serving would serve.

    Args:
        path: The version folder, which holds `saved_model.pb`.

    Returns:
        The graph with the tag `serve`: nodes, functions and signatures.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If the file is damaged or has no graph to serve.
    """
    file = path / "saved_model.pb"
    if not file.is_file():
        raise FileNotFoundError(f"Expected a SavedModel, that is a folder with saved_model.pb. Received: path={path}")
    try:
        graphs = saved_model_pb2.SavedModel.FromString(file.read_bytes()).meta_graphs
    except DecodeError as error:
        raise ValueError(f"Expected a whole SavedModel; copy or export it again. Received: path={path}") from error
    for graph in graphs:
        if tf.saved_model.SERVING in graph.meta_info_def.tags:
            return graph
    raise ValueError(f"Expected a SavedModel with a graph tagged {tf.saved_model.SERVING!r}. Received: path={path}")
