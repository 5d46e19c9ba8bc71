import contextlib
import json
import urllib.request
from pathlib import Path

import pytest
import tensorflow as tf
from running_server import running

from pipelines.benchmarks.serving import development_server
from pipelines.cli import main
from tfmodels.serving import read_batching

QUICK = ["--clients", "1,3", "--rates", "20", "--seconds", "0.3"]


@pytest.fixture
def exported(shout):
    main.main(["fit", shout])
    main.main(["export", "shout", "--task", shout, "--samples", "data"])
    return "saved_models/shout"


@pytest.fixture
def in_this_process(monkeypatch):
    """Runs the development server in this process, which saves two starts of Python."""

    @contextlib.contextmanager
    def started(version, batching):
        with running(version, read_batching(batching) if batching else None) as server:
            path = f"v1/models/{version.parent.name}"
            yield development_server.Addresses(f"{server.rest}/{path}", f"grpc://{server.grpc}/{path}")

    monkeypatch.setattr(development_server, "started", started)


def test_an_export_is_measured_without_and_with_batching(exported, in_this_process, capsys):
    assert main.main(["benchmark", "serve", exported, *QUICK, "--output", "measured"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("batching off", "batching on", "3 clients", "20/s sent", "gRPC", "measured"))
    assert Path("measured/serve.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("measured/serve.json").read_text())
    assert result["rows"] == 2  # its warm-up requests
    kinds = [(row["server"], row.get("clients"), row.get("offered_rate")) for row in result["loads"]]
    each = [(1, None), (3, None), (None, 20.0)]
    assert kinds == [(f"batching {state}", *kind) for state in ("off", "on") for kind in each]
    for row in result["loads"]:
        assert row["failures"] == {}
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
        assert row["server_ms"] > 0
        assert row["model_ms"] > 0
        assert (row["queue_ms"] is None) == (row["server"] == "batching off")
    assert result["overhead"].keys() == {"session", "REST", "gRPC"}
    assert all(row["p50_ms"] > 0 for row in result["overhead"].values())


def test_failures_are_counted_and_do_not_end_the_measurement(shout, in_this_process):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def root(x):
        with tf.control_dependencies([tf.debugging.assert_non_negative(x)]):
            return {"y": tf.sqrt(x)}

    tf.saved_model.save(tf.Module(), "roots/1", {"serving_default": root})
    Path("rows.jsonl").write_text('{"x": -1}\n{"x": 4}\n')
    assert main.main(["benchmark", "serve", "roots", "--input", "rows.jsonl", *QUICK]) == 0
    result = json.loads(Path("benchmarks/serve.json").read_text())
    assert all(row["failures"].keys() == {"INVALID_ARGUMENT"} for row in result["loads"])
    assert all(row["requests_per_second"] > 0 for row in result["loads"])
    assert result["overhead"].keys() == {"session", "REST", "gRPC"}
    Path("rows.jsonl").write_text('{"x": -1}\n')
    assert main.main(["benchmark", "serve", "roots", "--input", "rows.jsonl", *QUICK]) == 2


@pytest.mark.parametrize("interface", ["rest", "grpc"])
def test_a_running_server_is_measured(exported, capsys, interface):
    Path("rows.jsonl").write_text('{"text": "a", "times": 2.0}\n{"text": "b", "times": 0.5, "more": 1}\n')
    with running(exported) as server:
        url = f"{server.rest if interface == 'rest' else f'grpc://{server.grpc}'}/v1/models/shout"
        rows = ["--input", "rows.jsonl", "--endpoint", "with_options"]
        assert main.main(["benchmark", "serve", url, *rows, *QUICK]) == 0
        result = json.loads(Path("benchmarks/serve.json").read_text())
        assert [row["server"] for row in result["loads"]] == ["running server"] * 3
        assert result["rows"] == 2
        assert "overhead" not in result
        assert all((row["server_ms"] is None) == (interface == "grpc") for row in result["loads"])
        assert main.main(["benchmark", "serve", f"{url}e"]) == 1
    assert "shoute" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sevre", "x"], "did you mean serve?"),
        (["serve", "nowhere"], "Expected a SavedModel"),
        (["serve", "ftp://host/v1/models/a"], "Expected a URL"),
        (["serve", "http://localhost:1/v1/models/a", "--input", "none"], "Expected a file"),
    ],
)
def test_a_mistake_is_reported_without_a_trace(shout, capsys, arguments, message):
    assert main.main(["benchmark", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--clients", "1,x"], ["--clients", "0"], ["--rates", "-1"], ["--seconds", "nan"]]
)
def test_wrong_loads_are_refused(arguments):
    assert main.main(["benchmark", "serve", "saved_models", *arguments]) == 2


@pytest.mark.slow
def test_a_server_process_ends_with_its_context(exported):
    with development_server.started(Path(exported), None) as server:
        with urllib.request.urlopen(f"{server.rest}:predict", b'{"inputs": ["a"]}', timeout=60) as answer:
            assert json.loads(answer.read())["outputs"]["text"] == ["A!"]
        assert server.grpc.startswith("grpc://127.0.0.1:")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(server.rest, timeout=60)


def test_the_error_of_a_server_process_is_raised(tmp_path):
    nowhere = development_server.started(tmp_path / "nowhere", None)
    with pytest.raises(ValueError, match="Expected a folder of exports"), nowhere:
        pass
