"""Options of a task that may be given after its training, on the command lines of runs."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import settings

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

EPILOG = (
    "Options of the run's task that are no part of its training may be given too, such as --decoding.beam_size 8; "
    "tfmodels fit TASK --help lists them."
)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Takes the options of a task out of a command line: those with a dot in their names.

    Args:
        arguments: The command line.

    Returns:
        The other arguments, and the options of a task with their values.

    Example:
        `split(["run", "--decoding.beam_size", "8"])` -> `(["run"], ["--decoding.beam_size", "8"])`
    """
    own: list[str] = []
    of_task: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            return [*own, argument, *rest], of_task
        if not name.startswith("--") or "." not in name:
            own.append(argument)
        elif equals:
            of_task.append(argument)
        else:
            of_task += [argument, *[value for value in [next(rest, None)] if value is not None]]
    return own, of_task


def run(path_or_name: str, of_task: list[str]) -> "runs.Run":
    """Opens a run, with options of its task replaced.

    Args:
        path_or_name: As `runs.load` takes it.
        of_task: Options such as `["--decoding.beam_size", "8"]`.

    Returns:
        The run; its folder stays as it is.

    Raises:
        ValueError: An option is unknown or part of the training.

    Example:
        `run("translation", ["--decoding.beam_size", "8"]).config.decoding.beam_size`
    """
    found = runs.load(path_or_name)
    return replace(found, config=settings.changed(found.config, of_task, found.task))


def model(run_or_export: str, of_task: list[str]) -> "Predictor":
    """Loads a run or an export to answer; neither an export nor a wrong name waits for the import of TensorFlow.

    Args:
        run_or_export: As `pipelines.load` takes it.
        of_task: Options of a run's task.

    Returns:
        The model, ready to answer.

    Raises:
        ValueError: An option is unknown or part of the training, or is given for an export.
    """
    from pipelines.runs import predictor

    if runs.locate(run_or_export) is None:
        refuse(of_task, run_or_export)
        with stderr_held_back():
            return predictor.load(run_or_export)
    found = run(run_or_export, of_task)
    import_tensorflow()
    with stderr_held_back():
        return predictor.of_run(found)


def refuse(of_task: list[str], model: str) -> None:
    """Refuses options of a task for what has them fixed.

    Args:
        of_task: The options.
        model: An export or a URL.

    Raises:
        ValueError: There are any.
    """
    if of_task:
        raise ValueError(
            "Expected options of a task for a run only. In an export they are fixed: its endpoint `with_options`, if "
            f"it has one, takes some for each row. Received: {' '.join(of_task)} for {model}"
        )
