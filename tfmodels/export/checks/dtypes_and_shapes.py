"""Checks of the types and shapes of a signature's inputs and outputs: can TensorFlow Serving carry them?"""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tfmodels.export.checks.finding import WARNING, Finding
from tfmodels.export.graph.declared_signatures import is_dense
from tfmodels.export.graph.reached_ops import reached_functions

# The types that the REST interface of TensorFlow Serving reads and writes.
SERVABLE_DTYPES = (
    tf.bool, tf.string, tf.float32, tf.float64,
    tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint32, tf.uint64,
)  # fmt: skip
OPEN_AXIS = "open_axis"
_PAD = "pad its rows to one length (`to_tensor`, `tf.sparse.to_dense`)"
_PAD_INPUT = "take a dense tensor, its rows padded to one length, and `tf.RaggedTensor.from_tensor` inside the endpoint"


def signature_findings(meta_graph: tf.compat.v1.MetaGraphDef) -> list[Finding]:
    """Checks the inputs and outputs of each signature as the SavedModel declares them.

    Args:
        meta_graph: The graph of a SavedModel, see `read_meta_graph`.

    Returns:
        The findings.
    """
    findings = []
    for endpoint, definition in sorted(meta_graph.signature_def.items()):
        if endpoint.startswith("__saved_model"):
            continue
        if not definition.inputs:
            problem = "takes no input, so its requests have no batch"
            findings.append(Finding("batch_axis", endpoint, "signature", problem, "give it a batched input"))
        findings += _default_findings(endpoint, definition)
        findings += _part_findings(endpoint, definition, meta_graph)
        for kind, tensors in (("input", definition.inputs), ("output", definition.outputs)):
            for name, tensor in sorted(tensors.items()):
                subject = f"{kind} {name!r}"
                if is_dense(tensor):
                    shape = tf.TensorShape(tensor.tensor_shape)
                    findings += tensor_findings(endpoint, subject, tf.as_dtype(tensor.dtype), shape)
                else:
                    problem = "is ragged or sparse, which no request or response can carry"
                    findings.append(Finding("dense", endpoint, subject, problem, _PAD))
    return findings


def tensor_findings(endpoint: str, subject: str, dtype: tf.DType, shape: tf.TensorShape) -> Iterator[Finding]:
    """Checks one dense input or output.

    Args:
        endpoint: The endpoint's name.
        subject: The name of the tensor in the findings.
        dtype: Its type.
        shape: Its shape.

    Yields:
        The findings.
    """
    if dtype not in SERVABLE_DTYPES:
        yield Finding(
            "dtype",
            endpoint,
            subject,
            f"is {dtype.name}, which JSON cannot carry",
            "cast it inside the endpoint; half types to float32",
        )
    if shape.rank is None:
        problem = "has an unknown shape, so it may have no batch axis"
        yield Finding("rank", endpoint, subject, problem, "state the shape with `tf.ensure_shape`", WARNING)
    elif shape.rank == 0:
        problem = "is a scalar, but the server joins and splits requests along the first axis"
        yield Finding("rank", endpoint, subject, problem, "make it `[batch]`, one value per row")
    else:
        if shape[0] is not None:
            problem = f"has a first axis of size {shape[0]}, which must be an open batch: {shape}"
            yield Finding("batch_axis", endpoint, subject, problem, "export it with None as the size of the first axis")
        if None in shape.as_list()[1:]:
            problem = f"has an open axis after the batch: {shape}; requests of different sizes cannot share a batch"
            advice = "fix the size at export, take raw text, or do not batch the requests of this endpoint"
            yield Finding(OPEN_AXIS, endpoint, subject, problem, advice, WARNING)


def _default_findings(endpoint: str, definition: Any) -> Iterator[Finding]:
    for name in sorted(definition.defaults):
        problem = "may be omitted over gRPC only, and its default does not grow with the batch"
        advice = "make it a required `[batch]` input, or add a second endpoint without it"
        yield Finding("default_input", endpoint, f"input {name!r}", problem, advice, WARNING)


def _part_findings(endpoint: str, definition: Any, meta_graph: tf.compat.v1.MetaGraphDef) -> Iterator[Finding]:
    """Finds inputs that share one name in the traced function, while the signature lists them separately."""
    reached = reached_functions(meta_graph, endpoint)
    for function in meta_graph.graph_def.library.function:
        if function.signature.name not in reached:
            continue
        parts: dict[bytes, list[str]] = {}
        for index, argument in enumerate(function.signature.input_arg):
            if argument.name in definition.inputs:
                parts.setdefault(function.arg_attr[index].attr["_user_specified_name"].s, []).append(argument.name)
        for name, inputs in parts.items():
            if name and any(_may_be_lengths(definition.inputs[part]) for part in inputs[1:]):
                problem = f"looks like one ragged or sparse tensor in the parts {inputs}, which share no batch axis"
                yield Finding("dense", endpoint, f"input {name.decode()!r}", problem, _PAD_INPUT, WARNING)


def _may_be_lengths(tensor: Any) -> bool:
    return tf.as_dtype(tensor.dtype).is_integer and tf.TensorShape(tensor.tensor_shape).rank == 1
