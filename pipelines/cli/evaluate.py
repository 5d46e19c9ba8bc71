"""`tfmodels evaluate`: evaluation of a run on held-out data."""

from dataclasses import replace

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import data_fingerprints, registry

_DATA_CHANGED = "Evaluate although the data files have changed since the run was prepared; keeps the report of the run."
_REMEDY = (
    "Put them back; or add --data_changed ok, which scores the rows as they are now (a forecaster: those that the run "
    "holds); or score other data with --data."
)


def evaluate(arguments: list[str]) -> None:
    """Evaluate a run on held-out data and compare it with baselines."""
    parser = subcommands.parser("evaluate", evaluate)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN", help=subcommands.RUN)
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        default="validation",
        help="Split to evaluate on. Default: %(default)s.",
    )
    parser.add_argument("--data_changed", choices=("ok",), help=_DATA_CHANGED)
    options, overrides = task_options.parse(parser, arguments)
    run = task_options.run(options.run, overrides)
    data_fingerprints.check_unchanged(run, options.data_changed == "ok", _REMEDY)
    import_tensorflow()

    from pipelines.runs import report
    from pipelines.runs.reports import terminal

    evaluation = registry.find(run.task).evaluate(run.config, run, options.split)
    if overrides:
        evaluation = replace(evaluation, notes=[*evaluation.notes, f"evaluated with {' '.join(overrides)}"])
    if notes := data_fingerprints.notes(run):
        evaluation = replace(evaluation, notes=[*evaluation.notes, *notes])
    file = report.write(evaluation, run.path, changed=bool(overrides or (options.data_changed and notes)))
    terminal.show(evaluation)
    print(f"Report{' with changed options' if overrides else ''}: {file}")
