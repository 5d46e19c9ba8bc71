"""Groups of entities by their static fields, as `Gender,ICUType,Age:0-49|50-64|65-`."""

import itertools
import re
from typing import NamedTuple

import numpy as np

from pipelines.sources.measurements.static_fields import Statics
from tfmodels import option_lists
from tfmodels.suggestions import did_you_mean

UNKNOWN, OTHERS = "unknown", "others"
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_MOST = 50  # groups of a field


class Field(NamedTuple):
    """What groups are made by.

    Attributes:
        name: Name of a static field.
        ranges: The groups of a field of numbers: name, least value, and the value that all are below; empty for a group
            for each value.
    """

    name: str
    ranges: tuple[tuple[str, float, float], ...]


def parse(text: str) -> list[Field]:
    """Reads the option `groups`.

    Args:
        text: Names of fields with commas between them, each perhaps with ranges, the last of which may be open. A
            range ends where the next whole number, or the next of its last digit, would begin: `50-64` holds 64.9.

    Returns:
        The fields.

    Raises:
        ValueError: A range is none, or ranges overlap.

    Example:
        `parse("Gender,Age:0-49|50-")` -> `[Field("Gender", ()), Field("Age", (("0-49", 0, 50), ("50-", 50, inf)))]`
    """
    fields = []
    for part in option_lists.split(text):
        name, _, ranges = part.partition(":")
        found = tuple(_range(one.strip(), text) for one in ranges.split("|")) if ranges else ()
        for (one, _, end), (other, start, _) in itertools.pairwise(found):
            if end > start:
                raise ValueError(f"Expected ranges one after the other. Received: {one} and {other}, groups={text!r}")
        fields.append(Field(name.strip(), found))
    return fields


def members(fields: list[Field], statics: Statics) -> dict[str, np.ndarray]:
    """The group of each entity.

    Args:
        fields: What `parse` returned.
        statics: The static fields.

    Returns:
        Name of a field -> names of groups, object `[entities]`; `unknown` where the field is, and `others` outside of
        all ranges.

    Raises:
        ValueError: There is no such field, it is of words and has ranges, or of more than 50 numbers and has none.

    Example:
        `members(parse("Gender"), data.statics)["Gender"]`
    """
    found = {}
    for field in fields:
        if field.name in statics.words and not field.ranges:
            words = statics.words[field.name]
            found[field.name] = np.where(words == "", UNKNOWN, words)
        elif field.name in statics.numbers:
            found[field.name] = _of_numbers(field, statics.numbers[field.name])
        else:
            names = [*statics.numbers, *([] if field.ranges else statics.words)]
            raise ValueError(
                f"Expected static fields{' of numbers' if field.ranges else ''}: {', '.join(names) or 'none'}. "
                f"Received: groups={field.name!r}{did_you_mean(field.name, names)}"
            )
    return found


def _of_numbers(field: Field, values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    groups = np.where(known, OTHERS, UNKNOWN).astype(object)
    distinct = np.unique(values[known])
    if not field.ranges and len(distinct) > _MOST:
        raise ValueError(
            f"Expected ranges for a field of many numbers, such as {field.name}:0-49|50-. "
            f"Received: groups={field.name!r}, which has {len(distinct):,} values"
        )
    for value in distinct if not field.ranges else ():
        groups[values == value] = f"{value:.15g}"
    for name, start, end in field.ranges:
        groups[known & (values >= start) & (values < end)] = name
    return groups


def _range(text: str, option: str) -> tuple[str, float, float]:
    found = re.fullmatch(rf"({_NUMBER})?-({_NUMBER})?", text)
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"Expected ranges such as 0-49|50-64|65-. Received: {text!r}, groups={option!r}")
    digits = len((found[2] or "").partition(".")[2])
    start = float(found[1]) if found[1] else -np.inf
    end = float(found[2]) + 10.0**-digits if found[2] else np.inf
    if start >= end:
        raise ValueError(f"Expected a range whose end is not below its start. Received: {text!r}, groups={option!r}")
    return text, start, end
