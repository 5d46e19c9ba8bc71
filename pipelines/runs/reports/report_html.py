"""Reports and trained models as HTML, for notebooks. All texts are escaped: labels and texts come from anywhere."""

import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from pipelines.runs.reports import pictures, wording

_CELLS = 200  # characters of a cell that are shown
_ROWS = 50  # of a table that are shown


def of(report: Any) -> str:
    """A report: scores beside the baselines, the verdict, tables, examples, notes, and figures that are at hand.

    Args:
        report: A `Report`.

    Returns:
        HTML.

    Example:
        `of(read(Path("runs/load/report.json")))`
    """
    parts = [scores(report), *(_table(one["title"], one["columns"], one["rows"]) for one in report.tables)]
    for example in report.examples:
        rows = [[name, value] for name, value in example.items() if name != "kind"]
        parts.append(_table(f"example: {example['kind']}", ["", ""], rows))
    parts += _drawn({name: (draw, report.caption) for name, draw in report.figures.items()})
    facts = [*(f"broken: {name}, worse than {worse}" for name, worse in report.broken.items()), *report.notes]
    facts.append(report.command)
    return f"{''.join(parts)}<ul>{''.join(f'<li>{escape(fact)}</li>' for fact in facts)}</ul>"


def of_explanation(explanation: Any) -> str:
    """An explanation: its figures, its notes, and numbers that are short.

    Args:
        explanation: An `Explanation`.

    Returns:
        HTML.

    Example:
        `of_explanation(task.explain(run.config, run, "A fine film."))`
    """
    drawn = _drawn({name: (draw, None) for name, draw in explanation.figures.items()})
    notes = "".join(f"<p>{escape(note)}</p>" for note in explanation.notes)
    rows = [[name, value] for name, value in explanation.numbers.items() if isinstance(value, str | int | float)]
    return f"{''.join(drawn)}{notes}{_table('', ['', ''], rows) if rows else ''}"


def of_predictor(card: Mapping[str, Any], endpoints: Sequence[str]) -> str:
    """A model: what it is, and the names of its endpoints.

    Args:
        card: Of the run or the export.
        endpoints: The names.

    Returns:
        HTML.

    Example:
        `of_predictor(predictor.card, list(predictor.endpoints))`
    """
    said = {name: card[name] for name in ("task", "description") if isinstance(card.get(name), str)}
    return _table("", ["", ""], [[name, text] for name, text in {**said, "endpoints": ", ".join(endpoints)}.items()])


def scores(report: Any) -> str:
    """The scores of a `Report`, beside those of the baselines, and the verdict, as HTML."""
    columns = ["metric", report.model, *report.baselines]
    of_all = [report.metrics, *report.baselines.values()]
    rows = [[name, *(scores.get(name) for scores in of_all)] for name in report.metrics]
    return f"{_table(f'{report.task}: {report.title}', columns, rows)}<p>{escape(wording.verdict(report)[0])}</p>"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    caption = f"<caption>{escape(title)}</caption>" if title else ""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    head = f"<thead><tr>{head}</tr></thead>" if any(columns) else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows[:_ROWS])
    more = f"<p>... and {len(rows) - _ROWS:,} rows more</p>" if len(rows) > _ROWS else ""
    return f"<table>{caption}{head}<tbody>{body}</tbody></table>{more}"


def _cell(value: Any) -> str:
    text = wording.cell(value)
    align = ' style="text-align:right"' if isinstance(value, int | float) else ""
    return f"<td{align}>{escape(text if len(text) <= _CELLS else f'{text[:_CELLS]}...')}</td>"


def _drawn(figures: Mapping[str, tuple[Any, str | None]]) -> list[str]:
    """Figures as HTML that holds them; of a report they take a caption."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (draw, caption)) in enumerate(figures.items()):
            file = Path(folder) / f"{number}{Path(name).suffix or '.png'}"
            draw(file) if caption is None else draw(file, caption)
            found.append(pictures.inline(file, name))
    return found
