"""Options of a task that can be changed after training, on the command lines of subcommands that take a run."""

import argparse
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import option_files, option_names, settings
from pipelines.runs.command_lines import Parser

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

EPILOG = (
    "Options of the task that do not affect training can be changed too, such as --decoding.beam_size 8; "
    "tfmodels fit TASK --help lists them."
)


def split(arguments: list[str], plain: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Separates the options of a task, which have a dot in their names, from a command line.

    Args:
        arguments: The command line.
        plain: Names of options of the task that have none.

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
        if not name.startswith("--") or ("." not in name and name.removeprefix("--") not in plain):
            own.append(argument)
        elif equals:
            overrides.append(argument)
        else:
            overrides += [argument, *[value for value in [next(rest, None)] if value is not None]]
    return own, overrides


def parse(parser: Parser, arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Parses the command line of a subcommand that takes a run and options of its task.

    Args:
        parser: The parser of the subcommand.
        arguments: The command line.

    Returns:
        The options of the subcommand, and the options of the task with their values.

    Raises:
        ValueError: If an option is unknown, with its current name or the options that can be changed.

    Example:
        `parse(subcommands.parser("evaluate", evaluate), ["translation", "--decoding.beam_size", "8"])`
    """
    own, overrides = split(arguments)
    options, unknown = parser.parse_known_intermixed_args(own)  # texts may lie before, between and after options
    if _first_name(unknown):
        words = [one for one in own if not one.startswith("-")]  # the value of an unknown option may lie before the run
        found = next((one for one in words if runs.locate(one)), None)
        run = runs.load(found, options.task, options.allow_code) if found else None
        own, plain = split(own, settings.after_training(type(run.config)) if run else ())
        overrides += plain
        options, unknown = parser.parse_known_intermixed_args(own)
        if name := _first_name(unknown):
            _refuse_unknown(parser, name, run)
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return options, overrides


def _first_name(unknown: list[str]) -> str | None:
    return next((one.partition("=")[0] for one in unknown if one.startswith("--")), None)


def _refuse_unknown(parser: Parser, name: str, run: "runs.Run | None") -> None:
    """Refuses an option that neither the subcommand has nor, after training, the task of a run."""
    known: dict[str, Any] = dict.fromkeys(parser.options())
    task = ""
    if run:
        task, later = run.task, settings.after_training(type(run.config))
        values = {group: value for group, value in settings.to_dict(run.config).items() if group in later}
        known |= option_files.flatten(values)
    option_names.check({name.removeprefix("--"): None}, known, parser.prog, task)


def run(path_or_name: str, options: argparse.Namespace, overrides: Sequence[str] = ()) -> "runs.Run":
    """Opens a run and changes options of its task.

    Args:
        path_or_name: See `runs.load`.
        options: Those of `command_lines.add_task`.
        overrides: Options such as `["--decoding.beam_size", "8"]`.

    Returns:
        The run with changed options; its folder is not changed.

    Raises:
        ValueError: If an option is unknown or affects training, or the code of the run's task may not run.

    Example:
        `run("translation", options, ["--decoding.beam_size", "8"]).config.decoding.beam_size`
    """
    found = runs.load(path_or_name, options.task, options.allow_code)
    return replace(found, config=settings.changed(found.config, list(overrides), found.task))


def model(run_or_export: str, options: argparse.Namespace, overrides: Sequence[str] = ()) -> "Predictor":
    """Loads the model of a run or an export; TensorFlow is imported only for a run.

    Args:
        run_or_export: See `pipelines.load`.
        options: Those of `command_lines.add_task`.
        overrides: Options of the run's task.

    Returns:
        The model.

    Raises:
        ValueError: If an option is unknown, affects training, or is given for an export, or the code of the run's task
            may not run.
    """
    from pipelines.runs import predictor

    if runs.locate(run_or_export) is None:
        refuse(overrides, run_or_export)
        with stderr_held_back():
            return predictor.load(run_or_export)
    found = run(run_or_export, options, overrides)
    import_tensorflow()
    with stderr_held_back():
        return predictor.of_run(found)


def refuse(overrides: Sequence[str], model: str) -> None:
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
