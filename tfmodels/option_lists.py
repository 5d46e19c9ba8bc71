"""Options that are lists: values with commas between them, in quotes where they hold commas or blanks themselves."""

import re

_VALUE = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)')


def split(option: str, keep_empty: bool = False) -> list[str]:
    """The values of an option.

    Args:
        option: Values with commas between them. Blanks around a value do not count. A value with commas, quotes or
            blanks at its ends stands in double quotes, with those within it doubled, as in CSV.
        keep_empty: Whether nothing between two commas, or at an end, is an empty value; else it is left out.

    Returns:
        The values.

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
        if found[1] is not None:
            values.append(found[1].replace('""', '"'))
        elif found[2] or keep_empty:
            values.append(found[2])
        start = found.end()
    return [*values, ""] if keep_empty and (not values or option.rstrip().endswith(",")) else values


def join(values: list[str]) -> str:
    """The option that `split` makes these values of.

    Example:
        `join(["Sales, units", "price"])` -> `'"Sales, units",price'`
    """
    return ",".join(
        '"' + value.replace('"', '""') + '"' if re.search(r'[,"]|^\s|\s$|^$', value) else value for value in values
    )
