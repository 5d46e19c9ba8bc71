"""Options of a task that can be changed after training, on the command lines of subcommands that take a run."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import settings

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

EPILOG = (
    "Options of the task that do not affect training can be changed too, such as --decoding.beam_size 8; "
    "tfmodels fit TASK --help lists them."
)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Separates the options of a task, which have a dot in their names, from a command line.

    Args:
        arguments: The command line.

    Returns:
        The other arguments, and the options of the task with their values.

    Example:
        `split(["run", "--decoding.beam_size", "8"])` -> `(["run"], ["--decoding.beam_size", "8"])`
    """
    own: list[str] = []
    overrides: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            return [*own, argument, *rest], overrides
        if not name.startswith("--") or "." not in name:
            own.append(argument)
        elif equals:
            overrides.append(argument)
        else:
            overrides += [argument, *[value for value in [next(rest, None)] if value is not None]]
    return own, overrides


def run(path_or_name: str, overrides: list[str]) -> "runs.Run":
    """Opens a run and changes options of its task.

    Args:
        path_or_name: See `runs.load`.
        overrides: Options such as `["--decoding.beam_size", "8"]`.

    Returns:
        The run with changed options; its folder is not changed.

    Raises:
        ValueError: If an option is unknown or affects training.

    Example:
        `run("translation", ["--decoding.beam_size", "8"]).config.decoding.beam_size`
    """
    found = runs.load(path_or_name)
    return replace(found, config=settings.changed(found.config, overrides, found.task))


def model(run_or_export: str, overrides: list[str]) -> "Predictor":
    """Loads the model of a run or an export; TensorFlow is imported only for a run.

    Args:
        run_or_export: See `pipelines.load`.
        overrides: Options of the run's task.

    Returns:
        The model.

    Raises:
        ValueError: If an option is unknown, affects training, or is given for an export.
    """
    from pipelines.runs import predictor

    if runs.locate(run_or_export) is None:
        refuse(overrides, run_or_export)
        with stderr_held_back():
            return predictor.load(run_or_export)
    found = run(run_or_export, overrides)
    import_tensorflow()
    with stderr_held_back():
        return predictor.of_run(found)


def refuse(overrides: list[str], model: str) -> None:
    """Refuses options of a task for a model whose options are fixed.

    Args:
        overrides: The options.
        model: An export or a URL.

    Raises:
        ValueError: If there are any options.
    """
    if overrides:
        raise ValueError(
            "Expected options of a task only with a run. In an export they are fixed, except those that its endpoint "
            f"`with_options` takes for each row, if it has one. Received: {' '.join(overrides)} for {model}"
        )
