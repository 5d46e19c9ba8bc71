"""The development server under load, while versions change, and at its limits."""

import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
import tensorflow as tf
from sending import send, states, wait_for
from tensorflow_serving.apis import (
    classification_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from tfmodels.serving import BatchingParameters, read_batching


def test_a_new_version_takes_over_without_a_failed_request(serve, models_folder, drop_version, tmp_path):
    drop_version(1, tmp_path / "text", 1)
    responses, stop = [], threading.Event()

    def load(server):
        while not stop.is_set():
            responses.append(send(f"{server.rest}/v1/models/text:predict", {"instances": ["a", "b"]}))

    batching = read_batching(models_folder / "serving" / "batching.config")
    with serve(tmp_path, batching) as server, ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(load, server)
        drop_version(2, tmp_path / "text", 2)
        wait_for(lambda: states(server) == {1: "END", 2: "AVAILABLE"})
        stop.set()
    assert {status for status, _ in responses} == {200}
    versions = [{row["version"] for row in response["predictions"]} for _, response in responses]
    assert {1} in versions
    assert {2} in versions
    assert all(len(version) == 1 for version in versions)
    assert all([row["text"] for row in response["predictions"]] == ["A", "B"] for _, response in responses)


def test_a_broken_version_does_not_block_others(serve, drop_version, tmp_path):
    drop_version(1, tmp_path / "text", 1)
    with serve(tmp_path / "text") as server:
        broken = drop_version(2, tmp_path / "elsewhere", 3)
        (broken / "saved_model.pb").write_bytes(b"half a file")
        broken.rename(tmp_path / "text" / "3")
        wait_for(lambda: states(server).get(3) == "END")
        assert states(server)[1] == "AVAILABLE"
        _, response = send(f"{server.rest}/v1/models/text/versions/3")
        assert response["model_version_status"][0]["status"]["error_message"]
        drop_version(2, tmp_path / "text", 4)
        wait_for(lambda: states(server).get(4) == "AVAILABLE")
        assert send(f"{server.rest}/v1/models/text:predict", {"instances": ["a"]})[1]["predictions"][0]["version"] == 2


def test_a_version_is_served_when_its_copy_is_complete(serve, models_folder, drop_version, tmp_path):
    drop_version(1, tmp_path / "text", 1)
    source, target = models_folder / "text" / "2", tmp_path / "text" / "2"
    with serve(tmp_path / "text") as server:
        target.mkdir()
        shutil.copy(source / "saved_model.pb", target)
        wait_for(lambda: states(server).get(2) == "END")
        shutil.copytree(source / "variables", target / "variables")
        wait_for(lambda: states(server)[2] == "AVAILABLE")


def test_a_broken_model_opens_no_port(serve, drop_version, tmp_path):
    version = drop_version(1, tmp_path / "text", 1)
    shutil.rmtree(version / "variables")
    with pytest.raises(ValueError, match="version 1 of text"), serve(tmp_path):
        pass


def write_warm_up(version, *requests):
    (version / "assets.extra").mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(version / "assets.extra" / "tf_serving_warmup_requests")) as file:
        for signature, text in requests:
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.model_spec.signature_name = signature
            log.predict_log.request.inputs["text"].CopyFrom(tf.make_tensor_proto(text))
            file.write(log.SerializeToString())


def test_warm_up_requests_run_before_a_version_is_available(serve, drop_version, tmp_path):
    version = drop_version(1, tmp_path / "text", 1)
    write_warm_up(version, ("serving_default", [b"a"]), ("same", [b"a", b"b"]))
    with serve(tmp_path) as server:
        metrics = urllib.request.urlopen(f"{server.rest}/monitoring/prometheus/metrics").read().decode()
    assert ':tensorflow:serving:model_warmup_latency_count{model_name="text"} 1' in metrics


def test_an_invalid_warm_up_request_fails_the_load(serve, drop_version, tmp_path):
    version = drop_version(1, tmp_path / "text", 1)
    write_warm_up(version, ("nope", [b"a"]))
    with pytest.raises(ValueError, match='Serving signature key "nope" not found'), serve(tmp_path):
        pass


def test_a_warm_up_request_that_batching_refuses_fails_the_load(serve, models_folder, drop_version, tmp_path):
    version = drop_version(1, tmp_path / "text", 1)
    write_warm_up(version, ("serving_default", [b"a"] * 8), ("same", [b"a"] * 9))
    batching = read_batching(models_folder / "serving" / "batching.config")
    too_large = "Task size 9 is larger than maximum input batch size 8"
    with pytest.raises(ValueError, match=too_large), serve(tmp_path, batching):
        pass
    with serve(tmp_path) as server:
        assert states(server) == {1: "AVAILABLE"}


def test_a_bad_row_does_not_fail_the_others(serve, models_folder):
    batching = BatchingParameters(8, 50_000, 10, 1)
    url = "/v1/models/numbers:predict"
    values = [4.0, -1.0, 9.0, 16.0, -4.0]
    with serve(models_folder, batching) as server, ThreadPoolExecutor(5) as pool:
        responses = list(
            pool.map(lambda value: send(server.rest + url, {"signature_name": "roots", "instances": [value]}), values)
        )
    for value, (status, response) in zip(values, responses, strict=True):
        if value < 0:
            assert status == 400
            assert "assertion failed" in response["error"]
        else:
            assert (status, response) == (200, {"predictions": [value**0.5]})


def test_many_clients_get_their_own_answers(serve, models_folder):
    batching = BatchingParameters(16, 1000, 100, 2, (1, 4, 16))
    texts = [f"text {number} " * (number % 7) for number in range(300)]
    with serve(models_folder, batching) as server, ThreadPoolExecutor(16) as pool:
        url = f"{server.rest}/v1/models/text:predict"
        responses = list(pool.map(lambda text: send(url, {"instances": [text]}), texts))
    assert responses == [(200, {"predictions": [{"text": text.upper(), "version": 2}]}) for text in texts]


def test_a_channel_may_have_hundreds_of_calls(serve, models_folder):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "numbers"
    request.inputs["x"].CopyFrom(tf.make_tensor_proto([1.0]))
    with serve(models_folder) as server, grpc.insecure_channel(server.grpc) as channel:
        method = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        calls = [method.future(request, timeout=60, wait_for_ready=True) for _ in range(500)]
        assert {call.code() for call in calls} == {grpc.StatusCode.OK}


def test_a_full_queue_is_503(serve, models_folder):
    batching = BatchingParameters(1, 0, 1, 1)
    url = "/v1/models/numbers:predict"
    with serve(models_folder, batching) as server, ThreadPoolExecutor(8) as pool:
        slow = {"signature_name": "slow", "instances": [20_000]}
        responses = list(pool.map(lambda _: send(server.rest + url, slow), range(8)))
    refused = [response["error"] for status, response in responses if status == 503]
    assert {status for status, _ in responses} == {200, 503}
    assert set(refused) == {"The batch scheduling queue to which this task was submitted is full"}


def test_a_deadline_stops_the_run(serve, models_folder):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "numbers"
    request.model_spec.signature_name = "slow"
    request.inputs["steps"].CopyFrom(tf.make_tensor_proto([2**31 - 1], tf.int32))
    with serve(models_folder) as server, grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.Predict(request, timeout=1)
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        request.inputs["steps"].CopyFrom(tf.make_tensor_proto([3], tf.int32))
        assert tf.make_ndarray(stub.Predict(request, timeout=60).outputs["steps"]).tolist() == [3]
    # The server stopped, so the long run was stopped too.


def test_unsupported_methods_are_unimplemented(serve, models_folder):
    unsupported = {
        "Classify": classification_pb2.ClassificationRequest(),
        "Regress": regression_pb2.RegressionRequest(),
        "MultiInference": inference_pb2.MultiInferenceRequest(),
        "HandleReloadConfigRequest": model_management_pb2.ReloadConfigRequest(),
    }
    with serve(models_folder) as server, grpc.insecure_channel(server.grpc) as channel:
        predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        models = model_service_pb2_grpc.ModelServiceStub(channel)
        for method, request in unsupported.items():
            stub = models if hasattr(models, method) else predictions
            with pytest.raises(grpc.RpcError, match="The development server") as error:
                getattr(stub, method)(request, timeout=60)
            assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_stopping_finishes_running_requests(serve, models_folder):
    url = "/v1/models/numbers:predict"
    with ThreadPoolExecutor(1) as pool:
        with serve(models_folder) as server:
            slow = {"signature_name": "slow", "instances": [50_000]}
            pending = pool.submit(send, server.rest + url, slow)
            wait_for(lambda: pending.running())
            time.sleep(0.2)
        assert pending.result() == (200, {"predictions": [50_000]})
        with pytest.raises(urllib.error.URLError):
            send(f"{server.rest}/v1/models/text")


def test_large_requests_are_refused_before_they_are_read(serve, models_folder):
    with serve(models_folder) as server:
        host, port = server.rest.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 30) as connection:
            length = 2**24 + 1
            head = f"POST /v1/models/text:predict HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 413")
        large = predict_pb2.PredictRequest()
        large.model_spec.name = "numbers"
        large.inputs["x"].dtype = 1
        large.inputs["x"].float_val.append(1.0)
        large.inputs["x"].tensor_shape.dim.add(size=2**40)  # a few bytes with a shape of four terabytes
        with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as error:
            prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(large, timeout=60)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert send(f"{server.rest}/v1/models/text:predict", {"instances": ["a"]})[0] == 200
