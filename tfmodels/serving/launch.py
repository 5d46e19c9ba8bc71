"""Choosing a server: TensorFlow Serving if it is available, else the development server."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from tfmodels.export.versions import RESERVED
from tfmodels.serving.config.batching_file import read_batching
from tfmodels.serving.config.manifests import IMAGE, MOUNT
from tfmodels.serving.config.model_config import read_models
from tfmodels.serving.config.server_files import write_launch_files
from tfmodels.serving.config.server_flags import server_flags

BINARY = "tensorflow_model_server"
DEVELOPMENT = "development"
_SECONDS = 10  # timeout of docker commands


class Launch(NamedTuple):
    """The server to run.

    Args:
        kind: `binary`, `docker` or `development`.
        program: The program to run; empty for the development server.
        reason: Why it was chosen, for the user.
    """

    kind: str
    program: str
    reason: str


def choose(server: str | None) -> Launch:
    """Chooses the server.

    Args:
        server: A binary of TensorFlow Serving, or `development`; None for the best available one. Docker is used only
            if it already has the stock image: images are not downloaded.

    Returns:
        The choice.

    Raises:
        FileNotFoundError: If there is no program `server`.

    Example:
        `print(choose(None).reason)`
    """
    if server == DEVELOPMENT:
        return Launch("development", "", "the development server, as requested")
    if server is not None:
        found = shutil.which(server)
        if found is None:
            raise FileNotFoundError(
                f"Expected a binary of TensorFlow Serving, or {DEVELOPMENT!r}. Received: --server {server}"
            )
        return Launch("binary", found, f"{found}, as requested")
    if found := shutil.which(BINARY):
        return Launch("binary", found, f"{found}, found on the PATH")
    no_docker = _no_docker()
    if no_docker is None:
        reason = f"the image {IMAGE} in docker: there is no {BINARY} on the PATH"
        return Launch("docker", shutil.which("docker") or "docker", reason)
    return Launch("development", "", f"the development server: there is no {BINARY} on the PATH, and {no_docker}")


def command(launch: Launch, folder: str, batching: str | None, host: str, rest_port: int, grpc_port: int) -> list[str]:
    """Builds the command line of TensorFlow Serving, and writes the files that it names into a temporary folder.

    Args:
        launch: The server, of kind `binary` or `docker`.
        folder: What to serve, see `read_models`.
        batching: The file of batching parameters; None for no batching.
        host: The address on which docker publishes the ports; the binary listens on all addresses.
        rest_port: Port of the REST interface.
        grpc_port: Port of the gRPC interface.

    Returns:
        The program and its arguments.

    Raises:
        FileNotFoundError: If there is nothing to serve.
        ValueError: If a configuration file is invalid.
    """
    models = read_models(folder)
    files = Path(tempfile.mkdtemp(prefix="tfmodels-serving-"))
    files.chmod(0o755)  # a container may run as another user
    if batching:
        read_batching(batching)
        shutil.copy(batching, files / "batching.config")
    if launch.kind == "binary":
        write_launch_files(files, models, {model.name: model.base_path for model in models})
        flags = server_flags(str(files), bool(batching))
        return [launch.program, f"--port={grpc_port}", f"--rest_api_port={rest_port}", *flags]
    inside = {model.name: Path(MOUNT, model.name) for model in models}
    write_launch_files(files, models, inside)
    volumes = [f"{model.base_path}:{inside[model.name]}:ro" for model in models] + [f"{files}:{MOUNT}/{RESERVED}:ro"]
    return [
        launch.program, "run", "--rm",
        "--publish", f"{host}:{rest_port}:8501", "--publish", f"{host}:{grpc_port}:8500",
        *(part for volume in volumes for part in ("--volume", volume)),
        "--entrypoint", BINARY, IMAGE, "--port=8500", "--rest_api_port=8501",
        *server_flags(f"{MOUNT}/{RESERVED}", bool(batching)),
    ]  # fmt: skip


def _no_docker() -> str | None:
    """Why docker cannot serve; None if it can."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker"
    for arguments, reason in (
        (["info"], "no docker engine is running"),
        (["image", "inspect", IMAGE], f"the docker engine has no image {IMAGE}"),
    ):
        try:
            done = subprocess.run([docker, *arguments], capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return "the docker engine does not respond"
        if done.returncode:
            return reason
    return None
