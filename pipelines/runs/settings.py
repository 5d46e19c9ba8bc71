"""Conversion of a task's `Config` from and to command-line options and YAML; one parser checks both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from pipelines.runs import old_formats, option_files, option_names, option_types, recipe_files
from tfmodels.checked_options import AUTO, OptionError, default_of, families

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser, Namespace

_AFTER_TRAINING = "after_training"  # metadata of a field that does not affect training


def parser(config_type: type, **settings: Any) -> "ArgumentParser":
    """Makes a parser whose options are the fields of a config, `--training.learning_rate` for a nested one.

    Args:
        config_type: A dataclass.
        **settings: Further arguments of the parser, such as `prog`.

    Returns:
        The parser; further arguments can be added to it.

    Example:
        `parser(translation.Config, prog="tfmodels fit translation")`
    """
    from jsonargparse import ArgumentParser

    option_types.check(config_type)
    config_parser = ArgumentParser(exit_on_error=False, allow_abbrev=False, add_help=False, **settings)
    config_parser.add_argument("--config")
    config_parser.add_class_arguments(config_type, as_group=False)
    return config_parser


def parse(parser: "ArgumentParser", config_type: type, arguments: list[str], task: str = "") -> "Namespace":
    """Parses a command line; options that it lacks are taken from the file of `--config`.

    Args:
        parser: The parser, made by `parser`.
        config_type: The dataclass of the parser.
        arguments: The command line.
        task: Name of the task, for its option names of earlier versions.

    Returns:
        The options, nested as in the config.

    Raises:
        ValueError: If an option is unknown (with the nearest one) or renamed, or a value is wrong.
        OptionError: If an option belongs to a model family that is not chosen.
        FileNotFoundError: If the file does not exist.

    Example:
        `parse(parser(translation.Config), translation.Config, ["--training.steps", "100"]).training.steps`
    """
    given = option_names.typed(arguments)
    option_names.check(given, dict(parser.get_defaults().items()), parser.prog, task)
    file = given.get("config")
    values = {} if file is None else old_formats.config(recipe_files.read(file), config_type)
    _refuse_other_task(values, task, file)
    values = _options(config_type, values, parser, task)
    values = _without_other_families(config_type, values, given.get("model"))
    if _sets_epochs_only(option_files.flatten(values), given):
        arguments = [*arguments, "--training.steps", "0"]
    model = given.get("model") or values.get("model") or parser.get_defaults().get("model")
    _refuse_other_families(config_type, model, given)
    return _checked(parser, _of_family(config_type, model, values), arguments)


def from_dict(config_type: type, values: Mapping[str, Any], task: str = "") -> Any:
    """Builds a config from nested values.

    Args:
        config_type: The dataclass.
        values: Field -> value, nested dataclasses as dicts, tuples as lists. Missing fields have their defaults.
        task: Name of the task, for its option names of earlier versions.

    Returns:
        The config.

    Raises:
        ValueError: If a field is unknown (with the nearest one) or a value is wrong.
        OptionError: If an option belongs to a model family that is not chosen.

    Example:
        `from_dict(translation.Config, {"training": {"steps": 100}})`
    """
    config_parser = parser(config_type, prog=f"{config_type.__module__}.{config_type.__name__}")
    values = _options(config_type, values, config_parser, task)
    model = values.get("model", config_parser.get_defaults().get("model"))
    return build(config_type, _checked(config_parser, _of_family(config_type, model, values), []))


def build(config_type: type, options: "Namespace") -> Any:
    """Builds a config from parsed options.

    Args:
        config_type: The dataclass.
        options: The result of `parse`; options that are not fields are ignored.

    Returns:
        The config.

    Raises:
        OptionError: If a value is wrong, with the full name of the option, such as `transformer.num_heads`.

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
    """Lists the fields of a config that do not affect training and can be changed after it.

    Args:
        config_type: A dataclass. Such a field has `metadata={"after_training": True}`, in the class or in a base class;
            it holds a dataclass or a single value.

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
    """Changes options of a trained run that do not affect training, by a command line.

    Args:
        config: The config of the run.
        arguments: Options such as `["--decoding.beam_size", "8"]`.
        task: Name of the task, for its option names of earlier versions.

    Returns:
        The changed config.

    Raises:
        ValueError: If an option is unknown or affects training, or a value is wrong.

    Example:
        `changed(run.config, ["--decoding.beam_size", "8"])`
    """
    if not arguments:
        return config
    config_parser = parser(type(config), prog="the task")
    given = option_names.typed(arguments)
    option_names.check(given, dict(config_parser.get_defaults().items()), config_parser.prog, task)
    _refuse_part_of_training(type(config), (f"--{name}" for name in given))
    return build(type(config), _checked(config_parser, to_dict(config), arguments))


def replaced(config: Any, changes: Mapping[str, Any]) -> Any:
    """Changes options of a trained run that do not affect training, by values.

    Args:
        config: The config of the run.
        changes: Field -> its value, or its options: a dict changes the options that it names, a dataclass replaces all
            of them.

    Returns:
        The changed config.

    Raises:
        ValueError: If a field is unknown or affects training, or a value is wrong.

    Example:
        `replaced(run.config, {"decoding": {"beam_size": 8}})`
    """
    _refuse_part_of_training(type(config), changes)
    values = to_dict(config)
    for name, change in changes.items():
        if is_dataclass(change) and not isinstance(change, type):
            values[name] = asdict(change)
        elif isinstance(change, dict) and isinstance(values[name], dict):
            values[name] |= change
        elif not isinstance(change, dict) and not isinstance(values[name], dict):
            values[name] = change
        else:
            raise ValueError(f"Expected {name} to be a dict or a dataclass of options. Received: {name}={change!r}")
    return from_dict(type(config), values)


def to_dict(config: Any) -> dict[str, Any]:
    """Converts a config to YAML values, without the options of model families that are not chosen.

    Args:
        config: A dataclass; its fields are strings, numbers, booleans, None, lists, tuples, dicts or such dataclasses.

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
    """Builds a nested config; an error contains the full name of the option."""
    try:
        return build(config_type, options)
    except OptionError as error:
        raise OptionError(f"{name}.{error.name}", error.expected, error.value) from None


def _sets_epochs_only(in_file: Collection[str], given: Collection[str]) -> bool:
    """Whether epochs are given but steps are not, so that the task's default number of steps does not apply."""
    if "training.steps" in given:
        return False
    return "training.epochs" in given or ("training.epochs" in in_file and "training.steps" not in in_file)


def _options(config_type: type, content: Mapping[str, Any], parser: "ArgumentParser", task: str) -> dict[str, Any]:
    """The options in the content of a file; refuses unknown ones, of families that are not chosen too."""
    values = {name: value for name, value in content.items() if name not in option_names.FILE_KEYS}
    own = {field.name for field in fields(config_type)}
    defaults = dict(parser.get_defaults().items())
    known = {name: default for name, default in defaults.items() if name.partition(".")[0] in own}
    option_names.check(option_files.flatten(values), known, parser.prog, task, dashes="")
    return values


def _checked(parser: "ArgumentParser", values: Mapping[str, Any], arguments: list[str]) -> "Namespace":
    """The parser's defaults, overridden by the values of a file, then by the command line."""
    from jsonargparse import ArgumentError

    try:
        return parser.parse_args(arguments, parser.parse_object(values))
    except ArgumentError as error:
        raise option_names.plain(" ".join(str(error).split())) from None


def _refuse_other_task(values: Mapping[str, Any], task: str, file: str | None) -> None:
    """Refuses a recipe or a config.yaml of another task."""
    of = recipe_files.task(values)
    if task and of and of != task:
        now = old_formats.renamed_task(str(of))
        raise ValueError(f"Expected options of {task}. Received: --config {file}, which is for {of}{now}")


def _without_other_families(config_type: type, values: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """Drops options of other model families from a file that also has options of the chosen family."""
    names = families(config_type)
    chosen = model or values.get("model") or (default_of(config_type, "model") if names else None)
    others = [name for name in names if name != chosen] if str(chosen) in values else []
    return {name: value for name, value in values.items() if name not in others}


def _refuse_other_families(config_type: type, model: str | None, given: Mapping[str, Any]) -> None:
    if model == AUTO:
        return
    for family in families(config_type):
        for name, value in given.items():
            if family != model and name.startswith(f"{family}."):
                raise OptionError(name, f"only with model={family}; the model is {model}", value)


def _of_family(config_type: type, model: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a file for the chosen model family; refuses a file with options of other families only."""
    others = [family for family in families(config_type) if model not in (family, AUTO)]
    if str(model) not in values:
        _refuse_other_families(
            config_type, model, option_files.flatten({name: values[name] for name in others if name in values})
        )
    return {name: value for name, value in values.items() if name not in others}


def _refuse_part_of_training(config_type: type, names: Iterable[str]) -> None:
    allowed = after_training(config_type)
    hints = get_type_hints(config_type)
    shown = [f"{one}.*" if is_dataclass(hints[one]) else one for one in allowed]
    for name in names:
        if name.removeprefix("--").partition(".")[0] not in allowed:
            raise ValueError(
                f"Expected options that do not affect training: {', '.join(shown) or 'none'}"
                f". Received: {name}, which is fixed when a run is created"
            )
