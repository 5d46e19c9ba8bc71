"""Values of an endpoint's inputs that are written as text: options of a command line, cells of a table."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    from tfmodels.export.graph.field import Field

_FLAGS = {"true": True, "false": False}
# Of exports from text to text of earlier versions, whose cards do not say it.
_OF_EARLIER = {
    "max_length": 0, "length_penalty": -1.0, "coverage_penalty": -1.0, "prefix": "",
    "seed": 0, "temperature": -1.0, "top_k": 0, "top_p": 0.0,
}  # fmt: skip
_WORDS = {"string": "text", "bool": "true or false"}


def is_scalar(field: "Field") -> bool:
    """Whether a row has one value of an input, so that a text can say it."""
    return field.shape is not None and len(field.shape) == 1


def parsed(field: "Field", text: str) -> Any:
    """Reads a value.

    Args:
        field: The input.
        text: What is written.

    Returns:
        The value.

    Raises:
        ValueError: It is not one of the input's type.

    Example:
        `parsed(Field("seed", "int64", (None,)), "7")` -> `7`
    """
    if field.dtype == "string":
        return text
    try:
        if field.dtype == "bool":
            return _FLAGS[text.strip().lower()]
        return float(text) if "float" in field.dtype else int(text)
    except (ValueError, KeyError):
        raise ValueError(f"Expected {described(field)}. Received: {field.name}={text[:80]!r}") from None


def described(field: "Field") -> str:
    """An input in words.

    Example:
        `described(Field("seed", "int64", (None,)))` -> `"seed (int64)"`
    """
    sizes = "" if is_scalar(field) else " list"
    return f"{field.name} ({_WORDS.get(field.dtype, field.dtype)}{sizes})"


def given(texts: Mapping[str, str], endpoint: str, inputs: "Mapping[str, Field]") -> dict[str, Any]:
    """Reads inputs of an endpoint that are given as options.

    Args:
        texts: Name -> what is written.
        endpoint: The name of the endpoint.
        inputs: Its inputs.

    Returns:
        Name -> value.

    Raises:
        ValueError: There is no such input, or it takes another type or several values.

    Example:
        `given({"seed": "1"}, "sample", predictor.endpoints["sample"].inputs)` -> `{"seed": 1}`
    """
    for name in texts:
        if name not in inputs:
            known = ", ".join(map(described, inputs.values()))
            raise ValueError(
                f"Expected an option of the command, or an input of the endpoint {endpoint}: {known}. Received: "
                f"--{name}{did_you_mean(name, inputs)}"
            )
        if not is_scalar(inputs[name]):
            raise ValueError(
                f"Expected --input FILE, .jsonl or .parquet, for inputs with several values each. Received: --{name}"
            )
    values = {name: parsed(inputs[name], text) for name, text in texts.items()}
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"Expected a finite number of {described(inputs[name])}. Received: --{name} {texts[name]}")
    return values


def defaults(card: Mapping[str, Any], inputs: "Mapping[str, Field]") -> dict[str, Any]:
    """What a card says of inputs that need not be given.

    Args:
        card: Of a run or an export, perhaps with `defaults`, name -> value, null of a number that is NaN. It may come
            from anyone.
        inputs: The inputs of an endpoint.

    Returns:
        Name -> value, of these inputs; of one with several values a row, a list of as many that are alike.

    Example:
        `defaults({"defaults": {"seed": 0}}, inputs)` -> `{"seed": 0}`
    """
    decoding, found = card.get("decoding"), card.get("defaults")
    if found is None and isinstance(decoding, Mapping) and "beam_size" in decoding:
        found = _OF_EARLIER
    if not isinstance(found, Mapping):
        return {}
    kinds = {name: str if of.dtype == "string" else int | float for name, of in inputs.items()}
    floats = [name for name, of in inputs.items() if of.dtype.startswith("float")]
    found = {**found, **{name: math.nan for name in floats if found.get(name, "") is None}}
    known = {name: value for name, value in found.items() if name in kinds and isinstance(value, kinds[name])}
    return {name: value if is_scalar(inputs[name]) else _alike(inputs[name], value) for name, value in known.items()}


def _alike(field: "Field", value: Any) -> list[Any]:
    sizes = field.shape[1:] if field.shape else ()
    return [value] * (sizes[0] or 0) if len(sizes) == 1 else [value]
