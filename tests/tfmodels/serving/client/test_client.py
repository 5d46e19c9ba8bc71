import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
import tensorflow as tf
from aiohttp import web
from running_server import running

from tfmodels import export
from tfmodels.serving import AsyncClient, Client, ServingError, read_batching


@pytest.fixture(scope="module")
def served(models_folder):
    with running(models_folder, read_batching(models_folder / "serving" / "batching.config")) as server:
        yield server


@pytest.fixture(params=["http", "grpc"])
def url(request, served):
    return served.rest if request.param == "http" else f"grpc://{served.grpc}"


def test_outputs_equal_those_of_the_session(url, models_folder):
    texts = ["one", "grün", b"\xff\xfe", "", "a\x00b"]
    with Client(url, "text", batch_size=2) as client, export.SessionRunner(models_folder / "text") as runner:
        for endpoint, sent in (("serving_default", ["one", "grün", ""]), ("bytes", texts)):
            response, expected = client.predict(endpoint, text=sent), runner.call(endpoint, text=sent)
            assert response.keys() == expected.keys()
            for name, array in expected.items():
                assert response[name].dtype == array.dtype
                assert response[name].tolist() == array.tolist()


def test_types_are_kept(url):
    values = {"double": [1e300], "float": [0.1], "int": [-7], "long": [2**60], "byte": [200], "truth": [True]}
    with Client(url, "numbers") as client:
        inputs = client.endpoints()["typed"].inputs
        response = client.predict("typed", **values)
    for name, value in values.items():
        expected = np.array(value, inputs[name].dtype)
        assert response[f"same_{name}"].dtype == expected.dtype
        np.testing.assert_array_equal(response[f"same_{name}"], expected)


def test_large_batches_are_split_and_joined_in_order(url):
    x = np.arange(101, dtype=np.float32)
    with Client(url, "numbers", batch_size=8) as client:  # the maximum of the server
        np.testing.assert_array_equal(client.predict(x=x)["y"], 2 * x)


def test_many_threads_share_a_client(url):
    with Client(url, "text") as client, ThreadPoolExecutor(16) as pool:
        texts = [f"text {number}" for number in range(100)]
        responses = pool.map(lambda text: client.predict(text=[text])["text"][0], texts)
        assert list(responses) == [text.upper().encode() for text in texts]


def test_versions_and_labels_can_be_requested(url):
    for part, version in (("", 2), ("/versions/1", 1), ("/labels/stable", 1)):
        with Client(f"{url}/v1/models/text{part}") as client:
            assert client.predict(text=["a"])["version"].tolist() == [version]


def test_the_async_client_runs_in_one_loop(url):
    async def call():
        async with AsyncClient(url, "numbers") as client:
            responses = await asyncio.gather(*(client.predict(x=[number]) for number in range(10)))
        return [response["y"][0] for response in responses]

    assert asyncio.run(call()) == [2.0 * number for number in range(10)]


def test_an_empty_batch_is_refused(url):
    with Client(url, "text") as client, pytest.raises(ValueError, match="at least one row"):
        client.predict(text=[])


def test_invalid_inputs_are_refused_by_the_client(url):
    with Client(url, "text") as client:
        with pytest.raises(ValueError, match="Expected the inputs"):
            client.predict(txet=["a"])
        with pytest.raises(ValueError, match="Expected an endpoint"):
            client.predict("nope", text=["a"])


def test_errors_name_the_model_and_the_endpoint(url):
    with Client(url, "nope") as client, pytest.raises(ServingError, match="Servable not found") as error:
        client.predict(text=["a"])
    assert error.value.code is grpc.StatusCode.NOT_FOUND
    assert f"{url}/v1/models/nope" in error.value.message
    assert "The server has no model 'nope'" in error.value.message
    with Client(f"{url}/v1/models/text/versions/9") as client, pytest.raises(ServingError) as error:
        client.predict(text=["a"])
    assert "Specific(text, 9)" in error.value.message and "Versions of 'text' there: 2 (AVAILABLE)" in str(error.value)
    with Client(url, "numbers") as client, pytest.raises(ServingError, match="assertion failed") as error:
        client.predict("roots", x=[4.0, -1.0])
    assert error.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "endpoint roots" in error.value.message


def test_the_time_limit_is_kept(served):
    with Client(f"grpc://{served.grpc}", "numbers", timeout=2.0) as client:
        client.endpoints()
        with pytest.raises(ServingError) as error:
            client.predict("slow", steps=[2**31 - 1])
    assert error.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "No response within 2 s (request to grpc://" in error.value.message


def test_messages_name_the_time_limit_of_the_call(url):
    """Not what was left of it, nor the least that a channel takes."""
    with Client(url, "numbers", timeout=0.0314) as client, pytest.raises(ServingError, match=r"within 0\.0314 s"):
        client.predict("slow", steps=[2_000_000])


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan"), float("inf")])
def test_a_time_limit_is_a_positive_number(timeout):
    with pytest.raises(ValueError, match="Expected timeout"):
        Client("http://localhost:1", "numbers", timeout=timeout)


def test_only_unavailable_is_retried():
    """A fake server responds with 503 twice, then 200, then 500."""
    statuses = [503, 503, 200, 500]
    seen = []
    metadata = {"inputs": {"x": {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}]}, "name": "x:0"}}}
    metadata["outputs"] = {"y": metadata["inputs"]["x"]}

    async def respond(request):
        if request.method == "GET":
            return web.json_response({"metadata": {"signature_def": {"signature_def": {"serving_default": metadata}}}})
        status = statuses[len(seen)]
        seen.append(status)
        body = {"outputs": [1.0]} if status == 200 else {"error": f"status {status}"}
        return web.json_response(body, status=status)

    async def call():
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", respond)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with AsyncClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "m") as client:
            assert (await client.predict(x=[1.0]))["y"].tolist() == [1.0]
            with pytest.raises(ServingError, match="status 500"):
                await client.predict(x=[1.0])
        await runner.cleanup()

    asyncio.run(call())
    assert seen == statuses


def test_closing_ends_the_thread(url):
    before = threading.active_count()
    with Client(url, "text") as client:
        client.endpoints()
    assert threading.active_count() <= before
    assert tf.executing_eagerly()
