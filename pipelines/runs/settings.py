"""A task's `Config` as options of the command line and as YAML; one parser checks both."""

import argparse
from collections.abc import Collection, Iterable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser, Namespace


def parser(config_type: type, **settings: Any) -> "ArgumentParser":
    """Makes a parser whose options are the fields of a config, `--training.learning_rate` for a nested one.

    Args:
        config_type: A dataclass; the Attributes section of its docstring becomes the help.
        **settings: Further arguments of the parser, such as `prog` and `description`.

    Returns:
        The parser; more arguments may be added to it.

    Example:
        `parser(translation.Config, prog="tfmodels fit translation").print_help()`
    """
    from jsonargparse import ArgumentParser, DefaultHelpFormatter

    class Formatter(DefaultHelpFormatter, argparse.RawDescriptionHelpFormatter):
        """Keeps the lines of the description, a module's docstring."""

    made = ArgumentParser(exit_on_error=False, allow_abbrev=False, formatter_class=Formatter, **settings)
    made.add_argument("--config", metavar="FILE.yaml", help="Options from a file; the command line overrides them.")
    made.add_class_arguments(config_type, as_group=False)
    return made


def spelt_out(config_type: type, arguments: list[str]) -> list[str]:
    """Gives options the names of their fields: one may be called what no field can be, such as a keyword of Python.

    Args:
        config_type: The dataclass; `field(metadata={"option": "from"})` has the option `--from`, besides its own.
        arguments: The command line.

    Returns:
        The command line as `parse` takes it.

    Example:
        `spelt_out(translation.Config, ["--from=general"])` -> `["--start_from=general"]`
    """
    names = {
        f"--{field.metadata['option']}": f"--{field.name}"
        for field in fields(config_type)
        if "option" in field.metadata
    }
    split = (argument.partition("=") for argument in arguments)
    return ["".join([names.get(option, option), *value]) for option, *value in split]


def parse(parser: "ArgumentParser", arguments: list[str], switches: Collection[str] = ()) -> "Namespace":
    """Parses a command line; the file named by `--config` fills the options that are not given.

    Args:
        parser: What `parser` made.
        arguments: The command line.
        switches: Options of the parser that are spelt with a dash inside.

    Returns:
        The options, nested as the config is.

    Raises:
        ValueError: If an option is unknown, with the nearest valid one, or a value is wrong.
        FileNotFoundError: If there is no such file.

    Example:
        `parse(parser(translation.Config), ["--config", "small.yaml", "--training.steps", "100"]).training.steps`
    """
    given = [argument.partition("=")[0] for argument in arguments if argument.startswith("--") and argument != "--"]
    known = [*switches, *(f"--{name}" for name in ("help", *parser.get_defaults().keys(branches=True)))]
    _refuse_unknown(given, known, parser)

    files = argparse.ArgumentParser(prog=parser.prog, add_help=False, allow_abbrev=False)
    files.add_argument("--config")
    file = files.parse_known_args(arguments)[0].config
    values = read(Path(file)) if file else {}
    values.pop("task", None)  # the config.yaml of a run serves as well
    if _asks_for_epochs(flatten(values), given):
        arguments = [*arguments, "--training.steps", "0"]
    return _checked(parser, values, arguments)


def from_dict(config_type: type, values: dict[str, Any]) -> Any:
    """Rebuilds a config.

    Args:
        config_type: The dataclass.
        values: Field -> value, nested dataclasses as dicts, tuples as lists. A field left out has its default.

    Returns:
        The config.

    Raises:
        ValueError: If a field is unknown, with the nearest valid one, or a value is wrong.

    Example:
        `from_dict(translation.Config, {"training": {"steps": 100}})`
    """
    return build(
        config_type, _checked(parser(config_type, prog=f"{config_type.__module__}.{config_type.__name__}"), values, [])
    )


def build(config_type: type, options: "Namespace") -> Any:
    """Makes the config of parsed options.

    Args:
        config_type: The dataclass.
        options: What `parse` gave; options that are no field are left alone.

    Returns:
        The config.

    Example:
        `build(translation.Config, parse(parser(translation.Config), ["--seed", "2"]))`
    """
    types = get_type_hints(config_type)
    values = {field.name: options[field.name] for field in fields(config_type)}
    return config_type(
        **{name: build(types[name], value) if is_dataclass(types[name]) else value for name, value in values.items()}
    )


def to_dict(config: Any) -> dict[str, Any]:
    """A config as YAML holds it.

    Args:
        config: A dataclass; its fields are text, numbers, booleans, None, lists, tuples, dicts and such dataclasses.

    Returns:
        Field -> value, nested dataclasses as dicts, tuples as lists.

    Example:
        `to_dict(translation.Config())["training"]["steps"]`
    """
    import yaml

    return yaml.safe_load(yaml.safe_dump(asdict(config), sort_keys=False))


def read(path: Path) -> dict[str, Any]:
    """Reads options from a YAML file.

    Args:
        path: The file.

    Returns:
        Option -> value.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no YAML, or no mapping.

    Example:
        `read(Path("runs/translation/config.yaml"))`
    """
    import yaml

    if not path.is_file():
        raise FileNotFoundError(f"Expected a YAML file with options. Received: {str(path)!r}")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"Expected YAML in {path}. Received: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"Expected lines `option: value` in {path}. Received: {values!r}")
    return values


def flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options by their full names.

    Args:
        values: Nested options.
        prefix: What the names begin with.

    Returns:
        Dotted name -> value.

    Example:
        `flatten({"seed": 1, "training": {"steps": 100}})` -> `{"seed": 1, "training.steps": 100}`
    """
    flat = {}
    for name, value in values.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _asks_for_epochs(in_file: Collection[str], given: Collection[str]) -> bool:
    """Whether epochs are asked for where steps are not: then the steps of a task's own are not meant."""
    if "--training.steps" in given:
        return False
    return "--training.epochs" in given or ("training.epochs" in in_file and "training.steps" not in in_file)


def _checked(parser: "ArgumentParser", values: dict[str, Any], arguments: list[str]) -> "Namespace":
    """The parser's defaults, then the values of a file, then the command line."""
    from jsonargparse import ArgumentError

    known = [name for name in parser.get_defaults().keys() if name != "config"]  # noqa: SIM118  dotted names, no dict
    _refuse_unknown(flatten(values), known, parser)
    try:
        return parser.parse_args(arguments, parser.parse_object(values))
    except ArgumentError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _refuse_unknown(names: Iterable[str], known: Collection[str], parser: "ArgumentParser") -> None:
    for name in names:
        if name not in known:
            nearest = did_you_mean(name, known)
            raise ValueError(f"Expected one of the options of {parser.prog}. Received: {name}{nearest}")
