"""The help of `tfmodels fit TASK`: the options of a task's `Config`, grouped by nested config."""

import inspect
import re
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipelines.runs import settings
from tfmodels.checked_options import described_bounds, families

_WIDTH = 100
_INDENT = 32  # column of the descriptions
_METAVARS = {int: "N", float: "X", bool: "true|false", str: "TEXT"}


def text(usage: str, description: str, config_type: type, own: Mapping[str, str]) -> str:
    """Formats the help.

    Args:
        usage: The usage line.
        description: Description of the task.
        config_type: The task's `Config`; the Attributes sections of its docstrings describe its options.
        own: Options of the command itself -> their descriptions.

    Returns:
        The help, in lines of at most 100 characters; commands in the description may be longer.

    Example:
        `text("tfmodels fit translation [options]", task.__doc__, task.Config, {"--overwrite": "Replace it."})`
    """
    hints, chosen_from = get_type_hints(config_type), families(config_type)
    nested = [field for field in fields(config_type) if is_dataclass(hints[field.name])]
    sections = [f"usage: {usage}", *_paragraphs(description), _section("options of the command", own)]
    flat = [field for field in fields(config_type) if field not in nested]
    flat.sort(key=lambda field: field.name not in config_type.__annotations__)  # own options before inherited ones
    sections.append(_section("options of the task", _options(config_type, flat, {}, "")))
    later = settings.after_training(config_type)
    for field in nested:
        title = f"model: {field.name} (with --model {field.name})" if field.name in chosen_from else field.name
        title += " (can be changed after training)" if field.name in later else ""
        kind = hints[field.name]
        sections.append(_section(title, _options(kind, fields(kind), _defaults(field), f"{field.name}.")))
    return "\n\n".join(sections)


def descriptions(config_type: type) -> dict[str, str]:
    """Reads the descriptions of fields from the docstrings of a dataclass and its base classes.

    Args:
        config_type: The dataclass.

    Returns:
        Name -> description, without line breaks.

    Example:
        `descriptions(Options)["seed"]`
    """
    found: dict[str, str] = {}
    for part in reversed(config_type.__mro__):
        docstring = inspect.cleandoc(part.__dict__.get("__doc__") or "")
        attributes = re.search(r"^Attributes:\n((?:[ ]{4}.*\n?|\n)*)", docstring, re.MULTILINE)
        for name, described in re.findall(r"^(\w+): ((?:.*\n?)(?: {4}.*\n?)*)", _body(attributes), re.MULTILINE):
            found[name] = " ".join(described.split())
    return found


def _paragraphs(description: str) -> list[str]:
    """The paragraphs, wrapped; indented ones are commands and stay as they are."""
    parts = [part.strip("\n") for part in description.split("\n\n")]
    return [part if part.startswith(" ") else textwrap.fill(part, _WIDTH, break_on_hyphens=False) for part in parts]


def _body(section: "re.Match[str] | None") -> str:
    return textwrap.dedent(section[1]) if section else ""


def _options(config_type: type, shown: Any, defaults: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """Option with its metavar -> help."""
    hints, described = get_type_hints(config_type), descriptions(config_type)
    options = {}
    for field in shown:
        hint = hints[field.name]
        default = defaults.get(field.name, field.default)
        if field.default_factory is not MISSING and field.name not in defaults:
            default = field.default_factory()
        bounds = described_bounds(config_type, field.name)
        words = [described.get(field.name, ""), _choices(hint, described.get(field.name, ""))]
        words.append(f"Default: {_shown(default)}{bounds and f' ({bounds})'}.")
        options[f"--{prefix}{field.name} {_metavar(hint)}"] = " ".join(filter(None, words))
    return options


def _defaults(field: "Field[Any]") -> dict[str, Any]:
    """The defaults of the options nested in a field."""
    default: Any = field.default_factory() if field.default_factory is not MISSING else field.default
    return {one.name: getattr(default, one.name) for one in fields(default)}


def _metavar(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "NAME"
    return _METAVARS.get(hint, "VALUE")


def _choices(hint: Any, described: str) -> str:
    """The choices, if the description does not list them."""
    choices = [str(choice) for choice in get_args(hint) if choice != ""] if get_origin(hint) is Literal else []
    if all(f"`{choice}`" in described for choice in choices):
        return ""
    return f"One of {', '.join(choice if choice.isalnum() else f'`{choice}`' for choice in choices)}."


def _shown(default: Any) -> str:
    """The value as spelt on the command line."""
    if default == "":
        return "empty"
    if default is None:
        return "null"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def _section(title: str, options: Mapping[str, str]) -> str:
    lines = [f"{title}:"]
    for option, described in options.items():
        wrapped = textwrap.wrap(described, _WIDTH - _INDENT, break_on_hyphens=False)
        first = f"  {option}"
        lines += [first] if len(first) > _INDENT - 2 else [f"{first:{_INDENT}}{wrapped.pop(0)}"]
        lines += [f"{'':{_INDENT}}{line}" for line in wrapped]
    return "\n".join(lines)
