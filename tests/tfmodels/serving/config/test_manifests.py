import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import grpc
import kubernetes_validate
import promql_parser
import pytest
import yaml

from tfmodels.serving import read_batching, write_config
from tfmodels.serving.config.memory import mebibytes
from tfmodels.serving.config.model_config import ModelConfig

KINDS = ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "one" / "1").mkdir(parents=True)
    write_config(tmp_path)
    return tmp_path / "serving"


@pytest.fixture
def documents(files):
    return list(yaml.safe_load_all((files / "kubernetes.yaml").read_text()))


def test_the_manifest_is_valid_by_the_schema_of_kubernetes(documents):
    """The validator can say no: a misspelt key is refused."""
    assert [document["kind"] for document in documents] == KINDS
    for document in documents:
        kubernetes_validate.validate(document, "1.37", strict=True)
    documents[0]["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(documents[0], "1.37", strict=True)


def test_the_parts_of_the_manifest_fit_one_another(documents):
    deployment, service, scaler, budget = documents
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"]
    (container,) = pod["spec"]["containers"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        budget["spec"]["selector"]["matchLabels"],
        pod["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ):
        assert selector == labels
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"]  # the scaler's
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}  # without which it does not scale
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports
    assert container["livenessProbe"]["grpc"]["port"] == ports["grpc"]
    assert "--enable_grpc_healthcheck_service=true" in container["args"]
    annotations = pod["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(ports["rest"])


def test_compose_takes_its_file_and_starts_the_same_server(files, documents):
    program = shutil.which("docker-compose", path=str(Path(sys.executable).parent))
    command = [program, "-f", files / "compose.yaml", "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    service = json.loads(done.stdout)["services"]["serving"]
    (container,) = documents[0]["spec"]["template"]["spec"]["containers"]
    assert service["command"] == container["args"] and service["image"] == container["image"]
    assert service["volumes"][0]["source"] == str(files.parent) and service["volumes"][0]["read_only"]
    assert "--model_config_file=/models/serving/models.config" in service["command"]
    (files / "compose.yaml").write_text((files / "compose.yaml").read_text().replace("restart:", "restrat:"))
    assert subprocess.run(command, capture_output=True).returncode


def test_each_file_says_what_was_tried(files):
    kubernetes, compose, alerts = (
        (files / name).read_text() for name in ("kubernetes.yaml", "compose.yaml", "alerts.yaml")
    )
    assert "Validated against the schema of Kubernetes 1.37" in kubernetes and "not run on a cluster" in kubernetes
    assert "Validated by Docker Compose 5.6" in compose and "not run: no docker engine" in compose
    assert "not run with TensorFlow Serving" in alerts


def test_the_files_name_the_folder_as_it_was_given(tmp_path, monkeypatch):
    """A line break in its name must not end the comment."""
    monkeypatch.chdir(tmp_path)
    folder = Path("it's\nmine: {a} $b")
    (folder / "one" / "1").mkdir(parents=True)
    write_config(folder)
    for name, command in (("compose.yaml", "docker compose -f"), ("kubernetes.yaml", "kubectl apply -f")):
        text = (folder / "serving" / name).read_text()
        quoted = "'it'\"'\"'s?mine: {a} $b/serving/" + name + "'"
        assert text.startswith(f"# {command} {quoted}")
        assert all(yaml.safe_load_all(text))


@pytest.mark.parametrize("name", ["a b", "it's", 'a"b', "a\nb", "a: b", "{a}", "-a", "été", "a$b", "a%20b", "12"])
def test_a_name_that_no_file_can_hold_is_refused(tmp_path, name):
    (tmp_path / name / "1").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"rename the folder. Received: name=" + re.escape(repr(name))):
        write_config(tmp_path)
    assert not (tmp_path / "serving").exists()


@pytest.mark.parametrize("name", ["Under_score", "1e3", "true", "a.b-c", "x" * 200])
def test_a_name_that_is_none_of_kubernetes_or_a_word_of_yaml_is_served(tmp_path, name):
    (tmp_path / name / "1").mkdir(parents=True)
    write_config(tmp_path)
    for document in yaml.safe_load_all((tmp_path / "serving" / "kubernetes.yaml").read_text()):
        kubernetes_validate.validate(document, "1.37", strict=True)
    assert f'name: "{name}"' in (tmp_path / "serving" / "models.config").read_text()


@pytest.mark.parametrize(("weights", "copies"), [("float32", 2), ("bfloat16", 4), ("int8", 8), (["int8"], 2)])
def test_memory_grows_with_the_weights_that_are_expanded(tmp_path, weights, copies):
    version = tmp_path / "one" / "1"
    (version / "assets.extra").mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(bytes(100 << 20))
    (version / "assets.extra" / "tfmodels.json").write_text(json.dumps({"task": "a", "weights": weights}))
    needed = mebibytes([ModelConfig("one", tmp_path / "one")])
    assert needed % 256 == 0 and 0 <= needed - (640 + 100 * copies) < 257


def test_the_rules_ask_for_metrics_that_the_server_exports(files, serve, models_folder):
    """Of a server with batching that has answered once; what is compared are the names and the labels."""
    rules = yaml.safe_load((files / "alerts.yaml").read_text())["groups"][0]["rules"]
    for rule in rules:
        promql_parser.parse(rule["expr"])
        assert rule["alert"] and rule["for"] and rule["annotations"]["summary"]
    with serve(models_folder, read_batching(models_folder / "serving" / "batching.config")) as server:
        with urlopen(f"{server.rest}/v1/models/text:predict", b'{"inputs": ["a"]}', timeout=60) as answer:
            answer.read()
        with urlopen(f"{server.rest}/monitoring/prometheus/metrics", timeout=60) as answer:
            exported = answer.read().decode()
    asked = {name for rule in rules for name in re.findall(r":tensorflow:[a-z_:]+", rule["expr"])}
    assert len(asked) == 4
    for name in asked:
        line = next(line for line in exported.splitlines() if line.startswith(f"{name}{{"))
        assert 'model_name="text"' in line
    statuses = {
        status
        for rule in rules
        for found in re.findall(r'status=~"(.*?)"', rule["expr"])
        for status in found.split("|")
    }
    assert statuses < set(grpc.StatusCode.__members__)
