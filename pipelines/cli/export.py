"""`tfmodels export`: a run's model for TensorFlow Serving."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry
from tfmodels.export.versions import RESERVED

if TYPE_CHECKING:
    from pipelines.runs.servable import Servable


def export(arguments: list[str]) -> None:
    """Write a run's model for TensorFlow Serving."""
    arguments, of_task = task_options.split(arguments)
    parser = subcommands.parser("export", export)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN", help=subcommands.RUN)
    parser.add_argument("--to", metavar="FOLDER", help="Folder of versions. Default: saved_models/<name of the run>.")
    parser.add_argument("--keep", metavar="N", type=int, help="Delete the oldest versions beyond N. Default: none.")
    parser.add_argument(
        "--weights", metavar="FORMAT", choices=("float32", "bfloat16", "int8"), default="float32",
        help="How weight matrices are stored: float32, or bfloat16 or int8 for a half or a quarter of the bytes; the "
        "export computes in float32 all the same. Default: %(default)s.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep < 1:
        parser.error(f"Expected --keep to be at least 1. Received: {options.keep}")
    run = task_options.run(options.run, of_task)
    folder = Path(options.to or Path("saved_models") / run.name)
    if folder.name == RESERVED:
        raise ValueError(
            f"Expected another name: `{RESERVED}` is for the server's files, name a folder with --to. "
            f"Received: {folder}"
        )
    import_tensorflow()
    servable = registry.find(run.task).endpoints(run.config, run)

    from tfmodels.export import save

    card = servable.card | {"weights": options.weights}
    version = save(folder, servable.endpoints, servable.tracked, servable.samples, card, options.keep, options.weights)
    _print_endpoints(servable)
    print(f"Export: {version}, checked. Next:")
    print(f"  tfmodels predict {shlex.quote(str(folder))} {_sample(servable)}")


def _print_endpoints(servable: "Servable") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("endpoint", "inputs", "outputs")
    for endpoint in servable.endpoints:
        outputs = endpoint.traced.structured_outputs
        table.add_row(
            endpoint.name,
            "\n".join(f"{spec.name}: {spec.dtype.name} {spec.shape}" for spec in endpoint.inputs),
            "\n".join(f"{name}: {spec.dtype.name} {spec.shape}" for name, spec in outputs.items()),
        )
    Console().print(table)


def _sample(servable: "Servable") -> str:
    """An input of the sample, quoted for the shell; options for files where inputs are no texts."""
    sample = servable.samples["serving_default"][servable.card["columns"][0]][0]
    if not isinstance(sample, str | bytes):
        return "--input FILE --output FILE"
    return shlex.quote(sample.decode() if isinstance(sample, bytes) else sample)
