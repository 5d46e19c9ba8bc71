"""Names of options: those on a command line, unknown ones, and those of earlier versions."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from pipelines.runs import old_formats
from tfmodels.checked_options import OptionError
from tfmodels.suggestions import did_you_mean

_REFUSED = re.compile(r'Parser key "(?P<name>[\w.]+)": Expected an? (?P<type>.+)\. Got value: (?P<value>.*)')
_TYPES = {"<class 'int'>": "a whole number", "<class 'float'>": "a finite number", "<class 'bool'>": "true or false"}


def typed(arguments: list[str]) -> dict[str, str | None]:
    """Lists the options of a command line.

    Args:
        arguments: The command line.

    Returns:
        Name without dashes -> value; None if it has no value.

    Example:
        `typed(["--seed", "1", "--run=new"])` -> `{"seed": "1", "run": "new"}`
    """
    given: dict[str, str | None] = {}
    for argument, following in zip(arguments, [*arguments[1:], None], strict=False):
        if argument == "--":
            break
        if argument.startswith("--"):
            name, equals, value = argument.removeprefix("--").partition("=")
            bare = following is None or following.startswith("--")
            given[name] = value if equals else None if bare else following
    return given


def check(given: Mapping[str, Any], known: Collection[str], of: str, task: str, dashes: str = "--") -> None:
    """Refuses unknown options, and names and values of earlier versions.

    Args:
        given: Name -> value.
        known: The valid names.
        of: Owner of the options, for the error message.
        task: Name of the task, for its option names of earlier versions.
        dashes: Prefix of names in error messages; empty for a file.

    Raises:
        ValueError: If an option is unknown, with its current name or the nearest one.

    Example:
        `check({"d_model": "64"}, ["transformer.d_model"], "tfmodels fit translation", "translation")` raises
    """
    for name, value in given.items():
        shown = f"{dashes}{name}"
        if name in known:
            current = old_formats.current_value(task, name, value)
            if current != value:
                raise ValueError(f"Expected {shown} {current}, which is its current name. Received: {shown} {value}")
            continue
        names = [f"{dashes}{current}" for current in old_formats.current_names(task, name) if current in known]
        if names:
            raise ValueError(f"Expected the current name, {' or '.join(names)}. Received: {shown}")
        nearest = did_you_mean(shown, [f"{dashes}{one}" for one in (*known, *(["help"] if dashes else []))])
        raise ValueError(f"Expected one of the options of {of}. Received: {shown}{nearest}")


def plain(message: str) -> ValueError:
    """Rewrites the parser's message about a wrong value.

    Args:
        message: The parser's message.

    Returns:
        The error to raise.

    Example:
        `plain('Parser key "seed": Expected a <class \'int\'>. Got value: x')`
    """
    refused = _REFUSED.fullmatch(message)
    if refused is None:
        return ValueError(message)
    choices = re.fullmatch(r"typing\.Literal\[(.+)\]", refused["type"])
    expected = f"one of {choices[1].replace(chr(39), '')}" if choices else _TYPES.get(refused["type"], refused["type"])
    return OptionError(refused["name"], f"to be {expected}", refused["value"])
