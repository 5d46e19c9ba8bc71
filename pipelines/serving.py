"""What `tfmodels serve` does."""

import argparse
import asyncio
import os
import shlex
from pathlib import Path

from pipelines.quiet_import import import_tensorflow
from tfmodels.serving import launch


def write_config(folder: str) -> None:
    """Writes the files that the real server is started with, and names them.

    Args:
        folder: The folder of exports.

    Raises:
        FileNotFoundError: If there is no export.
    """
    _check_folder(folder)
    import_tensorflow()

    from tfmodels import serving

    for name, done in serving.write_config(folder).items():
        print(f"{done:7}  {Path(folder, 'serving', name)}")


def serve(options: argparse.Namespace) -> None:
    """Serves until it is interrupted.

    Args:
        options: `folder`, `rest_port`, `grpc_port`, `host`, `server` and `batching`, as on the command line.

    Raises:
        FileNotFoundError: If there is nothing to serve, or no such server.
        ValueError: If a model does not load, or a file of parameters is wrong.
    """
    _check_folder(options.folder)
    chosen = launch.choose(options.server)
    print(f"Serving by {chosen.reason}.", flush=True)
    import_tensorflow()
    if chosen.kind == "development":
        _serve_development(options)
        return
    words = launch.command(chosen, options.folder, options.batching, options.host, options.rest_port, options.grpc_port)
    if chosen.kind == "binary":
        print("It listens on every address of this machine: it has no option for another.")
    print(shlex.join(words), flush=True)
    os.execv(words[0], words)


def _serve_development(options: argparse.Namespace) -> None:
    from tfmodels import serving

    models = serving.read_models(options.folder)
    batching = serving.read_batching(options.batching) if options.batching else None
    server = serving.DevelopmentServer(models, options.host, options.rest_port, options.grpc_port, batching)

    def started(server: serving.DevelopmentServer) -> None:
        url = f"http://{options.host}:{server.rest_port}/v1/models"
        print("The development server is for development and machines without TensorFlow Serving. Ctrl-C ends it.")
        for model in models:
            print(f"  {url}/{model.name}  (gRPC: {options.host}:{server.grpc_port})", flush=True)

    asyncio.run(serving.serve(server, started))


def _check_folder(folder: str) -> None:
    if not Path(folder).exists():
        raise FileNotFoundError(f"Expected a folder of exports. Received: folder={folder}")
