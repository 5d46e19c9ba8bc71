"""Questions in tables: CSV, TSV, JSON lines or Parquet, with a question in each row."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.row_files import Rows
from pipelines.sources.questions import question_rows
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import LEFT_OUT, Fields, Row
from pipelines.sources.text.pair_tables import numbered

# What the columns are often called, the likeliest first.
_NAMES = {
    "question": ("question", "query"),
    "context": ("context", "passage", "paragraph", "text", "document"),
    "answer": ("answer", "answers", "answer_text"),
    "answer_start": ("answer_start", "answer_starts", "start", "offset"),
    "id": ("id", "question_id", "qid"),
    "title": ("title", "article", "article_title"),
    "kind": ("kind", "question_type", "type"),
}
_TEXTS, _STARTS = ("text", "texts"), ("answer_start", "start")  # names in a cell that is an object
_DATA = "data"  # what the only value of SQuAD's JSON may be called
_SEVERAL = ("answer", "answer_start")  # parts that may have numbered columns
_APART = ("question", "context", "answer", "answer_start")  # parts that are never the same column
_SHOWN = 10  # columns in a message


@dataclass(frozen=True)
class Columns:
    """Where the parts of a question are among the cells of a row.

    Attributes:
        places: Part -> its places: several of numbered columns, none of a part that the table lacks.
        names: Part -> the name of its first column, of those that there are.
        said: The same in words.
    """

    places: dict[str, list[int]]
    names: dict[str, str]
    said: str


def columns(table: Rows, form: Form, answered: bool = True) -> Columns:
    """Finds the columns of a table.

    Args:
        table: The table.
        form: Names those that are not called as usual.
        answered: Whether an answer is needed.

    Returns:
        The columns.

    Raises:
        ValueError: A column that is needed, or that an option names, is not there, or is there twice.

    Example:
        `columns(row_files.read("rivers.csv"), Form()).places["answer"]` -> `[3, 4]`
    """
    needed = ("question", "context", *(["answer"] if answered else []))
    found = {part: _found(table, part, getattr(form, part), part in needed) for part in _NAMES}
    for one, other in itertools.combinations(_APART, 2):
        if same := [name for name in found[one] if name in found[other]]:
            raise ValueError(
                f"Expected different columns of {one} and {other}; name them with --{_option(one)} and "
                f"--{_option(other)}. Received: {same[0]!r} for both, {table.path}"
            )
    places = {part: [table.names.index(name) for name in of] for part, of in found.items()}
    used = {name for of in found.values() for name in of}
    unused = [repr(name) for name in table.names if name not in used]
    more = f" and {len(unused) - _SHOWN:,} more" if len(unused) > _SHOWN else ""
    parts = ", ".join(f"{part} {' and '.join(map(repr, of))}" for part, of in found.items() if of)
    rest = f"; not used: {', '.join(unused[:_SHOWN])}{more}" if unused else ""
    return Columns(places, {part: of[0] for part, of in found.items() if of}, f"columns: {parts}{rest}")


def usual(part: str) -> list[str]:
    """What the column of a part is often called, the likeliest first.

    Example:
        `usual("question")` -> `["question", "query"]`
    """
    return list(_NAMES[part])


def read(path: Path, form: Form, faults: Faults, how: Dialect | None = None, answered: bool = True) -> Iterator[Row]:
    """Reads a table row by row.

    Args:
        path: The file.
        form: The columns, and how it is written.
        faults: Collects faulty rows; they are left out.
        how: Its dialect; by default it is found.
        answered: Whether there must be a column of answers; an empty cell of it is no answer.

    Yields:
        The questions.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, the file cannot be read, or a fault is an error.

    Example:
        `next(read(Path("rivers.csv"), Form(), Faults("error"))).question.context`
    """
    table = row_files.read(path, how or dialect.find(path, form.files), faults)
    places = columns(table, form, answered).places
    for line, cells in table.rows:
        of = {part: [cells[place] for place in places[part]] for part in places}
        one = {part: of[part][0] if of[part] else None for part in of}
        place = table.place(line) + (f", id {one['id']!r}" if one["id"] else "")
        if odd := _without_text(of["answer"]):
            faults.found(f"`{_TEXTS[0]}` in answers that are objects", f"{str(odd)[:60]}, {place}", LEFT_OUT)
            continue
        answers = _answers(of["answer"], of["answer_start"])
        if answers is None:
            received = f"{str(of['answer'])[:60]} and {str(of['answer_start'])[:60]}, {place}"
            faults.found("answers that are texts or lists of texts, with as many starts or none", received, LEFT_OUT)
            continue
        fields = Fields(one["question"], one["context"], answers, one["id"], one["title"], one["kind"])
        yield from question_rows.row(fields, place, faults)


def _found(table: Rows, part: str, given: str, needed: bool) -> list[str]:
    """The names of the columns of a part."""
    option = _option(part)
    if given:
        table.column(given, option)
        return [given]
    of_numbers = {base.casefold(): of for base, of in numbered(table.names).items()} if part in _SEVERAL else {}
    for name in _NAMES[part]:
        exact = [one for one in table.names if one.casefold() == name]
        if exact or name in of_numbers:
            for one in exact:
                table.column(one)  # refuses two of a name
            return [*exact[:1], *of_numbers.get(name, [])]
    if needed and table.names == [_DATA]:
        raise ValueError(
            f"Expected SQuAD's JSON, whose `{_DATA}` is a list of articles, or a question in each line. "
            f"Received: `{_DATA}` that is no list, {table.path}"
        )
    if needed:
        table.column(part, option)
    return []


def _option(part: str) -> str:
    return f"{part.removeprefix('answer_')}_column"


def _without_text(texts: list[Any]) -> list[dict[str, Any]]:
    """The objects among answers that have no text; which is not the same as no answer."""
    listed = (one for cell in texts for one in (cell if isinstance(cell, list) else [cell]))
    return [one for one in listed if isinstance(one, dict) and not any(name in one for name in _TEXTS)]


def _answers(texts: list[Any], starts: list[Any]) -> list[tuple[Any, Any]] | None:
    """Text and start of each answer; None if there is not one start for each text, or none at all."""
    flat: list[Any] = []
    of_objects: list[Any] = []
    for cell in texts:
        for one in cell if isinstance(cell, list) else [cell]:
            if isinstance(one, dict):
                text, start = (next((one[name] for name in of if name in one), None) for of in (_TEXTS, _STARTS))
                flat += text if isinstance(text, list) else [text]
                of_objects += start if isinstance(start, list) else [start]
            else:
                flat.append(one)
                of_objects.append(None)
    given = [start for cell in starts for start in (cell if isinstance(cell, list) else [cell])]
    found = [start for start in given or of_objects if start not in (None, "")]
    if not found:
        return [(text, None) for text in flat]
    if len(given or of_objects) != len(flat):
        return None
    return list(zip(flat, given or of_objects, strict=True))
