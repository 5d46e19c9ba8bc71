"""`tfmodels benchmark serve`: latency and throughput of a server under load."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results
from pipelines.benchmarks.number_options import comma_separated, positive
from pipelines.benchmarks.serving import load_tables
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress import consoles
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs.reports import captions
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.benchmarks.serving.server_load import Plan
    from tfmodels.export.graph.rows import Rows
    from tfmodels.export.graph.signature import Signature

_METADATA_TIMEOUT = 10.0  # seconds


def serve(arguments: list[str]) -> None:
    """Measure a server under load; for an export, the development server without and with batching."""
    options = _options(arguments)
    import_tensorflow()

    from tfmodels import plots
    from tfmodels.serving import ServingError

    console = consoles.console()
    result: dict[str, Any] = {
        "target": options.target,
        **results.conditions(),
    }
    try:
        result |= (_of_url if "://" in options.target else _of_export)(options, console)
    except ServingError as error:
        raise ConnectionError(error.message) from error
    load_tables.show(result, console)
    folder = Path(options.output)
    file = results.write(result, folder, "serve")
    plots.draw_load(result["loads"], folder / "serve.png", captions.of_benchmark(result))
    print(f"Results: {file}, figure: {folder / 'serve.png'}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(serve)
    parser.usage = "tfmodels benchmark serve URL|EXPORT [options]"
    parser.add_argument(
        "target", metavar="URL|EXPORT",
        help="Model on a server, such as http://localhost:8501/v1/models/demo or grpc://..., or folder of an export.",
    )  # fmt: skip
    parser.add_argument("--endpoint", default="serving_default", help="Endpoint of the requests. Default: %(default)s.")
    parser.add_argument(
        "--input", metavar="FILE", type=Path,
        help="Rows of the requests: one text per line, or in a .jsonl file one JSON object of inputs per line. "
        "Default: the warm-up requests of an export, or generated rows.",
    )  # fmt: skip
    parser.add_argument(
        "--clients", metavar="N,N", type=comma_separated(int), default=[1, 4, 16, 64],
        help="Closed loop: numbers of clients, each sending its next request after the response. Default: 1,4,16,64.",
    )  # fmt: skip
    parser.add_argument(
        "--rates", metavar="R,R", type=comma_separated(float), default=[],
        help="Open loop: requests per second, sent without waiting for responses. Default: 0.5, 0.8 and 1.2 times the "
        "best throughput of the closed loop.",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", metavar="S", type=positive(float), default=5.0, help="Duration of each load. Default: %(default)s."
    )
    parser.add_argument(
        "--interface",
        choices=("rest", "grpc"),
        default="rest",
        help="Interface of the requests to an export. Default: %(default)s.",
    )
    parser.add_argument(
        "--batching",
        metavar="FILE",
        type=Path,
        help="Batching parameters. Default: those of `tfmodels serve --write_config`.",
    )
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="Folder for serve.json and serve.png. Default: %(default)s.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if "://" not in options.target:
        version_folder(options.target)
    for file in (options.input, options.batching):
        if file and not file.is_file():
            raise FileNotFoundError(f"Expected a file. Received: {file}")
    return options


def _of_url(options: argparse.Namespace, console: "Console") -> dict[str, Any]:
    import asyncio

    from pipelines.benchmarks.serving import server_load
    from tfmodels.export.graph.signature import find_signature
    from tfmodels.serving import Client

    with Client(options.target, timeout=_METADATA_TIMEOUT) as client:
        signature = find_signature(client.endpoints(), options.endpoint)
    plan = _plan(options, signature, [])
    metrics_url = None if options.target.startswith("grpc:") else options.target
    with load_tables.progress(console, plan.loads, plan.seconds) as show:
        loads = asyncio.run(server_load.sweep("running server", options.target, metrics_url, plan, show))
    return {"endpoint": plan.endpoint, "rows": len(plan.rows), "seconds": plan.seconds, "loads": loads}


def _of_export(options: argparse.Namespace, console: "Console") -> dict[str, Any]:
    import asyncio

    from pipelines.benchmarks.serving import development_server, server_load
    from tfmodels.export.graph.declared_signatures import read_signatures
    from tfmodels.export.graph.meta_graph import read_meta_graph
    from tfmodels.export.graph.signature import find_signature
    from tfmodels.export.warmup_requests import warmup_rows
    from tfmodels.serving.config.server_files import batching_config

    version = version_folder(options.target)
    signatures = read_signatures(read_meta_graph(version))
    signature = find_signature(signatures, options.endpoint)
    plan = _plan(options, signature, warmup_rows(version, signatures, options.endpoint))
    loads: list[dict[str, Any]] = []
    overhead: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        load_tables.progress(console, 3 + 2 * plan.loads, plan.seconds) as show,
    ):
        batching = Path(folder, "batching.config")
        batching.write_bytes(options.batching.read_bytes() if options.batching else batching_config().encode())
        for name, file in (("batching off", None), ("batching on", batching)):
            with development_server.started(version, file) as server:
                if file is None:
                    urls = {"REST": server.rest, "gRPC": server.grpc}
                    overhead = asyncio.run(server_load.overhead(version, urls, plan))
                    show(None, loads=3)
                url = getattr(server, options.interface)
                loads += asyncio.run(server_load.sweep(name, url, server.rest, plan, show))
    counts = {"endpoint": plan.endpoint, "rows": len(plan.rows), "seconds": plan.seconds}
    return {**counts, "interface": options.interface, "overhead": overhead, "loads": loads}


def _plan(options: argparse.Namespace, signature: "Signature", warm_up: "Sequence[Rows]") -> "Plan":
    """The plan, with the rows of the file, else of the warm-up requests, else generated rows."""
    from pipelines.benchmarks.serving.server_load import Plan
    from pipelines.runs.rows.request_rows import read_rows
    from tfmodels.export.checks.sample_rows import generated_rows

    if options.input:
        rows = read_rows(options.input, signature.inputs)
        requests = [
            signature.feed({name: [value] for name, value in row.items() if name in signature.inputs}) for row in rows
        ]
    else:
        requests = warm_up or generated_rows(signature)
    return Plan(options.endpoint, requests, options.clients, options.rates, options.seconds)
