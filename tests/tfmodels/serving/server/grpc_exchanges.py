"""Predict requests over gRPC and the responses of TensorFlow Serving 2.20, as data."""

from dataclasses import dataclass
from typing import Any

import grpc


@dataclass(frozen=True)
class Grpc:
    """A Predict request over gRPC and its response.

    Args:
        name: The name of the test.
        inputs: Input name -> (type, values).
        response: Output name -> values.
        model: The name, version or label: the fields of `ModelSpec`.
        outputs: The `output_filter`.
        code: The status code.
        error: A part of the error message.
        batched: As in `Rest`.
        fault: As in `Rest`.
    """

    name: str
    inputs: dict[str, tuple[str, Any]]
    response: dict[str, Any] | None = None
    model: dict[str, Any] | None = None
    outputs: tuple[str, ...] = ()
    code: grpc.StatusCode = grpc.StatusCode.OK
    error: str | None = None
    batched: bool | None = None
    fault: str | None = None


def invalid(name, inputs, error, code=grpc.StatusCode.INVALID_ARGUMENT, **others):
    return Grpc(name, inputs, code=code, error=error, **others)


def text(**others):
    return {"name": "text", **others}


def numbers(**others):
    return {"name": "numbers", **others}


AB, A = {"text": ("string", [b"ab"])}, {"text": ("string", [b"a"])}
LOUD, LOUD_OLD = {"text": [b"AB"], "version": [2]}, {"text": [b"AB"], "version": [1]}
FAILED, NOT_FOUND = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND
NO_SIGNATURE, NO_MODEL = 'Serving signature key "nope" not found', "Servable not found for request: Latest(nope)"
NO_LABEL = "Unrecognized servable version label: nope"

GRPC = [
    Grpc("text", AB, LOUD),
    Grpc("output filter", AB, {"version": [2]}, outputs=("version",)),
    Grpc("version", AB, LOUD_OLD, text(version=1)),
    Grpc("label", AB, LOUD_OLD, text(version_label="stable")),
    Grpc("half", {"x": ("float32", [1])}, {"y": [1]}, numbers(signature_name="half")),
    Grpc("scalar", {"x": ("float32", 1)}, {"y": 2}, numbers(signature_name="scalar"), batched=False),
    invalid("missing", {}, "input size does not match signature: 0!=1"),
    invalid("wrong type", {"x": ("float64", [1])}, "to be float but double is provided", model=numbers()),
    invalid("unknown output", A, "output tensor alias not found in signature: nope", outputs=("nope",)),
    invalid("output twice", A, "duplicate output tensor alias: text", outputs=("text", "text")),
    invalid("unknown signature", A, NO_SIGNATURE, FAILED, model=text(signature_name="nope")),
    invalid("unknown model", A, NO_MODEL, NOT_FOUND, model={"name": "nope"}),
    invalid("unknown label", A, NO_LABEL, model=text(version_label="nope")),
    invalid("assertion", {"x": ("float32", [4, -1])}, "assertion failed", model=numbers(signature_name="roots")),
]
