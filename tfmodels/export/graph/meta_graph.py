"""Reading the graphs of a SavedModel from disk, without TensorFlow and without running anything.

The messages are those of TensorFlow's published .proto files, in the copy that TensorBoard ships: TensorFlow's own
cannot be imported without TensorFlow.
"""

import functools
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import meta_graph_pb2

from tfmodels.export.graph.field import Field

SERVE = "serve"  # the tag that TensorFlow Serving asks for
MOST_BYTES = 2**29  # of a saved_model.pb that is read; a graph without weights has a few MiB


def read_meta_graphs(path: Path) -> list[Any]:
    """Reads all graphs of a SavedModel.

    Args:
        path: The version folder, with `saved_model.pb`.

    Returns:
        The `MetaGraphDef` messages: nodes, functions and signatures.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If the file is damaged or larger than half a GiB.
    """
    file = path / "saved_model.pb"
    if not file.is_file():
        raise FileNotFoundError(f"Expected a SavedModel, a folder with saved_model.pb. Received: path={path}")
    if (size := file.stat().st_size) > MOST_BYTES:
        raise ValueError(
            f"Expected saved_model.pb of at most {MOST_BYTES} bytes; keep weights in variables, not in constants. "
            f"Received: {size} bytes, path={path}"
        )
    try:
        return list(_saved_model().FromString(file.read_bytes()).meta_graphs)
    except DecodeError as error:
        raise ValueError(f"Expected a complete SavedModel; copy or export it again. Received: path={path}") from error


def read_meta_graph(path: Path) -> Any:
    """Reads the graph that TensorFlow Serving serves.

    Args:
        path: The version folder, with `saved_model.pb`.

    Returns:
        The graph with the tag `serve`: nodes, functions and signatures.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If the file is damaged, larger than half a GiB or has no graph to serve.
    """
    for graph in read_meta_graphs(path):
        if SERVE in graph.meta_info_def.tags:
            return graph
    raise ValueError(f"Expected a SavedModel with a graph tagged {SERVE!r}. Received: path={path}")


def field(name: str, dtype: Any, shape: Any) -> Field:
    """Describes a tensor as a field of a signature.

    Args:
        name: Its name in requests or responses.
        dtype: Its `tf.DType`.
        shape: Its `tf.TensorShape`.

    Returns:
        The field.
    """
    return Field(name, dtype.name, None if shape.rank is None else tuple(shape.as_list()))


@functools.cache
def _saved_model() -> Any:
    """The message of the whole file, the one that TensorBoard lacks."""
    file = descriptor_pb2.FileDescriptorProto(
        name="tfmodels/saved_model.proto",
        package="tfmodels",
        syntax="proto3",
        dependency=[meta_graph_pb2.DESCRIPTOR.name],
    )
    field = descriptor_pb2.FieldDescriptorProto
    file.message_type.add(name="SavedModel").field.add(
        name="meta_graphs",
        number=2,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_REPEATED,
        type_name=f".{meta_graph_pb2.MetaGraphDef.DESCRIPTOR.full_name}",
    )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tfmodels.SavedModel"))
