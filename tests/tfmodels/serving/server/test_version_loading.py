"""Versions that cannot be loaded, beside others that can."""

import asyncio
import os
import shutil
import socket
import threading

import pytest
import tensorflow as tf
from sending import send, states, wait_for
from tensorflow_serving.apis import prediction_log_pb2

from tfmodels.serving import DevelopmentServer, Limits, read_models
from tfmodels.serving.server import model_versions
from tfmodels.serving.server.model_versions import ModelVersions
from tfmodels.serving.server.version_files import check_files


def dangling(version):
    (version / "assets.extra").symlink_to("nowhere")


def circle(version):
    (version / "variables" / "more").symlink_to("more")


def pipe(version):
    (version / "assets").mkdir(exist_ok=True)
    os.mkfifo(version / "assets" / "vocabulary.txt")


def pipe_for_model(version):
    (version / "saved_model.pb").unlink()
    os.mkfifo(version / "saved_model.pb")


def outside(version):
    (version / "saved_model.pb").rename(version.parent / "other.pb")
    (version / "saved_model.pb").symlink_to("../other.pb")


def device(version):
    (version / "assets.extra").mkdir()
    (version / "assets.extra" / "tf_serving_warmup_requests").symlink_to("/dev/zero")


def damaged(version):
    (version / "saved_model.pb").write_bytes(b"half a file")


def damaged_variables(version):
    shutil.rmtree(version / "variables")


FAULTS = [dangling, circle, pipe, pipe_for_model, outside, device, damaged, damaged_variables]


def test_a_bad_version_holds_up_nothing(serve, drop_version, tmp_path):
    for fault in FAULTS:
        drop_version(1, tmp_path / fault.__name__, 1)
        fault(drop_version(2, tmp_path / fault.__name__, 2))
    pipe(drop_version(1, tmp_path / "alone", 1))
    with serve(tmp_path) as server:
        for fault in FAULTS:
            assert states(server, fault.__name__) == {1: "AVAILABLE", 2: "END"}, fault
            url = f"{server.rest}/v1/models/{fault.__name__}:predict"
            assert send(url, {"instances": ["a"]}) == (200, {"predictions": [{"text": "A", "version": 1}]})
        assert states(server, "alone") == {1: "END"}
        _, status = send(f"{server.rest}/v1/models/alone")
        message = status["model_version_status"][0]["status"]["error_message"]
        assert "vocabulary.txt, a pipe" in message and message.endswith("; remove it")
        (tmp_path / "alone" / "1" / "assets" / "vocabulary.txt").unlink()
        wait_for(lambda: states(server, "alone")[1] == "AVAILABLE")


def test_links_within_a_version_are_followed(tmp_path):
    (tmp_path / "store" / "variables").mkdir(parents=True)
    (tmp_path / "store" / "model").write_bytes(b"1")
    (tmp_path / "store" / "saved_model.pb").symlink_to("model")
    (tmp_path / "store" / "assets").symlink_to("variables")
    (tmp_path / "1").symlink_to("store")
    check_files(tmp_path / "1")
    check_files(tmp_path / "nowhere")  # TensorFlow says that it is not there


def test_a_load_that_hangs_is_given_up(serve, drop_version, tmp_path, monkeypatch):
    release, load = threading.Event(), model_versions.SessionRunner

    def hang(path, **options):
        if path.parent.name == "hangs":
            release.wait()
        return load(path, **options)

    monkeypatch.setattr(model_versions, "SessionRunner", hang)
    drop_version(1, tmp_path / "text", 1)
    drop_version(1, tmp_path / "hangs", 1)
    with serve(tmp_path, limits=Limits(load_seconds=3.0)) as server:
        assert states(server) == {1: "AVAILABLE"}
        _, status = send(f"{server.rest}/v1/models/hangs")
        assert status["model_version_status"][0]["status"]["error_code"] == "DEADLINE_EXCEEDED"
        assert "--load_seconds" in status["model_version_status"][0]["status"]["error_message"]
        release.set()
        (tmp_path / "hangs" / "1" / "changed").touch()
        wait_for(lambda: states(server, "hangs") == {1: "AVAILABLE"})


def test_a_request_to_a_version_that_is_being_loaded_is_told_so(serve, drop_version, tmp_path, monkeypatch):
    release, load = threading.Event(), model_versions.SessionRunner

    def wait(path, **options):
        assert path.name == "1" or release.wait(60)
        return load(path, **options)

    monkeypatch.setattr(model_versions, "SessionRunner", wait)
    drop_version(1, tmp_path / "text", 1)
    with serve(tmp_path) as server:
        drop_version(2, tmp_path / "text", 2)
        wait_for(lambda: states(server).get(2) == "LOADING")
        for number, remedy in ((2, "; version 2 is still being loaded"), (7, "")):
            answer = send(f"{server.rest}/v1/models/text/versions/{number}:predict", {"instances": ["a"]})
            assert answer == (404, {"error": f"Servable not found for request: Specific(text, {number}){remedy}"})
        release.set()
        wait_for(lambda: states(server).get(2) == "AVAILABLE")


def test_a_warm_up_request_that_does_not_end_is_ended(serve, models_folder, tmp_path):
    shutil.copytree(models_folder / "numbers", tmp_path / "numbers")
    shutil.copytree(models_folder / "text", tmp_path / "text")
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.model_spec.signature_name = "slow"
    log.predict_log.request.inputs["steps"].CopyFrom(tf.make_tensor_proto([2**31 - 1], tf.int32))
    (tmp_path / "numbers" / "1" / "assets.extra").mkdir()
    with tf.io.TFRecordWriter(str(tmp_path / "numbers" / "1" / "assets.extra" / "tf_serving_warmup_requests")) as file:
        file.write(log.SerializeToString())
    with serve(tmp_path, limits=Limits(load_seconds=2.0)) as server:
        assert states(server, "numbers") == {1: "END"}
        assert states(server, "text") == {2: "AVAILABLE"}


@pytest.mark.parametrize("interface", ["rest_port", "grpc_port"])
def test_a_port_in_use_is_refused_before_models_are_loaded(models_folder, monkeypatch, interface):
    monkeypatch.setattr(ModelVersions, "update", None)
    with socket.create_server(("127.0.0.1", 0)) as used:
        server = DevelopmentServer(
            read_models(models_folder), **{"rest_port": 0, "grpc_port": 0, interface: used.getsockname()[1]}
        )
        with pytest.raises(ValueError, match=f"Expected a free port; .*--{interface} N.* Received: {interface}="):
            asyncio.run(server.start())
