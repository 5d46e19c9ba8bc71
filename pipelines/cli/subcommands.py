"""Lookup, parsers and help texts of subcommands."""

import importlib
import os
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipelines.runs.command_lines import Parser
from pipelines.sources.files import standard_streams
from tfmodels.suggestions import did_you_mean

Subcommand = Callable[[list[str]], int | None]  # takes its arguments; returns an exit status, None for 0

RUN = "Folder of a run, or its name under runs/."
# What other programs call ours.
_MEANT = {
    **dict.fromkeys(("train", "training", "learn", "finetune", "run"), "fit"),
    **dict.fromkeys(("test", "eval", "validate", "metrics"), "evaluate"),
    **dict.fromkeys(("infer", "inference", "generate", "translate", "classify", "forecast", "apply"), "predict"),
    **dict.fromkeys(("save", "convert", "package"), "export"),
    **dict.fromkeys(("server", "start"), "serve"),
    **dict.fromkeys(("bench", "speed", "profile"), "benchmark"),
    **dict.fromkeys(("list", "ls", "configs"), "recipes"),
}
MODEL = "Folder of a run, its name under runs/, or folder of an export."


def imported(module: str, summary: str) -> Subcommand:
    """Makes a subcommand whose module is imported when it is called, so that help and version do not wait for all.

    Args:
        module: Full name of the module; the subcommand is its function of the same last name.
        summary: The function's docstring.

    Returns:
        A function with that docstring, which calls the other.

    Example:
        `imported("pipelines.cli.overview.recipes", "List the recipes.")(["--help"])`
    """

    def subcommand(arguments: list[str]) -> int | None:
        return getattr(importlib.import_module(module), module.rpartition(".")[-1])(arguments)

    subcommand.__doc__ = summary
    return subcommand


def find(kind: str, name: str, subcommands: Mapping[str, Subcommand]) -> Subcommand:
    """Finds a subcommand by name.

    Args:
        kind: Its name in the error message, such as `a subcommand`.
        name: Name of the subcommand.
        subcommands: Name -> function.

    Returns:
        The function.

    Raises:
        ValueError: If there is no such subcommand, with the nearest name.

    Example:
        `find("a subcommand", "fit", subcommands)(["translation"])`
    """
    if name not in subcommands:
        meant = _MEANT.get(name.lower())
        nearest = f" (did you mean {meant}?)" if meant in subcommands else did_you_mean(name, subcommands)
        raise ValueError(f"Expected {kind}: {', '.join(subcommands)}. Received: {name}{nearest}")
    return subcommands[name]


def parser(words: str, subcommand: Subcommand) -> Parser:
    """Makes the parser of a subcommand, without arguments.

    Args:
        words: The words after `tfmodels` in the usage line.
        subcommand: The function; its docstring is the description in the help.

    Returns:
        The parser.

    Example:
        `parser("evaluate", evaluate).parse_args(["translation", "--split", "test"])`
    """
    return Parser(words, subcommand.__doc__ or "")


def check_output(output: str | None, inputs: Iterable[str | Path] = (), option: str = "output") -> None:
    """Refuses an output file whose folder is not there, or that is an input, before anything is computed.

    Args:
        output: The file; None and `-` for the terminal.
        inputs: The files that are read, `-` for standard input; under whatever name, as a link too.
        option: The option that names the output.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It would be written over an input.

    Example:
        `check_output("answers.jsonl", ["rows.jsonl"])`
    """
    if output in (None, "", standard_streams.DASH):
        return
    if not Path(output).parent.is_dir():
        raise FileNotFoundError(f"Expected a folder for the output. Received: --{option} {output}")
    for one in inputs if Path(output).is_file() else ():
        if _is_same(output, one):
            raise ValueError(
                f"Expected another file for the output, so that the input stays. Received: --{option} {output}, which "
                f"is {'standard input' if one == standard_streams.DASH else one}"
            )


def _is_same(output: str, read: str | Path) -> bool:
    """Whether a file that is there is another one, or the one that standard input comes from."""
    try:
        return os.path.samestat(os.stat(output), os.fstat(0) if read == standard_streams.DASH else os.stat(read))
    except OSError:  # which the reader says
        return False


def check_formats(options: Namespace) -> None:
    """Refuses a format beside a file whose name says it.

    Args:
        options: With `input`, `input_format`, `output` and `output_format`.

    Raises:
        ValueError: A format is given, and not for standard input or output.

    Example:
        `check_formats(Namespace(input="-", input_format="csv", output=None, output_format=None))`
    """
    for name in ("input", "output"):
        if getattr(options, f"{name}_format") and getattr(options, name) != standard_streams.DASH:
            raise ValueError(
                f"Expected --{name}_format with --{name} -, since the ending of a file's name says its format. "
                f"Received: --{name} {getattr(options, name) or 'is not given'}"
            )


def aligned(descriptions: Mapping[str, str]) -> list[str]:
    """Lists names and their descriptions in two columns.

    Args:
        descriptions: Name -> description.

    Returns:
        The lines.

    Example:
        `aligned({"fit": "Train.", "evaluate": "Score."})` -> `["  fit       Train.", "  evaluate  Score."]`
    """
    width = max(map(len, descriptions), default=0)
    return [f"  {name:{width}}  {description}" for name, description in descriptions.items()]


def summaries(subcommands: Mapping[str, Subcommand]) -> list[str]:
    """Lists subcommands and their docstrings in two columns, see `aligned`."""
    return aligned({name: subcommand.__doc__ or "" for name, subcommand in subcommands.items()})
