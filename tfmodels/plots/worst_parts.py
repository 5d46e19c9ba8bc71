"""Which parts a figure of bounded size shows: those with the most errors, or the first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def places(errors: "np.ndarray", most: int) -> "np.ndarray":
    """Finds the parts with the most errors.

    Args:
        errors: `[parts]`, the errors of each.
        most: How many parts to show, at most.

    Returns:
        The numbers of the parts, ascending.

    Example:
        `places(np.array([0, 7, 3]), 2)` -> `[1, 2]`
    """
    import numpy as np

    return np.sort(np.argsort(-errors, kind="stable")[:most])


def remark(shown: int, count: int, noun: str, chosen: str = "with the most errors") -> str:
    """What a title says of parts that are left out, on a line of its own; empty if there are none.

    Example:
        `remark(60, 3000, "classes")` -> `"\\n(the 60 of 3,000 classes with the most errors)"`
    """
    return "" if shown == count else f"\n(the {shown} of {count:,} {noun} {chosen})"


def first(shown: int, count: int, noun: str) -> str:
    """As `remark`, of parts of which the first are shown.

    Example:
        `first(12, 200, "series")` -> `"\\n(the first 12 of 200 series)"`
    """
    return "" if shown >= count else f"\n(the first {shown} of {count:,} {noun})"
