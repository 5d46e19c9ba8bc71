"""Checks of what depends on content: the number of an output's rows, and whether a request fails."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tfmodels.export.checks.finding import Finding
from tfmodels.export.graph.dataflow import Dataflow, constant
from tfmodels.export.graph.declared_signatures import endpoint_definitions
from tfmodels.export.graph.reached_ops import GRAPH, ReachedOps, node_name, tensor_names

# Op -> its outputs in order: their numbers of rows depend on content. `Unique`'s `idx` has the rows of its input.
_COUNTED = {
    **dict.fromkeys(("Unique", "UniqueV2"), ("y", "idx")),
    **dict.fromkeys(("UniqueWithCounts", "UniqueWithCountsV2"), ("y", "idx", "count")),
    "Where": ("index",),
    "DynamicPartition": ("outputs",),
    "ListDiff": ("out", "idx"),
    **dict.fromkeys(("StringSplit", "StringSplitV2"), ("indices", "values", "shape")),
    "UnicodeDecode": ("row_splits", "char_values"),
    "UnicodeDecodeWithOffsets": ("row_splits", "char_values", "char_to_byte_starts"),
    "StringNGrams": ("ngrams", "ngrams_splits"),
    "RaggedRange": ("rt_nested_splits", "rt_dense_values"),
    "NonMaxSuppression": ("selected_indices",),
    **{f"NonMaxSuppressionV{number}": ("selected_indices",) for number in (2, 3)},
    **{f"Segment{name}": ("output",) for name in ("Sum", "Mean", "Max", "Min", "Prod")},
}
# Ops whose output has the rows of their first input.
_FIRST = frozenset((
    *("Identity", "StopGradient", "PreventGradient", "Snapshot", "Cast", "Neg", "Abs", "Sign", "Square", "Sqrt"),
    *("Rsqrt", "Exp", "Expm1", "Log", "Log1p", "Tanh", "Sigmoid", "Softplus", "Relu", "Relu6", "Elu", "Selu"),
    *("Sin", "Cos", "Floor", "Ceil", "Round", "Rint", "Reciprocal", "Inv", "LogicalNot", "Invert", "IsNan", "IsInf"),
    *("IsFinite", "Softmax", "LogSoftmax", "BiasAdd", "CheckNumerics", "CheckNumericsV2", "ZerosLike", "OnesLike"),
    *("EnsureShape", "AsString", "StringLength", "StringLower", "StringUpper", "StringStrip"),
    *("StringToNumber", "Substr", "StringToHashBucket", "StringToHashBucketFast", "StringToHashBucketStrong"),
    *("RegexReplace", "StaticRegexReplace", "RegexFullMatch", "StaticRegexFullMatch", "UnicodeTranscode"),
    *("UnicodeScript", "EncodeBase64", "DecodeBase64", "NormalizeUTF8", "CaseFoldUTF8"),
))  # fmt: skip
# Ops whose output has the rows of their inputs, which are broadcast to each other.
_ALL = frozenset((
    *("Add", "AddV2", "Sub", "Mul", "Div", "RealDiv", "FloorDiv", "FloorMod", "Mod", "TruncateDiv", "TruncateMod"),
    *("DivNoNan", "MulNoNan", "Xdivy", "Xlogy", "Pow", "Maximum", "Minimum", "SquaredDifference", "Atan2", "AddN"),
    *("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr", "SelectV2"),
    *("Select", "ClipByValue", "StringJoin", "BitwiseAnd", "BitwiseOr", "BitwiseXor"),
))  # fmt: skip
# Ops that look rows up: the position of the input that says which.
_LOOKED_UP = {"ResourceGather": 1, "LookupTableFind": 1, "LookupTableFindV2": 1, "Gather": 1}
# TensorFlow's own checks of the parts of ragged tensors, which hold whatever the content.
_ALWAYS_TRUE = re.compile(r"(.*/)?(Ragged|RowPartition)From\w+/.*")
_CHECKS = {"CheckNumerics": "numeric_check", "CheckNumericsV2": "numeric_check", "Assert": "assertion"}
# What these give depends on the shape of content alone.
_SHAPES = frozenset(("Shape", "ShapeN", "Size", "Rank"))
_FROM_OUTSIDE = frozenset(("Placeholder", "PlaceholderWithDefault"))


def row_count_findings(reached: ReachedOps) -> Iterator[Finding]:
    """Finds outputs whose number of rows depends on content.

    An output is followed upward through ops that keep rows. Whatever puts rows back into place, such as a gather by
    the indices of `tf.unique` or a reshape, ends the search: only a sure fault is found.

    Args:
        reached: The graph.

    Yields:
        The findings.
    """
    flow = Dataflow(reached)

    def rows_of(function: str, node: Any, output: str) -> Sequence[int] | None:
        return _inputs_with_the_rows(reached.nodes[function], node, output)

    for endpoint, definition in endpoint_definitions(reached.meta_graph).items():
        for name, tensor in sorted(definition.outputs.items()):
            for source in flow.sources(GRAPH, tensor.name, rows_of):
                if source.node.op in _COUNTED:
                    problem = f"has as many rows as {source.node.op} finds ({source.function}/{source.node.name})"
                    advice = "return one row for each row of the request, padded or joined to one length"
                    yield Finding("row_count", endpoint, f"output {name!r}", problem, advice)
                    break


def check_findings(reached: ReachedOps) -> Iterator[Finding]:
    """Finds checks inside the graph that fail a request because of its content.

    Args:
        reached: The graph.

    Yields:
        One finding per endpoint and kind of check.
    """
    flow = Dataflow(reached)
    for endpoint, definition in endpoint_definitions(reached.meta_graph).items():
        fed = {node_name(part) for tensor in definition.inputs.values() for part in tensor_names(tensor)}
        found = set()
        for function, node in reached.nodes_of(endpoint):
            rule = _CHECKS.get(node.op)
            if rule is None or rule in found or not node.input or _ALWAYS_TRUE.fullmatch(node.name):
                continue
            sources = flow.sources(function, node.input[0], _inputs_with_the_content)
            if any(source.function == GRAPH and source.node.name in fed for source in sources):
                found.add(rule)
                problem = f"fails a request because of its content ({function}/{node.name})"
                yield Finding(rule, endpoint, node.op, problem, "replace or clip values that it cannot use")


def _inputs_with_the_rows(nodes: dict[str, Any], node: Any, output: str) -> Sequence[int] | None:
    if node.op in _COUNTED:
        outputs = _COUNTED[node.op]
        label = outputs[min(int(output), len(outputs) - 1)] if output.isdecimal() else output
        return [0] if node.op.startswith("Unique") and label == "idx" else None
    if node.op in _FIRST:
        return [0]
    if node.op in _ALL:
        return range(len(node.input))
    if node.op in _LOOKED_UP:
        return [_LOOKED_UP[node.op]]
    if node.op == "GatherV2":
        return [1] if len(node.input) > 2 and _is_zero(constant(nodes, node.input[2])) else None
    if node.op == "Squeeze":
        axes = list(node.attr["squeeze_dims"].list.i) if "squeeze_dims" in node.attr else []
        return [0] if axes and min(axes) > 0 else None
    return None


def _is_zero(value: Any) -> bool:
    return value is not None and not any((*value.int_val, *value.int64_val, *value.tensor_content))


def _inputs_with_the_content(function: str, node: Any, output: str) -> Sequence[int] | None:
    return None if node.op in _SHAPES or node.op in _FROM_OUTSIDE else range(len(node.input))
