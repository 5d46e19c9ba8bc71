"""How much a page takes: what is uploaded or typed is another's, and is bounded before it is read."""

from collections.abc import Sequence
from typing import Any

UPLOAD = 20  # megabytes of a file
MOST_ROWS = 1_000  # of a file
MOST_LETTERS = 100_000  # of a text that is typed or pasted
MOST_COLUMNS = 1_000  # of a table


def check_texts(values: Sequence[Any]) -> None:
    """Refuses texts that are too long to be typed.

    Args:
        values: What was entered; only texts are looked at.

    Raises:
        ValueError: One is too long.

    Example:
        `check_texts(["A dog.", 3])`
    """
    for value in values:
        if isinstance(value, str) and len(value) > MOST_LETTERS:
            raise ValueError(
                f"Expected a text of at most {MOST_LETTERS:,} characters; `tfmodels predict` takes longer ones. "
                f"Received: {len(value):,}"
            )


def check_rows(count: int) -> None:
    """Refuses more rows than a page answers.

    Args:
        count: The number of rows.

    Raises:
        ValueError: There are too many, or none.

    Example:
        `check_rows(len(rows))`
    """
    if not 0 < count <= MOST_ROWS:
        raise ValueError(
            f"Expected 1 to {MOST_ROWS:,} rows; `tfmodels predict --input FILE` answers any number. Received: {count:,}"
        )
