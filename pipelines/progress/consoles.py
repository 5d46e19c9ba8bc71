"""The console that tables are printed to."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pipelines.progress.terminal_text import written_out

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment

_PIPED = 160  # columns of what no terminal shows: a file or a pipe; `COLUMNS` sets others


def console() -> "Console":
    """Makes a console on standard output: as wide as its terminal, else wide enough for most tables.

    Without a terminal, and with `NO_COLOR`, what it prints has no colours. Control characters in it are written out.

    Example:
        `console().print("done")`
    """
    from rich.console import Console
    from rich.segment import Segment

    class WrittenOut(Console):
        """A console to which texts bring no control characters of their own."""

        def render(self, *arguments: Any, **options: Any) -> "Iterable[Segment]":
            for text, style, control in super().render(*arguments, **options):
                yield Segment(text if control else written_out(text), style, control)

    made = WrittenOut()
    if not made.is_terminal and not made.is_jupyter and "COLUMNS" not in os.environ:
        made.width = _PIPED
    return made
