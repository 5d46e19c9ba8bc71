"""YAML files with options, and the options that those of earlier runs lack."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from tfmodels import whole_files
from tfmodels.checked_options import default_of

_MARKED, _END = "# Options; the last line of this file is `...`.", "..."  # the end of a document in YAML
_LARGEST = 1 << 20  # bytes of a file
_MOST_BITS = 1000  # of a whole number: a float can hold it
_MOST = 100_000  # values in it
_UNREADABLE = (ValueError, OverflowError, LookupError, AttributeError)  # what PyYAML's constructors raise
# Option, dotted if it is nested -> the fixed value of the time before it was an option, whatever its default is today.
_OF_TEXT = {"normalize": "none"}
_ADDED: dict[str, dict[str, Any]] = {
    "translation": _OF_TEXT,
    "classification": {**_OF_TEXT, "quotes": "by_ending"},
}


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Writes options with what tells whether the file is whole: a part of one would pass for an older file.

    Args:
        path: The file.
        values: Option -> value, plain ones.

    Example:
        `write(run.path / "config.yaml", run_folders.content(run))`
    """
    import yaml

    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)
    whole_files.write(path, f"{_MARKED}\n{text}{_END}\n")


def read(path: Path) -> dict[str, Any]:
    """Reads options from a YAML file.

    Args:
        path: The file.

    Returns:
        Option -> value.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not YAML of plain values, not a mapping, cut off, or larger than options are.

    Example:
        `read(Path("runs/translation/config.yaml"))`
    """
    import yaml

    if not path.is_file():
        raise FileNotFoundError(f"Expected a YAML file with options. Received: {str(path)!r}")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"Expected options of at most {_LARGEST:,} bytes. Received: {path.stat().st_size:,} in {path}")
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.load(text, _loader()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"Expected YAML in {path}. Received: {error}") from None
    except RecursionError:
        raise ValueError(f"Expected options in {path}. Received: values within values, thousands of levels") from None
    if text.startswith(_MARKED) and text.rstrip().rpartition("\n")[2] != _END:
        raise ValueError(
            f"Expected the last line `{_END}` in {path}, as its first line tells. Received: a file that is cut off; "
            "put it back from a copy."
        )
    if not isinstance(values, dict):
        raise ValueError(f"Expected lines `option: value` in {path}. Received: {type(values).__name__}")
    _refuse_endless(values, path)
    if strange := [name for name in values if not isinstance(name, str)]:
        raise ValueError(f"Expected names of options in {path}. Received: {strange[0]!r}")
    return values


@functools.cache
def _loader() -> type:
    """PyYAML's safe loader, whose tags make no objects; it names the line of a value that cannot be.

    LibYAML, where PyYAML has it, reads nine times as fast; it refuses more than 1,000 levels.
    """
    import yaml

    safe: type = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

    class Loader(safe): ...

    def checked(loader: Any, node: yaml.Node, make: Callable[[Any, yaml.Node], Any]) -> Any:
        try:
            value = make(loader, node)
            if isinstance(value, int) and value.bit_length() > _MOST_BITS:
                raise ValueError(f"a whole number of {value.bit_length():,} bits")
        except _UNREADABLE as error:  # such as a number of thousands of digits, a 13th month, or `!!bool maybe`
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None
        return value

    for name in ("bool", "int", "float", "timestamp"):  # all other plain values are texts
        tag = f"tag:yaml.org,2002:{name}"
        Loader.add_constructor(tag, functools.partial(checked, make=safe.yaml_constructors[tag]))
    return Loader


def _refuse_endless(values: dict[str, Any], path: Path) -> None:
    """Refuses aliases that stand for themselves, or for millions of values in a few lines."""
    found, left = 0, [values]
    while left:
        one = left.pop()
        found += 1
        if isinstance(one, dict | list):
            left += one.values() if isinstance(one, dict) else one
        if found + len(left) > _MOST:
            raise ValueError(f"Expected at most {_MOST:,} options in {path}. Received: more, with aliases written out")


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flattens nested options.

    Args:
        values: Nested options.
        prefix: Prefix of the names.

    Returns:
        Dotted name -> value.

    Example:
        `flatten({"seed": 1, "training": {"steps": 100}})` -> `{"seed": 1, "training.steps": 100}`
    """
    flat = {}
    for name, value in values.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def completed(values: Mapping[str, Any], config_type: type | None = None) -> dict[str, Any]:
    """Gives the options of a run those that it lacks, with the values of its time.

    Args:
        values: Content of a `config.yaml` of the current format.
        config_type: The dataclass of the task's options; a user's own task may have inherited some of the added ones.

    Returns:
        The content with all options that were added.

    Example:
        `completed({"task": "translation"})["normalize"]` -> `"none"`
    """
    inherited = {field.name for field in fields(config_type)} if config_type else set()
    shared = {name: value for name, value in _OF_TEXT.items() if name in inherited}
    found = dict(values)
    for name, value in _ADDED.get(str(values.get("task")), shared).items():
        group, dot, option = name.rpartition(".")
        if not dot:
            found.setdefault(option, value)
        elif group in found:  # the options of another model family are left out
            found[group] = {option: value} | found[group]
    return found


def of_its_time(config: Any, task: str, values: Mapping[str, Any]) -> Any:
    """Gives a command's options the values of a run that was made before they were options.

    Args:
        config: The options of the command.
        task: Name of the task.
        values: Content of the run's `config.yaml`.

    Returns:
        The options; those that the run lacks have the values of its time, unless they differ from today's defaults.

    Example:
        `of_its_time(translation.Config(), "translation", {"data": "cldr"}).normalize` -> `"none"`
    """
    added = completed({"task": task}, type(config)).items()
    plain = {name: value for name, value in added if name not in values and hasattr(config, name)}
    open_ = [name for name in plain if getattr(config, name) == default_of(type(config), name)]
    return replace(config, **{name: plain[name] for name in open_})
