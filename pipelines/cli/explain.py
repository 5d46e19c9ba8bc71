"""`tfmodels explain`: figures that explain a prediction of a run."""

import sys
from pathlib import Path

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import command_lines, registry


def explain(arguments: list[str]) -> None:
    """Explain a prediction of a run with figures and numbers."""
    parser = subcommands.parser("explain", explain)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN", help=subcommands.RUN)
    parser.add_argument("text", metavar="TEXT", help="Input text.")
    command_lines.add_task(parser)
    parser.add_argument(
        "--output", metavar="FILE|FOLDER", help="File of the figure, or output folder. Default: explain/ in the run."
    )
    options, overrides = task_options.parse(parser, arguments)
    run = task_options.run(options.run, options, overrides)
    import_tensorflow()
    explanation = registry.find(run.task).explain(run.config, run, options.text)
    for note in explanation.notes:
        print(note, file=sys.stderr)  # standard output lists the files
    for file in explanation.write(Path(options.output or run.path / "explain")):
        print(file)
