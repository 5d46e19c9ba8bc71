"""Checks of the types and shapes of a signature's inputs and outputs: can TensorFlow Serving carry them?"""

import math
from collections.abc import Iterator
from typing import Any

from tfmodels.export.batch_sizes import ANY_LENGTH
from tfmodels.export.checks.finding import Finding
from tfmodels.export.graph.declared_signatures import endpoint_definitions, is_dense, shape_of
from tfmodels.export.graph.reached_ops import ReachedOps
from tfmodels.export.graph.tensor_types import tensor_type_name

# The types that the REST interface of TensorFlow Serving reads and writes.
SERVABLE_DTYPES = (
    *("bool", "string", "float32", "float64"),
    *("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"),
)
OPEN_AXIS = "open_axis"
_MOST_AXES = 254  # TensorFlow has no tensors of more
_MOST_VALUES = 2**31  # in one row; requests have at most some thousands
_PAD = "pad its rows to one length (`to_tensor`, `tf.sparse.to_dense`)"
_PAD_INPUT = "take a dense tensor, its rows padded to one length, and `tf.RaggedTensor.from_tensor` inside the endpoint"


def signature_findings(meta_graph: Any) -> list[Finding]:
    """Checks the inputs and outputs of each signature as the SavedModel declares them.

    Args:
        meta_graph: The graph of a SavedModel, see `read_meta_graph`.

    Returns:
        The findings.
    """
    findings = []
    reached = ReachedOps(meta_graph)
    for endpoint, definition in endpoint_definitions(meta_graph).items():
        if not definition.inputs:
            problem = "takes no input, so its requests have no batch"
            findings.append(Finding("batch_axis", endpoint, "signature", problem, "give it a batched input"))
        findings += _default_findings(endpoint, definition)
        findings += _part_findings(endpoint, definition, reached)
        for kind, tensors in (("input", definition.inputs), ("output", definition.outputs)):
            for name, tensor in sorted(tensors.items()):
                subject = f"{kind} {name!r}"
                if is_dense(tensor):
                    findings += tensor_findings(endpoint, subject, tensor_type_name(tensor.dtype), shape_of(tensor))
                else:
                    problem = "is ragged or sparse, which no request or response can carry"
                    findings.append(Finding("dense", endpoint, subject, problem, _PAD))
    return findings


def tensor_findings(endpoint: str, subject: str, dtype: str, shape: tuple[int | None, ...] | None) -> Iterator[Finding]:
    """Checks one dense input or output.

    Args:
        endpoint: The endpoint's name.
        subject: The name of the tensor in the findings.
        dtype: TensorFlow's name of its type.
        shape: The sizes of its axes, None for open ones; None if the shape is unknown.

    Yields:
        The findings.
    """
    if dtype not in SERVABLE_DTYPES:
        advice = "cast it inside the endpoint; half types to float32, uint16 to int32"
        yield Finding("dtype", endpoint, subject, f"is {dtype}, which requests and responses cannot carry", advice)
    if shape is None:
        problem = "has an unknown shape, so it may have no batch axis"
        yield Finding("unknown_shape", endpoint, subject, problem, "state the shape with `tf.ensure_shape`")
    elif not shape:
        problem = "is a scalar, but the server joins and splits requests along the first axis"
        yield Finding("rank", endpoint, subject, problem, "make it `[batch]`, one value per row")
    else:
        yield from _shape_findings(endpoint, subject, shape)


def _shape_findings(endpoint: str, subject: str, shape: tuple[int | None, ...]) -> Iterator[Finding]:
    known = [size for size in shape if size is not None]
    if len(shape) > _MOST_AXES or min(known, default=0) < 0 or math.prod(known) > _MOST_VALUES:
        problem = f"has a shape that no request can have: {_shown(shape)}"
        yield Finding("shape", endpoint, subject, problem, "declare the sizes that its values have")
        return
    if shape[0] is not None:
        problem = f"has a first axis of size {shape[0]}, which should be an open batch: {_shown(shape)}; not run"
        yield Finding("fixed_batch", endpoint, subject, problem, "export it with None as the size of the first axis")
    if None in shape[1:]:
        problem = f"has an open axis after the batch: {_shown(shape)}; requests of different sizes cannot share a batch"
        unbatched = "do not batch the requests of this endpoint"
        advice = unbatched if endpoint == ANY_LENGTH else f"fix the size at export, take raw text, or {unbatched}"
        yield Finding(OPEN_AXIS, endpoint, subject, problem, advice)


def _shown(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join(map(str, shape[:8]))}{', ...' if len(shape) > 8 else ''})"


def _default_findings(endpoint: str, definition: Any) -> Iterator[Finding]:
    for name in sorted(definition.defaults):
        problem = "may be omitted over gRPC only, and its default does not grow with the batch"
        advice = "make it a required `[batch]` input, or add a second endpoint without it"
        yield Finding("default_input", endpoint, f"input {name!r}", problem, advice)


def _part_findings(endpoint: str, definition: Any, reached: ReachedOps) -> Iterator[Finding]:
    """Finds inputs that share one name in the traced function, while the signature lists them separately."""
    for name in sorted(reached.functions_of(endpoint)):
        function = reached.functions[name]
        parts: dict[bytes, list[str]] = {}
        for index, argument in enumerate(function.signature.input_arg):
            if argument.name in definition.inputs and index in function.arg_attr:
                given = function.arg_attr[index].attr
                if "_user_specified_name" in given:
                    parts.setdefault(given["_user_specified_name"].s, []).append(argument.name)
        for shared, inputs in parts.items():
            if shared and any(_may_be_lengths(definition.inputs[part]) for part in inputs[1:]):
                problem = f"looks like one ragged or sparse tensor in the parts {inputs}, which share no batch axis"
                subject = f"input {shared.decode(errors='replace')!r}"
                yield Finding("ragged_input", endpoint, subject, problem, _PAD_INPUT)


def _may_be_lengths(tensor: Any) -> bool:
    shape = shape_of(tensor)
    return "int" in tensor_type_name(tensor.dtype) and shape is not None and len(shape) == 1
