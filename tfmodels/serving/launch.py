"""Choosing what serves: the real server if it is at hand, the development server if not."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from tfmodels.export.versions import RESERVED

IMAGE = "tensorflow/serving:2.20.0"
BINARY = "tensorflow_model_server"
DEVELOPMENT = "development"
_SECONDS = 10  # for a docker engine to answer


class Launch(NamedTuple):
    """What serves.

    Args:
        kind: `binary`, `docker` or `development`.
        program: The program to run; empty for the development server.
        reason: Why this one, for the user.
    """

    kind: str
    program: str
    reason: str


def choose(server: str | None) -> Launch:
    """Chooses the server.

    Args:
        server: A binary of TensorFlow Serving, or `development`; None to look for the best there is. A docker engine
            counts if it has the stock image: none is fetched.

    Returns:
        The choice.

    Raises:
        FileNotFoundError: If `server` is no program.

    Example:
        `print(choose(None).reason)`
    """
    if server == DEVELOPMENT:
        return Launch("development", "", "the development server, as asked for")
    if server is not None:
        found = shutil.which(server)
        if found is None:
            raise FileNotFoundError(
                f"Expected a binary of TensorFlow Serving, or {DEVELOPMENT!r}. Received: --server {server}"
            )
        return Launch("binary", found, f"{found}, as asked for")
    if found := shutil.which(BINARY):
        return Launch("binary", found, f"{found}, found on the PATH")
    no_docker = _no_docker()
    if no_docker is None:
        return Launch(
            "docker", shutil.which("docker"), f"the image {IMAGE} in docker: there is no {BINARY} on the PATH"
        )
    return Launch("development", "", f"the development server: there is no {BINARY} on the PATH, and {no_docker}")


def command(launch: Launch, folder: str, batching: str | None, host: str, rest_port: int, grpc_port: int) -> list[str]:
    """Puts the command line of the real server together, and writes the files that it names into a temporary folder.

    Args:
        launch: The choice, `binary` or `docker`.
        folder: What to serve, see `read_models`.
        batching: The file of batching parameters; None for no batching.
        host: The address that docker publishes the ports on; the binary itself listens on all.
        rest_port: Port of the REST interface.
        grpc_port: Port of the gRPC interface.

    Returns:
        The program and its arguments.

    Raises:
        FileNotFoundError: If there is nothing to serve.
        ValueError: If a file of parameters is wrong.
    """
    from tfmodels.serving.config_files import MOUNT, server_flags, write_launch_files
    from tfmodels.serving.server_config import read_batching, read_models

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
            return "the docker engine does not answer"
        if done.returncode:
            return reason
    return None
