"""What a search may vary: options of a task, each with a range or with choices."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipelines.runs import settings
from tfmodels.checked_options import families

if TYPE_CHECKING:
    import optuna

_FORM = "NAME=LOW..HIGH, NAME=LOW..HIGH:log or NAME=CHOICE|CHOICE, with commas between them"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(:log)?")
_OF_COMMAND = ("run", "config", "data", "training.replicas")
_MODEL = "model"
_DIGITS = 4  # of a number: more would only be harder to read


class Dimension(NamedTuple):
    """An option that varies.

    Attributes:
        name: Its full name.
        choices: Its values as they are typed; empty for a range.
        low: The least number of a range.
        high: The greatest.
        log: Whether orders of magnitude are equally likely.
        whole: Whether the numbers are whole.
    """

    name: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    @property
    def ends(self) -> tuple[str, ...]:
        """The values to check: all choices, or both ends, as they are typed."""
        return self.choices or tuple(written(int(end) if self.whole else end) for end in (self.low, self.high))

    def value(self, trial: "optuna.Trial") -> str:
        """The value that a trial is to have, as it is typed."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        if self.whole:
            return written(trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log))
        exact = trial.suggest_float(self.name, self.low, self.high, log=self.log)
        return written(min(max(float(f"{exact:.{_DIGITS}g}"), self.low), self.high))


def read(text: str) -> list[Dimension]:
    """Reads what a command line says.

    Args:
        text: Such as `training.learning_rate=1e-5..1e-2:log,model=lstm|transformer`.

    Returns:
        The dimensions, in their order.

    Raises:
        ValueError: It has another form, an option twice, a range that is none, or a single choice.

    Example:
        `read("transformer.d_model=64|128")[0].choices` -> `("64", "128")`
    """
    found = [_dimension(part.strip()) for part in text.split(",")]
    names = [one.name for one in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"Expected each option once in --search. Received: {twice[0]} twice")
    return found


def check(dimensions: Sequence[Dimension], config_type: type, options: Sequence[str], task: str) -> None:
    """Refuses options and values that `fit` would refuse, before the first trial.

    Args:
        dimensions: What varies.
        config_type: The task's `Config`.
        options: Those of `fit` that are the same for all trials.
        task: Name of the task.

    Raises:
        ValueError: An option is unknown, belongs to a model family that no trial has, or a value is wrong.

    Example:
        `check(read("training.learning_rate=1e-4..1e-2:log"), translation.Config, [], "translation")`
    """
    models = next((one.choices for one in dimensions if one.name == _MODEL), ())
    for one in dimensions:
        for value in one.ends:
            family = one.name.partition(".")[0]
            is_family = bool(models) and family in families(config_type)
            if is_family and family not in models:
                raise ValueError(
                    f"Expected options of the models that are searched, {' and '.join(models)}. Received: {one.name}"
                )
            chosen = [f"--{_MODEL}", family] if is_family else []
            parser = settings.parser(config_type, prog=f"tfmodels fit {task}")
            arguments = [*options, *chosen, f"--{one.name}", value]
            settings.build(config_type, settings.parse(parser, config_type, arguments, task))


def suggest(trial: "optuna.Trial", dimensions: Sequence[Dimension], config_type: type) -> dict[str, str]:
    """Chooses the values of a trial; options of a model family only if the trial has that model.

    Args:
        trial: The trial.
        dimensions: What varies.
        config_type: The task's `Config`.

    Returns:
        Full name of an option -> its value, as it is typed.

    Example:
        `suggest(study.ask(), read("model=lstm|transformer,lstm.d_model=32|64"), translation.Config)`
    """
    ordered = sorted(dimensions, key=lambda one: one.name != _MODEL)
    searched = any(one.name == _MODEL for one in ordered)
    values: dict[str, str] = {}
    for one in ordered:
        family = one.name.partition(".")[0]
        if not (searched and family in families(config_type) and family != values[_MODEL]):
            values[one.name] = one.value(trial)
    return values


def typed(values: Mapping[str, object]) -> list[str]:
    """Options with their values as words of a command line.

    Example:
        `typed({"model": "lstm"})` -> `["--model", "lstm"]`
    """
    return [word for name, value in values.items() for word in (f"--{name}", written(value))]


def written(value: object) -> str:
    """A value as it is typed; numbers with as many digits as give the same again."""
    return repr(value) if isinstance(value, float) else str(value)


def _dimension(part: str) -> Dimension:
    name, equals, values = (word.strip() for word in part.partition("="))
    if not name or not equals or not values:
        raise ValueError(f"Expected --search {_FORM}. Received: {part!r}")
    if name.removeprefix("--") in _OF_COMMAND:
        raise ValueError(f"Expected options of the model and its training in --search. Received: {name}")
    if found := _RANGE.fullmatch(values):
        return _range(name.removeprefix("--"), found[1], found[2], bool(found[3]))
    choices = tuple(choice.strip() for choice in values.split("|"))
    if len(set(choices)) < max(len(choices), 2) or not all(choices):
        raise ValueError(f"Expected a range LOW..HIGH or different choices A|B for {name}. Received: {values!r}")
    return Dimension(name.removeprefix("--"), choices)


def _range(name: str, low: str, high: str, log: bool) -> Dimension:
    least, most = float(low), float(high)
    if not (math.isfinite(least) and math.isfinite(most) and least < most and (least > 0 or not log)):
        above = " above 0" if log else ""
        raise ValueError(f"Expected a range of finite numbers{above}, LOW below HIGH. Received: {name}={low}..{high}")
    whole = all(re.fullmatch(r"[-+]?\d+", number) for number in (low, high))
    return Dimension(name, (), least, most, log, whole)
