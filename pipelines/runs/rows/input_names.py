"""Names of inputs of endpoints, made of names of columns."""

import re


def sanitised(name: str) -> str:
    """A name that an input of an endpoint may have.

    Example:
        `sanitised("Age (years)")` -> `"Age_years"`
    """
    found = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return found if found[:1].isalpha() else f"field_{found}".rstrip("_")
