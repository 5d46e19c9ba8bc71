"""The ops and functions of a SavedModel that its signatures reach."""

from collections.abc import Iterable, Iterator
from typing import Any

import tensorflow as tf


def used_ops(meta_graph: tf.compat.v1.MetaGraphDef) -> set[str]:
    """Names the ops that a server needs to answer requests and to initialise tables.

    Args:
        meta_graph: The graph of a SavedModel.

    Returns:
        The ops that its signatures reach, nested functions included.
    """
    library = library_functions(meta_graph)
    reached = (node.op for endpoint in meta_graph.signature_def for _, node in reached_nodes(meta_graph, endpoint))
    return {op for op in reached if op not in library}


def reached_functions(meta_graph: tf.compat.v1.MetaGraphDef, endpoint: str) -> set[str]:
    """Names the functions that a signature calls, directly or indirectly.

    Args:
        meta_graph: The graph of a SavedModel.
        endpoint: The signature's name.

    Returns:
        Their names in the graph's library.
    """
    return {function for function, _ in reached_nodes(meta_graph, endpoint)}


def library_functions(meta_graph: Any) -> dict[str, Any]:
    """The functions of a graph by name."""
    return {function.signature.name: function for function in meta_graph.graph_def.library.function}


def reached_nodes(meta_graph: Any, endpoint: str) -> Iterator[tuple[str, Any]]:
    """Lists the nodes that a signature needs.

    Args:
        meta_graph: The graph of a SavedModel.
        endpoint: The signature's name.

    Yields:
        The name of the function that holds the node, `graph` for the outermost level, and the node.
    """
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    library = library_functions(meta_graph)
    outputs = [name for tensor in meta_graph.signature_def[endpoint].outputs.values() for name in _tensor_names(tensor)]
    seen = {"graph"}
    pending = [("graph", _ancestors(outputs, nodes))]
    while pending:
        function, body = pending.pop()
        for node in body:
            yield function, node
            for name in called_functions(node):
                if name in library and name not in seen:
                    seen.add(name)
                    pending.append((name, library[name].node_def))


def _tensor_names(tensor: Any) -> list[str]:
    """The graph tensors of a `TensorInfo`: one, or the parts of a ragged or sparse tensor."""
    sparse = tensor.coo_sparse
    names = [tensor.name, sparse.values_tensor_name, sparse.indices_tensor_name, sparse.dense_shape_tensor_name]
    names += [part.name for part in tensor.composite_tensor.components]
    return [name for name in names if name]


def _ancestors(outputs: Iterable[str], nodes: dict[str, Any]) -> list[Any]:
    found = {}
    pending = list(outputs)
    while pending:
        name = pending.pop().removeprefix("^").partition(":")[0]
        if name in nodes and name not in found:
            found[name] = nodes[name]
            pending.extend(nodes[name].input)
    return list(found.values())


def called_functions(node: Any) -> Iterator[str]:
    """The names that a node may call: its op, and the functions among its attributes."""
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        yield from (function.name for function in value.list.func)
