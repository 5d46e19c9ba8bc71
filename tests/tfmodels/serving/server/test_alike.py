"""Raw requests are answered as TensorFlow Serving answers them, but for what the documentation lists."""

import http.client
import json
import socket
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_exchanges import GRPC
from raw_documents import ALL_DOCUMENTS
from raw_exchanges import http as request_of
from raw_numbers import NUMBERS
from raw_paths import BODY, NEW, PATHS, TEXT
from raw_signatures import ALL_SIGNATURES, FIXED
from rest_exchanges import REST
from tensor_exchanges import INVALID, TENSORS
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

GROUPS = {"paths": PATHS, "documents": ALL_DOCUMENTS, "numbers": NUMBERS, "signatures": ALL_SIGNATURES}
# Rows of the table with tests of their own: here, of the batcher and of the limits.
TESTED_ELSEWHERE = {
    "a row that fails in a batch",
    "rows of different lengths at the same time, with batching",
    "a gRPC message that is none",
    "a cancelled call",
    "requests of very many bytes, rows or values, or slow ones",
}
DOCUMENTATION = Path(__file__).parents[4] / "docs" / "serving.md"


def connect(server):
    host, _, port = server.rest.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), 30)


def read(connection, method="POST"):
    """Status and JSON document of an answer; None if it is no JSON."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    content = response.read()
    try:
        return response.status, json.loads(content.decode("utf-8", "replace"))
    except ValueError:
        return response.status, None


def answered(server, request):
    with connect(server) as connection:
        connection.sendall(request)
        return read(connection, request.partition(b" ")[0].decode())


def problem(server, raw):
    """What is wrong with the answer; None if nothing is."""
    expected = raw.expected(server.real, server.batched)
    if expected.status is None:
        return None
    status, document = answered(server, raw.request)
    if status != expected.status:
        return f"{raw.name}: {expected.status} expected, received {status} {document}"
    if status == 200 and expected.content is not None:
        (content,) = document.values()
        try:
            np.testing.assert_equal(content, expected.content)
        except AssertionError:
            return f"{raw.name}: {expected.content} expected, received {content}"
    return None


@pytest.mark.parametrize("group", GROUPS)
def test_answers_are_those_of_the_real_server(server, group):
    exchanges = [raw for raw in GROUPS[group] if raw is not FIXED or server.real or not server.batched]
    assert not list(filter(None, (problem(server, raw) for raw in exchanges)))


@pytest.mark.parametrize("exchange", TENSORS, ids=lambda exchange: f"{exchange.signature} {exchange.tensor}")
def test_tensors_are_read_as_the_real_server_reads_them(server, exchange):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "odd", exchange.signature
    tensor = request.inputs["x"]
    tensor.MergeFrom(type(tensor)(**exchange.tensor))
    for size in exchange.shape:
        tensor.tensor_shape.dim.add(size=size)
    expected = exchange.expected(server.real, server.batched)
    with grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        if expected is None:
            with pytest.raises(grpc.RpcError) as error:
                stub.Predict(request, timeout=60)
            assert error.value.code() is INVALID
            return
        (output,) = stub.Predict(request, timeout=60).outputs.values()
    assert tf.make_ndarray(output).tolist() == expected


def test_a_message_that_is_none_is_an_error(server):
    with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/tensorflow.serving.PredictionService/Predict")(b"\xff\xff", timeout=60)
    assert error.value.code() is (grpc.StatusCode.INTERNAL if server.real else INVALID)


def test_a_body_that_waits_to_be_asked_for_is_asked_for(server):
    head, _, body = request_of("POST", f"{TEXT}:predict", BODY, "Expect: 100-continue").partition(b"\r\n\r\n")
    with connect(server) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert read(connection) == (200, {"predictions": NEW.content})


def test_every_difference_is_a_line_of_the_documentation():
    table = DOCUMENTATION.read_text(encoding="utf-8").partition("| --- | --- | --- | --- |\n")[2].partition("\n\n")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()]
    exchanges = [raw for group in GROUPS.values() for raw in group]
    played = {raw.difference for raw in exchanges} | {exchange.fault for exchange in (*REST, *GRPC, *TENSORS)}
    assert len(set(rows)) == len(rows)
    assert set(rows) - TESTED_ELSEWHERE == played - {None}


@pytest.mark.parametrize("batched", [False, True], ids=["alone", "batched"])
def test_the_documentation_says_how_many_are_alike(batched):
    exchanges = [raw for group in GROUPS.values() for raw in group]
    alike = [raw for raw in exchanges if raw.expected(True, batched) == raw.expected(False, batched)]
    assert len(alike) / len(exchanges) > 0.9
    assert f"{len(alike)} of {len(exchanges)}" in DOCUMENTATION.read_text(encoding="utf-8")
    assert not [raw.name for raw in exchanges if raw.difference and raw.ours == raw.real]
