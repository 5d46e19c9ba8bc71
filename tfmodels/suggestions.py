"""The nearest valid name, for messages about a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion for the end of an error message: the valid name most similar to a wrong one.

    Args:
        name: The wrong name.
        known: The valid names; each is compared as a whole and by its part after the last dot.

    Returns:
        A question with a leading space; empty if no name is similar.

    Example:
        `did_you_mean("stesp", ["data", "training.steps"])` -> `" (did you mean training.steps?)"`
    """
    known = list(known)
    full_names = {full.rpartition(".")[-1]: full for full in known} | {full: full for full in known}
    nearest = get_close_matches(name, full_names, n=1)
    return f" (did you mean {full_names[nearest[0]]}?)" if nearest else ""
