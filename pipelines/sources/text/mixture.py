"""Several sources of data in one option, each with the number of times that its rows occur in an epoch."""

import re
from pathlib import Path
from typing import NamedTuple

from tfmodels import option_lists

_WITH_TIMES = re.compile(r"(.+)\*(\d+)", re.DOTALL)


class Component(NamedTuple):
    """One source of a mixture.

    Attributes:
        name: What a reader takes: a folder, a file, `cldr` or `tfds:NAME`.
        times: How many times each of its rows occurs in an epoch.

    Example:
        `Component("my/texts", 3)`
    """

    name: str
    times: int = 1


def parse(data: str) -> list[Component]:
    """Reads `my/texts*3,other/texts`: sources separated by commas, each optionally followed by `*N`.

    If the whole text, or the text between two commas, is the name of an existing folder or file, it means that,
    whatever characters the name contains. Beside others, a folder with a comma in its name stands in double quotes.
    Spaces beside a comma are ignored.

    Args:
        data: The option.

    Returns:
        The sources in order. The first one also provides the validation and the test split.

    Raises:
        ValueError: A source is empty, or its number is not a whole number of at least 1.

    Example:
        `parse("my/texts*3,cldr")` -> `[Component("my/texts", 3), Component("cldr", 1)]`
    """
    if Path(data).exists():
        return [Component(data)]
    return [_parse_one(part, data) for part in option_lists.split(data, keep_empty=True)]


def _parse_one(part: str, data: str) -> Component:
    if part and Path(part).exists():
        return Component(part)
    found = _WITH_TIMES.fullmatch(part)
    source = Component(found[1], int(found[2])) if found else Component(part)
    if not source.name or source.times < 1 or ("*" in source.name and not Path(source.name).exists()):
        raise ValueError(
            "Expected sources separated by commas, each optionally followed by *N, N a whole number of at least 1. "
            f"Received: {part!r} in data={data!r}"
        )
    return source
