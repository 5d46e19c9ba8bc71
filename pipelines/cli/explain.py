"""`tfmodels explain`: figures that explain a prediction of a run or an export."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import command_lines, registry

if TYPE_CHECKING:
    from pipelines.runs.explanation import Explanation


def explain(arguments: list[str]) -> None:
    """Explain a prediction of a run or an export with figures and numbers."""
    parser = subcommands.parser("explain", explain)
    parser.epilog = task_options.EPILOG
    parser.add_argument("words", metavar="RUN|EXPORT TEXT", nargs="*", help=f"{subcommands.MODEL} Then the input text.")
    command_lines.add_task(parser)
    parser.add_argument(
        "--output", metavar="FILE|FOLDER",
        help="File of the figure, or output folder. Default: explain/ in the run; of an export explain/NAME here.",
    )  # fmt: skip
    options, overrides = task_options.parse(parser, arguments)
    model, text = _model_and_text(options.words)
    if runs.locate(model) is None and Path(model).is_dir():
        explanation, folder = _of_export(model, text, options, overrides), Path("explain") / Path(model).resolve().name
    else:
        run = task_options.run(model, options, overrides)
        import_tensorflow()
        explanation, folder = registry.find(run.task).explain(run.config, run, text), run.path / "explain"
    for note in explanation.notes:
        print(note, file=sys.stderr)  # standard output lists the files
    for file in explanation.write(Path(options.output or folder)):
        print(file)


def _model_and_text(words: Sequence[str]) -> tuple[str, str]:
    if len(words) == 2:
        return words[0], words[1]
    models = [word for word in words if runs.locate(word) is not None]
    if len(models) > 1:
        raise ValueError(
            f"Expected one run or export. Received: {len(models)} runs; export them as one and explain that: "
            f"tfmodels export {' '.join(models)} --to FOLDER"
        )
    received = f"{len(words) - 1:,} texts; put quotes around one of several words" if len(words) > 1 else "no text"
    raise ValueError(f"Expected a run or an export, and a text. Received: {received}")


def _of_export(export: str, text: str, options: Namespace, overrides: Sequence[str]) -> "Explanation":
    """Explains what an export answers, by the endpoint of its task that tells it."""
    predictor = task_options.model(export, options, overrides)
    name = predictor.card["task"]
    known = options.task or options.allow_code or registry.is_of_package(name)
    task = registry.find(options.task or name) if known else None
    make, endpoint = getattr(task, "explain_served", None), getattr(task, "EXPLAINING", "")
    if make is None:
        raise ValueError(
            f"Expected a run: exports of {name} have no endpoint that explains an answer, such as `attention` of a "
            f"translator or `explain` of a classifier. Received: the export {export}"
        )
    if endpoint not in predictor.endpoints:
        raise ValueError(
            f"Expected an export with the endpoint `{endpoint}`, or a run. Received: {export} with "
            f"{', '.join(predictor.endpoints)}"
        )
    with stderr_held_back():
        return make(predictor, text)
