"""`tfmodels explain`: how a run's model came to an answer."""

from pathlib import Path

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry


def explain(arguments: list[str]) -> None:
    """Show how a run's model came to an answer, in figures and numbers."""
    arguments, of_task = task_options.split(arguments)
    parser = subcommands.parser("explain", explain)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN", help=subcommands.RUN)
    parser.add_argument("text", metavar="TEXT", help="What to answer.")
    parser.add_argument(
        "--output", metavar="FILE|FOLDER", help="Figure to write, or a folder. Default: explain/ in the run."
    )
    options = parser.parse_args(arguments)
    run = task_options.run(options.run, of_task)
    import_tensorflow()
    explanation = registry.find(run.task).explain(run.config, run, options.text)
    for file in explanation.write(Path(options.output or run.path / "explain")):
        print(file)
