"""Whether requests and answers of a signature can pass through TensorFlow Serving at all: types and shapes."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tfmodels.export.finding import WARNING, Finding

# What the REST interface of TensorFlow Serving reads and writes.
SERVABLE_DTYPES = (
    tf.bool, tf.string, tf.float32, tf.float64,
    tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64,
)  # fmt: skip


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
        for kind, tensors in (("input", definition.inputs), ("output", definition.outputs)):
            for name, tensor in sorted(tensors.items()):
                findings += _tensor_findings(endpoint, f"{kind} {name!r}", tensor)
    return findings


def is_dense(tensor: Any) -> bool:
    """Whether a `TensorInfo` names a tensor of the graph, not the parts of a ragged or sparse one."""
    return bool(tensor.name)


def _default_findings(endpoint: str, definition: Any) -> Iterator[Finding]:
    for name in sorted(definition.defaults):
        problem = "may be left out over gRPC only, and its default does not grow with the batch"
        advice = "make it a required `[batch]` input, or give the endpoint without it another name"
        yield Finding("default_input", endpoint, f"input {name!r}", problem, advice, WARNING)


def _tensor_findings(endpoint: str, subject: str, tensor: Any) -> Iterator[Finding]:
    if not is_dense(tensor):
        yield Finding(
            "dense",
            endpoint,
            subject,
            "is ragged or sparse, which no request or answer can carry",
            "pad its rows to one length (`to_tensor`, `tf.sparse.to_dense`)",
        )
        return
    dtype = tf.as_dtype(tensor.dtype)
    if dtype not in SERVABLE_DTYPES:
        yield Finding(
            "dtype",
            endpoint,
            subject,
            f"is {dtype.name}, which JSON cannot carry",
            "cast it inside the endpoint; half types to float32",
        )
    shape = tf.TensorShape(tensor.tensor_shape)
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
            yield Finding("open_axis", endpoint, subject, problem, advice, WARNING)
