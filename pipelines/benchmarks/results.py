"""Conditions, progress, tables and result files of the benchmarks."""

import contextlib
import json
import os
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import runs

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def conditions() -> dict[str, Any]:
    """The conditions of a benchmark: `command`, `cores`, `load_average_before`.

    Example:
        `{"target": "saved_models/demo", **conditions()}`
    """
    return {
        "command": runs.command_line(),
        "cores": os.cpu_count(),
        "load_average_before": os.getloadavg()[0],
    }


def write(result: dict[str, Any], folder: Path, name: str) -> Path:
    """Writes a result as JSON.

    Args:
        result: The result: strings, finite numbers, None, lists and dicts.
        folder: Output folder; created if missing.
        name: Name of the file, without suffix.

    Returns:
        The file.

    Example:
        `write({"seconds": 0.4, **conditions()}, Path("benchmarks"), "train")`
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    file = folder / f"{name}.json"
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


@contextlib.contextmanager
def progress(console: "Console", what: str, total: int) -> Generator[Callable[[], None]]:
    """Shows a progress bar with the remaining time.

    Args:
        console: Where to show it; nothing is shown if it is not a terminal.
        what: What the bar counts, a plural noun.
        total: Their number.

    Yields:
        A function to call after each.

    Example:
        `with progress(console, "steps", 100) as show: show()`
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        bar = shown.add_task("", total=total)
        yield lambda: shown.advance(bar)


def table(title: str, columns: Iterable[str]) -> "Table":
    """Makes a table of numbers; its first column, without a title, names the rows.

    Args:
        title: Title of the table.
        columns: Titles of the columns of numbers.

    Returns:
        An empty table; fill it with `add_row`.

    Example:
        `table("milliseconds", ("forward", "backward")).add_row("LSTM", number(3.1), number(9.2))`
    """
    from rich import box
    from rich.table import Table

    new_table = Table(title=title, title_justify="left", box=box.SIMPLE)
    new_table.add_column(no_wrap=True)
    for column in columns:
        new_table.add_column(column, justify="right")
    return new_table


def number(value: float | None) -> str:
    """Formats a number for a table with at least three digits; `-` for None.

    Example:
        `number(1234.5)` -> `"1234"`; `number(0.5)` -> `"0.50"`
    """
    return "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"
