"""Names of options: those on a command line, unknown ones, and those of earlier versions."""

import ast
import re
from collections.abc import Collection, Mapping
from typing import Any

from pipelines.runs import old_formats
from pipelines.runs.suggestions import nearest
from tfmodels.checked_options import OptionError, listed

FILE_KEYS = ("format", "task", "task_digest", "recipe")  # keys of a config.yaml or recipe that are not options
# Options of `tfmodels fit` itself, and of `pipelines.load`.
COMMAND = (
    *("config", "run", "seeds", "overwrite", "find_lr", "find_batch", "data_changed", "allow_code", "dry_run"),
    *("workers", "worker", "write_job"),
)
_LISTED = 30  # options in a message
_REFUSED = re.compile(r'Parser key "(?P<name>[\w.]+)": Expected an? (?P<type>.+)\. Got value: ?(?P<value>.*)')
_TYPES = {
    "<class 'int'>": "a whole number",
    "<class 'float'>": "a finite number",
    "<class 'bool'>": "true or false",
    "<class 'str'>": "text, in quotes",
}
# Messages of argparse -> what was expected and what was received.
_MESSAGES = {
    r"argument (?P<name>[-\w.]+): expected one argument": "Expected a value after {name}. Received: {name}",
    r"argument (?P<name>[-\w.]+): ignored explicit argument (?P<value>.+)": "Expected {name} without a value. "
    "Received: {name}={value}",
    r"argument (?P<name>[-\w.]+): invalid choice: '?(?P<value>.*?)'? \(choose from (?P<choices>.+)\)": "Expected "
    "{name} to be one of {choices}. Received: {name} {value}",
    r"argument (?P<name>[-\w.]+): invalid int value: '(?P<value>.*)'": "Expected {name} to be a whole number. "
    "Received: {name} {value}",
    r"argument (?P<name>[-\w.]+): invalid float value: '(?P<value>.*)'": "Expected {name} to be a number. "
    "Received: {name} {value}",
    r"argument (?P<name>[-\w.]+): (?P<message>Expected .+)": "{message} for {name}",
    r"the following arguments are required: (?P<names>.+)": "Expected {names}; `{of} --help` tells what they are. "
    "Received: none",
    r"unrecognized arguments: (?P<value>.+)": "Expected options, which begin with --. Received: {value}",
}


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


def without(arguments: list[str], names: Collection[str]) -> list[str]:
    """A command line without some options and their values.

    Args:
        arguments: The command line.
        names: The options, without dashes.

    Returns:
        The others, in their order.

    Example:
        `without(["--run", "new", "--seed=1", "--overwrite"], ("run", "seed"))` -> `["--overwrite"]`
    """
    kept: list[str] = []
    left_out = False
    for argument in arguments:
        if argument.startswith("--"):
            left_out = argument.removeprefix("--").partition("=")[0] in names
        if not left_out:
            kept.append(argument)
    return kept


def check(given: Mapping[str, Any], known: Mapping[str, Any], of: str, task: str, dashes: str = "--") -> None:
    """Refuses unknown options, and names and values of earlier versions.

    Args:
        given: Name -> value.
        known: The valid names -> their defaults.
        of: Owner of the options, for the error message.
        task: Name of the task, for its option names of earlier versions.
        dashes: Prefix of names in error messages; empty for a file.

    Raises:
        ValueError: If an option is unknown, with its current name or the nearest one, or it is a group
            of options.

    Example:
        `check({"d_model": "64"}, {"transformer.d_model": 96}, "tfmodels fit translation", "translation")` raises
    """
    for name, value in given.items():
        shown = f"{dashes}{name}"
        if name in known:
            current = old_formats.current_value(task, name, value)
            if isinstance(value, str) and current != value:
                raise ValueError(f"Expected the current name: {shown} {value} is now {shown} {current}")
            continue
        model = given.get("model") or known.get("model")
        names = [current for current in old_formats.current_names(task, name) if current in known]
        if names := [f"{dashes}{one}" for one in nearest.of_model(names, model)]:
            raise ValueError(f"Expected the current name: {shown} is now {' or '.join(names)}")
        _refuse_group(name, value, known, dashes)
        meant = nearest.suggestion(name, [*known, *(["help"] if dashes else [])], dashes, model, COMMAND)
        raise ValueError(f"Expected one of the options of {of}. Received: {shown}{meant or _all(known, of, dashes)}")


def plain(message: str, of: str = "tfmodels") -> ValueError:
    """Rewrites the parser's message about a wrong value.

    Args:
        message: The parser's message.
        of: The command.

    Returns:
        The error to raise.

    Example:
        `plain('Parser key "seed": Expected a <class \'int\'>. Got value: x')`
    """
    for pattern, words in _MESSAGES.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = {"of": of, **found.groupdict()}
            parts["choices"] = parts.get("choices", "").replace("'", "")
            return ValueError(words.format_map(parts))
    refused = _REFUSED.fullmatch(message)
    if refused is None:
        return ValueError(message)
    choices = re.fullmatch(r"typing\.Literal\[(.+)\]", refused["type"])
    expected = (
        f"one of {listed(ast.literal_eval(f'({choices[1]},)'))}"
        if choices
        else _TYPES.get(refused["type"], refused["type"])
    )
    return OptionError(refused["name"], f"to be {expected}", refused["value"])


def _all(known: Collection[str], of: str, dashes: str) -> str:
    """The valid options, at the end of a message; of many where they are listed."""
    if len(known) <= _LISTED:
        return f". There are {', '.join(f'{dashes}{one}' for one in known)}"
    return f". `{of} --help` lists them" if dashes else ""


def _refuse_group(name: str, value: Any, known: Mapping[str, Any], dashes: str) -> None:
    """Refuses a value for a group of options, such as `--training 4`."""
    members = [one for one in known if one.startswith(f"{name}.")]
    if not members:
        return
    example = next((one for one in members if one.endswith(".steps")), members[0])
    shown = "100" if example.endswith(".steps") else known[example]
    received = f"{dashes}{name}" if value is None else f"{dashes}{name}{' ' if dashes else ': '}{value}"
    if dashes:
        raise ValueError(f"Expected one option of {name} at a time, such as --{example} {shown}. Received: {received}")
    nested = f"{name}: {{{example.removeprefix(f'{name}.')}: {shown}}}"
    raise ValueError(f"Expected options of {name}, such as `{nested}`. Received: {received}")
