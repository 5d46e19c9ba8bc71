"""`tfmodels runs`: all runs side by side."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines.cli import subcommands
from pipelines.runs import registry
from pipelines.runs.reports import strict_json
from pipelines.runs.run_folders import ROOT
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    from pipelines.runs.overview.run_list import ListedRun

_COLUMNS = [
    *("run", "task", "model", "state", "metric", "score", "baseline", "its score", "better"),
    *("parameters", "trained in", "date", "differs in", "exports"),
]
_VERDICTS = {True: "yes", False: "no", None: "not shown"}


def runs(arguments: list[str]) -> None:
    """List the runs with their scores, the options by which they differ, and their exports."""
    parser = subcommands.parser("runs", runs)
    parser.add_argument("--task", metavar="TASK", default="", help="List the runs of this task only.")
    parser.add_argument(
        "--sort",
        metavar="METRIC",
        help="The best of this metric first; of a metric that is not the primary one of a run, the largest. Default: "
        "the newest first.",
    )
    parser.add_argument("--json", action="store_true", help="Print a list of objects with all that is known of a run.")
    options = parser.parse_args(arguments)

    from pipelines.runs.overview import run_list

    found = run_list.read(task=options.task)
    if not found and options.task and not registry.is_of_package(options.task):
        nearest = did_you_mean(options.task, registry.summaries())
        raise ValueError(f"Expected --task TASK that there are runs of. Received: {options.task}{nearest}")
    if options.sort:
        found = run_list.by_metric(found, options.sort)
    if options.json:
        print(strict_json.text([_object(run) for run in found]))
    elif found:
        _show(found)
    else:
        print(f"No runs{f' of {options.task}' if options.task else ''} in {ROOT}/. `tfmodels fit TASK` makes one.")


def _show(found: "list[ListedRun]") -> None:
    from pipelines.progress.consoles import console
    from pipelines.runs.reports import terminal

    rows = [_row(run) for run in found]
    shown = [0, *(place for place in range(1, len(_COLUMNS)) if any(row[place] not in ("", None) for row in rows))]
    columns = [_COLUMNS[place] for place in shown]
    terminal.show_table(console(), "", columns, [[row[place] for place in shown] for row in rows])
    for run in found:
        if run.fault:
            console().print(f"{run.name} is damaged: {run.fault}", markup=False, highlight=False, soft_wrap=True)


def _row(run: "ListedRun") -> list[Any]:
    scored = run.state == "scored"
    seconds = run.train_seconds
    return [
        *(run.name, registry.short_name(run.task), run.model, "" if scored else run.state, run.metric, run.score),
        *(run.baseline, run.baseline_score, _VERDICTS[run.beats_baseline] if run.baseline else ""),
        "" if run.parameters is None else f"{run.parameters:,}",
        "" if seconds is None else str(timedelta(seconds=round(seconds))),
        run.date.astimezone().strftime("%Y-%m-%d %H:%M"),
        ", ".join(f"{name} {run.options[name]}" for name in run.differing),
        ", ".join(run.exports),
    ]


def _object(run: "ListedRun") -> dict[str, Any]:
    return {**asdict(run), "score": run.score, "date": run.date.isoformat()}
