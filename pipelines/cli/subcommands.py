"""What the subcommands of `tfmodels` share: finding one by its name, its parser, lists in help texts."""

import argparse
from collections.abc import Callable, Mapping

from tfmodels.suggestions import did_you_mean

Subcommand = Callable[[list[str]], int | None]  # takes its arguments; returns an exit status, None for 0

RUN = "A run: its folder, or its name under runs/."
MODEL = "A run (its folder, or its name under runs/) or the folder of an export."


def find(kind: str, name: str, subcommands: Mapping[str, Subcommand]) -> Subcommand:
    """Finds a subcommand, or a subject of one.

    Args:
        kind: What it is called in the error.
        name: What was typed.
        subcommands: Name -> function.

    Returns:
        The function.

    Raises:
        ValueError: There is none of that name; names the nearest.

    Example:
        `find("a subcommand", "fit", subcommands)(["translation"])`
    """
    if name not in subcommands:
        nearest = did_you_mean(name, subcommands)
        raise ValueError(f"Expected {kind}: {', '.join(subcommands)}. Received: {name}{nearest}")
    return subcommands[name]


def parser(words: str, subcommand: Subcommand) -> argparse.ArgumentParser:
    """Makes the parser of a subcommand, to be filled with its arguments.

    Args:
        words: What is typed after `tfmodels`.
        subcommand: The function; its docstring describes it in the help.

    Returns:
        The parser.

    Example:
        `parser("evaluate", evaluate).parse_args(["translation", "--split", "test"])`
    """
    return argparse.ArgumentParser(prog=f"tfmodels {words}", description=subcommand.__doc__, allow_abbrev=False)


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
    """Lists subcommands and what they do in two columns, see `aligned`."""
    return aligned({name: subcommand.__doc__ or "" for name, subcommand in subcommands.items()})
