import asyncio
import contextlib
import gc
import socket

import grpc
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from running_server import running
from sending import send, wait_for
from tensorflow_serving.apis import predict_pb2

from tfmodels.serving import Limits, ServingError
from tfmodels.serving.server import grpc_server
from tfmodels.serving.server.memory import FREE_BYTES, Memory
from tfmodels.serving.server.server_core import ServerCore


def test_memory_is_given_back():
    memory = Memory(100)
    for _ in range(3):
        with memory.request() as held:
            held.add(FREE_BYTES)
            held.add(60)
            held.add(40)
    with pytest.raises(ServingError) as error, memory.request() as held:
        held.add(FREE_BYTES + 101)
    assert error.value.code is grpc.StatusCode.UNAVAILABLE


def test_large_requests_leave_room_for_small_ones():
    memory = Memory(100)
    with memory.request() as large, memory.request() as small:
        large.add(FREE_BYTES + 100)
        small.add(FREE_BYTES)
        with pytest.raises(ServingError):
            small.add(1)


@given(
    st.lists(st.tuples(st.integers(1, 150), st.sampled_from(["ends", "is cancelled", "fails"])), max_size=20),
    st.integers(0, 20),
)
def test_requests_wait_for_memory_in_their_order(requests, most_waiting):
    async def run():
        memory, held, most, order = Memory(100, most_waiting), 0, 0, []

        async def work(number, size, end):
            nonlocal held, most
            with contextlib.suppress(ArithmeticError), memory.request() as one:
                await one.wait(FREE_BYTES + size)
                order.append(number)
                held += one.counted
                most = max(most, held)
                try:
                    await asyncio.sleep(0)
                    if end == "fails":
                        raise ArithmeticError
                finally:
                    held -= one.counted

        tasks = [asyncio.create_task(work(number, *request)) for number, request in enumerate(requests)]
        for turn in range(3):
            await asyncio.sleep(0)
            for task, (_, end) in list(zip(tasks, requests, strict=True))[turn::3]:
                if end == "is cancelled":
                    task.cancel()
        ended = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
        assert most <= 100
        assert order == sorted(order)
        refused = sum(isinstance(one, ServingError) for one in ended)
        assert refused <= max(0, len(requests) - 1 - most_waiting)
        with memory.request() as all_of_it:
            all_of_it.add(FREE_BYTES + 100)

    asyncio.run(run())


def test_messages_at_work_over_grpc_share_a_budget(models_folder, monkeypatch):
    at_work, most, run = 0, 0, ServerCore.run

    async def slow_run(self, version, endpoint, feed, *args):
        nonlocal at_work, most
        size = len(feed["text"][0])
        at_work += size
        most = max(most, at_work)
        await asyncio.sleep(0.05)
        at_work -= size
        return await run(self, version, endpoint, feed, *args)

    monkeypatch.setattr(ServerCore, "run", slow_run)
    size, budget = 500_000, 2**24  # eight times the size of each counts: four at a time

    async def call_all(target, count):
        channels = [grpc.aio.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(count)]
        method = "/tensorflow.serving.PredictionService/Predict"
        codes = await asyncio.gather(*(each.unary_unary(method)(message, timeout=60).code() for each in channels))
        for channel in channels:
            await channel.close()
        return codes

    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "text", "same"
    request.inputs["text"].CopyFrom(tf.make_tensor_proto([b"a" * size]))
    message = request.SerializeToString()
    with running(models_folder, limits=Limits(most_bytes_held=budget, most_bytes=2**20)) as server:
        codes = asyncio.run(call_all(server.grpc, 6))
        assert codes == [grpc.StatusCode.OK] * 6  # four at work, two that wait
        codes = asyncio.run(call_all(server.grpc, 40))
    assert 3 * size <= most <= budget / 8
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}


def test_nothing_of_failed_requests_waits_for_the_garbage_collector(models_folder):
    large = "a" * 2**15  # converted in a thread
    bodies = (
        {"instances": [large, 1]},
        {"inputs": {"x": large}},
        b"{" * 2**15,
        {"signature_name": "roots", "inputs": [-1]},
    )
    with running(models_folder) as server, grpc.insecure_channel(server.grpc) as channel:
        method = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        messages = [b"\xff" * 2**15, predict_pb2.PredictRequest().SerializeToString() + b"\x0a\x06\x0a\x04none"]
        gc.collect()
        gc.disable()
        try:
            for body in bodies:
                for model in ("text", "numbers", "none"):
                    assert send(f"{server.rest}/v1/models/{model}:predict", body)[0] in (400, 404)
            for message in messages:
                assert isinstance(method.future(message).exception(), grpc.RpcError)
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            assert not [error for error in gc.garbage if isinstance(error, ServingError)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()


UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
MESSAGE = 15_000_000  # bytes that each stream claims
DATA, HEADERS, RST_STREAM, SETTINGS, WINDOW_UPDATE = 0, 1, 3, 4, 8
END = 1  # of the stream


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def header(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


CALL = b"".join(
    header(name, value)
    for name, value in (
        *((b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"a")),
        *((b":path", b"/tensorflow.serving.PredictionService/Predict"), (b"te", b"trailers")),
        (b"content-type", b"application/grpc"),
    )
)


def received_frames(connection, seconds):
    """Kind, flags, stream and payload of all that comes within some seconds."""
    stream = connection.makefile("rb")
    connection.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        while head := stream.read(9):
            yield head[3], head[4], int.from_bytes(head[5:]), stream.read(int.from_bytes(head[:3]))


def test_few_streams_of_grpc_may_send_much_at_the_same_time(models_folder):
    with running(models_folder, limits=Limits(rest_seconds=1.0)) as server:
        host, port = server.grpc.split(":")
        with socket.create_connection((host, int(port)), 30) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
            for stream in range(1, 121, 2):
                start = frame(HEADERS, 4, stream, CALL) + frame(DATA, 0, stream, b"\0" + MESSAGE.to_bytes(4))
                connection.sendall(start)
            windows, initial, most, refused = dict.fromkeys(range(1, 121, 2), 0), 2**16, 0, 0
            for kind, flags, stream, payload in received_frames(connection, 2.0):
                if kind == SETTINGS and not flags:
                    values = {payload[i + 1]: int.from_bytes(payload[i + 2 : i + 6]) for i in range(0, len(payload), 6)}
                    initial = values.get(4, initial)
                elif kind == WINDOW_UPDATE and stream:
                    windows[stream] += int.from_bytes(payload)
                    most = max(most, sum(windows.values()))
                elif kind == RST_STREAM or (kind == HEADERS and flags & END):
                    refused += windows.pop(stream, None) is not None
    assert initial <= 2**14
    assert 2**20 <= most < 2**27  # it grants a message its bytes by and by
    assert refused == 60


def test_many_connections_to_grpc_are_closed(models_folder):
    with running(models_folder, limits=Limits(most_connections=5)) as server, contextlib.ExitStack() as stack:
        host, port = server.grpc.split(":")
        greeted = []
        for _ in range(8):
            connection = stack.enter_context(socket.create_connection((host, int(port)), 30))
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
            try:
                greeted.append(bool(connection.recv(9)))
            except ConnectionError:
                greeted.append(False)
        assert greeted == [True] * 5 + [False] * 3


def test_answers_that_are_not_received_are_bounded_and_end(models_folder, monkeypatch):
    monkeypatch.setitem(grpc_server._OPTIONS, "grpc.max_connection_age_ms", 2000)
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "text", "same"
    request.inputs["text"].CopyFrom(tf.make_tensor_proto([b"a" * 500_000]))
    message, path = request.SerializeToString(), "/tensorflow.serving.PredictionService/Predict"
    limits = Limits(most_bytes_held=2**22, most_bytes=2**19, call_seconds=1.0, idle_seconds=1.0)
    with running(models_folder, limits=limits) as server:

        def call():
            with grpc.insecure_channel(server.grpc, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                return channel.unary_unary(path).future(message, timeout=30).code()

        small_window = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 2**16)]
        with grpc.insecure_channel(server.grpc, small_window) as channel:
            unread = []
            wait_for(lambda: unread.append(channel.unary_stream(path)(message)) or call() is UNAVAILABLE)
            wait_for(lambda: call() is grpc.StatusCode.OK)  # the connection's time is over
            assert not any(each.cancelled() for each in unread)
