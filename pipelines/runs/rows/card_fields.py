"""The form that fields of a card must have: an export may come from anyone, and its card may hold anything."""

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

_REMEDY = "Copy the export again, or export it again."
_NUMBERS = {int: (Integral, "a whole number"), float: (Real, "a number")}
_WORDS = {str: "a text", bool: "true or false", NoneType: "null"}


class Fields(NamedTuple):
    """An object of JSON.

    Attributes:
        required: Name -> its type, `Fields`, or a tuple of such, of which one must fit.
        optional: The same of what may be missing.
        closed: Whether others are refused.
    """

    required: Mapping[str, Any]
    optional: Mapping[str, Any] = {}
    closed: bool = False


def of(kind: type, *required: str) -> Fields:
    """The form of what `dataclasses.asdict` returns.

    Args:
        kind: The dataclass.
        *required: The fields that may not be missing.

    Example:
        `of(Dialect, "format")`
    """
    hints = get_type_hints(kind)
    return Fields({name: hints.pop(name) for name in required}, hints, closed=True)


def check(card: Mapping[str, Any], form: Fields) -> None:
    """Refuses a card of another form.

    Args:
        card: The card of a run or an export.
        form: What is read of it; other fields may hold anything.

    Raises:
        ValueError: A field is missing or of another type; names it.

    Example:
        `check(predictor.card, Fields({"columns": list[str]}))`
    """
    _check(card, form, "")


def _check(value: Any, form: Any, name: str) -> None:
    if isinstance(form, Fields):
        _check_fields(value, form, name)
    elif isinstance(form, tuple) or get_origin(form) in (Union, UnionType):
        _check_one_of(value, form if isinstance(form, tuple) else get_args(form), name)
    elif get_origin(form) is Literal:
        if value not in get_args(form):
            raise _wrong(name, f"one of {', '.join(map(repr, get_args(form)))}", value)
    elif get_origin(form) in (list, tuple):
        if not isinstance(value, list | tuple):
            raise _wrong(name, "a list", value)
        _check_each(enumerate(value), get_args(form)[0], name)
    elif get_origin(form) is dict:
        if not isinstance(value, dict):
            raise _wrong(name, "an object", value)
        _check_each(value.items(), get_args(form)[1], name)
    elif form in _NUMBERS:
        if not isinstance(value, _NUMBERS[form][0]) or isinstance(value, bool):
            raise _wrong(name, _NUMBERS[form][1], value)
    elif form is not Any and not isinstance(value, form):
        raise _wrong(name, _WORDS[form], value)


def _check_fields(value: Any, form: Fields, name: str) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(name, "an object", value)
    known = {**form.required, **form.optional}
    missing = [one for one in form.required if one not in value]
    unknown = [one for one in value if one not in known] if form.closed else []
    if missing or unknown:
        wanted = f"with `{missing[0]}`" if missing else f"without {unknown[0]!r}"
        raise _wrong(name, f"an object {wanted}", value)
    for field in known.keys() & value.keys():
        _check(value[field], known[field], f"{name}.{field}" if name else field)


def _check_one_of(value: Any, forms: tuple[Any, ...], name: str) -> None:
    if value is None and (None in forms or NoneType in forms):
        return
    others = [form for form in forms if form not in (None, NoneType)]
    for form in others[:-1]:
        try:
            return _check(value, form, name)
        except ValueError:
            continue
    return _check(value, others[-1], name)


def _check_each(values: Iterable[tuple[Any, Any]], form: Any, name: str) -> None:
    for place, value in values:
        _check(value, form, f"{name}.{place}")


def _wrong(name: str, wanted: str, value: Any) -> ValueError:
    of_card = (
        f"`{name}` in the card of the export, tfmodels.json," if name else "the card of the export, tfmodels.json,"
    )
    return ValueError(f"Expected {of_card} to be {wanted}. Received: {str(value)[:80]!r}. {_REMEDY}")
