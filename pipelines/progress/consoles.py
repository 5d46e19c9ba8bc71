"""The console that tables are printed to."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_PIPED = 160  # columns of what no terminal shows: a file or a pipe; `COLUMNS` sets others


def console() -> "Console":
    """Makes a console on standard output: as wide as its terminal, else wide enough for most tables.

    Without a terminal, and with `NO_COLOR`, what it prints has no colours.

    Example:
        `console().print("done")`
    """
    from rich.console import Console

    made = Console()
    if not made.is_terminal and not made.is_jupyter and "COLUMNS" not in os.environ:
        made.width = _PIPED
    return made
