"""`tfmodels evaluate`: evaluation of a run, or of an export of it, on held-out data."""

import argparse
import errno
import os
from dataclasses import replace
from pathlib import Path

from pipelines import runs
from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import command_lines, data_fingerprints, registry
from pipelines.runs.reports import exported, other_data
from pipelines.sources.split_names import OTHER

_DATA_CHANGED = "Evaluate although the data files have changed since the run was prepared; keeps the report of the run."
_DATA = "Other data of the same form to evaluate on; the report is report.other.json."
_REMEDY = (
    "Put them back; or add --data_changed ok, which scores the rows as they are now (a forecaster: those that the run "
    "holds); or score other data with --data."
)
_OF = "The run that an export came from. Default: the one that its card names."


def evaluate(arguments: list[str]) -> None:
    """Evaluate a run, or an export, on held-out data and compare it with baselines."""
    parser = subcommands.parser("evaluate", evaluate)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN|EXPORT", help=subcommands.MODEL)
    command_lines.add_task(parser)
    parser.add_argument("--run", dest="of", metavar="RUN", default="", help=_OF)
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        help="Split to evaluate on. Default: validation; of other data all, if it has no splits.",
    )
    parser.add_argument("--data", metavar="DATA", default="", help=_DATA)
    parser.add_argument("--data_changed", choices=("ok",), help=_DATA_CHANGED)
    options, overrides = task_options.parse(parser, arguments)
    run = _scored(parser, options, overrides)
    split, files = options.split or (OTHER if options.data else "validation"), []
    if options.data:
        run, files = other_data.instead(run, options.data, split)
    else:
        data_fingerprints.check_unchanged(run, options.data_changed == "ok", _REMEDY)
    if not os.access(run.path, os.W_OK):  # at once, not when all is scored
        raise PermissionError(errno.EACCES, "its report cannot be written", str(run.path))
    import_tensorflow()

    from pipelines.runs import report
    from pipelines.runs.reports import figures, terminal

    weights = run.weights_digest  # before they are read: a training may go on
    evaluation = registry.find(run.task).evaluate(run.config, run, split)
    if options.data:
        evaluation = other_data.described(evaluation, run, split, files)
    if run.served:
        evaluation = exported.beside_run(evaluation, run)
    if overrides:
        evaluation = replace(evaluation, notes=[*evaluation.notes, f"evaluated with {' '.join(overrides)}"])
    if notes := [] if options.data else data_fingerprints.notes(run):
        evaluation = replace(evaluation, notes=[*evaluation.notes, *notes])
    of = run.served.name if run.served else ""
    changed = bool(overrides or (options.data_changed and notes))
    file = report.write(evaluation, run.path, changed, of, weights)
    drawn = figures.draw(evaluation, file)
    terminal.show(evaluation)
    print(f"Report{' with changed options' if overrides else ''}: {file}")
    if drawn:
        print(f"Figures: {', '.join(map(str, drawn))}")


def _scored(parser: argparse.ArgumentParser, options: argparse.Namespace, overrides: list[str]) -> "runs.Run":
    """The run, or the run of the export with the export in its place."""
    if runs.locate(options.run) is None and Path(options.run).is_dir():
        task_options.refuse(overrides, options.run)
        return exported.load(options.run, options.of, options.task, options.allow_code)
    if options.of:
        parser.error(f"Expected --run with an export only. Received: --run {options.of} with the run {options.run}")
    return task_options.run(options.run, options, overrides)
