"""The types that options may have: values, never code, since a file of options may come from anyone."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

_VALUES = (str, int, float, bool, types.NoneType, Path, Enum)
_OF_VALUES = (list, tuple, dict, set, frozenset, Mapping, Sequence, Union, types.UnionType, Annotated)


def check(config_type: type) -> None:
    """Refuses a task whose options could hold functions or objects, which the parser would import by their names.

    Args:
        config_type: A dataclass of options.

    Raises:
        ValueError: If the type of an option is not text, a number, true or false, a choice, a list, tuple or dict of
            them, or a dataclass of such options.

    Example:
        `check(translation.Config)`
    """
    for name, kind in get_type_hints(config_type).items():
        if not _is_plain(kind):
            raise ValueError(
                "Expected options that are text, numbers, true or false, choices, lists of them or dataclasses of such "
                f"options. Received: {config_type.__name__}.{name} of type {kind}, which a file could fill with code"
            )


def _is_plain(kind: Any) -> bool:
    origin = get_origin(kind)
    if origin in (Literal, ClassVar):
        return True
    if origin is Annotated:
        return _is_plain(get_args(kind)[0])
    if origin in _OF_VALUES:
        return all(part is Ellipsis or _is_plain(part) for part in get_args(kind))
    if is_dataclass(kind):
        return all(map(_is_plain, get_type_hints(kind).values()))
    return isinstance(kind, type) and (kind in _OF_VALUES or issubclass(kind, _VALUES))
