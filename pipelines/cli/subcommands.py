"""What the verbs of the `tfmodels` command have in common: finding one by its name, its parser, lists in help texts."""

import argparse
from collections.abc import Callable, Mapping

from tfmodels.suggestions import did_you_mean

Verb = Callable[[list[str]], int | None]  # takes its arguments; returns an exit status, None for 0


def find(kind: str, name: str, verbs: Mapping[str, Verb]) -> Verb:
    """Finds a verb, or a subject of one.

    Args:
        kind: What it is called in the error.
        name: What was typed.
        verbs: Name -> what does it.

    Returns:
        What does it.

    Raises:
        ValueError: If there is none of that name; names the nearest.

    Example:
        `find("a verb", "fit", verbs)(["translation"])`
    """
    if name not in verbs:
        raise ValueError(f"Expected {kind}: {', '.join(verbs)}. Received: {name}{did_you_mean(name, verbs)}")
    return verbs[name]


def parser(words: str, verb: Verb) -> argparse.ArgumentParser:
    """Makes the parser of a verb, to be filled with its arguments.

    Args:
        words: What is typed behind `tfmodels`.
        verb: What does it; its docstring describes it in the help.

    Returns:
        The parser.

    Example:
        `parser("evaluate", evaluate).parse_args(["translation", "--split", "test"])`
    """
    return argparse.ArgumentParser(prog=f"tfmodels {words}", description=verb.__doc__, allow_abbrev=False)


def aligned(descriptions: Mapping[str, str]) -> list[str]:
    """Lists names and what they stand for, in two columns.

    Args:
        descriptions: Name -> description.

    Returns:
        The lines.

    Example:
        `aligned({"fit": "Train.", "evaluate": "Score."})` -> `["  fit       Train.", "  evaluate  Score."]`
    """
    width = max(map(len, descriptions), default=0)
    return [f"  {name:{width}}  {description}" for name, description in descriptions.items()]


def summaries(verbs: Mapping[str, Verb]) -> list[str]:
    """Lists verbs and what they do, in two columns, see `aligned`."""
    return aligned({name: verb.__doc__ for name, verb in verbs.items()})
