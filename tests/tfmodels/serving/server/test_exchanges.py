"""Both servers give the recorded responses: the development server always, the real one where it is available."""

import gzip
import json
import time
import urllib.error
import urllib.request

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format
from grpc_exchanges import GRPC
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rest_exchanges import NUMBERS, REST, TEXT
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)


def send(url, body=None, headers=(), method=None):
    """Status and body of the response."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def skip_unless_applicable(exchange, server):
    if exchange.batched not in (None, server.batched):
        pytest.skip("holds only with the other setting of batching")
    if server.real and exchange.fault:
        pytest.skip(f"a fault of the real server: {exchange.fault}")


@pytest.mark.parametrize("exchange", REST, ids=lambda exchange: exchange.name)
def test_rest(exchange, server):
    skip_unless_applicable(exchange, server)
    status, body = send(server.rest + exchange.path, exchange.body)
    assert status == exchange.status, body
    document = json.loads(body)
    if exchange.error is not None:
        assert document.keys() == {"error"}
        assert exchange.error in document["error"]
    else:
        np.testing.assert_equal(document, exchange.response)


@pytest.mark.parametrize("exchange", GRPC, ids=lambda exchange: exchange.name)
def test_grpc(exchange, server):
    skip_unless_applicable(exchange, server)
    model = exchange.model or {"name": "text"}
    request = json_format.ParseDict({"model_spec": model}, predict_pb2.PredictRequest())
    for name, (dtype, values) in exchange.inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values, tf.as_dtype(dtype)))
    request.output_filter.extend(exchange.outputs)
    with grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        if exchange.code is not grpc.StatusCode.OK:
            with pytest.raises(grpc.RpcError) as error:
                stub.Predict(request, timeout=60)
            assert error.value.code() == exchange.code
            assert exchange.error in error.value.details()
            return
        response = stub.Predict(request, timeout=60)
    assert response.model_spec.name == model["name"]
    assert response.model_spec.signature_name == model.get("signature_name", "serving_default")
    assert not any(tensor.tensor_content for tensor in response.outputs.values())  # clients may read the value fields
    outputs = {name: tf.make_ndarray(tensor).tolist() for name, tensor in response.outputs.items()}
    assert outputs == exchange.response


def test_metadata(server):
    status, body = send(f"{server.rest}{NUMBERS}/metadata")
    document = json.loads(body)
    assert status == 200
    assert document["model_spec"] == {"name": "numbers", "signature_name": "", "version": "1"}
    signatures = document["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "typed", "roots", "__saved_model_init_op"} <= signatures.keys()
    given = signatures["serving_default"]["inputs"]["x"]
    assert given["dtype"] == "DT_FLOAT"
    assert given["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    with grpc.insecure_channel(server.grpc) as channel:
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = "numbers"
        response = prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(request, timeout=60)
    reported = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(reported)
    assert reported.signature_def.keys() == signatures.keys()
    assert response.model_spec.version.value == 1


def test_status_over_grpc(server):
    request = json_format.ParseDict({"model_spec": {"name": "text"}}, get_model_status_pb2.GetModelStatusRequest())
    with grpc.insecure_channel(server.grpc) as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        statuses = stub.GetModelStatus(request, timeout=60).model_version_status
        assert [(status.version, status.state) for status in statuses] == [(2, 30), (1, 30)]
        request.model_spec.name = "nope"
        with pytest.raises(grpc.RpcError) as error:
            stub.GetModelStatus(request, timeout=60)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_health(server):
    with grpc.insecure_channel(server.grpc) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", "ModelService", "PredictionService"):
            response = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=60)
            assert response.status == health_pb2.HealthCheckResponse.SERVING
        watching = stub.Watch(health_pb2.HealthCheckRequest(), timeout=60)
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        watching.cancel()
        with pytest.raises(grpc.RpcError) as error:
            stub.Check(health_pb2.HealthCheckRequest(service="none"), timeout=60)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_compressed_body_is_accepted(server):
    body = gzip.compress(json.dumps({"instances": ["a"]}).encode())
    status, response = send(f"{server.rest}{TEXT}:predict", body, {"Content-Encoding": "gzip"})
    assert (status, json.loads(response)) == (200, {"predictions": [{"text": "A", "version": 2}]})


def test_other_paths_are_not_found(server):
    assert [send(server.rest + path)[0] for path in ("/", "/healthz")] == [404, 404]


def test_metrics(server):
    assert send(f"{server.rest}{TEXT}:predict", {"instances": ["a"]})[0] == 200
    assert send(f"{server.rest}/v1/models/nope:predict", {"instances": ["a"]})[0] == 404
    with grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "text"
        request.inputs["text"].CopyFrom(tf.make_tensor_proto([b"a"]))
        stub.Predict(request, timeout=60)
        request.model_spec.name = 'a "name"'
        with pytest.raises(grpc.RpcError):
            stub.Predict(request, timeout=60)
    assert send(f"{server.rest}/v1/models/text:PREDICT", b"{}")[0] == 400
    if not server.real:  # which knows no limit
        assert send(f"{server.rest}{TEXT}:predict", b'{"instances": [%s1]}' % (b"1," * 2**20))[0] == 413
    status, body = send(f"{server.rest}/monitoring/prometheus/metrics")
    assert status == 200
    for line in (
        ':tensorflow:serving:request_latency_count{model_name="",API="",entrypoint="REST"} ',
        ':tensorflow:serving:request_count{model_name="text",status="OK"} ',
        ':tensorflow:serving:request_count{model_name="nope",status="NOT_FOUND"} ',
        ':tensorflow:serving:request_latency_count{model_name="text",API="predict",entrypoint="REST"} ',
        ':tensorflow:serving:request_latency_count{model_name="text",API="Predict",entrypoint="GRPC"} ',
        ':tensorflow:serving:runtime_latency_count{model_name="text",API="Predict",runtime="TF1"} ',
    ):
        assert line in body.decode()
    assert server.real or ':request_count{model_name="text",status="RESOURCE_EXHAUSTED"} ' in body.decode()
    assert 'entrypoint="GRPC"} ' not in "".join(line for line in body.decode().splitlines() if "a \\" in line)
    if server.batched:
        assert ":tensorflow:serving:batching_session:queuing_latency" in body.decode()


def test_metrics_name_late_and_cancelled_requests(server):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "numbers"
    request.model_spec.signature_name = "slow"
    request.inputs["steps"].CopyFrom(tf.make_tensor_proto([2**31 - 1], tf.int32))
    with grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
            stub.Predict(request, timeout=0.3)
        call = stub.Predict.future(request, timeout=1)
        time.sleep(0.2)
        call.cancel()
    for _ in range(100):
        body = send(f"{server.rest}/monitoring/prometheus/metrics")[1].decode()
        statuses = ["DEADLINE_EXCEEDED", *([] if server.real else ["CANCELLED"])]  # the real one runs on to the end
        counted = [f'request_count{{model_name="numbers",status="{status}"}} ' for status in statuses]
        if all(line in body for line in counted):
            return
        time.sleep(0.05)
    raise AssertionError(body)
