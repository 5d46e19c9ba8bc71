"""`tfmodels export`: export of a run, or of several as an ensemble, as a SavedModel for TensorFlow Serving."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli import subcommands, task_options
from pipelines.progress.consoles import console
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import command_lines, registry
from pipelines.runs.reports import exports

if TYPE_CHECKING:
    from pipelines.runs.servable import Servable

_ENSEMBLE = "Several runs of one task are exported as one model, the mean of their answers."
_SUFFIX = "-ensemble"
_LONGEST_LICENSE = 200  # characters


def export(arguments: list[str]) -> None:
    """Export the model of a run, or of several runs as an ensemble, for TensorFlow Serving."""
    parser = subcommands.parser("export", export)
    parser.epilog = task_options.EPILOG
    parser.add_argument("runs", metavar="RUN", nargs="+", help=f"{subcommands.RUN} {_ENSEMBLE}")
    command_lines.add_task(parser)
    parser.add_argument(
        "--to", metavar="FOLDER",
        help="Folder of versions. Default: saved_models/<name of the run>, of several saved_models/<first>-ensemble.",
    )  # fmt: skip
    parser.add_argument(
        "--keep", metavar="N", type=int, help="Keep the newest N versions and delete the others. Default: keep all."
    )
    parser.add_argument(
        "--weights", metavar="FORMAT", choices=("float32", "bfloat16", "int8"), default="float32",
        help="Storage format of weight matrices; bfloat16 and int8 take a half and a quarter of the space. The export "
        "computes in float32 in any case. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--samples", choices=("synthetic", "data", "none"), default="synthetic",
        help="Rows that the export holds, with which servers warm up: made up from types and shapes, up to four of the "
        "data for each endpoint, or none. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--license",
        default="",
        metavar="TEXT",
        help="Licence of the export, for its model card: its name or address, in one line.",
    )
    parser.add_argument(
        "--intended_use",
        default="",
        metavar="TEXT",
        help="What the export is meant for and what not, for its model card.",
    )
    options, overrides = task_options.parse(parser, arguments)
    if options.keep is not None and options.keep < 1:
        parser.error(f"Expected --keep to be at least 1. Received: {options.keep}")
    if not options.license.isprintable() or len(options.license) > _LONGEST_LICENSE:
        parser.error(
            f"Expected --license to be one line of at most {_LONGEST_LICENSE} characters, its name or its address. "
            f"Received: {len(options.license):,} characters, {options.license[:40]!r}"
        )
    members = [task_options.run(name, options, overrides) for name in options.runs]
    run, together = members[0], len(members) > 1
    folder = Path(options.to or Path("saved_models") / f"{run.name}{_SUFFIX if together else ''}")
    exports.check_folder(folder)
    import_tensorflow()

    from pipelines.runs.ensembles import comparison
    from pipelines.runs.ensembles import members as ensembles
    from pipelines.runs.reports import export_card

    alone, costs = registry.find(run.task).endpoints(run.config, run), []
    if together:
        servable = ensembles.servable(members)
        costs = [comparison.cost(one) for one in (servable, alone)]
        about = export_card.ensemble_card(members, options.weights, folder) | {"parameters": costs[0].parameters}
    else:
        servable, about = alone, export_card.card(run, options.weights, folder)
    about |= {"license": options.license, "intended_use": options.intended_use}
    print("Writing the export, and checking it")
    version = exports.write(servable, about, folder, options.keep, options.weights, options.samples)
    _print_endpoints(servable)
    print(about["scores"]["note"])
    if costs:
        print(comparison.line(costs[0], costs[1], version))
    print(f"Export: {version}, checked. Next:")
    print(f"  tfmodels predict {shlex.quote(str(folder))} {_sample(servable, options.samples)}")


def _print_endpoints(servable: "Servable") -> None:
    from pipelines.runs.reports import terminal

    rows = []
    for endpoint in servable.endpoints:
        inputs = {spec.name: spec for spec in endpoint.inputs}
        for kind, specs in (("input", inputs), ("output", endpoint.traced.structured_outputs)):
            rows += [[endpoint.name, kind, name, spec.dtype.name, str(spec.shape)] for name, spec in specs.items()]
    for row, before in reversed(list(zip(rows[1:], rows, strict=False))):
        row[:2] = [cell if row[: place + 1] != before[: place + 1] else "" for place, cell in enumerate(row[:2])]
    terminal.show_table(console(), "", ["endpoint", "", "name", "type", "shape"], rows)


def _sample(servable: "Servable", kept: str) -> str:
    """A row of the data quoted for the shell; the file options if it is no single text, or the export holds no rows.

    What is printed ends in logs, which are kept and shared as exports are.
    """
    first, *others = servable.card["columns"]
    sample = servable.samples["serving_default"][first][0]
    if kept != "data" or others or not isinstance(sample, str | bytes):
        return "--input FILE --output FILE"
    return shlex.quote(sample.decode() if isinstance(sample, bytes) else sample)
