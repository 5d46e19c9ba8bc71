"""`tfmodels serve`: serving of exports with TensorFlow Serving or a development server."""

import argparse
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import subcommands
from pipelines.progress.quiet_import import import_tensorflow
from tfmodels.prompt_end import PromptEnd, end_now

if TYPE_CHECKING:
    from tfmodels.serving import DevelopmentServer


# Limits of the development server: name -> type, what the help calls the value, help.
_LIMITS = {
    "call_seconds": (float, "SECONDS", "Time limit of a gRPC call, of those without a deadline too. Default: 300."),
    "load_seconds": (float, "SECONDS", "Time limit of loading and warming a version. Default: 300."),
    "most_rows": (int, "ROWS", "Maximum rows of a request. Default: 512."),
}


def serve(arguments: list[str]) -> None:
    """Serve exports with TensorFlow Serving if it is installed, else with a development server."""
    parser = subcommands.parser("serve", serve)
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default="saved_models",
        help="Folder of exports, or one export. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument("--rest_port", type=int, default=8501, metavar="PORT", help="REST port. Default: %(default)s.")
    parser.add_argument("--grpc_port", type=int, default=8500, metavar="PORT", help="gRPC port. Default: %(default)s.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on. Default: %(default)s, this machine.")
    parser.add_argument(
        "--server", metavar="PATH", help="Path of tensorflow_model_server, or `development` for the development server."
    )
    parser.add_argument(
        "--batching", metavar="FILE", help="File of batching parameters, such as serving/batching.config."
    )
    for name, (kind, value, text) in _LIMITS.items():
        parser.add_argument(f"--{name}", type=kind, metavar=value, help=f"{text} The development server only.")
    parser.add_argument(
        "--write_config", action="store_true",
        help="Write FOLDER/serving/ with files for TensorFlow Serving, docker compose and Kubernetes, and exit.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if not Path(options.folder).exists():
        raise FileNotFoundError(f"Expected a folder of exports. Received: folder={options.folder}")
    if options.batching and not Path(options.batching).is_file():
        raise FileNotFoundError(f"Expected a file of batching parameters. Received: --batching {options.batching}")
    if options.write_config:
        _write_config(options.folder)
    else:
        _serve(options)


def _write_config(folder: str) -> None:
    import_tensorflow()

    from tfmodels import serving

    for name, done in serving.write_config(folder).items():
        print(f"{done:7}  {Path(folder, 'serving', name)}")


def _serve(options: argparse.Namespace) -> None:
    """Serves until interrupted; TensorFlow Serving replaces this process."""
    from tfmodels import serving
    from tfmodels.serving import launch, ports

    chosen = launch.choose(options.server)
    limits = {name: value for name in _LIMITS if (value := getattr(options, name)) is not None}
    if limits and chosen.kind != "development":
        given = ", ".join(f"--{name}" for name in limits)
        raise ValueError(f"Expected no limits of the development server. Received: {given} with {chosen.reason}")
    if chosen.kind == "development":
        models = serving.read_models(options.folder)  # before the import, too
        batching = serving.read_batching(options.batching) if options.batching else None
        for name in ("rest_port", "grpc_port"):
            ports.require_free(options.host, name, getattr(options, name))
        with PromptEnd() as ending:  # before the import, which takes seconds
            print(f"Serving with {chosen.reason}.", flush=True)
            import_tensorflow()
            _serve_development(options, models, batching, limits, ending)
        return
    print(f"Serving with {chosen.reason}.", flush=True)
    import_tensorflow()
    words = launch.command(chosen, options.folder, options.batching, options.host, options.rest_port, options.grpc_port)
    if chosen.kind == "binary":
        print("It listens on all addresses of this machine; it has no option to change that.")
    print(shlex.join(words), flush=True)
    os.execv(words[0], words)


def _serve_development(
    options: argparse.Namespace, models: Any, batching: Any, limits: dict[str, Any], ending: PromptEnd
) -> None:
    import asyncio
    import logging

    from tfmodels import serving

    logging.basicConfig(format="%(message)s")
    logging.getLogger("tfmodels.serving").setLevel(logging.INFO)  # what is loaded, warmed and dropped

    server = serving.DevelopmentServer(
        models, options.host, options.rest_port, options.grpc_port, batching, serving.Limits(**limits)
    )

    def started(server: "DevelopmentServer") -> None:
        url = f"http://{options.host}:{server.rest_port}/v1/models"
        print(
            f"The development server listens on {options.host}. It is for development and machines without TensorFlow "
            "Serving. Stop it with Ctrl-C."
        )
        for model in models:
            print(f"  {url}/{model.name}  (gRPC: {options.host}:{server.grpc_port})", flush=True)

    asyncio.run(serving.serve(server, started, ending))
    end_now()  # Python's own end takes a second more with many connections
