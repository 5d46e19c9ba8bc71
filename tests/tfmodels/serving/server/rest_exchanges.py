"""REST requests and the responses of TensorFlow Serving 2.20, as data.

Where an exchange has a `fault`, the real server misbehaves in that way, and `response` is that of the development
server.
"""

import base64
from dataclasses import dataclass
from typing import Any

from raw_exchanges import EMPTY, NOT_UTF8_OUTPUT

TEXT, NUMBERS = "/v1/models/text", "/v1/models/numbers"
NOT_UTF8 = base64.b64encode(b"\xff\xfe").decode()


@dataclass(frozen=True)
class Rest:
    """A REST request and its response.

    Args:
        name: The name of the test.
        path: The path of the URL.
        body: JSON, or bytes to send unchanged; None for a GET.
        status: The HTTP status.
        response: The JSON document of the response.
        error: A part of the error message.
        batched: Whether this holds only with batching (True), only without (False), or in both cases (None).
        fault: How the real server misbehaves: a row of the table in docs/serving.md.
    """

    name: str
    path: str
    body: Any = None
    status: int = 200
    response: Any = None
    error: str | None = None
    batched: bool | None = None
    fault: str | None = None


def predict(name, model, body, response, **others):
    return Rest(name, f"{model}:predict", body, response=response, **others)


def refused(name, model, body, error, status=400, **others):
    return Rest(name, f"{model}:predict", body, status=status, error=error, **others)


def of(signature, **body):
    """A body that names its signature."""
    return {"signature_name": signature, **body}


def loud(*texts, version=2):
    return {"predictions": [{"text": text, "version": version} for text in texts]}


def available(*versions):
    states = [{"version": version, "state": "AVAILABLE", "status": OK} for version in versions]
    return {"model_version_status": states}


OK = {"error_code": "OK", "error_message": ""}
TYPED = {"double": 1e300, "float": 0.1, "int": -7, "long": 2**60, "byte": 200, "truth": True}
SAME_TYPED = {f"same_{name}": value for name, value in TYPED.items()}
LOUD_COLUMNS = {"outputs": {"text": ["AB"], "version": [2]}}
NO_ROWS = {"outputs": {"text": [], "version": []}}
SPECIAL = [float("nan"), float("inf"), float("-inf")]

ROWS = [
    predict("row", TEXT, {"instances": ["ab", "é"]}, loud("AB", "É")),
    predict("row, named", TEXT, {"instances": [{"text": "ab"}]}, loud("AB")),
    predict("row, one output", NUMBERS, of("serving_default", instances=[1, 2.5]), {"predictions": [2.0, 5.0]}),
    predict("row, every type", NUMBERS, of("typed", instances=[TYPED] * 2), {"predictions": [SAME_TYPED] * 2}),
    refused(
        "row, uneven", NUMBERS, of("row_sums", instances=[[1, 2, 3], [1, 2]]), "Expecting tensor size: 3 but got: 2"
    ),
    refused(
        "row, uneven inside",
        NUMBERS,
        of("row_sums", instances=[[[1, 2], [3]]]),
        "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
    ),
    refused("row, none", TEXT, {"instances": []}, "No values in 'instances' array"),
    refused("row, no list", TEXT, {"instances": "ab"}, "to be an list/array"),
    refused(
        "row, mixed", TEXT, {"instances": [{"text": "a"}, "b"]}, "Expecting object but got list at item 1 of input list"
    ),
    refused(
        "row, unnamed among many inputs",
        NUMBERS,
        of("typed", instances=[1]),
        "instances is a plain list, but expecting list of objects",
    ),
    refused("row, unknown input", TEXT, {"instances": [{"txet": "a"}]}, "does not have named input: txet"),
    refused(
        "row, missing input",
        NUMBERS,
        of("typed", instances=[{"float": 1}]),
        "keys must be equal to: byte,double,float,int,long,truth",
    ),
    refused("row, scalar output", NUMBERS, of("total", instances=[1, 2]), "has no shape information", batched=False),
]

COLUMNS = [
    predict("column", TEXT, {"inputs": ["ab"]}, LOUD_COLUMNS),
    predict("column, named, unknown ones too", TEXT, {"inputs": {"text": ["ab"], "other": 1}}, LOUD_COLUMNS),
    predict("column, one output", NUMBERS, {"inputs": {"x": [1]}}, {"outputs": [2.0]}),
    predict("column, scalar", NUMBERS, of("scalar", inputs=3), {"outputs": 6.0}, batched=False),
    refused(
        "column, scalar in a batch",
        NUMBERS,
        of("scalar", inputs=3),
        "input tensors must have at least one dimension",
        batched=True,
    ),
    predict("column, scalar output", NUMBERS, of("total", inputs=[1, 2]), {"outputs": 3.0}, batched=False),
    refused(
        "column, scalar output in a batch",
        NUMBERS,
        of("total", inputs=[1, 2]),
        "Batched output tensor has 0 dimensions",
        batched=True,
    ),
    refused("column, missing", NUMBERS, of("typed", inputs={"float": [1]}), "Missing named input:"),
    refused(
        "column, unnamed among many inputs",
        NUMBERS,
        of("typed", inputs=[1]),
        "inputs is a plain value/list, but expecting an object",
    ),
    predict("empty batch", TEXT, {"inputs": {"text": []}}, NO_ROWS, batched=False),
    predict(
        "empty batch in a batch",
        TEXT,
        {"inputs": {"text": []}},
        NO_ROWS,
        batched=True,
        fault=EMPTY,
    ),
    refused(
        "larger than a batch",
        TEXT,
        {"instances": ["a"] * 9},
        "Task size 9 is larger than maximum input batch size 8",
        batched=True,
    ),
]

VALUES = [
    predict(
        "bytes in",
        TEXT,
        {"inputs": [{"b64": "YWI="}, "c"]},
        {"outputs": {"text": ["AB", "C"], "version": [2, 2]}},
    ),
    predict(
        "bytes out",
        TEXT,
        of("bytes", instances=["ab", {"b64": NOT_UTF8}]),
        {"predictions": [{"b64": "YWI="}, {"b64": NOT_UTF8}]},
    ),
    refused("bytes, not base64", TEXT, {"instances": [{"b64": "?"}]}, "Unable to base64 decode"),
    predict("NUL", TEXT, b'{"signature_name": "same", "instances": ["a\\u0000b"]}', {"predictions": ["a\0b"]}),
    predict(
        "output that is not UTF-8",
        TEXT,
        of("same", instances=[{"b64": NOT_UTF8}]),
        {"predictions": ["\ufffd\ufffd"]},
        fault=NOT_UTF8_OUTPUT,
    ),
    predict("not finite", NUMBERS, b'{"instances": [NaN, Infinity, -Infinity]}', {"predictions": SPECIAL}),
    refused("half", NUMBERS, of("half", instances=[1]), "Failed to write JSON value for tensor type: half"),
    refused("text for a number", NUMBERS, {"instances": ["1"]}, "not of expected type: float"),
    refused("number for a text", TEXT, {"instances": [1]}, "not of expected type: string"),
    predict("too large for float32", NUMBERS, {"instances": [1e39]}, {"predictions": [float("inf")]}),
    refused("decimal for an integer", NUMBERS, of("slow", instances=[1.5]), "not of expected type: int32"),
]

DOCUMENTS = [
    refused("nothing", TEXT, b"", "The document is empty"),
    refused("no JSON", TEXT, b'{"instances": [', "JSON Parse error"),
    refused("no object", TEXT, [], "Is not object"),
    refused("no key", TEXT, {}, "Missing 'inputs' or 'instances' key"),
    refused("both keys", TEXT, {"inputs": ["a"], "instances": ["a"]}, "expecting only"),
    refused("signature of a wrong type", TEXT, of(1, instances=["a"]), "'signature_name' key must be a string value"),
    refused("unknown signature", TEXT, of("nope", instances=["a"]), '"nope" not found'),
]

ONE = {"instances": ["a"]}
ADDRESSES = [
    predict("version", f"{TEXT}/versions/1", ONE, loud("A", version=1)),
    predict("label", f"{TEXT}/labels/stable", ONE, loud("A", version=1)),
    Rest("case of the path", "/V1/Models/text:predict", ONE, response=loud("A")),
    Rest("case of the method", f"{TEXT}:Predict", ONE, status=400, error="Malformed request: POST"),
    predict("escaped name", "/v1/models/te%78t", ONE, loud("A")),
    refused("unknown model", "/v1/models/nope", ONE, "Servable not found for request: Latest(nope)", 404),
    refused("unknown version", f"{TEXT}/versions/7", ONE, "Servable not found for request: Specific(text, 7)", 404),
    refused("unknown label", f"{TEXT}/labels/nope", ONE, "Unrecognized servable version label: nope"),
    Rest("unknown method", f"{TEXT}:answer", ONE, status=400, error="Malformed request: POST"),
    refused("predict by GET", TEXT, None, "Malformed request: GET"),
]

NO_VERSION = "Could not find version 7 of model text"
STATUS = [
    Rest("status", TEXT, response=available("2", "1")),
    Rest("status by label: of all versions", f"{TEXT}/labels/stable", response=available("2", "1")),
    Rest("status of a version", f"{TEXT}/versions/1", response=available("1")),
    Rest(
        "status of an unknown model", "/v1/models/nope", status=404, error="Could not find any versions of model nope"
    ),
    Rest("status of an unknown version", f"{TEXT}/versions/7", status=404, error=NO_VERSION),
    Rest("no list of models", "/v1/models", status=400, error="Missing model name in request."),
]

REST = [*ROWS, *COLUMNS, *VALUES, *DOCUMENTS, *ADDRESSES, *STATUS]
