"""The file for docker compose."""

from pathlib import Path

from tfmodels.serving.config.manifests import IMAGE, MOUNT, flag_lines, in_comment

_COMPOSE = """\
# docker compose -f {path} up
# Validated by Docker Compose 5.6 (`docker compose config`); not run: no docker engine was available. The flags were
# checked against the server's source code.
services:
  serving:
    image: {image}
    restart: unless-stopped
    mem_reservation: {memory}m  # an idle server, and each model twice: a new version is loaded beside the old one
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


def compose(folder: Path, memory: int) -> str:
    """Formats the file for docker compose.

    Args:
        folder: The folder of exports, as given.
        memory: MiB that the server needs.

    Returns:
        The YAML document.

    Example:
        `compose(Path("saved_models"), 768)`
    """
    path = in_comment(folder, "compose.yaml")
    return _COMPOSE.format(path=path, image=IMAGE, mount=MOUNT, flags=flag_lines(6), memory=memory)
