"""A report in the terminal."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.progress import consoles
from pipelines.progress.terminal_text import written_out
from pipelines.runs.report import Report
from pipelines.runs.reports import wording

_LONGEST = 24  # characters of a word in a table that may not be broken
_MANY = 100  # rows


def show(report: Report, console: Console | None = None) -> None:
    """Prints a report: scores of model and baselines, the comparison, tables, examples and notes.

    Args:
        report: The report.
        console: Where to print. Default: the terminal; a notebook gets the scores and the verdict, since the report
            shows the rest itself.

    Example:
        `show(read(Path("runs/translation/report.json")))`
    """
    console = console or consoles.console()
    if console.is_jupyter:
        print(report)
        return
    title = f"{report.task}: {report.title}"
    columns = ["metric", report.model, *(_named(report, name) for name in report.baselines)]
    scores_of_all = [report.metrics, *report.baselines.values()]
    rows = [[name, *(scores.get(name) for scores in scores_of_all)] for name in report.metrics]
    show_table(console, title, columns, rows)
    console.print(Text(*wording.verdict(report)))
    for table in report.tables:
        show_table(console, table["title"], table["columns"], table["rows"])
    for example in report.examples:
        rows = [[name, value] for name, value in example.items() if name != "kind"]
        show_table(console, f"example: {example['kind']}", ["", ""], rows)
    facts = [
        *(f"broken: {name}, worse than {worse}: beating it shows nothing" for name, worse in report.broken.items()),
        *report.notes,
        f"{report.parameters:,} parameters, trained in {timedelta(seconds=round(report.train_seconds))}, "
        f"seed {report.seed}",
        ", ".join(f"{package} {version}" for package, version in report.versions.items()),
        report.command,
    ]
    for fact in facts:
        console.print(Text(f"• {fact}"))


def show_table(console: Console, title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Prints a table; one that is wider than the console in parts, each with the first column.

    Numbers and words are not broken, unless they are long.

    Args:
        console: Where to print.
        title: Of the table.
        columns: Their headings.
        rows: Texts, numbers and None, as many in each as there are columns.

    Example:
        `show_table(Console(), "losses", ["epoch", "loss"], [[1, 0.5]])`
    """
    title, columns = written_out(title), [*map(written_out, columns)]
    cells = list(zip(columns, *([_cell(value) for value in row] for row in rows), strict=True))
    least = [max(min(cell_len(word), _LONGEST) for cell in column for word in cell.split() or [""]) for column in cells]
    most = [max(map(cell_len, column)) for column in cells]
    least[0] = max(least[0], min(most[0], console.width // 2 - 4))  # names, whole: words of theirs on lines read badly
    parts: list[list[int]] = [[0]]
    for place in range(1, len(columns)):
        if len(parts[-1]) > 1 and _width(least, [*parts[-1], place]) > console.width:
            parts.append([0])
        parts[-1].append(place)
    numeric = [all(isinstance(row[place], int | float | None) for row in rows) for place in range(len(columns))]
    for number, part in enumerate(parts):
        widths = [*least]
        table = Table(
            title=Text(title) if title and not number else None, title_justify="left", show_header=any(columns)
        )
        for place in part:
            free = max(console.width - _width(widths, part), 0)
            widths[place] = min(most[place], widths[place] + free)
            justify = "right" if numeric[place] else "left"
            table.add_column(Text(columns[place]), justify=justify, overflow="fold", width=widths[place])
        if len(rows) > _MANY and not console.is_jupyter and _width(widths, part) <= console.width:
            shown = [(cells[place], widths[place], numeric[place]) for place in part]
            console.out(
                "\n".join([*([title] if title and not number else []), *_drawn(console, shown)]), highlight=False
            )
            continue
        for row in range(len(rows)):  # no markup: data may contain brackets
            table.add_row(*(Text(cells[place][1 + row]) for place in part))
        console.print(table)


def _drawn(console: Console, columns: Sequence[tuple[Sequence[str], int, bool]]) -> Iterator[str]:
    """The lines of a table of many rows, as Rich draws them, in a tenth of its time.

    Args:
        console: Where they will be printed.
        columns: Of each its heading and its cells, the characters that they may take, and whether they are numbers.
    """
    cells, widths, numeric = zip(*columns, strict=True)
    edges = ["━" * (width + 2) for width in widths]

    def laid_out(row: Sequence[str], line: str) -> Iterator[str]:
        wrapped = [_wrapped(console, cell, width) for cell, width in zip(row, widths, strict=True)]
        for parts in itertools.zip_longest(*wrapped, fillvalue=""):
            gaps = [" " * (width - cell_len(one)) for one, width in zip(parts, widths, strict=True)]
            padded = [gap + one if right else one + gap for one, gap, right in zip(parts, gaps, numeric, strict=True)]
            yield f"{line} {f' {line} '.join(padded)} {line}"

    head, *body = zip(*cells, strict=True)
    yield f"┏{'┳'.join(edges)}┓"
    yield from laid_out(head, "┃")
    yield f"┡{'╇'.join(edges)}┩"
    for row in body:
        yield from laid_out(row, "│")
    yield f"└{'┴'.join('─' * len(edge) for edge in edges)}┘"


def _wrapped(console: Console, cell: str, width: int) -> list[str]:
    """The lines of a cell."""
    if cell_len(cell) <= width and "\n" not in cell:
        return [cell]
    return [line.plain for line in Text(cell).wrap(console, width, overflow="fold")]


def _cell(value: Any) -> str:
    return written_out(wording.cell(value))  # here, since it is measured


def _named(report: Report, baseline: str) -> str:
    return f"{baseline} (broken)" if baseline in report.broken else baseline


def _width(widths: list[int], part: list[int]) -> int:
    """Characters of a table with some of the columns."""
    return 1 + sum(widths[place] + 3 for place in part)
