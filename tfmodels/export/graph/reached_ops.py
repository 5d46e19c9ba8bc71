"""The ops and functions of a SavedModel that its signatures, its initialiser and its restoring reach."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from tfmodels.export.graph.declared_signatures import INITIALISER

GRAPH = "graph"  # the outermost level, beside the functions
RESTORE = "(restoring)"  # what loading runs to read the variables
_MAIN_OPS = ("saved_model_main_op", "legacy_init_op")  # collections that name the initialiser, in older formats


class ReachedOps:
    """The nodes of a graph by name, and what each thing that a server runs reaches.

    Args:
        meta_graph: The graph of a SavedModel.

    Attributes:
        meta_graph: The graph.
        functions: Function name -> `FunctionDef`.
        nodes: Function name, or `GRAPH` -> node name -> `NodeDef`.
        calls: The same -> node name -> the functions of the graph that the node calls; without nodes that call none.

    Example:
        `ReachedOps(read_meta_graph(version)).nodes_of("serving_default")`
    """

    def __init__(self, meta_graph: Any) -> None:
        self.meta_graph = meta_graph
        self.functions = {function.signature.name: function for function in meta_graph.graph_def.library.function}
        self.nodes = {
            name: {node.name: node for node in function.node_def} for name, function in self.functions.items()
        }
        self.nodes[GRAPH] = {node.name: node for node in meta_graph.graph_def.node}
        self.calls = {
            function: {name: called for name, node in nodes.items() if (called := self._called(node))}
            for function, nodes in self.nodes.items()
        }

    @cached_property
    def roots(self) -> dict[str, list[str]]:
        """What a server runs, by name -> the graph tensors that it asks for: signatures, `INITIALISER`, `RESTORE`."""
        found = {
            name: [part for tensor in definition.outputs.values() for part in tensor_names(tensor)]
            for name, definition in sorted(self.meta_graph.signature_def.items())
        }
        for collection in _MAIN_OPS:
            if collection in self.meta_graph.collection_def:
                found.setdefault(INITIALISER, []).extend(self.meta_graph.collection_def[collection].node_list.value)
        if restore := self.meta_graph.saver_def.restore_op_name:
            found[RESTORE] = [restore]
        return found

    def nodes_of(self, root: str) -> Iterator[tuple[str, Any]]:
        """Lists the nodes that a root needs.

        Args:
            root: A key of `roots`.

        Yields:
            The name of the function that holds the node, or `GRAPH`, and the node.
        """
        seen = {GRAPH}
        pending = [(GRAPH, self._ancestors(self.roots[root]))]
        while pending:
            function, body = pending.pop()
            calls = self.calls[function]
            for name, node in body.items():
                yield function, node
                for callee in calls.get(name, ()):
                    if callee not in seen:
                        seen.add(callee)
                        pending.append((callee, self.nodes[callee]))

    def functions_of(self, root: str) -> set[str]:
        """The functions that a root calls, directly or indirectly."""
        return {function for function, _ in self.nodes_of(root)} - {GRAPH}

    def _called(self, node: Any) -> tuple[str, ...]:
        """The functions that a node may call: its op, and those among its attributes."""
        functions = self.functions
        found = [node.op] if node.op in functions else []
        for value in node.attr.values():
            kind = value.WhichOneof("value")
            if kind == "func" and value.func.name in functions:
                found.append(value.func.name)
            elif kind == "list":
                found += [function.name for function in value.list.func if function.name in functions]
        return tuple(found)

    def _ancestors(self, outputs: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        pending = list(outputs)
        nodes = self.nodes[GRAPH]
        while pending:
            name = node_name(pending.pop())
            if name in nodes and name not in found:
                found[name] = nodes[name]
                pending.extend(nodes[name].input)
        return found


def used_ops(meta_graph: Any) -> set[str]:
    """Names the ops that a server needs to answer requests and to initialise tables.

    Args:
        meta_graph: The graph of a SavedModel.

    Returns:
        The ops that its signatures reach, nested functions included.
    """
    reached = ReachedOps(meta_graph)
    ops = {node.op for root in reached.roots if root != RESTORE for _, node in reached.nodes_of(root)}
    return ops - reached.functions.keys()


def tensor_names(tensor: Any) -> list[str]:
    """The graph tensors of a `TensorInfo`: one, or the parts of a ragged or sparse tensor."""
    sparse = tensor.coo_sparse
    names = [tensor.name, sparse.values_tensor_name, sparse.indices_tensor_name, sparse.dense_shape_tensor_name]
    names += [part.name for part in tensor.composite_tensor.components]
    return [name for name in names if name]


def node_name(tensor: str) -> str:
    """The node that makes a tensor, by the tensor's name; `^name` stands for an op that must run before."""
    return tensor.removeprefix("^").partition(":")[0]
