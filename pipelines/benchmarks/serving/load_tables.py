"""Progress and tables of `tfmodels benchmark serve`."""

import contextlib
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results

if TYPE_CHECKING:
    from rich.console import Console

# Column title -> key of the row.
_COLUMNS = {
    "per s": "requests_per_second",
    "p50": "p50_ms",
    "p95": "p95_ms",
    "p99": "p99_ms",
    "server": "server_ms",
    "queue": "queue_ms",
    "model": "model_ms",
}


@contextlib.contextmanager
def progress(console: "Console", loads: int, seconds: float) -> Generator[Callable[..., None]]:
    """Shows the progress of the measurement and each result.

    Args:
        console: Where to print.
        loads: Number of loads.
        seconds: Duration of a load.

    Yields:
        A function that prints a row, if given one, and advances the progress bar by a number of loads.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    minutes, rest = divmod(round(loads * seconds), 60)
    console.print(f"{loads} loads of {seconds:g} s: {minutes}:{rest:02} minutes.", highlight=False)
    columns = (TextColumn("loads"), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=loads)

        def count(row: dict[str, Any] | None, loads: int = 1) -> None:
            if row:
                rate, median, _, slow, *_ = _numbers(row)
                line = f"{row['server']}, {_load(row)}: {rate} responses/s, p50 {median} ms, p99 {slow} ms"
                progress.console.print(line, highlight=False)
            progress.advance(task, loads)

        yield count


def show(result: dict[str, Any], console: "Console") -> None:
    """Prints the results as tables.

    Args:
        result: The results, see `server_load`.
        console: Where to print.
    """
    console.print(f"\n{result['target']}, {result['endpoint']}: responses per second, times in milliseconds")
    for server in dict.fromkeys(row["server"] for row in result["loads"]):
        table = results.table(server, (*_COLUMNS, "failed"))
        for row in result["loads"]:
            if row["server"] == server:
                failed = ", ".join(f"{count} {name}" for name, count in row["failures"].items())
                table.add_row(_load(row), *_numbers(row), failed or "0")
        console.print(table)
    if "overhead" in result:
        _show_overhead(result["overhead"], console)


def _show_overhead(overhead: dict[str, dict[str, float]], console: "Console") -> None:
    session = overhead["session"]["p50_ms"]
    table = results.table("overhead over a session: 1 client, batching off", ("p50", "p99", "p50 - session"))
    for interface, row in overhead.items():
        table.add_row(interface, *map(results.number, (row["p50_ms"], row["p99_ms"], row["p50_ms"] - session)))
    console.print(table)


def _load(row: dict[str, Any]) -> str:
    if "clients" in row:
        return f"{row['clients']} client{'s' if row['clients'] > 1 else ''}"
    return f"{row['offered_rate']:.0f}/s sent"


def _numbers(row: dict[str, Any]) -> list[str]:
    return [results.number(row[key]) for key in _COLUMNS.values()]
