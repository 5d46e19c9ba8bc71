"""Answers on the terminal, or in a pipe: a line each where that is enough, else a table, else JSON."""

import itertools
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.cli import unknown_tokens
from pipelines.progress.consoles import console
from pipelines.progress.terminal_text import written_out

Outputs = Sequence[Mapping[str, Any]]


def show(outputs: Outputs, first: int = 1, short: bool = True) -> None:
    """Prints answers.

    Args:
        outputs: Of an endpoint for each row. Those with a `text` or a `label` are a line each; those with one value
            each a table; those with lists of one length, such as `nbest`, a table with a line for each place; others,
            such as `attention`, JSON, a line each. In a pipe tables have tabs. What is printed is written at once: the
            next row may wait for it.
        first: The number of the first row; a table goes on without its header if it is not 1.
        short: Whether a line is enough where further outputs have several values each: those of another endpoint than
            `serving_default` are what was asked for.

    Example:
        `show([{"label": "good", "probability": 0.9}])`
    """
    unknown_tokens.warn(outputs)
    short = short or not any(isinstance(value, list) for output in outputs for value in output.values())
    if short and all(isinstance(output.get("text"), str) for output in outputs):
        _print(output["text"] for output in outputs)
    elif short and all(_is_label(output) for output in outputs):
        _print(f"{_cell(output['label'])}\t{output['probability']:.4f}" for output in outputs)
    elif all(not any(isinstance(value, list) for value in output.values()) for output in outputs):
        table([*outputs[0]], [[*output.values()] for output in outputs], first == 1)
    elif all(_are_equal_lists(output) for output in outputs):
        names = ["row", "rank", *outputs[0]]
        table(names, [[first + number, *row] for number, output in enumerate(outputs) for row in _ranked(output)],
              first == 1)  # fmt: skip
    else:
        _print(json.dumps(output, ensure_ascii=False) for output in outputs)


def groups(count: int, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints rows group by group: on a terminal a table each with its name above, in a pipe one with all columns.

    Args:
        count: The number of columns, the first ones, that name the group.
        names: The names of the columns.
        rows: Their cells, those of a group one after the other.

    Example:
        `groups(1, ["series", "time", "median"], [["north", "2024-03-01", "1.5"]])`
    """
    if not sys.stdout.isatty():
        table(names, rows)
        return
    for name, of in itertools.groupby(rows, lambda row: tuple(row[:count])):
        if count:
            print(f"\n{', '.join(map(str, name))}")
        table(names[count:], [row[count:] for row in of])


def table(names: Sequence[str], rows: Sequence[Sequence[Any]], header: bool = True) -> None:
    """Prints a table: aligned on a terminal, with tabs in a pipe.

    Args:
        names: The names of the columns.
        rows: Their cells.
        header: Whether the names are printed.

    Example:
        `table(["label", "probability"], [["good", 0.9]])`
    """
    if not sys.stdout.isatty():
        _print("\t".join(map(_cell, row)) for row in ([names] if header else []) + [*rows])
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, show_header=header, show_edge=False, pad_edge=False)
    for name, cell in zip(names, rows[0] if rows else names, strict=True):
        shown.add_column(Text(written_out(name)), justify="right" if _is_number(cell) else "left")
    for row in rows:
        shown.add_row(*(Text(f"{cell:.4f}" if isinstance(cell, float) else written_out(str(cell))) for cell in row))
    console().print(shown)


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line.replace("\r\n", " ").replace("\n", " "))
    sys.stdout.flush()


def _is_number(cell: Any) -> bool:
    try:
        return math.isfinite(float(cell))
    except (TypeError, ValueError):
        return False


def _cell(value: Any) -> str:
    return str(value).replace("\t", " ")


def _is_label(output: Mapping[str, Any]) -> bool:
    return isinstance(output.get("label"), str) and isinstance(output.get("probability"), float)


def _are_equal_lists(output: Mapping[str, Any]) -> bool:
    sizes = {len(value) if isinstance(value, list) else -1 for value in output.values()}
    plain = not any(isinstance(one, list) for value in output.values() if isinstance(value, list) for one in value)
    return plain and len(sizes) == 1 and -1 not in sizes


def _ranked(output: Mapping[str, Any]) -> Iterator[list[Any]]:
    return ([rank, *values] for rank, values in enumerate(zip(*output.values(), strict=True), start=1))
