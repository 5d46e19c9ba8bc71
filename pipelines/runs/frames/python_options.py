"""Options of a task as keyword arguments: the same as on the command line, which a report names."""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from pipelines.runs import option_files, option_names, settings
from tfmodels import option_lists
from tfmodels.checked_options import OptionError

_SWITCH = re.compile(r"--(overwrite|allow_code)\b")
_OPTION = re.compile(
    r"""--(?P<name>[a-z_]+(?:\.[a-z_]+)*)[ =]"""
    r"""(?P<value>'[^']*'|"[^"]*"|(?!(?:and|or|to|for|in|with|is|are|has)\b)[\w.,:/*-]*\w)"""
)
_NAME = re.compile(r"--([a-z_]+)\b")
_FRAME = re.compile(r"[^\s'=]*\.frames/\w+\.parquet(?! in the run| now)")


def check(config_type: type, options: Mapping[str, Any], of: str, task: str) -> None:
    """Refuses unknown options.

    Args:
        config_type: The task's `Config`.
        options: Field -> its value; for a group of options a dict of some of them, or its dataclass.
        of: Who takes them, for the message.
        task: Name of the task.

    Raises:
        ValueError: An option is unknown; with the nearest one.

    Example:
        `check(Config, {"horizn": 24}, "Forecaster", "forecasting")`
    """
    parser = settings.parser(config_type, prog=of)
    own = {field.name for field in fields(config_type)}
    known = {name: value for name, value in parser.get_defaults().items() if name.partition(".")[0] in own}
    option_names.check(_flat(config_type, options, ""), known, of, task, dashes="")


def arguments(config_type: type, options: Mapping[str, Any], recipe: str = "") -> list[str]:
    """Options as a command line has them.

    Args:
        config_type: The task's `Config`.
        options: As of `check`.
        recipe: File or name of a recipe with options that these replace; empty for none.

    Returns:
        The words. A dataclass stands for all of its options, of which those that are the task's own are left out.

    Example:
        `arguments(Config, {"training": {"steps": 500}})` -> `["--training.steps", "500"]`
    """
    words = ["--config", recipe] if recipe else []
    usual = settings.parser(config_type).get_defaults()
    for name, value in _flat(config_type, options, recipe).items():
        text = _text(value, is_text=isinstance(usual.get(name), str))
        words += [f"--{name}={text}"] if text.startswith("-") or not text else [f"--{name}", text]
    return words


def in_python(message: str) -> str:
    """A message of the command in the words of Python.

    Example:
        `in_python("or delete that run with --overwrite")` -> `"or delete that run with overwrite=True"`
    """
    said = _SWITCH.sub(r"\1=True", _FRAME.sub("the frame", message))
    said = _OPTION.sub(lambda found: f"{found['name']}={_quoted(found['value'])}", said)
    return _NAME.sub(r"\1", said)


@contextmanager
def said_in_python() -> Generator[None]:
    """Context whose errors about options and data are said in the words of Python, not in those of the command.

    Example:
        `with said_in_python(): task.fit(config, run)`
    """
    try:
        yield
    except (ValueError, FileNotFoundError) as error:
        said = in_python(str(error))
        if isinstance(error, OptionError) or said == str(error):
            raise
        raise (FileNotFoundError if isinstance(error, FileNotFoundError) else ValueError)(said) from None


def _quoted(value: str) -> str:
    return value if value[0] in "'\"" else f'"{value}"'


def _flat(config_type: type, options: Mapping[str, Any], recipe: str) -> dict[str, Any]:
    nested = dict(options)
    for name, value in options.items():
        if is_dataclass(value) and not isinstance(value, type):
            default = getattr(config_type(), name, None)
            usual = asdict(default) if is_dataclass(default) and not isinstance(default, type) and not recipe else {}
            nested[name] = {key: one for key, one in asdict(value).items() if key not in usual or usual[key] != one}
    return option_files.flatten(nested)


def _text(value: Any, is_text: bool) -> str:
    value = value.tolist() if hasattr(value, "tolist") else value  # of NumPy and pandas
    if is_text and isinstance(value, list | tuple):  # names of columns, such as series=["shop", "product"]
        return option_lists.join([str(one) for one in value])
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    return json.dumps(value) if isinstance(value, list | tuple | dict) else str(value)
