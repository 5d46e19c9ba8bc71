"""Options as fields of dataclasses that say which values they take, so that a wrong one is refused at once, by name."""

import math
import types
import typing
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, Literal

_BOUNDS = "bounds"


class OptionError(ValueError):
    """A value that an option does not take.

    Args:
        name: The option, such as `dropout`; of nested options the whole name, such as `transformer.dropout`.
        expected: What it takes, as in "to be at least 1".
        value: What it was given.

    Example:
        `raise OptionError("num_heads", "to be at least 1", 0)`
    """

    def __init__(self, name: str, expected: str, value: Any) -> None:
        super().__init__(f"Expected {name} {expected}. Received: {name}={value!r}")
        self.name, self.expected, self.value = name, expected, value


@dataclass(frozen=True)
class _Bounds:
    least: float | None
    most: float | None
    above: float | None
    below: float | None

    def hold(self, value: float) -> bool:
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        words = {"at least": self.least, "above": self.above, "at most": self.most, "below": self.below}
        return " and ".join(f"{word} {bound:g}" for word, bound in words.items() if bound is not None)


def option(
    default: Any = MISSING,
    *,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Any:
    """A field of a dataclass of options that takes numbers within bounds; `check` holds it to them.

    Args:
        default: Its default; left out, the field must be given.
        least: The smallest value.
        most: The largest value.
        above: What the value must be greater than.
        below: What the value must be less than.

    Returns:
        The field.

    Example:
        ```python
        @dataclass(frozen=True)
        class Options:
            num_layers: int = option(2, least=1)
            dropout: float = option(0.1, least=0, below=1)

            def __post_init__(self) -> None:
                check(self)
        ```
    """
    return field(default=default, metadata={_BOUNDS: _Bounds(least, most, above, below)})


def check(options: Any) -> None:
    """Refuses values of a wrong type, outside of their bounds or choices, and numbers that are not finite.

    Args:
        options: A dataclass; fields of other types than int, float, bool, str, `Literal` and dataclasses are not looked
            at.

    Raises:
        OptionError: A value is wrong.

    Example:
        `check(TransformerOptions(num_heads=0))` raises "Expected num_heads to be at least 1. Received: num_heads=0"
    """
    hints = typing.get_type_hints(type(options))
    for one in fields(options):
        value, hint = getattr(options, one.name), hints[one.name]
        if expected := _violated(value, hint, one.metadata.get(_BOUNDS)):
            raise OptionError(one.name, expected, value)


def check_family(options: Any) -> None:
    """Refuses options of a model's family that is not the one chosen.

    Args:
        options: A dataclass whose field `model` chooses one of several families by the name of the field that holds
            the family's options.

    Raises:
        OptionError: An option of another family was set.

    Example:
        `check_family(translation.Config(model="lstm", transformer=TransformerOptions(num_layers=9)))` raises
    """
    for name in families(type(options)):
        if name == options.model:
            continue
        given, default = getattr(options, name), default_of(type(options), name)
        for one in fields(given):
            value = getattr(given, one.name)
            if value != getattr(default, one.name):
                raise OptionError(f"{name}.{one.name}", f"to be left out with model={options.model}", value)


def families(config_type: type) -> list[str]:
    """The families of models that a config chooses from by its field `model`: those that have options of their own.

    Args:
        config_type: A dataclass.

    Returns:
        Names of fields.

    Example:
        `families(translation.Config)` -> `["transformer", "lstm"]`
    """
    hints = typing.get_type_hints(config_type)
    choices = typing.get_args(hints["model"]) if "model" in hints else ()
    return [name for name in choices if is_dataclass(hints.get(name))]


def default_of(config_type: type, name: str) -> Any:
    """The default of a field.

    Args:
        config_type: A dataclass.
        name: The field.

    Returns:
        The default.

    Example:
        `default_of(translation.Config, "model")` -> `"transformer"`
    """
    found = next(one for one in fields(config_type) if one.name == name)
    return found.default if found.default_factory is MISSING else found.default_factory()


def _violated(value: Any, hint: Any, bounds: _Bounds | None) -> str | None:
    """What the value should have been; None if it is right."""
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        return None if value in choices else f"to be one of {', '.join(map(str, choices))}"
    if isinstance(hint, types.UnionType):
        return (
            None
            if type(None) in typing.get_args(hint) and value is None
            else bounds and _violated(value, float, bounds)
        )
    if hint in (bool, str) and not isinstance(value, hint):
        return f"to be a {hint.__name__}"
    if hint in (int, float):
        numbers = (int,) if hint is int else (int, float)
        if isinstance(value, bool) or not isinstance(value, numbers):
            return "to be a whole number" if hint is int else "to be a number"
        if not math.isfinite(value):
            return f"to be finite{f' and {bounds}' if bounds else ''}"
        if bounds and not bounds.hold(value):
            return f"to be {bounds}"
    return None
