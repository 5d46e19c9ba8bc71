"""Requests damaged in any way: none fails the server, none is answered late, and nothing is kept of them.

TFMODELS_EXAMPLES=30000 tries as many examples of each kind.
"""

import contextlib
import http.client
import json
import socket

import grpc
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from running_server import running
from sending import memory, send
from tensorflow_serving.apis import predict_pb2

from tfmodels.serving import Limits, read_batching

SECONDS = 20.0  # within which each answer, or the end of the connection, comes
ALIVE = {200, 400, 404, 405, 413, 414, 429, 431, 501, 503, 504}
BROKEN = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED}
fuzzed = settings(database=None)


@pytest.fixture(scope="module", params=["alone", pytest.param("batched", marks=pytest.mark.slow)])
def server(models_folder, request):
    batching = models_folder / "serving" / "batching.config" if request.param == "batched" else None
    limits = Limits(rest_seconds=5.0, call_seconds=5.0, header_seconds=2.0, idle_seconds=4.0)
    with running(models_folder, read_batching(batching) if batching else None, limits) as server:
        yield server
        assert send(f"{server.rest}/v1/models/text:predict", {"instances": ["a"]})[0] == 200


@pytest.fixture(autouse=True)
def bounded_memory(server):
    send(f"{server.rest}/v1/models/text:predict", {"instances": ["a"]})
    before = memory()
    yield
    assert memory() - before < 2e8


def damaged(originals, pieces):
    """Byte strings made of the originals, with parts cut out and others put in."""
    change = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(pieces) | st.binary(max_size=8))

    def apply(original, changes):
        for place, cut, piece in changes:
            start = int(place * len(original))
            original = original[:start] + piece + original[start + cut :]
        return original

    return st.builds(apply, st.sampled_from(originals), st.lists(change, max_size=5))


BODIES = [
    json.dumps(body, ensure_ascii=False).encode()
    for body in (
        {"instances": ["a", "é"]},
        {"inputs": {"text": ["a", {"b64": "YQ=="}]}},
        {"signature_name": "typed", "inputs": {"double": [1e300], "float": [0.1], "int": [-7], "long": [2**60]}},
        {"signature_name": "row_sums", "instances": [[1, 2.5, -3e-5], [float("nan"), float("inf"), 0]]},
        {"signature_name": "roots", "instances": [{"x": 4}]},
        {"signature_name": "half", "instances": [1]},
    )
]
JSON_PIECES = [
    *(b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"[[[[[[", b"null", b"true", b"1e400", b"-0", b"1.", b"NaN"),
    *(b'"instances"', b'"inputs"', b'"b64"', b'"signature_name"', b"\\ud800", b"\\u0000", b"\xff", b"9" * 400, b"{}"),
]


@fuzzed
@given(damaged(BODIES, JSON_PIECES), st.sampled_from(["text", "numbers", "text/versions/1", "text/labels/canary"]))
def test_json(server, body, model):
    connection = http.client.HTTPConnection(server.rest.removeprefix("http://"), timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", f"/v1/models/{model}:predict", body)
        response = connection.getresponse()
        document = response.read()
        assert response.status in ALIVE, document
        assert ("error" in json.loads(document)) == (response.status != 200)


HTTP = [
    b"POST /v1/models/text:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" + BODIES[0][:20],
    b'POST /v1/models/text:predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ins\r\n0\r\n\r\n',
    b"POST /v1/models/text:predict HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    b"GET /v1/models/text/versions/1/metadata HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" * 2,
    b"GET /monitoring/prometheus/metrics HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\nmore",
]
HTTP_PIECES = [
    *(b"\r\n", b"\n", b"\r", b" ", b":", b"%ff", b"%", b"/", b"?x=1", b"\x00", b"HTTP/9.9", b"HEAD ", b"OPTIONS * "),
    *(b"Content-Length: 99999999999999999999\r\n", b"Content-Length: -1\r\n", b"Content-Length: 5\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b"fffffffffff\r\n", b"A: " + b"b" * 9000),
    *(b"Content-Encoding: gzip\r\n", b"Host: \xff\r\n", b"Upgrade: websocket\r\n", b"http://x:99999/", b"/versions/"),
]


def answers_to(address, sent):
    """Everything that is answered until the server closes the connection, within the time."""
    received = b""
    with socket.create_connection(address, SECONDS) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def address_of(url):
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


@fuzzed
@given(damaged(HTTP, HTTP_PIECES))
def test_http(server, sent):
    received = answers_to(address_of(server.rest), sent)
    if received:
        assert int(received.split(b" ", 2)[1]) in ALIVE, received


def predict(model, signature, **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def messages():
    listed = predict("numbers", "", x=[1.0])
    listed.inputs["x"].ClearField("tensor_content")
    listed.inputs["x"].float_val.extend([1.0, 2.0])
    listed.output_filter.append("y")
    requests = [
        predict("text", "", text=["a", "b"]),
        predict("numbers", "row_sums", x=[[1.0, 2.0], [3.0, 4.0]]),
        predict("numbers", "typed", double=[1.0], int=[1], truth=[True]),
        listed,
    ]
    return [request.SerializeToString(deterministic=True) for request in requests]


PROTO_PIECES = [bytes([number << 3 | kind]) for number in range(16) for kind in range(6)] + [
    *(b"\x00", b"\x7f", b"\xff", b"\xff" * 9 + b"\x01", b"\x12\x00", b"\x0a\x02\x08\x01", b"\x08\x80\x80\x80\x80\x10"),
]


@fuzzed
@given(st.data())
def test_messages(server, data):
    message = data.draw(damaged(messages(), PROTO_PIECES))
    method = data.draw(st.sampled_from(["PredictionService/Predict", "PredictionService/GetModelMetadata"]))
    with grpc.insecure_channel(server.grpc) as channel:
        try:
            channel.unary_unary(f"/tensorflow.serving.{method}")(message, timeout=SECONDS)
        except grpc.RpcError as error:
            assert error.code() not in BROKEN, error.details()


FRAMES = [
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x7f\xff\xff\xff"
    b"\x00\x00\x08\x06\x00\x00\x00\x00\x00abcdefgh\x00\x00\x01\x01\x05\x00\x00\x00\x01\x82",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
]
FRAME_PIECES = [b"\x00\x00\x05", b"\xff\xff\xff", b"\x00\x40\x00\x00\x00\x00\x00\x00\x01", b"\x00" * 9, b"\x82\x86\x84"]


@fuzzed
@given(damaged(FRAMES, FRAME_PIECES))
def test_frames(server, sent):
    answers_to(address_of(server.grpc), sent)
    with grpc.insecure_channel(server.grpc) as channel:
        message = predict("text", "", text=["a"]).SerializeToString()
        channel.unary_unary("/tensorflow.serving.PredictionService/Predict")(message, timeout=SECONDS)
