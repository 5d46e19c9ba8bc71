import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
import tensorflow as tf
from aiohttp import web
from running_server import running

from tfmodels import export
from tfmodels.serving import AsyncClient, Client, ServingError, read_batching
from tfmodels.serving.client.address import read_address


@pytest.fixture(scope="module")
def served(models_folder):
    with running(models_folder, read_batching(models_folder / "serving" / "batching.config")) as server:
        yield server


@pytest.fixture(params=["http", "grpc"])
def url(request, served):
    return served.rest if request.param == "http" else f"grpc://{served.grpc}"


def test_it_answers_like_the_session(url, models_folder):
    texts = ["one", "grün", b"\xff\xfe", "", "a\x00b"]
    with Client(url, "text", batch_size=2) as client, export.SessionRunner(models_folder / "text") as runner:
        for endpoint, asked in (("serving_default", ["one", "grün", ""]), ("bytes", texts)):
            answer, expected = client.predict(endpoint, text=asked), runner.call(endpoint, text=asked)
            assert answer.keys() == expected.keys()
            for name, array in expected.items():
                assert answer[name].dtype == array.dtype
                assert answer[name].tolist() == array.tolist()


def test_types_survive(url):
    values = {"double": [1e300], "float": [0.1], "int": [-7], "long": [2**60], "byte": [200], "truth": [True]}
    with Client(url, "numbers") as client:
        inputs = client.endpoints()["typed"].inputs
        answer = client.predict("typed", **values)
    for name, value in values.items():
        expected = np.array(value, inputs[name].dtype)
        assert answer[f"same_{name}"].dtype == expected.dtype
        np.testing.assert_array_equal(answer[f"same_{name}"], expected)


def test_large_batches_are_split_and_joined_in_order(url):
    x = np.arange(101, dtype=np.float32)
    with Client(url, "numbers", batch_size=8) as client:  # the server takes no more
        np.testing.assert_array_equal(client.predict(x=x)["y"], 2 * x)


def test_many_threads_share_a_client(url):
    with Client(url, "text") as client, ThreadPoolExecutor(16) as pool:
        texts = [f"text {number}" for number in range(100)]
        answers = pool.map(lambda text: client.predict(text=[text])["text"][0], texts)
        assert list(answers) == [text.upper().encode() for text in texts]


def test_versions_and_labels_may_be_asked_for(url):
    for part, version in (("", 2), ("/versions/1", 1), ("/labels/stable", 1)):
        with Client(f"{url}/v1/models/text{part}") as client:
            assert client.predict(text=["a"])["version"].tolist() == [version]


def test_one_loop_needs_no_thread(url):
    async def ask():
        async with AsyncClient(url, "numbers") as client:
            answers = await asyncio.gather(*(client.predict(x=[number]) for number in range(10)))
        return [answer["y"][0] for answer in answers]

    assert asyncio.run(ask()) == [2.0 * number for number in range(10)]


def test_an_empty_batch_is_refused(url):
    with Client(url, "text") as client, pytest.raises(ValueError, match="at least one row"):
        client.predict(text=[])


def test_what_does_not_fit_is_refused_here(url):
    with Client(url, "text") as client:
        with pytest.raises(ValueError, match="Expected the inputs"):
            client.predict(txet=["a"])
        with pytest.raises(ValueError, match="Expected an endpoint"):
            client.predict("nope", text=["a"])


def test_errors_tell_what_was_asked(url):
    with Client(url, "nope") as client, pytest.raises(ServingError, match="Servable not found") as error:
        client.predict(text=["a"])
    assert error.value.code is grpc.StatusCode.NOT_FOUND
    assert f"{url}/v1/models/nope" in error.value.message
    with Client(url, "numbers") as client, pytest.raises(ServingError, match="assertion failed") as error:
        client.predict("roots", x=[4.0, -1.0])
    assert error.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "endpoint roots" in error.value.message


def test_it_gives_up_in_time(served):
    with Client(f"grpc://{served.grpc}", "numbers", timeout=2.0) as client:
        client.endpoints()
        with pytest.raises(ServingError) as error:
            client.predict("slow", steps=[2**31 - 1])
    assert error.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_server_that_is_not_there_is_asked_again_until_the_time_is_up(scheme):
    with Client(f"{scheme}://127.0.0.1:9", "text", timeout=0.5) as client:
        start = time.monotonic()
        with pytest.raises(ServingError) as error:
            client.predict(text=["a"])
    assert error.value.code is grpc.StatusCode.UNAVAILABLE
    assert time.monotonic() - start < 30


def test_only_unavailable_is_asked_again():
    """A stand-in answers 503 twice, then lets one through, then says 500."""
    statuses = [503, 503, 200, 500]
    seen = []
    metadata = {"inputs": {"x": {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}]}, "name": "x:0"}}}
    metadata["outputs"] = {"y": metadata["inputs"]["x"]}

    async def answer(request):
        if request.method == "GET":
            return web.json_response({"metadata": {"signature_def": {"signature_def": {"serving_default": metadata}}}})
        status = statuses[len(seen)]
        seen.append(status)
        body = {"outputs": [1.0]} if status == 200 else {"error": f"status {status}"}
        return web.json_response(body, status=status)

    async def ask():
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with AsyncClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "m") as client:
            assert (await client.predict(x=[1.0]))["y"].tolist() == [1.0]
            with pytest.raises(ServingError, match="status 500"):
                await client.predict(x=[1.0])
        await runner.cleanup()

    asyncio.run(ask())
    assert seen == statuses


def test_its_thread_ends_with_it(url):
    before = threading.active_count()
    with Client(url, "text") as client:
        client.endpoints()
    assert threading.active_count() <= before
    assert tf.executing_eagerly()


def test_addresses():
    address = read_address("grpc://host:8500/v1/models/a%20b/labels/stable")
    assert address == ("grpc", "host:8500", "a b", None, "stable")
    assert read_address("http://host:8501", "demo") == read_address("http://host:8501/v1/models/demo/")
    for url, model in (("host:8501", "a"), ("http://host:8501", None), ("http://h/v1/models/a", "b"), ("ftp://h", "a")):
        with pytest.raises(ValueError, match=r"Expected a"):
            read_address(url, model)
