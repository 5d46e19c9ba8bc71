"""Several sources of data in one option, each with the number of times that an epoch holds its rows."""

import re
from pathlib import Path
from typing import NamedTuple

_WEIGHTED = re.compile(r"(.+)\*(\d+)", re.DOTALL)


class Weighted(NamedTuple):
    """A source and its weight.

    Attributes:
        name: What a reader takes: a folder, `cldr`, `tfds:NAME`.
        times: How many times an epoch holds each of its rows.

    Example:
        `Weighted("my/texts", 3)`
    """

    name: str
    times: int = 1


def parse(data: str) -> list[Weighted]:
    """Reads `my/texts*3,other/texts`: sources with commas between them, each with `*N` behind it or once.

    What names a folder that is there, the whole text or what stands between two commas, is that folder, whatever
    characters are in its name. So a folder with a comma in its name can only be given alone. Blanks beside a comma do
    not count.

    Args:
        data: The option.

    Returns:
        The sources in their order; the first also gives the validation and the test split.

    Raises:
        ValueError: If a source is empty or its number is no whole number of at least 1.

    Example:
        `parse("my/texts*3,cldr")` -> `[Weighted("my/texts", 3), Weighted("cldr", 1)]`
    """
    if Path(data).is_dir():
        return [Weighted(data)]
    return [_parse_one(part.strip(), data) for part in data.split(",")]


def _parse_one(part: str, data: str) -> Weighted:
    if part and Path(part).is_dir():
        return Weighted(part)
    found = _WEIGHTED.fullmatch(part)
    source = Weighted(found[1], int(found[2])) if found else Weighted(part)
    if not source.name or source.times < 1 or ("*" in source.name and not Path(source.name).is_dir()):
        raise ValueError(
            "Expected sources with commas between them, each with *N behind it or nothing, where N is a whole number "
            f"of at least 1. Received: {part!r} in data={data!r}"
        )
    return source
