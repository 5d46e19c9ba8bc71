"""`tfmodels compare`: runs and exports on the same rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import subcommands
from pipelines.runs.reports import strict_json
from pipelines.runs.run_folders import ROOT

if TYPE_CHECKING:
    from pipelines.runs.overview.differing_rows import DifferingRow
    from pipelines.runs.overview.run_differences import Pair
    from pipelines.runs.overview.scored_models import Scored

_FIGURE = ROOT / "compared.png"
_ENDINGS = (".png", ".svg", ".pdf")
_MOST = 60  # rows of a table
_SHOWN = 90  # characters of a text


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
    parser.add_argument("--json", action="store_true", help="Print an object with metrics, pairs, options and rows.")
    parser.add_argument(
        "--output", metavar="FILE", default=str(_FIGURE), help=f"Figure of losses and differences. Default: {_FIGURE}."
    )
    options = parser.parse_args(arguments)
    if len(set(options.models)) < max(len(options.models), 2):
        parser.error(f"Expected two or more different runs or exports. Received: {', '.join(options.models)}")
    subcommands.check_output(options.output)
    if Path(options.output).suffix.lower() not in _ENDINGS:
        parser.error(
            f"Expected --output FILE with one of the endings {', '.join(_ENDINGS)}. Received: {options.output}"
        )

    from pipelines.runs.overview import differing_rows, run_differences, scored_models

    found = [scored_models.read(model, options.split) for model in options.models]
    scored_models.check(found)
    if options.split == "test":
        scored_models.log_use(found)
    pairs, rows = run_differences.pairs(found), differing_rows.of(found)
    if options.json:
        print(strict_json.text(_object(found, pairs, rows)))
        return
    _show(found, pairs, options.split)
    _show_rows(rows)
    print(f"Figure: {_draw(found, pairs, Path(options.output))}")


def _show(found: "list[Scored]", pairs: "list[Pair]", split: str) -> None:
    from pipelines.progress.consoles import console
    from pipelines.runs.overview import run_differences
    from pipelines.runs.reports import terminal

    names, first = [one.name for one in found], found[0].report
    metrics = dict.fromkeys(name for one in found for name in one.report.metrics)
    rows = [[metric, *(one.report.metrics.get(metric) for one in found)] for metric in metrics]
    terminal.show_table(console(), f"{first.task}: the {split} split, {first.rows:,} rows", ["metric", *names], rows)
    differing = [[name, *map(str, values)] for name, values in run_differences.options(found)]
    if differing:
        terminal.show_table(console(), "options that differ", ["option", *names], differing)
    primary = first.primary["metric"]
    of_primary, others = ([pair for pair in pairs if (pair.metric == primary) == is_it] for is_it in (True, False))
    columns = ["", "difference", "from", "to", "p", ""]
    shown = [[f"{pair.one} - {pair.other}", *pair[3:7], pair.verdict] for pair in of_primary]
    terminal.show_table(console(), f"{primary}, with 95 % intervals{_corrected(of_primary)}", columns, shown)
    if others:
        left = [pair for pair in others if len(others) <= _MOST or pair.verdict != run_differences.NOTHING_SHOWN]
        kept = f"; {len(others) - len(left):,} that show no difference are left out" if len(left) < len(others) else ""
        table = [[pair.metric, f"{pair.one} - {pair.other}", *pair[3:7], pair.verdict] for pair in left]
        title = f"other metrics, with 95 % intervals{_corrected(others)}{kept}"
        terminal.show_table(console(), title, ["metric", *columns], table)
    if without := [name for name in metrics if name not in {pair.metric for pair in pairs}]:
        print(f"Not compared, since no rows give them, or not of all: {', '.join(without)}")


def _corrected(pairs: "list[Pair]") -> str:
    return f" for all {len(pairs):,} comparisons together (Bonferroni)" if len(pairs) > 1 else ""


def _show_rows(rows: "list[DifferingRow]") -> None:
    from pipelines.progress.consoles import console
    from pipelines.runs.reports import terminal

    cells = []
    for row in rows:
        answers = (f"{_cut(answer)} ({row.scores[name]:.4g})" for name, answer in row.answers.items())
        cells.append([row.row, _cut(row.input), _cut(row.reference), *answers])
    if rows:
        columns = ["row", "input", "reference", *rows[0].answers]
        terminal.show_table(console(), "rows that differ most, with the score of each answer", columns, cells)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _object(found: "list[Scored]", pairs: "list[Pair]", rows: "list[DifferingRow]") -> dict[str, Any]:
    from pipelines.runs.overview import run_differences

    return {
        "task": found[0].report.task,
        "split": found[0].report.split,
        "rows": found[0].report.rows,
        "primary": found[0].report.primary,
        "models": {one.name: dict(one.report.metrics) for one in found},
        "correction": "Bonferroni: of the pairs by the primary metric, and of all other comparisons together",
        "pairs": [pair._asdict() for pair in pairs],
        "options": {
            name: dict(zip([one.name for one in found], values, strict=True))
            for name, values in run_differences.options(found)
        },
        "differing_rows": [row._asdict() for row in rows],
    }


def _draw(found: "list[Scored]", pairs: "list[Pair]", path: Path) -> Path:
    from pipelines.runs.overview import comparison_figure
    from pipelines.runs.run_folders import Run

    curves = {}
    for one in found:
        if not (one.run / "history.json").exists():
            continue  # a task of the user's may keep none
        try:
            history = Run(one.run, "", None).history
            curves[one.name] = [row["step"] for row in history], [row["val_loss"] for row in history]
        except (ValueError, OSError) as error:
            print(f"The losses of {one.name} are not drawn: {error}")
    primary = found[0].report.primary["metric"]
    caption = f"{found[0].report.task}, {found[0].report.split} split"
    comparison_figure.draw(curves, [pair for pair in pairs if pair.metric == primary], path, caption)
    return path
