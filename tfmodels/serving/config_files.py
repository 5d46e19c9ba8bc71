"""The files that the real server is started with: `saved_models/serving/`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from tfmodels.export.batching import ALLOWED_BATCH_SIZES
from tfmodels.export.versions import RESERVED
from tfmodels.serving.launch import IMAGE
from tfmodels.serving.metrics import METRICS_PATH
from tfmodels.serving.server_config import ALL_VERSIONS, ModelConfig, exports, read_models

MOUNT = "/models"  # where the containers see the folder of exports

_UNTESTED = (
    "# Not run by this project yet: no {} was at hand. The flags are those found good in the server's sources.\n"
)

# Flags of the server, and why.
_FLAGS = {
    "--model_config_file={files}/models.config": "which models, versions and labels",
    "--model_config_file_poll_wait_seconds=60": "takes up changes of that file",
    "--allow_version_labels_for_unavailable_models=true": "labels may be given at the first start",
    "--monitoring_config_file={files}/monitoring.config": "metrics for Prometheus",
    "--enable_batching=true": "answers waiting requests together",
    "--batching_parameters_file={files}/batching.config": "in batches of these sizes",
    "--rest_api_num_threads=64": "each waiting request holds a thread: twice the largest batch",
    "--grpc_max_threads=64": "likewise",
    "--num_load_threads=2": "a broken version does not hold up the next one",
    "--max_num_load_retries=2": "a version that fails is reported soon",
    "--load_retry_interval_micros=5000000": "likewise",
    "--enable_grpc_healthcheck_service=true": "grpc.health.v1",
}

_MODELS_HEADER = """\
# What is served. To keep two versions at once and give them names, write into a model's `config`:
#   model_version_policy { specific { versions: 1 versions: 2 } }
#   version_labels { key: "stable" value: 1 }
#   version_labels { key: "canary" value: 2 }
"""

_BATCHING = """\
# Batches of up to 32 rows, filled up to one of these sizes: the model meets few shapes.
max_batch_size {{ value: {largest} }}
batch_timeout_micros {{ value: 2000 }}
max_enqueued_batches {{ value: 100 }}
{sizes}
"""

_MONITORING = f"""\
# Prometheus reads http://HOST:8501{METRICS_PATH}
prometheus_config {{ enable: true path: "{METRICS_PATH}" }}
"""

_READY = """\
#!/usr/bin/env bash
# Succeeds if every model of models.config has an AVAILABLE version. Needs bash and grep: the image has no curl.
# usage: ready.sh [PORT]
for model in $(sed -n 's/^ *name: "\\(.*\\)"/\\1/p' "$(dirname "$0")/models.config"); do
  exec 3<>"/dev/tcp/localhost/${1:-8501}" || exit 1
  printf 'GET /v1/models/%s HTTP/1.0\\r\\n\\r\\n' "$model" >&3
  grep -q '"state": "AVAILABLE"' <&3 || exit 1
  exec 3<&-
done
"""

_COMPOSE = """\
# docker compose -f saved_models/serving/compose.yaml up
{untested}services:
  serving:
    image: {image}
    ports:
      - "127.0.0.1:8500:8500"  # gRPC
      - "127.0.0.1:8501:8501"  # REST
    volumes:
      - ..:{mount}:ro
    entrypoint: ["tensorflow_model_server"]
    command:
      - --port=8500
      - --rest_api_port=8501
{flags}
    healthcheck:  # the status is HTTP 200 in any state: what counts is the state inside
      test: ["CMD", "bash", "{mount}/serving/ready.sh"]
      interval: 10s
      start_period: 60s
"""

_KUBERNETES = """\
# kubectl apply -f saved_models/serving/kubernetes.yaml
# The claim `saved-models` holds the folder of exports; whoever exports into it is seen within a second.
{untested}apiVersion: apps/v1
kind: Deployment
metadata:
  name: tensorflow-serving
spec:
  selector:
    matchLabels: {{app: tensorflow-serving}}
  template:
    metadata:
      labels: {{app: tensorflow-serving}}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: serving
          image: {image}
          command: ["tensorflow_model_server"]
          args:
            - --port=8500
            - --rest_api_port=8501
{flags}
          ports:
            - {{name: grpc, containerPort: 8500}}
            - {{name: rest, containerPort: 8501}}
          volumeMounts:
            - {{name: saved-models, mountPath: {mount}, readOnly: true}}
          startupProbe:  # the ports open once every model is loaded
            tcpSocket: {{port: rest}}
            periodSeconds: 5
            failureThreshold: 60
          readinessProbe:  # the status is HTTP 200 in any state: what counts is the state inside
            exec:
              command: ["bash", "{mount}/serving/ready.sh"]
            periodSeconds: 10
      volumes:
        - name: saved-models
          persistentVolumeClaim: {{claimName: saved-models, readOnly: true}}
---
apiVersion: v1
kind: Service
metadata:
  name: tensorflow-serving
spec:
  selector: {{app: tensorflow-serving}}
  ports:
    - {{name: grpc, port: 8500, targetPort: grpc}}
    - {{name: rest, port: 8501, targetPort: rest}}
"""


def write_config(folder: str | Path) -> dict[str, str]:
    """Writes the server's files into `serving/` of a folder of exports.

    `models.config` gains the exports that it lacks and loses those that are gone; what it says about versions and
    labels of the others stays. Any other file that is there already is left alone: delete it to have it written anew.

    Args:
        folder: The folder of exports, such as `saved_models`.

    Returns:
        File name -> `written` or `kept`.

    Raises:
        FileNotFoundError: If there is no export.
        ValueError: If `models.config` cannot be read.

    Example:
        `write_config("saved_models")`
    """
    folder = Path(folder)
    if not exports(folder):
        raise FileNotFoundError(
            f"Expected a folder of exports: <name>/<version>/saved_model.pb. Received: folder={folder}"
        )
    target = folder / RESERVED
    target.mkdir(exist_ok=True)
    models = target / "models.config"
    configs = read_models(folder)
    text = models_config(configs, {config.name: Path(MOUNT, config.name) for config in configs})
    models.write_text(text, encoding="utf-8")
    contents = {
        "batching.config": batching_config(),
        "monitoring.config": _MONITORING,
        "ready.sh": _READY,
        "compose.yaml": _COMPOSE.format(
            untested=_UNTESTED.format("docker engine"), image=IMAGE, mount=MOUNT, flags=_flag_lines(6)
        ),
        "kubernetes.yaml": _KUBERNETES.format(
            untested=_UNTESTED.format("cluster"), image=IMAGE, mount=MOUNT, flags=_flag_lines(12)
        ),
    }
    done = {models.name: "written"}
    for name, content in contents.items():
        done[name] = "kept" if (target / name).exists() else "written"
        if done[name] == "written":
            (target / name).write_text(content, encoding="utf-8")
    return done


def batching_config() -> str:
    """Writes the `batching.config` that suits exports of this package.

    Returns:
        The text proto.
    """
    sizes = "\n".join(f"allowed_batch_sizes: {size}" for size in ALLOWED_BATCH_SIZES)
    return _BATCHING.format(largest=ALLOWED_BATCH_SIZES[-1], sizes=sizes)


def models_config(models: Sequence[ModelConfig], base_paths: Mapping[str, Path]) -> str:
    """Writes a `models.config`.

    Args:
        models: The models.
        base_paths: Name -> the folder of versions, as the server sees it.

    Returns:
        The text proto.
    """
    written = model_server_config_pb2.ModelServerConfig()
    for model in models:
        entry = written.model_config_list.config.add(
            name=model.name, base_path=str(base_paths[model.name]), model_platform="tensorflow"
        )
        if model.specific:
            entry.model_version_policy.specific.versions.extend(model.specific)
        elif model.latest == ALL_VERSIONS:
            entry.model_version_policy.all.SetInParent()
        else:
            entry.model_version_policy.latest.num_versions = model.latest
        entry.version_labels.update(model.labels)
    return f"{_MODELS_HEADER}{text_format.MessageToString(written)}"


def write_launch_files(folder: Path, models: Sequence[ModelConfig], base_paths: Mapping[str, Path]) -> None:
    """Writes what a server that is started at once needs.

    Args:
        folder: Where to.
        models: The models.
        base_paths: Name -> the folder of versions, as the server sees it.
    """
    (folder / "models.config").write_text(models_config(models, base_paths), encoding="utf-8")
    (folder / "monitoring.config").write_text(_MONITORING, encoding="utf-8")


def server_flags(files: str, batching: bool) -> list[str]:
    """Lists the flags that the real server is started with, ports aside.

    Args:
        files: The folder of the configuration files, as the server sees it.
        batching: Whether `batching.config` is among them.

    Returns:
        The flags.
    """
    return [flag.format(files=files) for flag in _FLAGS if batching or "batching" not in flag]


def _flag_lines(indent: int) -> str:
    flags = server_flags(f"{MOUNT}/{RESERVED}", batching=True)
    width = max(map(len, flags))
    return "\n".join(
        f"{' ' * indent}- {flag:{width}}  # {why}" for flag, why in zip(flags, _FLAGS.values(), strict=True)
    )
