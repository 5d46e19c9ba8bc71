"""Rows of JSON lines: an object, or a text, in each line."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import text_lines

TEXT = "text"  # the column of lines that are texts
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = 60  # characters of a name in a message
_DEEPEST = 64  # lists and objects within each other
TOO_DEEP = f"more than {_DEEPEST} lists and objects within each other"


def names(path: Path, encoding: str = "") -> list[str]:
    """Finds the names that the objects of a file have.

    Args:
        path: The file.
        encoding: See `text_lines.read`.

    Returns:
        All names, in the order in which they first occur; a line that is a text has the name `TEXT`.

    Example:
        `names(Path("reviews.jsonl"))` -> `["text", "label"]`
    """
    found: dict[str, None] = {}
    for _, value in _values(path, encoding):
        if isinstance(value, dict):
            found.update(dict.fromkeys(value))
    return list(found)


def read(path: Path, columns: list[str], encoding: str, faults: Faults) -> Iterator[tuple[int, list[Any]]]:
    """Reads rows.

    Args:
        path: The file.
        columns: What `names` returned.
        encoding: See `text_lines.read`.
        faults: Collects lines that are no objects; they are left out.

    Yields:
        The line of each row and its values; None where it has none.

    Raises:
        ValueError: See `text_lines.read`, or a fault is an error.
    """
    for line, value in _values(path, encoding):
        if not isinstance(value, dict):
            received = str(value) if isinstance(value, ValueError) else json.dumps(value, ensure_ascii=False)[:100]
            faults.found("a JSON object in each line", f"{received}, {path}, line {line:,}", "it is left out")
            continue
        yield line, [value.get(name) for name in columns]


def check(value: Any, depth: int = 0) -> None:
    """Refuses texts that no encoding has, and values that are too deep.

    Args:
        value: What `DECODER` read.
        depth: The lists and objects around it.

    Raises:
        ValueError: There is such a text, or such a value.
    """
    if depth > _DEEPEST:
        raise ValueError(TOO_DEEP)
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise ValueError("half of a surrogate pair, which is not text")
    elif isinstance(value, dict):
        for name, one in value.items():
            check(name, depth)
            check(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            check(one, depth + 1)


def twice(name: str) -> str:
    """What is wrong with an object that has a name twice: which of the two is meant cannot be known."""
    return f"the name {name[:_SHOWN]!r} twice in an object"


def _values(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    """The line and the value of each line that is not blank; an error in place of a value that is not JSON."""
    for line, content in enumerate(text_lines.read(path, encoding), start=1):
        if content.strip():
            yield line, _parsed(content)


def _parsed(content: str) -> Any:
    try:
        value = DECODER.decode(content)
        check(value)
    except RecursionError:
        return ValueError(TOO_DEEP)
    except ValueError as error:
        return error
    return {TEXT: value} if isinstance(value, str) else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise ValueError(twice(next(name for name, _ in pairs if name in seen or seen.add(name))))
    return found


def _refused(token: str) -> Any:
    raise ValueError(f"{token}, which is not JSON; a missing value is null")


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits}, which is larger than any number of 64 bits")
    return value


# Refuses what JSON does not have, or has no one meaning.
DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refused, parse_float=_number)
