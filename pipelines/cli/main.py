"""The `tfmodels` command: `tfmodels SUBCOMMAND ...`.

A subcommand finds the task of a run and calls the functions of its module. Slow imports (TensorFlow, the option parser,
tables) are left to the subcommand that needs them, so that help and errors in options appear at once.
"""

import contextlib
import errno
import os
import shlex
import sys
import traceback

import tfmodels
from pipelines.cli import failures, subcommands
from pipelines.progress.terminal_text import shown_safely, written_out
from pipelines.runs.machines import lost_machine
from pipelines.runs.starting.user_errors import USER_ERRORS


def completion(arguments: list[str]) -> None:
    """Print the script that completes this command in a shell: `tfmodels completion bash`, `zsh` or `fish`."""
    from pipelines.cli.completion import scripts, words

    if arguments[:1] == ["words"]:  # what the scripts ask
        print(*words.following(arguments[1:], _SUBCOMMANDS), sep="\n")
        return
    parser = subcommands.parser("completion", completion)
    parser.add_argument("shell", metavar="SHELL", choices=scripts.SHELLS, help=f"{', '.join(scripts.SHELLS)}.")
    print(scripts.SHELLS[parser.parse_args(arguments).shell], end="")


# Exit status; Python exits with 1 after an uncaught exception.
_DONE, _FAILED, _USER_ERROR, _INTERRUPTED, _BROKEN_PIPE = 0, 1, 2, 130, 141
_SUBCOMMANDS: dict[str, subcommands.Subcommand] = {
    "fit": subcommands.imported("pipelines.cli.fit", "Train a model for a task, or resume an interrupted run."),
    "evaluate": subcommands.imported(
        "pipelines.cli.evaluate",
        "Evaluate runs or exports on held-out data and compare them with baselines; of several also mean and spread.",
    ),
    "export": subcommands.imported(
        "pipelines.cli.export",
        "Export the model of a run, or of several runs as an ensemble, for TensorFlow Serving.",
    ),
    "check": subcommands.imported("pipelines.cli.check", "Check any SavedModel for problems in TensorFlow Serving."),
    "predict": subcommands.imported(
        "pipelines.cli.predicting.predict",
        "Predict outputs for texts, a file of rows, or standard input.",
    ),
    "score": subcommands.imported(
        "pipelines.cli.score",
        "Compute the log-probabilities that a model assigns to given targets.",
    ),
    "explain": subcommands.imported(
        "pipelines.cli.explain",
        "Explain a prediction of a run or an export with figures and numbers.",
    ),
    "serve": subcommands.imported(
        "pipelines.cli.serve",
        "Serve exports with TensorFlow Serving if it is installed, else with a development server.",
    ),
    "app": subcommands.imported(
        "pipelines.cli.app",
        "Open a page in the browser that tries a run, an export, a folder of exports or a model on a server.",
    ),
    "benchmark": subcommands.imported(
        "pipelines.cli.benchmark",
        "Measure speed and memory: `tfmodels benchmark SUBJECT ...`.",
    ),
    "tune": subcommands.imported(
        "pipelines.cli.tune",
        "Search for the options of a task; each trial is a run, and what was killed goes on.",
    ),
    "runs": subcommands.imported(
        "pipelines.cli.overview.runs",
        "List the runs with their scores, the options by which they differ, and their exports.",
    ),
    "compare": subcommands.imported(
        "pipelines.cli.overview.compare",
        "Compare runs and exports that were scored on the same rows: which is better, and whether by chance.",
    ),
    "recipes": subcommands.imported(
        "pipelines.cli.overview.recipes",
        "List the recipes: configurations with known scores, for `tfmodels fit TASK --config NAME`.",
    ),
    "completion": completion,
}
_RESUMABLE = (["fit"], ["tune"], ["benchmark", "parallelism"])
_NOT_KEPT = {"--dry_run", "--find_lr", "--find_batch"}  # what `fit` does without training starts from the beginning
# Subcommands that predict, or whose child processes set oneDNN themselves.
_WITHOUT_ONEDNN = (
    ["predict"],
    ["app"],
    ["serve"],
    *(["benchmark", subject] for subject in ("decode", "serve", "parallelism")),
)


def main(argv: list[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: The arguments. Default: those of the process.

    Returns:
        The exit status: 0 success; 1 a training diverged, a check found an error or a server request failed; 2 wrong
        options or input; 75 a machine of several was lost; 130 interrupted; 141 the reader of the output closed the
        pipe; 143 terminated. Other exceptions propagate; Python then prints a traceback and exits with 1.

    Example:
        `main(["fit", "translation", "--training.steps", "100"])`
    """
    arguments = sys.argv[1:] if argv is None else argv
    sys.argv = ["tfmodels", *arguments]  # for `runs.command_line`, however the process was started
    # TensorFlow turns oneDNN off on processors with AVX2 only. There it speeds up training but not inference.
    if not any(arguments[: len(words)] == words for words in _WITHOUT_ONEDNN):
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    failures.open_closed_streams()
    with shown_safely():
        return _status(arguments)


def _status(arguments: list[str]) -> int:
    try:
        with failures.terminated_like_interrupted() if _is_resumable(arguments) else contextlib.nullcontext():
            status = _dispatch(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # such as by `head`
        failures.drop_output()
        return _BROKEN_PIPE
    except KeyboardInterrupt as error:
        terminated = isinstance(error, failures.Terminated)
        print(f"\n{'Terminated' if terminated else 'Interrupted'}.{_how_to_resume(arguments)}", file=sys.stderr)
        return failures.TERMINATED if terminated else _INTERRUPTED
    except lost_machine.LostMachineError as error:
        _say(str(error))
        return lost_machine.STATUS
    except (FloatingPointError, ConnectionError, ChildProcessError) as error:  # the message contains the advice
        _say(str(error))
        return _FAILED
    except (*USER_ERRORS, OSError) as error:
        if isinstance(error, OSError) and (sentence := failures.of_system(error)):
            _say(sentence)
            if error.errno == errno.EBADF:
                failures.drop_output()
            return _USER_ERROR if isinstance(error, PermissionError) else _FAILED
        if _raised_by_dependency(error) or not isinstance(error, USER_ERRORS):
            raise
        from pipelines.runs.suggestions import fit_options

        _say(f"{error}{fit_options.remark(arguments, str(error))}")
        return _USER_ERROR


def _say(error: str) -> None:
    print(f"tfmodels: error: {written_out(error)}", file=sys.stderr)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return _DONE
    if arguments[0] in ("-V", "--version"):
        print(f"tfmodels {tfmodels.__version__}")
        return _DONE
    name, *rest = arguments
    subcommand = subcommands.find("a subcommand", name, _SUBCOMMANDS)
    from pipelines.progress import log_lines

    with log_lines.plain():
        return subcommand(rest) or _DONE


def _help() -> str:
    from pipelines.runs import registry

    return "\n".join(
        [
            "usage: tfmodels SUBCOMMAND ...",
            "\nSequence models for TensorFlow, from raw data to TensorFlow Serving.",
            "\nsubcommands (tfmodels SUBCOMMAND --help lists the options):",
            *subcommands.summaries(_SUBCOMMANDS),
            "\ntasks:",
            *subcommands.aligned(registry.summaries()),
            "\ntfmodels --version prints the version.",
        ]
    )


def _how_to_resume(arguments: list[str]) -> str:
    if not _is_resumable(arguments) or not _NOT_KEPT.isdisjoint(arguments):
        return ""
    from pipelines.runs import option_names

    # With --seeds it replaces only runs of other options, so not those that this command has made.
    dropped = set() if "seeds" in option_names.typed(arguments) else {"--overwrite"}
    again = shlex.join(["tfmodels", *(argument for argument in arguments if argument not in dropped)])
    return f" Resume with\n  {again}"


def _is_resumable(arguments: list[str]) -> bool:
    return any(arguments[: len(words)] == words for words in _RESUMABLE)


def _raised_by_dependency(error: Exception) -> bool:
    """Whether Keras or TensorFlow raised the error: then it is not meant for users, and its traceback is needed."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return frames[-1].f_globals.get("__name__", "").partition(".")[0] in ("keras", "tensorflow")


if __name__ == "__main__":
    sys.exit(main())
