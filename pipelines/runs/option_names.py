"""Names of options: those on a command line, unknown ones, and those of earlier versions."""

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from pipelines.runs import old_formats
from tfmodels.checked_options import OptionError, listed
from tfmodels.suggestions import did_you_mean

FILE_KEYS = ("format", "task", "task_digest", "recipe")  # keys of a config.yaml or recipe that are not options
# Options of `tfmodels fit` itself, and of `pipelines.load`.
COMMAND = ("config", "run", "seeds", "overwrite", "find_lr", "find_batch", "data_changed", "allow_code")
_SIMILAR = 0.6  # least similarity of the last parts of two names, from 0 to 1
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
        names = [f"{dashes}{current}" for current in old_formats.current_names(task, name) if current in known]
        if names:
            raise ValueError(f"Expected the current name: {shown} is now {' or '.join(names)}")
        _refuse_group(name, value, known, dashes)
        nearest = _nearest(name, [*known, *(["help"] if dashes else [])], dashes) or _of_group(name, known, dashes)
        raise ValueError(f"Expected one of the options of {of}. Received: {shown}{nearest}")


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


def _of_group(name: str, known: Iterable[str], dashes: str) -> str:
    """The options of the group that an unknown option names."""
    group, dot, _ = name.rpartition(".")
    members = [f"{dashes}{one}" for one in known if dot and one.startswith(f"{group}.")]
    return f"; {group} has {', '.join(members)}" if members else ""


def _nearest(name: str, known: Iterable[str], dashes: str) -> str:
    """Suggests the option with a similar last part, or with the name as a word of it, as learning_rate has rate."""
    last = {one: one.rpartition(".")[-1] for one in known}
    similar = [one for one in last if SequenceMatcher(None, name.rpartition(".")[-1], last[one]).ratio() >= _SIMILAR]
    containing = next((one for one in last if one not in COMMAND and name in last[one].split("_")), "")
    nearest = did_you_mean(name, similar) or (containing and f" (did you mean {containing}?)")
    return nearest.replace("did you mean ", f"did you mean {dashes}")
