"""What the benchmarks have in common: under which conditions they ran, their tables and files."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import runs

if TYPE_CHECKING:
    from rich.table import Table


def conditions() -> dict[str, Any]:
    """Under which conditions a benchmark begins: `command`, `cores`, `load_average_before`.

    Example:
        `{"target": "saved_models/demo", **conditions()}`
    """
    return {
        "command": runs.command_line(),
        "cores": os.cpu_count(),
        "load_average_before": os.getloadavg()[0],
    }


def write(result: dict[str, Any], folder: Path, name: str) -> Path:
    """Writes what was measured as JSON.

    Args:
        result: Of texts, finite numbers, None, lists and dicts.
        folder: Where to; made if it is not there.
        name: Of the file, without ending.

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


def table(title: str, columns: Iterable[str]) -> "Table":
    """Makes a table of numbers, the first column for what they belong to.

    Args:
        title: Above it.
        columns: Titles of the numbers.

    Returns:
        The table, to be filled by `add_row`.

    Example:
        `table("milliseconds", ("forward", "backward")).add_row("LSTM", number(3.1), number(9.2))`
    """
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE)
    made.add_column(no_wrap=True)
    for column in columns:
        made.add_column(column, justify="right")
    return made


def number(value: float | None) -> str:
    """A number in a table: three digits or more, or `-` for None.

    Example:
        `number(1234.5)` -> `"1234"`; `number(0.5)` -> `"0.50"`
    """
    return "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"
