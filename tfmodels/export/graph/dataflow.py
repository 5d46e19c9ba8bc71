"""Following a tensor of a graph upward to where it comes from, through the functions it is computed in."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tfmodels.export.graph.reached_ops import ReachedOps, node_name

_MOST_STEPS = 20_000
_MOST_DEPTH = 64  # of calls; TensorFlow refuses functions that call themselves
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_BRANCHES = ("If", "StatelessIf", "Case", "StatelessCase")  # their first input selects the branch
_LOOPS = ("While", "StatelessWhile")

# Function that holds a node, the node, the label of its output -> positions of the inputs to follow; None to stop.
Follow = Callable[[str, Any, str], Sequence[int] | None]


class Source(NamedTuple):
    """Where following a tensor ended.

    Attributes:
        function: The function that holds the node, or `GRAPH`.
        node: The node.
        output: The label of its output: its name in a function, its number in the outermost graph.
    """

    function: str
    node: Any
    output: str


class _Call:
    """A call on the way: identity, not content, tells two calls apart."""

    def __init__(self, function: str, caller: "_Call | None", node: Any) -> None:
        self.function, self.caller, self.node = function, caller, node
        self.depth: int = caller.depth + 1 if caller else 0


class Dataflow:
    """Follows tensors of a graph upward.

    Args:
        reached: The graph.
    """

    def __init__(self, reached: ReachedOps) -> None:
        self._nodes, self._functions, self._calls = reached.nodes, reached.functions, reached.calls

    def sources(self, function: str, tensor: str, follow: Follow) -> Iterator[Source]:
        """Lists the nodes where a tensor comes from.

        Calls of functions, branches and loops are followed into and out of; of a loop only the first values of what
        it carries. A search that takes too long ends early.

        Args:
            function: The function that holds the tensor, or `GRAPH`.
            tensor: Its name there, such as `StatefulPartitionedCall:0`, `Identity:output:0` or an argument.
            follow: Which inputs of any other node to follow.

        Yields:
            The nodes where `follow` stops.
        """
        calls: dict[tuple, _Call] = {}
        pending: list[tuple[_Call, str]] = [(_Call(function, None, None), tensor)]
        seen: set[tuple] = set()
        for _ in range(_MOST_STEPS):
            if not pending:
                return
            place, name = pending.pop()
            if (place, name) in seen:
                continue
            seen.add((place, name))
            arguments = self._arguments.get(place.function, {})
            node = self._nodes[place.function].get(node_name(name))
            if node is None:
                if name in arguments:
                    pending += self._given(place, arguments[name])
            elif inside := list(self._results(place, node, name, calls)):
                pending += inside
            else:
                output = _label(name)
                positions = [_index(name)] if node.op in _LOOPS else follow(place.function, node, output)
                if positions is None:
                    yield Source(place.function, node, output)
                else:
                    inputs = _data_inputs(node)
                    pending += [(place, inputs[at]) for at in positions if at < len(inputs)]

    def _given(self, place: _Call, argument: int) -> Iterator[tuple[_Call, str]]:
        """What callers give for an argument: the caller on the way, or all if the way began inside."""
        if place.caller:
            callers = [(place.caller, place.node)]
        else:
            callers = [(_Call(function, None, None), node) for function, node in self._callers[place.function]]
        for caller, node in callers:
            inputs = _data_inputs(node)
            at = argument + (node.op in _BRANCHES)
            if at < len(inputs):
                yield caller, inputs[at]

    def _results(self, place: _Call, node: Any, name: str, calls: dict[tuple, _Call]) -> Iterator[tuple[_Call, str]]:
        """The tensors in the called functions that become an output of a node."""
        followed = node.op in _CALLS or node.op in _BRANCHES or node.op in self._functions
        if not followed or place.depth >= _MOST_DEPTH:
            return
        index = _index(name)
        for callee in self._calls[place.function].get(node.name, ()):
            function = self._functions[callee]
            if index >= len(function.signature.output_arg):
                continue
            call = calls.setdefault((place, node.name, callee), _Call(callee, place, node))
            result = function.ret.get(function.signature.output_arg[index].name)
            if result:
                yield call, result

    @cached_property
    def _arguments(self) -> dict[str, dict[str, int]]:
        return {
            name: {argument.name: at for at, argument in enumerate(function.signature.input_arg)}
            for name, function in self._functions.items()
        }

    @cached_property
    def _callers(self) -> dict[str, list[tuple[str, Any]]]:
        found = defaultdict(list)
        for function, calls in self._calls.items():
            for name, callees in calls.items():
                for callee in callees:
                    found[callee].append((function, self._nodes[function][name]))
        return found


def constant(nodes: dict[str, Any], tensor: str) -> Any:
    """The `TensorProto` of a tensor that is constant within its function; None if it is not."""
    for _ in range(_MOST_DEPTH):
        node = nodes.get(node_name(tensor))
        if node is None:
            return None
        if node.op == "Const":
            return node.attr["value"].tensor if "value" in node.attr else None
        if node.op != "Identity" or not node.input:
            return None
        tensor = node.input[0]
    return None


def _data_inputs(node: Any) -> list[str]:
    return [name for name in node.input if not name.startswith("^")]


def _label(tensor: str) -> str:
    """`name` and `name:0` are output `0`; `name:output:0` is `output`."""
    parts = tensor.split(":")
    return parts[1] if len(parts) > 1 else "0"


def _index(tensor: str) -> int:
    """The number of an output of a call: the last part of the name."""
    last = tensor.rsplit(":", 1)[-1]
    return int(last) if last.isascii() and last.isdecimal() and len(last) < 8 else 0
