"""Whether requests and answers of a signature can pass through TensorFlow Serving at all: types and shapes."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tfmodels.export.checks.finding import WARNING, Finding
from tfmodels.export.graph.ops import reached_functions

# What the REST interface of TensorFlow Serving reads and writes.
SERVABLE_DTYPES = (
    tf.bool, tf.string, tf.float32, tf.float64,
    tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64,
)  # fmt: skip
OPEN_AXIS = "open_axis"
_PAD = "pad its rows to one length (`to_tensor`, `tf.sparse.to_dense`)"
_PAD_INPUT = "take a dense tensor, its rows padded to one length, and `tf.RaggedTensor.from_tensor` inside the endpoint"


def interface_findings(meta_graph: tf.compat.v1.MetaGraphDef) -> list[Finding]:
    """Checks the inputs and outputs of each signature as the SavedModel states them.

    Args:
        meta_graph: The graph of a SavedModel, see `read_meta_graph`.

    Returns:
        What is wrong.
    """
    findings = []
    for endpoint, definition in sorted(meta_graph.signature_def.items()):
        if endpoint.startswith("__saved_model"):
            continue
        if not definition.inputs:
            problem = "takes no input, so that its requests have no batch"
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
                    problem = "is ragged or sparse, which no request or answer can carry"
                    findings.append(Finding("dense", endpoint, subject, problem, _PAD))
    return findings


def is_dense(tensor: Any) -> bool:
    """Whether a `TensorInfo` names a tensor of the graph, not the parts of a ragged or sparse one."""
    return bool(tensor.name)


def tensor_findings(endpoint: str, subject: str, dtype: tf.DType, shape: tf.TensorShape) -> Iterator[Finding]:
    """Judges one dense input or output.

    Args:
        endpoint: The endpoint's name.
        subject: What to call the tensor.
        dtype: Its type.
        shape: Its shape.

    Yields:
        What is wrong.
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
        problem = "has a shape of which nothing is known, so that it may have no batch"
        yield Finding("rank", endpoint, subject, problem, "state the shape with `tf.ensure_shape`", WARNING)
    elif shape.rank == 0:
        problem = "is a scalar, while the server joins and splits requests along a first axis"
        yield Finding("rank", endpoint, subject, problem, "make it `[batch]`, one value for each row")
    else:
        if shape[0] is not None:
            problem = f"has {shape[0]} as its first axis, which has to be an open batch: {shape}"
            yield Finding("batch_axis", endpoint, subject, problem, "export it with None as the size of that axis")
        if None in shape.as_list()[1:]:
            problem = f"has an open axis behind the batch: {shape}; requests of other sizes fail in one batch together"
            advice = "fix the size at export, take raw text, or keep this endpoint's requests out of batching"
            yield Finding(OPEN_AXIS, endpoint, subject, problem, advice, WARNING)


def _default_findings(endpoint: str, definition: Any) -> Iterator[Finding]:
    for name in sorted(definition.defaults):
        problem = "may be left out over gRPC only, and its default does not grow with the batch"
        advice = "make it a required `[batch]` input, or give the endpoint without it another name"
        yield Finding("default_input", endpoint, f"input {name!r}", problem, advice, WARNING)


def _part_findings(endpoint: str, definition: Any, meta_graph: tf.compat.v1.MetaGraphDef) -> Iterator[Finding]:
    """Inputs of one name in the function behind a signature, which lists them one by one."""
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
                problem = f"looks like one ragged or sparse tensor in the parts {inputs}, which share no batch"
                yield Finding("dense", endpoint, f"input {name.decode()!r}", problem, _PAD_INPUT, WARNING)


def _may_be_lengths(tensor: Any) -> bool:
    return tf.as_dtype(tensor.dtype).is_integer and tf.TensorShape(tensor.tensor_shape).rank == 1
