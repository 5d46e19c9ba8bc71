"""Manifests that run TensorFlow Serving: docker compose, Kubernetes, and a readiness probe."""

from tfmodels.export.versions import RESERVED
from tfmodels.serving.config.server_flags import FLAGS, server_flags

IMAGE = "tensorflow/serving:2.20.0"
MOUNT = "/models"  # where containers mount the folder of exports

_UNTESTED = (
    "# Not run by this project yet: no {} was available. The flags were checked against the server's source code.\n"
)

READY_SCRIPT = """\
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
    healthcheck:  # the HTTP status is always 200: the script reads the state in the response
      test: ["CMD", "bash", "{mount}/serving/ready.sh"]
      interval: 10s
      start_period: 60s
"""

_KUBERNETES = """\
# kubectl apply -f saved_models/serving/kubernetes.yaml
# The claim `saved-models` holds the folder of exports; new versions are found within a second.
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
          startupProbe:  # the ports open when every model is loaded
            tcpSocket: {{port: rest}}
            periodSeconds: 5
            failureThreshold: 60
          readinessProbe:  # the HTTP status is always 200: the script reads the state in the response
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


def compose() -> str:
    """The file for docker compose."""
    return _filled(_COMPOSE, "docker engine", 6)


def kubernetes() -> str:
    """The manifest for Kubernetes: a deployment and a service."""
    return _filled(_KUBERNETES, "cluster", 12)


def _filled(template: str, missing: str, indent: int) -> str:
    untested = _UNTESTED.format(missing)
    return template.format(untested=untested, image=IMAGE, mount=MOUNT, flags=_flag_lines(indent))


def _flag_lines(indent: int) -> str:
    flags = server_flags(f"{MOUNT}/{RESERVED}", batching=True)
    width = max(map(len, flags))
    return "\n".join(
        f"{' ' * indent}- {flag:{width}}  # {why}" for flag, why in zip(flags, FLAGS.values(), strict=True)
    )
