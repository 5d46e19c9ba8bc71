"""The `tfmodels` command: `tfmodels VERB ...`.

A verb finds the task of a run and calls the functions of its module. What is slow to import (TensorFlow, the parser of
options, tables) is imported by the verb that needs it, so that help and refused options come at once.
"""

import os
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import benchmarks, runs
from pipelines.cli import predict, serve, subcommands
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry
from tfmodels.export.versions import RESERVED

if TYPE_CHECKING:
    from pipelines.runs.servable import Servable

_DONE, _FAILED, _WRONG, _INTERRUPTED = 0, 1, 2, 130  # exit status; an exception that is not caught ends with 1
_MISTAKES = (ValueError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_RUN = "A run: its folder, or its name under runs/."


def main(argv: list[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: Its arguments; those of the process by default.

    Returns:
        The exit status: 0 done; 1 if a training diverged, a check found an error or a server did not answer; 2 if the
        command or its input was wrong; 130 interrupted. An exception that is raised out of here is a failure of the
        work, which Python ends with 1 and a trace.

    Example:
        `main(["fit", "translation", "--training.steps", "100"])`
    """
    arguments = sys.argv[1:] if argv is None else argv
    sys.argv = ["tfmodels", *arguments]  # what `runs.command_line` quotes, however this was started
    # TensorFlow leaves oneDNN off where AVX2 is the best there is: there it is faster in training, not in answering.
    if not any(arguments[: len(words)] == words for words in _LEAVING_ONEDNN):
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        print(f"\nInterrupted.{_how_to_resume(arguments)}", file=sys.stderr)
        return _INTERRUPTED
    except (FloatingPointError, ConnectionError) as error:  # its message says what to try
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _FAILED
    except _MISTAKES as error:
        if _raised_by_dependency(error):
            raise
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _WRONG


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return _DONE
    verb, *rest = arguments
    return subcommands.find("a verb", verb, _VERBS)(rest) or _DONE


def _fit(arguments: list[str]) -> None:
    """Train the model of a task, or go on with an interrupted run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_fit_help())
        return
    name, *arguments = arguments
    task = registry.find(name)

    from pipelines.cli import option_search
    from pipelines.runs import settings

    parser = settings.parser(
        task.Config, prog=f"tfmodels fit {name}", usage=f"tfmodels fit {name} [options]", description=task.__doc__
    )
    parser.add_argument(
        "--run", metavar="NAME", help="Name of the run, its folder under runs/; the task's name if left out."
    )
    parser.add_argument("--overwrite", action="store_true", help="Replace a run of that name.")
    for switch, function in option_search.SEARCHES.items():
        parser.add_argument(switch, action="store_true", help=function.__doc__.partition("\n")[0])
    options = settings.parse(parser, settings.spelt_out(task.Config, arguments), option_search.SEARCHES)
    config = settings.build(task.Config, options)
    overwritten = runs.ROOT / (options.run or registry.short_name(name)) if options.overwrite else None
    search = option_search.chosen(options, task, config, overwritten)

    run = runs.create(registry.full_name(name), config, options.run, options.overwrite)
    if search:  # whose child processes need the memory of the GPUs, of which TensorFlow would take all
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    import_tensorflow()
    try:
        task.prepare(config, run)
    except _MISTAKES:
        runs.rollback(run)
        raise
    runs.commit(run)
    if search:
        search(task, config, run)
        return
    task.fit(config, run)
    print(f"The run lies in {run.path}. Next:")
    predict = f"predict {run.name} --input FILE --output FILE"
    for command in (f"evaluate {run.name} --split test", f"export {run.name}", predict):
        print(f"  tfmodels {command}")


def _evaluate(arguments: list[str]) -> None:
    """Score a run on held-out data, beside naive opponents."""
    parser = subcommands.parser("evaluate", _evaluate)
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="validation", help="What to score on. Default: %(default)s."
    )
    options = parser.parse_args(arguments)
    run = runs.load(options.run)
    import_tensorflow()

    from pipelines.runs import report

    scored = registry.find(run.task).evaluate(run.config, run, options.split)
    file = report.write(scored, run.path)
    report.show(scored)
    print(f"The report lies in {file}.")


def _export(arguments: list[str]) -> None:
    """Write a run's model for TensorFlow Serving."""
    parser = subcommands.parser("export", _export)
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument("--to", metavar="FOLDER", help="Folder of versions. Default: saved_models/<name of the run>.")
    parser.add_argument("--keep", metavar="N", type=int, help="Delete the oldest versions beyond N. Default: none.")
    parser.add_argument(
        "--weights", metavar="FORMAT", choices=("float32", "bfloat16", "int8"), default="float32",
        help="How trained matrices lie in the export: float32, bfloat16 or int8, a half or a quarter of the bytes. It "
        "computes with float32 all the same. Default: %(default)s.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep < 1:
        parser.error(f"Expected --keep to be at least 1. Received: {options.keep}")
    run = runs.load(options.run)
    folder = Path(options.to or Path("saved_models") / run.name)
    if folder.name == RESERVED:
        raise ValueError(
            f"Expected another name: `{RESERVED}` is for the server's files, name a folder with --to. "
            f"Received: {folder}"
        )
    import_tensorflow()
    served = registry.find(run.task).endpoints(run.config, run)

    from tfmodels.export import save

    card = served.card | {"weights": options.weights}
    version = save(folder, served.endpoints, served.tracked, served.samples, card, options.keep, options.weights)
    _print_endpoints(served)
    print(f"Checked, the export lies in {version}. Next:")
    print(f"  tfmodels predict {shlex.quote(str(folder))} {_sample(served)}")


def _explain(arguments: list[str]) -> None:
    """Show how a run's model came to an answer, in pictures and numbers."""
    parser = subcommands.parser("explain", _explain)
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument("text", metavar="TEXT", help="What to answer.")
    parser.add_argument(
        "--output", metavar="FILE|FOLDER", help="Picture to write, or a folder. Default: explain/ in the run."
    )
    options = parser.parse_args(arguments)
    run = runs.load(options.run)
    import_tensorflow()
    explanation = registry.find(run.task).explain(run.config, run, options.text)
    for file in explanation.write(Path(options.output or run.path / "explain")):
        print(file)


_RESUMING = (["fit"], ["benchmark", "parallelism"])
# What answers, and what has processes of its own that train or answer.
_LEAVING_ONEDNN = (["predict"], ["serve"], *(["benchmark", subject] for subject in ("decode", "serve", "parallelism")))
_VERBS: dict[str, subcommands.Verb] = {
    "fit": _fit,
    "evaluate": _evaluate,
    "export": _export,
    "check": serve.check,
    "predict": predict.predict,
    "score": predict.score,
    "explain": _explain,
    "serve": serve.serve,
    "benchmark": benchmarks.benchmark,
}


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels VERB ...",
            "\nSequence models for TensorFlow, from raw data to TensorFlow Serving.",
            "\nverbs (tfmodels VERB --help tells more):",
            *subcommands.summaries(_VERBS),
            "\ntasks:",
            *subcommands.aligned(registry.summaries()),
        ]
    )


def _fit_help() -> str:
    return "\n".join(
        [
            "usage: tfmodels fit TASK [options]",
            f"\n{_fit.__doc__}",
            "\nTASK is one of these, any importable module that defines `Config`, or such a .py file:",
            *subcommands.aligned(registry.summaries()),
            "\ntfmodels fit TASK --help lists the options of a task.",
        ]
    )


def _how_to_resume(arguments: list[str]) -> str:
    if not any(arguments[: len(words)] == words for words in _RESUMING):
        return ""
    again = shlex.join(["tfmodels", *(argument for argument in arguments if argument != "--overwrite")])
    return f" Go on with\n  {again}"


def _raised_by_dependency(error: Exception) -> bool:
    """Whether the error comes out of Keras or TensorFlow: then it is no message to the user, and its trace matters."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return frames[-1].f_globals.get("__name__", "").partition(".")[0] in ("keras", "tensorflow")


def _print_endpoints(served: "Servable") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("endpoint", "inputs", "outputs")
    for endpoint in served.endpoints:
        outputs = endpoint.traced.structured_outputs
        table.add_row(
            endpoint.name,
            "\n".join(f"{spec.name}: {spec.dtype.name} {spec.shape}" for spec in endpoint.inputs),
            "\n".join(f"{name}: {spec.dtype.name} {spec.shape}" for name, spec in outputs.items()),
        )
    Console().print(table)


def _sample(served: "Servable") -> str:
    """An input of the sample, quoted for the shell; a file where inputs are no texts."""
    sample = served.samples["serving_default"][served.card["columns"][0]][0]
    if not isinstance(sample, str | bytes):
        return "--input FILE --output FILE"
    return shlex.quote(sample.decode() if isinstance(sample, bytes) else sample)


if __name__ == "__main__":
    sys.exit(main())
