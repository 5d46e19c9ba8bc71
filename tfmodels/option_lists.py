"""Options that are lists: values with commas between them, in quotes where they hold commas or blanks themselves."""

import re

_VALUE = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)')


def split(option: str) -> list[str]:
    """The values of an option.

    Args:
        option: Values with commas between them. Blanks around a value do not count. A value with commas, quotes or
            blanks at its ends stands in double quotes, with those within it doubled, as in CSV.

    Returns:
        The values; empty ones outside of quotes are left out.

    Raises:
        ValueError: A quote is not closed, or text follows it.

    Example:
        `split('"Sales, units", price')` -> `["Sales, units", "price"]`
    """
    values, start = [], 0
    while start < len(option):
        found = _VALUE.match(option, start)
        if not found or (found[1] is None and found[2].startswith('"')):
            raise ValueError(
                "Expected values with commas between them, each with a comma or a quote in double quotes, such as "
                f"'\"Sales, units\",price'. Received: {option!r}"
            )
        values += [found[1].replace('""', '"')] if found[1] is not None else filter(None, [found[2]])
        start = found.end()
    return values


def join(values: list[str]) -> str:
    """The option that `split` makes these values of.

    Example:
        `join(["Sales, units", "price"])` -> `'"Sales, units",price'`
    """
    return ",".join(
        '"' + value.replace('"', '""') + '"' if re.search(r'[,"]|^\s|\s$|^$', value) else value for value in values
    )
