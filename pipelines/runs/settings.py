"""A task's `Config` as options of the command line and as YAML; one parser checks both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from pipelines.runs import old_formats, option_files, option_names, recipe_files
from tfmodels.checked_options import OptionError, default_of, families

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser, Namespace

_AFTER_TRAINING = "after_training"  # metadata of a field that is no part of a training
_OF_FILES = ("format", "task", "recipe")  # what a run's config.yaml and a recipe hold besides options


def parser(config_type: type, **settings: Any) -> "ArgumentParser":
    """Makes a parser whose options are the fields of a config, `--training.learning_rate` for a nested one.

    Args:
        config_type: A dataclass.
        **settings: Further arguments of the parser, such as `prog`.

    Returns:
        The parser; more arguments may be added to it.

    Example:
        `parser(translation.Config, prog="tfmodels fit translation")`
    """
    from jsonargparse import ArgumentParser

    made = ArgumentParser(exit_on_error=False, allow_abbrev=False, add_help=False, **settings)
    made.add_argument("--config")
    made.add_class_arguments(config_type, as_group=False)
    return made


def parse(parser: "ArgumentParser", config_type: type, arguments: list[str], task: str = "") -> "Namespace":
    """Parses a command line; the file named by `--config` fills the options that are not given.

    Args:
        parser: What `parser` made.
        config_type: The dataclass that it was made of.
        arguments: The command line.
        task: The task's name, by which its earlier option names are known.

    Returns:
        The options, nested as the config is.

    Raises:
        ValueError: An option is unknown, with the nearest valid one, or has another name today, or a value is wrong.
        OptionError: An option belongs to a family of models that is not chosen.
        FileNotFoundError: There is no such file.

    Example:
        `parse(parser(translation.Config), translation.Config, ["--training.steps", "100"]).training.steps`
    """
    given = option_names.typed(arguments)
    option_names.check(given, list(parser.get_defaults().keys(branches=True)), parser.prog, task)
    values = old_formats.config(option_files.read(recipe_files.find(given["config"]))) if given.get("config") else {}
    _refuse_other_task(values, task, given.get("config"))
    values = {name: value for name, value in values.items() if name not in _OF_FILES}
    values = _without_other_families(config_type, values, given.get("model"))
    if _asks_for_epochs(option_files.flatten(values), given):
        arguments = [*arguments, "--training.steps", "0"]
    model = given.get("model") or values.get("model") or parser.get_defaults().get("model")
    _refuse_other_families(config_type, model, given)
    return _checked(parser, _of_family(config_type, model, values), arguments, task)


def from_dict(config_type: type, values: Mapping[str, Any], task: str = "") -> Any:
    """Makes a config of nested values.

    Args:
        config_type: The dataclass.
        values: Field -> value, nested dataclasses as dicts, tuples as lists. A field left out has its default.
        task: The task's name, by which its earlier option names are known.

    Returns:
        The config.

    Raises:
        ValueError: A field is unknown, with the nearest valid one, or a value is wrong.
        OptionError: An option belongs to a family of models that is not chosen.

    Example:
        `from_dict(translation.Config, {"training": {"steps": 100}})`
    """
    values = {name: value for name, value in values.items() if name not in _OF_FILES}
    made = parser(config_type, prog=f"{config_type.__module__}.{config_type.__name__}")
    model = values.get("model", made.get_defaults().get("model"))
    return build(config_type, _checked(made, _of_family(config_type, model, values), [], task))


def build(config_type: type, options: "Namespace") -> Any:
    """Makes the config of parsed options.

    Args:
        config_type: The dataclass.
        options: What `parse` gave; options that are no field are ignored.

    Returns:
        The config.

    Raises:
        OptionError: A value is wrong, with the whole name of the option, such as `transformer.num_heads`.

    Example:
        `build(translation.Config, parse(parser(translation.Config), translation.Config, ["--seed", "2"]))`
    """
    types = get_type_hints(config_type)
    values = {}
    for field in fields(config_type):
        value = options[field.name]
        values[field.name] = _nested(types[field.name], field.name, value) if is_dataclass(types[field.name]) else value
    return config_type(**values)


def after_training(config_type: type) -> list[str]:
    """The fields of a config that are no part of a training and may be changed after it.

    Args:
        config_type: A dataclass; such a field holds a dataclass and has `metadata={"after_training": True}`, in the
            class or in one that it extends.

    Returns:
        Names of fields.

    Example:
        `after_training(translation.Config)` -> `["decoding"]`
    """
    declared = {
        field.name
        for part in config_type.__mro__
        if is_dataclass(part)
        for field in fields(part)
        if field.metadata.get(_AFTER_TRAINING)
    }
    return [field.name for field in fields(config_type) if field.name in declared]


def changed(config: Any, arguments: list[str], task: str = "") -> Any:
    """The config of a trained run with other options where they are no part of the training.

    Args:
        config: The run's config.
        arguments: Such as `["--decoding.beam_size", "8"]`.
        task: The task's name, by which its earlier option names are known.

    Returns:
        The config.

    Raises:
        ValueError: An option is unknown or part of the training, or a value is wrong.

    Example:
        `changed(run.config, ["--decoding.beam_size", "8"])`
    """
    if not arguments:
        return config
    made = parser(type(config), prog="the task")
    given = option_names.typed(arguments)
    option_names.check(given, list(made.get_defaults().keys(branches=True)), made.prog, task)
    _refuse_part_of_training(type(config), (f"--{name}" for name in given))
    return build(type(config), _checked(made, to_dict(config), arguments, task))


def replaced(config: Any, changes: Mapping[str, Any]) -> Any:
    """As `changed`, from Python.

    Args:
        config: The run's config.
        changes: Field -> its options, a dataclass or a dict of those to change.

    Returns:
        The config.

    Raises:
        ValueError: A field is unknown or part of the training, or a value is wrong.

    Example:
        `replaced(run.config, {"decoding": {"beam_size": 8}})`
    """
    _refuse_part_of_training(type(config), changes)
    values = to_dict(config)
    for name, change in changes.items():
        values[name] |= asdict(change) if is_dataclass(change) and not isinstance(change, type) else change
    return from_dict(type(config), values)


def to_dict(config: Any) -> dict[str, Any]:
    """A config as YAML holds it, without the options of models that are not chosen.

    Args:
        config: A dataclass; its fields are text, numbers, booleans, None, lists, tuples, dicts and such dataclasses.

    Returns:
        Field -> value, nested dataclasses as dicts, tuples as lists.

    Example:
        `to_dict(translation.Config())["training"]["steps"]`
    """
    import yaml

    values = yaml.safe_load(yaml.safe_dump(asdict(config), sort_keys=False))
    others = [name for name in families(type(config)) if name != config.model]
    return {name: value for name, value in values.items() if name not in others}


def _nested(config_type: type, name: str, options: "Namespace") -> Any:
    """Builds a nested config; an error says the whole name of its option."""
    try:
        return build(config_type, options)
    except OptionError as error:
        raise OptionError(f"{name}.{error.name}", error.expected, error.value) from None


def _asks_for_epochs(in_file: Collection[str], given: Collection[str]) -> bool:
    """Whether epochs are asked for and steps are not: then the steps that the task has by default do not count."""
    if "training.steps" in given:
        return False
    return "training.epochs" in given or ("training.epochs" in in_file and "training.steps" not in in_file)


def _checked(parser: "ArgumentParser", values: Mapping[str, Any], arguments: list[str], task: str) -> "Namespace":
    """The parser's defaults, then the values of a file, then the command line."""
    from jsonargparse import ArgumentError

    known = [name for name in parser.get_defaults().keys() if name != "config"]  # noqa: SIM118  dotted names, no dict
    option_names.check(option_files.flatten(values), known, parser.prog, task, dashes="")
    try:
        return parser.parse_args(arguments, parser.parse_object(values))
    except ArgumentError as error:
        raise option_names.plain(" ".join(str(error).split())) from None


def _refuse_other_task(values: Mapping[str, Any], task: str, file: str | None) -> None:
    """A recipe says which task it is of; the config.yaml of a run likewise."""
    of = values.get("task", (values.get("recipe") or {}).get("task"))
    if task and of and of != task:
        raise ValueError(f"Expected options of {task}. Received: --config {file}, which is of {of}")


def _without_other_families(config_type: type, values: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """A file may hold options of several families; where the chosen one is among them, those of the others are left."""
    names = families(config_type)
    chosen = model or values.get("model") or (default_of(config_type, "model") if names else None)
    others = [name for name in names if name != chosen] if chosen in values else []
    return {name: value for name, value in values.items() if name not in others}


def _refuse_other_families(config_type: type, model: str | None, given: Mapping[str, Any]) -> None:
    for family in families(config_type):
        for name, value in given.items():
            if family != model and name.startswith(f"{family}."):
                raise OptionError(name, f"only with model={family}; the model is {model}", value)


def _of_family(config_type: type, model: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a file without those of families that are not chosen: a file may have options of several."""
    others = [family for family in families(config_type) if family != model]
    if model not in values:
        _refuse_other_families(
            config_type, model, option_files.flatten({name: values[name] for name in others if name in values})
        )
    return {name: value for name, value in values.items() if name not in others}


def _refuse_part_of_training(config_type: type, names: Iterable[str]) -> None:
    allowed = after_training(config_type)
    for name in names:
        if name.removeprefix("--").partition(".")[0] not in allowed:
            raise ValueError(
                f"Expected options that are no part of a training: {', '.join(f'{one}.*' for one in allowed) or 'none'}"
                f". Received: {name}, which is fixed once a run is started"
            )
