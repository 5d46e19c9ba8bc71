"""Checks that each input and output of a signature is a tensor of its own."""

from collections.abc import Iterator
from typing import Any

from tfmodels.export.checks.finding import Finding
from tfmodels.export.graph.declared_signatures import endpoint_definitions
from tfmodels.export.graph.reached_ops import GRAPH, ReachedOps, node_name, tensor_names


def alias_findings(reached: ReachedOps) -> Iterator[Finding]:
    """Finds inputs and outputs that share a tensor, or have none.

    Args:
        reached: The graph.

    Yields:
        The findings.
    """
    for endpoint, definition in endpoint_definitions(reached.meta_graph).items():
        fed, fetched = _by_tensor(definition.inputs), _by_tensor(definition.outputs)
        for kind, tensors in (("input", fed), ("output", fetched)):
            for tensor, names in tensors.items():
                subject = f"{kind} {names[0]!r}"
                if node_name(tensor) not in reached.nodes[GRAPH]:
                    problem = f"is the tensor {tensor!r}, which the graph does not have"
                    yield Finding("tensor_name", endpoint, subject, problem, "export it again")
                if len(names) > 1:
                    rule = "two_inputs" if kind == "input" else "two_outputs"
                    problem = f"is the same tensor as {', '.join(map(repr, names[1:]))}: {tensor!r}"
                    yield Finding(rule, endpoint, subject, problem, "give each a tensor of its own (`tf.identity`)")
        for tensor in fed.keys() & fetched.keys():
            problem = f"is the input {fed[tensor][0]!r}: {tensor!r}"
            advice = "return `tf.identity` of the input"
            yield Finding("output_is_input", endpoint, f"output {fetched[tensor][0]!r}", problem, advice)


def _by_tensor(tensors: Any) -> dict[str, list[str]]:
    """Tensor -> the names that stand for it; `x` is the tensor `x:0`."""
    found: dict[str, list[str]] = {}
    for name, tensor in sorted(tensors.items()):
        for part in tensor_names(tensor):
            found.setdefault(part if ":" in part else f"{part}:0", []).append(name)
    return found
