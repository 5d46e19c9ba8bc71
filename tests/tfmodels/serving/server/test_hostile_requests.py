"""Whatever is sent, the server answers it, and others meanwhile, within bounds."""

import asyncio
import contextlib
import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import tensorflow as tf
from running_server import running
from sending import memory, send, wait_for
from tensorflow_serving.apis import predict_pb2

from tfmodels.serving import Limits

PREDICT = "/v1/models/text:predict"
HEAD = "POST /v1/models/text:predict HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n"
LIMITS = Limits(
    rest_seconds=2.0, call_seconds=2.0, header_seconds=0.3, idle_seconds=0.9, most_connections=60, most_rows=512
)
CODE = grpc.StatusCode


@pytest.fixture(scope="module")
def server(models_folder):
    with running(models_folder, limits=LIMITS) as server:
        yield server


@contextlib.contextmanager
def connections(server, count):
    host, port = server.rest.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection((host, int(port)), 30)) for _ in range(count)]


def received(connection):
    """All that arrives until the server closes the connection."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            data += part
    return data


def assert_serves(server):
    assert send(server.rest + PREDICT, {"instances": ["a"]})[0] == 200


def test_slow_bodies_refuse_nobody(server):
    with connections(server, 40) as waiting:
        for connection in waiting[:20]:
            connection.sendall(HEAD.format(2**24).encode() + b"a")
        for connection in waiting[20:]:
            connection.sendall(HEAD.replace("Content-Length: {}", "Transfer-Encoding: chunked").encode() + b"1\r\na")
        assert_serves(server)
        answers = [received(connection) for connection in waiting]
    assert all(answer.startswith(b"HTTP/1.1 504") for answer in answers)
    assert all(b"Received: 1 bytes" in answer for answer in answers)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", b""),
        (b"GET /v1/mod", b""),
        (b"GET /v1/models/text HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200"),
        (b"GET /v1/models/text HTTP/1.1\r\nHost: a\r\n\r\nGET /v1", b"HTTP/1.1 200"),
    ],
    ids=["nothing", "half a header", "idle", "half of the next header"],
)
def test_connections_that_do_not_go_on_are_closed(server, sent, expected):
    with connections(server, 1) as (connection,):
        connection.sendall(sent)
        assert received(connection)[:12] == expected


def test_a_half_closed_connection_is_closed(server):
    with connections(server, 1) as (connection,):
        connection.sendall(HEAD.format(10).encode())
        connection.shutdown(socket.SHUT_WR)
        received(connection)


def test_a_client_that_receives_nothing_is_cut_off(server):
    body = b'{"signature_name": "same", "instances": ["%s"]}' % (b"a" * 15_000_000)
    with connections(server, 1) as (connection,):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(HEAD.format(len(body)).encode() + body)
        assert is_open(connection)
        wait_for(lambda: not is_open(connection))
    assert_serves(server)


def is_open(connection):
    """Whether the server's end of a connection is."""
    port = connection.getsockname()[1]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def test_too_many_connections_are_refused(server):
    with connections(server, 61) as many:
        many[-1].sendall(b"GET /")
        assert received(many[-1]).startswith(b"HTTP/1.1 503")
    wait_for(lambda: send(server.rest + PREDICT, {"instances": ["a"]})[0] == 200)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"instances": ' + b"[" * 400_000, 400),
        (b'{"instances": %s}' % b",".join([b"[" * 40 + b"]" * 40] * 5000), 400),
        (b'{"instances": [%s[]]}' % (b"[]," * 5_000_000), 413),
        (b'{"instances": [%s1]}' % (b"1," * 7_000_000), 413),
        (b'{"instances": ["%s"]}' % (b"a" * 15_000_000), (200, 504)),
        (b'{"instances": ["%s"]}' % (rb"\u0000" * 2_500_000), (200, 504)),
        (b'{"instances": [%s]}' % b",".join([b'"a"'] * 512), 200),
        (b'{"instances": [%s]}' % b",".join([b'"a"'] * 513), 413),
        (b"\xff" * 15_000_000, 400),
        (b'{"signature_name": "\\ud800", "instances": ["a"]}', 400),
        (b'{"signature_name": "%s", "instances": ["a"]}' % (b"a" * 1_000_000), 400),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_large_documents_are_answered_briefly(server, body, status):
    answered, answer = send(server.rest + PREDICT, body)
    assert answered in (status if isinstance(status, tuple) else (status,))
    if answered != 200:
        assert len(answer["error"]) <= 2000


def test_the_limit_of_rows_names_its_option(server):
    _, answer = send(server.rest + PREDICT, {"inputs": ["a"] * 600})
    assert "--most_rows" in answer["error"]


def test_gzip_is_expanded_to_the_limit(server):
    headers = {"Content-Encoding": "gzip"}
    bomb = gzip.compress(b" " * 2**25)
    assert send(server.rest + PREDICT, bomb, headers)[0] == 413
    assert send(server.rest + PREDICT, bomb[:-100], headers)[0] in (400, 413)
    assert send(server.rest + PREDICT, gzip.compress(b'{"instances": ["a"]}')[:-3], headers)[0] == 400


@pytest.mark.parametrize("path", [b"/v1/models/\xff", b"/v1/models/%ff", b"/v1/models/text/versions/" + b"9" * 5000])
def test_odd_names_and_versions_are_invalid(server, path):
    with connections(server, 1) as (connection,):
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert received(connection)[8:13] == b" 400 "


PREDICTION = "tensorflow.serving.PredictionService"


def raw(server, message, timeout=30, method="Predict", service=PREDICTION):
    """The code of the answer to a message of bytes."""
    with grpc.insecure_channel(server.grpc) as channel:
        try:
            channel.unary_unary(f"/{service}/{method}")(message, timeout=timeout)
        except grpc.RpcError as error:
            return error.code()
        return CODE.OK


def request_of(model="text", signature="", **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def unknown_type():
    request = request_of(text=["a"])
    request.inputs["text"].dtype = 999
    return request


def claims(size):
    request = request_of("numbers", x=[1.0])
    request.inputs["x"].tensor_shape.dim[0].size = size
    return request


def many_axes():
    request = request_of("numbers", x=[1.0])
    for _ in range(20_000):
        request.inputs["x"].tensor_shape.dim.add(size=2**62)
    return request


@pytest.mark.parametrize(
    ("message", "codes"),
    [
        (b"\xff\xff", {CODE.INVALID_ARGUMENT}),
        (unknown_type, {CODE.INVALID_ARGUMENT}),
        (lambda: claims(2**26), {CODE.INVALID_ARGUMENT}),
        (lambda: claims(2**62), {CODE.INVALID_ARGUMENT}),
        (lambda: claims(-5), {CODE.INVALID_ARGUMENT}),
        (many_axes, {CODE.INVALID_ARGUMENT}),
        (b"\x12\x00" * 300_000, {CODE.RESOURCE_EXHAUSTED, CODE.INVALID_ARGUMENT}),
        (lambda: request_of(text=["a"] * 513), {CODE.RESOURCE_EXHAUSTED}),
        (lambda: request_of(text=["a"] * 512), {CODE.OK}),
        (lambda: request_of("n" * 1_000_000, text=["a"]), {CODE.NOT_FOUND}),
        (lambda: request_of("\U0001f600" * 5000, text=["a"]), {CODE.NOT_FOUND}),
        (lambda: request_of(**{f"{n}" * 100: "a" for n in range(5000)}), {CODE.INVALID_ARGUMENT}),
    ],
)
def test_odd_messages_are_refused(server, message, codes):
    message = message if isinstance(message, bytes) else message().SerializeToString()
    assert raw(server, message) in codes
    assert raw(server, message, method="GetModelMetadata") in {CODE.INVALID_ARGUMENT, CODE.NOT_FOUND}


@pytest.mark.parametrize("method", ["Check", "Watch"])
@pytest.mark.parametrize("message", [b"\xff\xff", b"\x0a\xff", b"\x0a\x01\xff", b"a" * 1_000_000])
def test_odd_questions_about_health_are_refused(server, method, message, caplog):
    assert raw(server, message, method=method, service="grpc.health.v1.Health") is CODE.INVALID_ARGUMENT
    assert not caplog.records


def test_messages_that_do_not_arrive_refuse_nobody(server):
    with grpc.insecure_channel(server.grpc) as channel:
        method = channel.stream_unary("/tensorflow.serving.PredictionService/Predict")
        release = threading.Event()
        waiting = [method.future(never(release), timeout=60) for _ in range(40)]
        assert raw(server, request_of(text=["a"]).SerializeToString()) is CODE.OK
        assert {call.code() for call in waiting} <= {CODE.DEADLINE_EXCEEDED, CODE.UNAVAILABLE}
        release.set()
        assert method.future(iter([]), timeout=60).code() is CODE.INVALID_ARGUMENT


def never(release):
    release.wait()
    yield from ()


def test_a_message_that_is_too_long_is_refused(server):
    assert raw(server, request_of(text=["a" * 2**24]).SerializeToString()) is CODE.RESOURCE_EXHAUSTED


@pytest.mark.slow
def test_many_calls_at_once_are_answered_or_refused(server):
    message = request_of(text=["a"]).SerializeToString()

    async def call_all():
        channels = [grpc.aio.insecure_channel(server.grpc, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(10)]
        method = "/tensorflow.serving.PredictionService/Predict"
        calls = [channel.unary_unary(method)(message, timeout=60) for channel in channels for _ in range(150)]
        codes = await asyncio.gather(*(call.code() for call in calls))
        for channel in channels:
            await channel.close()
        return set(codes)

    assert asyncio.run(call_all()) <= {CODE.OK, CODE.UNAVAILABLE}
    assert raw(server, message) is CODE.OK


def test_an_endless_model_ends_with_its_calls_and_stops_no_other(server):
    endless = request_of("numbers", "slow", steps=[2**31 - 1]).SerializeToString()
    with ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(raw, server, endless, timeout) for timeout in (None, None, None, None, 60, 60, 0.2, 0.2)]
        posts = pool.submit(
            send,
            f"{server.rest}/v1/models/numbers:predict",
            {"signature_name": "slow", "instances": [2**31 - 1]},
        )
        assert_serves(server)
        assert {call.result() for call in calls} == {CODE.DEADLINE_EXCEEDED}
        assert posts.result()[0] == 504
    wait_for(lambda: raw(server, request_of("numbers", x=[1.0]).SerializeToString()) is CODE.OK)


@pytest.mark.slow
def test_memory_is_bounded_while_many_send_much(server):
    body = b'{"instances": [%s[]]}' % (b"[]," * 300_000)
    send(server.rest + PREDICT, body)
    before, most, stop = memory(), 0, threading.Event()

    def watch():
        nonlocal most
        while not stop.wait(0.01):
            most = max(most, memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: send(server.rest + PREDICT, body)[0], range(24)))
    stop.set()
    watcher.join()
    assert set(statuses) <= {413, 503, 504}  # too many rows, or too much at once
    assert most - before < 4e8
    assert_serves(server)
