"""`tfmodels evaluate`: evaluation of a run on held-out data."""

from dataclasses import replace

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry


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
    options, overrides = task_options.parse(parser, arguments)
    run = task_options.run(options.run, overrides)
    import_tensorflow()

    from pipelines.runs import report
    from pipelines.runs.reports import terminal

    evaluation = registry.find(run.task).evaluate(run.config, run, options.split)
    if overrides:
        evaluation = replace(evaluation, notes=[*evaluation.notes, f"evaluated with {' '.join(overrides)}"])
    file = report.write(evaluation, run.path, changed=bool(overrides))
    terminal.show(evaluation)
    print(f"Report{' with changed options' if overrides else ''}: {file}")
