"""What TensorFlow Serving answers to what, as data: the behaviour of release 2.20.

An exchange with a `fault` is one where the real server does wrong, in the way that the fault tells; `answer` is then
what the development server does instead.
"""

import base64
from dataclasses import dataclass
from typing import Any

import grpc

TEXT, NUMBERS = "/v1/models/text", "/v1/models/numbers"
NOT_UTF8 = base64.b64encode(b"\xff\xfe").decode()


@dataclass(frozen=True)
class Rest:
    """A REST request and its answer.

    Args:
        name: What is shown.
        path: The path of the URL.
        body: JSON to be sent, or bytes to be sent as they are; None for a GET.
        status: The HTTP status.
        answer: The JSON document that comes back.
        error: What the message of the error holds.
        batched: Whether this holds with batching only (True), without only (False), or both ways (None).
        fault: What the real server does wrong.
    """

    name: str
    path: str
    body: Any = None
    status: int = 200
    answer: Any = None
    error: str | None = None
    batched: bool | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Grpc:
    """A Predict request over gRPC and its answer.

    Args:
        name: What is shown.
        inputs: Input name -> (type, values).
        answer: Output name -> values.
        model: The name, version or label: the fields of `ModelSpec`.
        outputs: The `output_filter`.
        code: The status code.
        error: What the message holds.
        batched: As in `Rest`.
        fault: What the real server does wrong.
    """

    name: str
    inputs: dict[str, tuple[str, Any]]
    answer: dict[str, Any] | None = None
    model: dict[str, Any] | None = None
    outputs: tuple[str, ...] = ()
    code: grpc.StatusCode = grpc.StatusCode.OK
    error: str | None = None
    batched: bool | None = None
    fault: str | None = None


def loud(*texts, version=2):
    return [{"text": text, "version": version} for text in texts]


TYPED = {"double": 1e300, "float": 0.1, "int": -7, "long": 2**60, "byte": 200, "truth": True}

REST = [
    # the row form
    Rest("row", f"{TEXT}:predict", {"instances": ["ab", "é"]}, answer={"predictions": loud("AB", "É")}),
    Rest("row, named", f"{TEXT}:predict", {"instances": [{"text": "ab"}]}, answer={"predictions": loud("AB")}),
    Rest(
        "row, one output",
        f"{NUMBERS}:predict",
        {"signature_name": "serving_default", "instances": [1, 2.5]},
        answer={"predictions": [2.0, 5.0]},
    ),
    Rest(
        "row, every type",
        f"{NUMBERS}:predict",
        {"signature_name": "typed", "instances": [TYPED, TYPED]},
        answer={"predictions": [{f"same_{name}": value for name, value in TYPED.items()}] * 2},
    ),
    Rest(
        "row, uneven",
        f"{NUMBERS}:predict",
        {"signature_name": "row_sums", "instances": [[1, 2, 3], [1, 2]]},
        status=400,
        error="Expecting tensor size: 3 but got: 2",
    ),
    Rest(
        "row, uneven inside",
        f"{NUMBERS}:predict",
        {"signature_name": "row_sums", "instances": [[[1, 2], [3]]]},
        status=400,
        error="Encountered list at unexpected size: 1 at level: 1 expected size: 2",
    ),
    Rest("row, none", f"{TEXT}:predict", {"instances": []}, status=400, error="No values in 'instances' array"),
    Rest("row, no list", f"{TEXT}:predict", {"instances": "ab"}, status=400, error="to be an list/array"),
    Rest(
        "row, mixed",
        f"{TEXT}:predict",
        {"instances": [{"text": "a"}, "b"]},
        status=400,
        error="Expecting object but got list at item 1 of input list",
    ),
    Rest(
        "row, unnamed among many inputs",
        f"{NUMBERS}:predict",
        {"signature_name": "typed", "instances": [1]},
        status=400,
        error="instances is a plain list, but expecting list of objects",
    ),
    Rest(
        "row, unknown input",
        f"{TEXT}:predict",
        {"instances": [{"txet": "a"}]},
        status=400,
        error="does not have named input: txet",
    ),
    Rest(
        "row, missing input",
        f"{NUMBERS}:predict",
        {"signature_name": "typed", "instances": [{"float": 1}]},
        status=400,
        error="keys must be equal to: byte,double,float,int,long,truth",
    ),
    Rest(
        "row, scalar output",
        f"{NUMBERS}:predict",
        {"signature_name": "total", "instances": [1, 2]},
        status=400,
        error="has no shape information",
        batched=False,
    ),
    # the column form
    Rest(
        "column",
        f"{TEXT}:predict",
        {"inputs": ["ab"]},
        answer={"outputs": {"text": ["AB"], "version": [2]}},
    ),
    Rest(
        "column, named, unknown ones too",
        f"{TEXT}:predict",
        {"inputs": {"text": ["ab"], "other": 1}},
        answer={"outputs": {"text": ["AB"], "version": [2]}},
    ),
    Rest("column, one output", f"{NUMBERS}:predict", {"inputs": {"x": [1]}}, answer={"outputs": [2.0]}),
    Rest(
        "column, scalar",
        f"{NUMBERS}:predict",
        {"signature_name": "scalar", "inputs": 3},
        answer={"outputs": 6.0},
        batched=False,
    ),
    Rest(
        "column, scalar in a batch",
        f"{NUMBERS}:predict",
        {"signature_name": "scalar", "inputs": 3},
        status=400,
        error="input tensors must have at least one dimension",
        batched=True,
    ),
    Rest(
        "column, scalar output",
        f"{NUMBERS}:predict",
        {"signature_name": "total", "inputs": [1, 2]},
        answer={"outputs": 3.0},
        batched=False,
    ),
    Rest(
        "column, scalar output in a batch",
        f"{NUMBERS}:predict",
        {"signature_name": "total", "inputs": [1, 2]},
        status=400,
        error="Batched output tensor has 0 dimensions",
        batched=True,
    ),
    Rest(
        "column, missing",
        f"{NUMBERS}:predict",
        {"signature_name": "typed", "inputs": {"float": [1]}},
        status=400,
        error="Missing named input:",
    ),
    Rest(
        "column, unnamed among many inputs",
        f"{NUMBERS}:predict",
        {"signature_name": "typed", "inputs": [1]},
        status=400,
        error="inputs is a plain value/list, but expecting an object",
    ),
    Rest(
        "empty batch",
        f"{TEXT}:predict",
        {"inputs": {"text": []}},
        answer={"outputs": {"text": [], "version": []}},
        batched=False,
    ),
    Rest(
        "empty batch in a batch",
        f"{TEXT}:predict",
        {"inputs": {"text": []}},
        answer={"outputs": {"text": [], "version": []}},
        batched=True,
        fault="no answer until another request comes",
    ),
    Rest(
        "larger than a batch",
        f"{TEXT}:predict",
        {"instances": ["a"] * 9},
        status=400,
        error="Task size 9 is larger than maximum input batch size 8",
        batched=True,
    ),
    # strings
    Rest(
        "bytes in",
        f"{TEXT}:predict",
        {"inputs": [{"b64": "YWI="}, "c"]},
        answer={"outputs": {"text": ["AB", "C"], "version": [2, 2]}},
    ),
    Rest(
        "bytes out",
        f"{TEXT}:predict",
        {"signature_name": "bytes", "instances": ["ab", {"b64": NOT_UTF8}]},
        answer={"predictions": [{"b64": "YWI="}, {"b64": NOT_UTF8}]},
    ),
    Rest(
        "bytes, not base64",
        f"{TEXT}:predict",
        {"instances": [{"b64": "?"}]},
        status=400,
        error="Unable to base64 decode",
    ),
    Rest(
        "NUL",
        f"{TEXT}:predict",
        b'{"signature_name": "same", "instances": ["a\\u0000b"]}',
        answer={"predictions": ["a\0b"]},
    ),
    Rest(
        "output that is not UTF-8",
        f"{TEXT}:predict",
        {"signature_name": "same", "instances": [{"b64": NOT_UTF8}]},
        answer={"predictions": ["\ufffd\ufffd"]},
        fault="an invalid JSON document",
    ),
    # numbers
    Rest(
        "not finite",
        f"{NUMBERS}:predict",
        b'{"instances": [NaN, Infinity, -Infinity]}',
        answer={"predictions": [float("nan"), float("inf"), float("-inf")]},
    ),
    Rest(
        "half",
        f"{NUMBERS}:predict",
        {"signature_name": "half", "instances": [1]},
        status=400,
        error="Failed to write JSON value for tensor type: half",
    ),
    Rest(
        "text for a number", f"{NUMBERS}:predict", {"instances": ["1"]}, status=400, error="not of expected type: float"
    ),
    Rest("number for a text", f"{TEXT}:predict", {"instances": [1]}, status=400, error="not of expected type: string"),
    Rest(
        "too large for float32",
        f"{NUMBERS}:predict",
        {"instances": [1e39]},
        status=400,
        error="to float without loss of precision",
    ),
    Rest(
        "decimal for an integer",
        f"{NUMBERS}:predict",
        {"signature_name": "slow", "instances": [1.5]},
        status=400,
        error="not of expected type: int32",
    ),
    # documents
    Rest("nothing", f"{TEXT}:predict", b"", status=400, error="The document is empty"),
    Rest("no JSON", f"{TEXT}:predict", b'{"instances": [', status=400, error="JSON Parse error"),
    Rest("no object", f"{TEXT}:predict", [], status=400, error="Is not object"),
    Rest("no key", f"{TEXT}:predict", {}, status=400, error="Missing 'inputs' or 'instances' key"),
    Rest("both keys", f"{TEXT}:predict", {"inputs": ["a"], "instances": ["a"]}, status=400, error="expecting only"),
    Rest(
        "signature of a wrong type",
        f"{TEXT}:predict",
        {"signature_name": 1, "instances": ["a"]},
        status=400,
        error="'signature_name' key must be a string value",
    ),
    Rest(
        "unknown signature",
        f"{TEXT}:predict",
        {"signature_name": "nope", "instances": ["a"]},
        status=400,
        error='"nope" not found',
    ),
    # addresses
    Rest("version", f"{TEXT}/versions/1:predict", {"instances": ["a"]}, answer={"predictions": loud("A", version=1)}),
    Rest("label", f"{TEXT}/labels/stable:predict", {"instances": ["a"]}, answer={"predictions": loud("A", version=1)}),
    Rest("case", "/V1/Models/text:Predict", {"instances": ["a"]}, answer={"predictions": loud("A")}),
    Rest("escaped name", "/v1/models/te%78t:predict", {"instances": ["a"]}, answer={"predictions": loud("A")}),
    Rest(
        "unknown model",
        "/v1/models/nope:predict",
        {"instances": ["a"]},
        status=404,
        error="Servable not found for request: Latest(nope)",
    ),
    Rest(
        "unknown version",
        f"{TEXT}/versions/7:predict",
        {"instances": ["a"]},
        status=404,
        error="Servable not found for request: Specific(text, 7)",
    ),
    Rest(
        "unknown label",
        f"{TEXT}/labels/nope:predict",
        {"instances": ["a"]},
        status=400,
        error="Unrecognized servable version label: nope",
    ),
    Rest("unknown method", f"{TEXT}:answer", {"instances": ["a"]}, status=400, error="Malformed request: POST"),
    Rest("predict by GET", f"{TEXT}:predict", status=400, error="Malformed request: GET"),
    # status
    Rest(
        "status",
        TEXT,
        answer={
            "model_version_status": [
                {"version": version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
                for version in ("2", "1")
            ]
        },
    ),
    Rest(
        "status by label: of all versions",
        f"{TEXT}/labels/stable",
        answer={
            "model_version_status": [
                {"version": version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
                for version in ("2", "1")
            ]
        },
    ),
    Rest(
        "status of a version",
        f"{TEXT}/versions/1",
        answer={
            "model_version_status": [
                {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
            ]
        },
    ),
    Rest(
        "status of an unknown model", "/v1/models/nope", status=404, error="Could not find any versions of model nope"
    ),
    Rest(
        "status of an unknown version", f"{TEXT}/versions/7", status=404, error="Could not find version 7 of model text"
    ),
    Rest("no list of models", "/v1/models", status=400, error="Missing model name in request."),
]

GRPC = [
    Grpc("text", {"text": ("string", [b"ab"])}, {"text": [b"AB"], "version": [2]}),
    Grpc("output filter", {"text": ("string", [b"ab"])}, {"version": [2]}, outputs=("version",)),
    Grpc(
        "version",
        {"text": ("string", [b"ab"])},
        {"text": [b"AB"], "version": [1]},
        model={"name": "text", "version": 1},
    ),
    Grpc(
        "label",
        {"text": ("string", [b"ab"])},
        {"text": [b"AB"], "version": [1]},
        model={"name": "text", "version_label": "stable"},
    ),
    Grpc("half", {"x": ("float32", [1])}, {"y": [1]}, model={"name": "numbers", "signature_name": "half"}),
    Grpc(
        "scalar",
        {"x": ("float32", 1)},
        {"y": 2},
        model={"name": "numbers", "signature_name": "scalar"},
        batched=False,
    ),
    Grpc(
        "missing",
        {},
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="input size does not match signature: 0!=1",
    ),
    Grpc(
        "wrong type",
        {"x": ("float64", [1])},
        model={"name": "numbers"},
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="to be float but double is provided",
    ),
    Grpc(
        "unknown output",
        {"text": ("string", [b"a"])},
        outputs=("nope",),
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="output tensor alias not found in signature: nope",
    ),
    Grpc(
        "output twice",
        {"text": ("string", [b"a"])},
        outputs=("text", "text"),
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="duplicate output tensor alias: text",
    ),
    Grpc(
        "unknown signature",
        {"text": ("string", [b"a"])},
        model={"name": "text", "signature_name": "nope"},
        code=grpc.StatusCode.FAILED_PRECONDITION,
        error='Serving signature key "nope" not found',
    ),
    Grpc(
        "unknown model",
        {"text": ("string", [b"a"])},
        model={"name": "nope"},
        code=grpc.StatusCode.NOT_FOUND,
        error="Servable not found for request: Latest(nope)",
    ),
    Grpc(
        "unknown label",
        {"text": ("string", [b"a"])},
        model={"name": "text", "version_label": "nope"},
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="Unrecognized servable version label: nope",
    ),
    Grpc(
        "assertion",
        {"x": ("float32", [4, -1])},
        model={"name": "numbers", "signature_name": "roots"},
        code=grpc.StatusCode.INVALID_ARGUMENT,
        error="assertion failed",
    ),
]
