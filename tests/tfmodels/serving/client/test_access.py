"""Clients of encrypted servers and of those that want headers; no server at all."""

import asyncio
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager

import grpc
import pytest
from aiohttp import web
from google.protobuf import json_format

from tfmodels.serving import AsyncClient, ServingError
from tfmodels.serving.client.access import UnreachableError
from tfmodels.serving.protocol import messages

TENSOR = {"name": "x:0", "dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}]}}
SIGNATURES = {"signature_def": {"serving_default": {"inputs": {"x": TENSOR}, "outputs": {"y": TENSOR}}}}
HEADERS = {"Authorization": "Bearer 123", "X-Team": "mine"}
SCHEMES = ["http", "grpc", "https", "grpcs"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    command += " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out ca.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "ca.pem", folder / "key.pem"


@asynccontextmanager
async def rest_server(seen, certificate=None):
    async def respond(request):
        seen.append({name: request.headers.get(name) for name in HEADERS})
        answer = {"metadata": {"signature_def": SIGNATURES}} if request.method == "GET" else {"outputs": [2.0]}
        return web.json_response(answer)

    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    runner = web.ServerRunner(web.Server(respond))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@asynccontextmanager
async def grpc_server(seen, certificate=None):
    async def metadata(message, context):
        return await answer(context, messages.GetModelMetadataResponse(metadata={"signature_def": signatures}))

    async def predict(message, context):
        response = messages.PredictResponse()
        json_format.ParseDict({"outputs": {"y": {"dtype": 1, "float_val": [2], "tensor_shape": {}}}}, response)
        response.outputs["y"].tensor_shape.dim.add(size=1)
        return await answer(context, response)

    async def answer(context, response):
        given = dict(context.invocation_metadata())
        seen.append({name: given.get(name.lower()) for name in HEADERS})
        return response.SerializeToString()

    signatures = {"value": json_format.ParseDict(SIGNATURES, messages.SignatureDefMap()).SerializeToString()}
    server = grpc.aio.server()
    methods = {"GetModelMetadata": metadata, "Predict": predict}
    handlers = {name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()}
    service = grpc.method_handlers_generic_handler("tensorflow.serving.PredictionService", handlers)
    server.add_generic_rpc_handlers([service])
    if certificate:
        chain, key = certificate[0].read_bytes(), certificate[1].read_bytes()
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


def call(scheme, certificate, seen=None, **options):
    """The answer of a server with this scheme to a client with these options."""

    async def run():
        make = grpc_server if scheme.startswith("grpc") else rest_server
        async with make([] if seen is None else seen, certificate if scheme.endswith("s") else None) as port:
            client = AsyncClient(f"{scheme}://127.0.0.1:{port}", "m", timeout=600.0, **options)
            try:
                return (await client.predict(x=[1.0]))["y"].tolist()
            finally:
                await client.close()

    return asyncio.run(run())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_headers_arrive_with_every_request(scheme, certificate):
    seen = []
    trusted = {"ca_file": certificate[0]} if scheme.endswith("s") else {}
    assert call(scheme, certificate, seen, headers=HEADERS, **trusted) == [2.0]
    assert seen == [HEADERS, HEADERS]


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_a_server_that_is_not_trusted_is_refused_at_once(scheme, certificate):
    with pytest.raises(UnreachableError, match="no certificate to trust"):
        call(scheme, certificate)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("host", "reason"), [("127.0.0.1:9", "connection refused"), ("nowhere.invalid:9", "no such")])
def test_no_server_is_an_error_at_once(scheme, host, reason):
    async def run():
        async with AsyncClient(f"{scheme}://{host}", "m", timeout=600.0) as client:
            await client.endpoints()

    with pytest.raises(UnreachableError, match=f"Expected a server at {scheme}://{host}. Received: {reason}") as error:
        asyncio.run(run())
    assert error.value.code is grpc.StatusCode.UNAVAILABLE
    assert "\n" not in error.value.message


def test_an_answer_of_another_server_is_an_error():
    async def run():
        runner = web.ServerRunner(web.Server(say_welcome))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with AsyncClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "m") as client:
            with pytest.raises(ServingError, match=r"Expected the answer .*welcome"):
                await client.endpoints()
        await runner.cleanup()

    async def say_welcome(request):
        return web.Response(text="<p>welcome")

    asyncio.run(run())


def test_a_redirect_is_not_followed():
    async def run():
        seen = []

        async def redirect(request):
            raise web.HTTPTemporaryRedirect(f"http://127.0.0.1:{port}/")

        async with rest_server(seen) as port:
            runner = web.ServerRunner(web.Server(redirect))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            client = AsyncClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "m", headers=HEADERS)
            with pytest.raises(ServingError, match="307: Temporary Redirect"):
                await client.endpoints()
            await client.close()
            await runner.cleanup()
        assert not seen

    asyncio.run(run())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"headers": {"a b": "c"}}, "Expected a header of one line"),
        (
            {"headers": {"a": "b\r\nc: secret"}},
            "Expected a header of one line in ASCII.*Received: 'a'$",
        ),
        ({"ca_file": "ca.pem"}, "Expected https:// or grpcs:// with ca_file"),
    ],
)
def test_access_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        AsyncClient("http://localhost:1", "m", **options)


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_files_without_certificates_are_refused(scheme, tmp_path):
    empty = tmp_path / "ca.pem"
    with pytest.raises(FileNotFoundError, match="Expected a file of certificates"):
        asyncio.run(open_client(scheme, empty))
    empty.write_text("nothing")
    with pytest.raises(ValueError, match="Expected certificates in PEM"):
        asyncio.run(open_client(scheme, empty))


async def open_client(scheme, ca_file):
    async with AsyncClient(f"{scheme}://127.0.0.1:9", "m", ca_file=ca_file) as client:
        await client.endpoints()
