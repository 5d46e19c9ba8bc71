"""`tfmodels compare`: runs and exports on the same rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import subcommands
from pipelines.runs.reports import strict_json
from pipelines.runs.run_folders import ROOT

if TYPE_CHECKING:
    from pipelines.runs.overview.run_differences import Pair
    from pipelines.runs.overview.scored_models import Scored

_FIGURE = ROOT / "compared.png"


def compare(arguments: list[str]) -> None:
    """Compare runs and exports that were scored on the same rows: which is better, and whether by chance."""
    parser = subcommands.parser("compare", compare)
    parser.add_argument("models", metavar="RUN|EXPORT", nargs="+", help=f"At least two. {subcommands.MODEL}")
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        default="validation",
        help="Split that they were scored on. A use of the test split is logged in test_uses.log of each run. Default: "
        "validation.",
    )
    parser.add_argument("--json", action="store_true", help="Print an object with metrics, pairs and options.")
    parser.add_argument(
        "--output", metavar="FILE", default=str(_FIGURE), help=f"Figure of the losses of all runs. Default: {_FIGURE}."
    )
    options = parser.parse_args(arguments)
    if len(set(options.models)) < max(len(options.models), 2):
        parser.error(f"Expected two or more different runs or exports. Received: {', '.join(options.models)}")
    subcommands.check_output(options.output)

    from pipelines.runs.overview import run_differences, scored_models

    found = [scored_models.read(model, options.split) for model in options.models]
    scored_models.check(found)
    if options.split == "test":
        scored_models.log_use(found)
    pairs = run_differences.pairs(found)
    if options.json:
        print(strict_json.text(_object(found, pairs)))
        return
    _show(found, pairs, options.split)
    print(f"Figure: {_draw(found, Path(options.output))}")


def _show(found: "list[Scored]", pairs: "list[Pair]", split: str) -> None:
    from pipelines.progress.consoles import console
    from pipelines.runs.overview import run_differences
    from pipelines.runs.reports import terminal

    names, first = [one.name for one in found], found[0].report
    rows = [[metric, *(one.report.metrics.get(metric) for one in found)] for metric in first.metrics]
    terminal.show_table(console(), f"{first.task}: the {split} split, {first.rows:,} rows", ["metric", *names], rows)
    differing = [[name, *map(str, values)] for name, values in run_differences.options(found)]
    if differing:
        terminal.show_table(console(), "options that differ", ["option", *names], differing)
    columns = ["", "difference", "from", "to", "p", "better"]
    compared = [
        [
            f"{pair.one} - {pair.other}",
            pair.difference,
            pair.low,
            pair.high,
            pair.p,
            pair.better or "no difference shown",
        ]
        for pair in pairs
    ]
    corrected = f", p corrected for {len(pairs)} pairs" if len(pairs) > 1 else ""
    title = f"{first.primary['metric']}, with 95 % intervals (paired bootstrap{corrected})"
    terminal.show_table(console(), title, columns, compared)


def _object(found: "list[Scored]", pairs: "list[Pair]") -> dict[str, Any]:
    from pipelines.runs.overview import run_differences

    return {
        "task": found[0].report.task,
        "split": found[0].report.split,
        "rows": found[0].report.rows,
        "primary": found[0].report.primary,
        "models": {one.name: dict(one.report.metrics) for one in found},
        "pairs": [pair._asdict() for pair in pairs],
        "options": {
            name: dict(zip([one.name for one in found], values, strict=True))
            for name, values in run_differences.options(found)
        },
    }


def _draw(found: "list[Scored]", path: Path) -> Path:
    from pipelines.runs.overview import curves_figure
    from pipelines.runs.run_folders import Run

    curves = {}
    for one in found:
        if (one.run / "history.json").is_file():
            history = Run(one.run, "", None).history
            curves[one.run.name] = [row["step"] for row in history], [row["val_loss"] for row in history]
    curves_figure.draw(curves, path, found[0].report.task)
    return path
