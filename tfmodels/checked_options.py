"""Options as fields of dataclasses with bounds, so that a wrong value is refused at once, by the option's name."""

import math
import numbers
import re
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, Literal, Union

AUTO = "auto"  # the value of an option that the data decides
_BOUNDS = "bounds"  # the key of an option's bounds in its field's metadata
_LARGEST = 2**31 - 1  # of whole numbers without an upper bound of their own: int32, in which TensorFlow counts
_MOST_BITS = 256  # of a number that a message writes out
_DESCRIPTIONS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "None"}


class OptionError(ValueError):
    """An option has a value that it does not accept.

    Args:
        name: The option, such as `dropout`.
        expected: What it accepts, as in "to be at least 1".
        value: The value it was given.

    Example:
        `raise OptionError("num_heads", "to be at least 1", 0)`
    """

    def __init__(self, name: str, expected: str, value: Any) -> None:
        super().__init__(f"Expected {name} {expected}. Received: {name}={_written(value)}")
        self.name, self.expected, self.value = name, expected, value


@dataclass(frozen=True)
class _Bounds:
    least: float | None
    most: float | None
    above: float | None
    below: float | None

    def contain(self, value: float) -> bool:
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        words = {"at least": self.least, "above": self.above, "at most": self.most, "below": self.below}
        return " and ".join(f"{word} {bound}" for word, bound in words.items() if bound is not None)


def option(
    default: Any = MISSING,
    *,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Any:
    """Declares a field of a dataclass of options with bounds on its value, which `check` enforces.

    Args:
        default: The field's default; left out, the field must be given.
        least: The smallest accepted value.
        most: The largest accepted value.
        above: The value must be greater than this.
        below: The value must be less than this.

    Returns:
        The field, to be assigned in the body of the dataclass.

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


def described_bounds(options_type: type, name: str) -> str:
    """Says which numbers an option accepts.

    Args:
        options_type: A dataclass.
        name: One of its fields. A field that overrides an inherited one by a plain default keeps its bounds.

    Returns:
        Such as "at least 1"; empty where the field was not declared by `option`.

    Example:
        `described_bounds(TransformerOptions, "num_layers")` -> `"at least 1"`
    """
    return str(_bounds(options_type, name) or "")


@dataclass(frozen=True, kw_only=True)
class CheckedOptions:
    """Options whose values are checked when they are made.

    A subclass that checks more extends `__post_init__` and calls that of `super()` first, so that a class with two such
    bases runs the checks of both.

    Example:
        ```python
        @dataclass(frozen=True, kw_only=True)
        class Options(CheckedOptions):
            num_layers: int = option(2, least=1)
        ```
    """

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        check(self)


def check(options: Any) -> None:
    """Refuses values of a wrong type, values outside their bounds or choices, and numbers that are not finite.

    A bool is no number. NumPy's numbers are replaced by Python's. A whole number whose option sets no upper bound is at
    most 2147483647. Nested dataclasses check their own fields when they are made.

    Args:
        options: A dataclass. Fields of type int, float, bool, str, `Literal`, None, a dataclass or a union of these
            are checked, others are not.

    Raises:
        OptionError: A value is wrong.

    Example:
        `check(TransformerOptions(num_heads=0))` raises "Expected num_heads to be at least 1. Received: num_heads=0"
    """
    hints = typing.get_type_hints(type(options))
    for one in fields(options):
        given = getattr(options, one.name)
        value = _plain(given)
        if expected := _expected(value, hints[one.name], _bounds(type(options), one.name)):
            raise OptionError(one.name, f"to be {expected}", value)
        if value is not given:
            object.__setattr__(options, one.name, value)  # the dataclass may be frozen


def check_family(options: Any) -> None:
    """Refuses options that were set for a family of models other than the chosen one.

    Args:
        options: A dataclass whose field `model` chooses a family by the name of the field that holds its options.

    Raises:
        OptionError: An option of another family differs from its default. Any is accepted while `model` is `auto`.

    Example:
        `check_family(translation.Config(model="lstm", transformer=TransformerOptions(num_layers=9)))` raises
    """
    for name in families(type(options)):
        if options.model in (name, AUTO):
            continue
        given, default = getattr(options, name), default_of(type(options), name)
        for one in fields(given):
            value = getattr(given, one.name)
            if value != getattr(default, one.name):
                raise OptionError(f"{name}.{one.name}", f"to be left out with model={options.model}", value)


def families(config_type: type) -> list[str]:
    """The families of models that have options of their own, among the choices of a config's field `model`.

    Args:
        config_type: A dataclass.

    Returns:
        Names of fields; empty if there is no field `model`.

    Example:
        `families(translation.Config)` -> `["transformer", "lstm"]`
    """
    hints = typing.get_type_hints(config_type)
    choices = typing.get_args(hints["model"]) if "model" in hints else ()
    return [name for name in choices if is_dataclass(hints.get(name))]


def default_of(config_type: type, name: str) -> Any:
    """The default value of a field.

    Args:
        config_type: A dataclass.
        name: The field; it must have a default.

    Returns:
        The default; a `default_factory` is called.

    Example:
        `default_of(translation.Config, "model")` -> `"transformer"`
    """
    found = next(one for one in fields(config_type) if one.name == name)
    return found.default if found.default_factory is MISSING else found.default_factory()


def listed(choices: Iterable[Any]) -> str:
    """The values that an option accepts, for messages; those that are no words in quotes.

    Example:
        `listed(["", ",", "none"])` -> `"'', ',', none"`
    """
    return ", ".join(text if re.fullmatch(r"[\w-]+", text := str(one)) else repr(one) for one in choices)


def _expected(value: Any, hint: Any, bounds: _Bounds | None) -> str | None:
    """What the value should have been, such as "at least 1"; None if it is right."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is Literal:
        is_choice = any(value == choice and type(value) is type(choice) for choice in arguments)
        return None if is_choice else f"one of {listed(arguments)}"
    if typing.get_origin(hint) in (Union, types.UnionType):
        expected = [_expected(value, member, bounds) for member in arguments]
        return None if None in expected else ", or ".join(map(str, expected))
    if is_dataclass(hint):
        return None if isinstance(value, typing.cast("type", hint)) else f"options of type {hint.__name__}"
    if hint in (int, float):
        return _expected_number(value, hint, bounds)
    if hint in _DESCRIPTIONS and not isinstance(value, hint):
        return _DESCRIPTIONS[hint]
    return None


def _expected_number(value: Any, hint: type, bounds: _Bounds | None) -> str | None:
    accepted = int if hint is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted):
        return _DESCRIPTIONS[hint]
    if hint is float and not _is_finite(value):
        return f"finite and {bounds}" if bounds else "finite"
    if bounds and not bounds.contain(value):
        return str(bounds)
    return _expected_size(int(value), bounds) if hint is int else None


def _expected_size(value: int, bounds: _Bounds | None) -> str | None:
    """The limit that a whole number exceeds whose option sets none of its own."""
    if value > _LARGEST and (bounds is None or (bounds.most is None and bounds.below is None)):
        return f"at most {_LARGEST}"
    return f"at least {-_LARGEST}" if value < -_LARGEST and bounds is None else None


def _bounds(options_type: type, name: str) -> _Bounds | None:
    """The bounds of a field, from the nearest class that declares some for it."""
    declared = (part.__dict__.get("__dataclass_fields__", {}).get(name) for part in options_type.__mro__)
    return next((one.metadata[_BOUNDS] for one in declared if one is not None and _BOUNDS in one.metadata), None)


def _plain(value: Any) -> Any:
    """NumPy's numbers as those of Python, which files can hold; everything else as it is."""
    if isinstance(value, bool | str) or type(value) in (int, float) or not isinstance(value, numbers.Real):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that is too large for a float
        return False


def _written(value: Any) -> str:
    """A value for a message; Python refuses to write out very large numbers."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of about {round(value.bit_length() * math.log10(2))} digits"
    return repr(value)
