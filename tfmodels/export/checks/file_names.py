"""Where the file names that ops of a graph open come from."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from tfmodels.export.graph.dataflow import Dataflow, Source
from tfmodels.export.graph.reached_ops import GRAPH, ReachedOps, node_name

_PASSED_ON = ("Identity", "StopGradient", "Snapshot", "ReadVariableOp")
_VARIABLE, _ASSIGNMENT = "VarHandleOp", "AssignVariableOp"
# Ops that read a file which is part of the version, if its name comes from where the server puts it -> which input.
OF_ASSETS = {"InitializeTableFromTextFile": 1, "InitializeTableFromTextFileV2": 1}
_OF_VARIABLES = {"RestoreV2": 0, "Restore": 0, "RestoreSlice": 0}


class FileNames:
    """Follows the file names of a graph.

    Args:
        reached: The graph.
    """

    def __init__(self, reached: ReachedOps) -> None:
        self._reached, self._flow = reached, Dataflow(reached)
        self._assets = {node_name(asset.tensor_info.name) for asset in reached.meta_graph.asset_file_def}
        self._prefix = node_name(reached.meta_graph.saver_def.filename_tensor_name)

    def reads_other_file(self, function: str, node: Any) -> bool:
        """Whether a node initialises a table from a file that is no asset of the version."""
        return node.op in OF_ASSETS and not self._origins(function, node, OF_ASSETS[node.op]) <= self._assets

    def reads_variables(self, function: str, node: Any) -> bool:
        """Whether an op of the restoring reads the file that the server names, and no other."""
        if node.op not in _OF_VARIABLES:
            return node.op.startswith("Sharded")
        return self._origins(function, node, _OF_VARIABLES[node.op]) == {self._prefix}

    def _origins(self, function: str, node: Any, position: int) -> set[str]:
        """The nodes of the outermost graph that an input comes from, through variables too; "" for others."""
        inputs = [name for name in node.input if not name.startswith("^")]
        pending = [(function, inputs[position])] if position < len(inputs) else []
        found = set() if pending else {""}
        variables = set()
        while pending:
            sources = list(self._flow.sources(*pending.pop(), _passed_on))
            if not sources:
                found.add("")
            for source in sources:
                if source.node.op != _VARIABLE:
                    found.add(source.node.name if source.function == GRAPH else "")
                elif (variable := _identity(source)) not in variables:
                    variables.add(variable)
                    pending += self._assigned.get(variable, [])
        return found

    @cached_property
    def _assigned(self) -> dict[tuple, list[tuple[str, str]]]:
        """What is written to each variable anywhere: the function and the tensor in it."""
        found = defaultdict(list)
        for function, nodes in self._reached.nodes.items():
            for node in nodes.values():
                if node.op == _ASSIGNMENT and len(node.input) > 1:
                    for source in self._flow.sources(function, node.input[0], _passed_on):
                        found[_identity(source)].append((function, node.input[1]))
        return found


def _identity(source: Source) -> tuple:
    """What tells variables apart: nodes of one name share a variable."""
    texts = [source.node.attr[name].s for name in ("shared_name", "container") if name in source.node.attr]
    return tuple(texts) if any(texts) else (source.function, source.node.name)


def _passed_on(function: str, node: Any, output: str) -> tuple[int, ...] | None:
    return (0,) if node.op in _PASSED_ON else None
