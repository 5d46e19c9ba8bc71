"""`tfmodels evaluate`: scores of a run on held-out data."""

from dataclasses import replace

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry


def evaluate(arguments: list[str]) -> None:
    """Score a run on held-out data, beside baselines."""
    arguments, of_task = task_options.split(arguments)
    parser = subcommands.parser("evaluate", evaluate)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN", help=subcommands.RUN)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="validation", help="What to score on. Default: %(default)s."
    )
    options = parser.parse_args(arguments)
    run = task_options.run(options.run, of_task)
    import_tensorflow()

    from pipelines.runs import report

    scored = registry.find(run.task).evaluate(run.config, run, options.split)
    if of_task:
        scored = replace(scored, notes=[*scored.notes, f"evaluated with {' '.join(of_task)}"])
    file = report.write(scored, run.path)
    report.show(scored)
    print(f"Report: {file}")
