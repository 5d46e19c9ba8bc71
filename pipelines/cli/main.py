"""The `tfmodels` command: `tfmodels SUBCOMMAND ...`.

A subcommand finds the task of a run and calls the functions of its module. What is slow to import (TensorFlow, the
parser of options, tables) is imported by the subcommand that needs it, so that help and refused options come at once.
"""

import os
import shlex
import sys
import traceback

from pipelines.cli import subcommands
from pipelines.cli.benchmark import benchmark
from pipelines.cli.check import check
from pipelines.cli.evaluate import evaluate
from pipelines.cli.explain import explain
from pipelines.cli.export import export
from pipelines.cli.fit import MISTAKES, fit
from pipelines.cli.predict import predict
from pipelines.cli.recipes import recipes
from pipelines.cli.score import score
from pipelines.cli.serve import serve
from pipelines.runs import registry

_DONE, _FAILED, _WRONG, _INTERRUPTED, _UNREAD = (
    0,
    1,
    2,
    130,
    141,
)  # exit status; an exception that is not caught ends with 1
_SUBCOMMANDS: dict[str, subcommands.Subcommand] = {
    "fit": fit,
    "evaluate": evaluate,
    "export": export,
    "check": check,
    "predict": predict,
    "score": score,
    "explain": explain,
    "serve": serve,
    "benchmark": benchmark,
    "recipes": recipes,
}
_RESUMING = (["fit"], ["benchmark", "parallelism"])
# What answers, and what has processes of its own that train or answer.
_LEAVING_ONEDNN = (["predict"], ["serve"], *(["benchmark", subject] for subject in ("decode", "serve", "parallelism")))


def main(argv: list[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: Its arguments; those of the process by default.

    Returns:
        The exit status: 0 done; 1 if a training diverged, a check found an error or a server did not answer; 2 if the
        command or its input was wrong; 130 interrupted; 141 if nobody reads its output any more. An exception that is
        raised out of here is a failure of the work, which Python ends with 1 and a trace.

    Example:
        `main(["fit", "translation", "--training.steps", "100"])`
    """
    arguments = sys.argv[1:] if argv is None else argv
    sys.argv = ["tfmodels", *arguments]  # what `runs.command_line` quotes, however this was started
    # TensorFlow leaves oneDNN off where AVX2 is the best there is: there it is faster in training, not in answering.
    if not any(arguments[: len(words)] == words for words in _LEAVING_ONEDNN):
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    try:
        status = _dispatch(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `head`, say, has read enough; what is buffered is not to fail when the process ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except KeyboardInterrupt:
        print(f"\nInterrupted.{_how_to_resume(arguments)}", file=sys.stderr)
        return _INTERRUPTED
    except (FloatingPointError, ConnectionError) as error:  # its message says what to try
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _FAILED
    except MISTAKES as error:
        if _raised_by_dependency(error):
            raise
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _WRONG


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return _DONE
    name, *rest = arguments
    subcommand = subcommands.find("a subcommand", name, _SUBCOMMANDS)
    _refuse_dashes(rest)
    return subcommand(rest) or _DONE


def _refuse_dashes(arguments: list[str]) -> None:
    """Options of earlier versions had dashes in their names."""
    for argument in arguments:
        if argument == "--":
            return
        name = argument.partition("=")[0]
        if name.startswith("--") and "-" in name[2:]:
            today = f"--{name[2:].replace('-', '_')}"
            raise ValueError(f"Expected an option with underscores, such as {today}. Received: {name}")


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels SUBCOMMAND ...",
            "\nSequence models for TensorFlow, from raw data to TensorFlow Serving.",
            "\nsubcommands (tfmodels SUBCOMMAND --help tells more):",
            *subcommands.summaries(_SUBCOMMANDS),
            "\ntasks:",
            *subcommands.aligned(registry.summaries()),
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


if __name__ == "__main__":
    sys.exit(main())
