"""The files of `predict`: questions and contexts, and their answers as SQuAD's predictions or a table."""

import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.runs.rows import card_fields
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.faults import Faults, OnBad, collect_faults
from pipelines.sources.files import answer_files, dialect, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.questions import question_files, question_json, question_rows, question_tables
from pipelines.sources.questions.question_form import Form
from tfmodels import whole_files

_COLUMNS = ("question", "context", "id")
_SHOWN = 60  # characters in a message
_OUTPUTS = ("answer", "start", "end", "score", "answerable")
_FORM = Fields(
    {
        "table": Fields(
            {"columns": Fields(dict.fromkeys(_COLUMNS, list[str]))},
            {"files": card_fields.of(FileOptions), "dialect": (card_fields.of(Dialect, "format"), None)},
        )
    },
    {"on_bad": (OnBad, None)},
)


class QuestionRows(list[dict[str, str]]):
    """Questions to answer, each `{"question": text, "context": text}`, and where they are from.

    Args:
        rows: The questions.
        ids: The id of each; empty where it has none.
        names: The names of the columns of their table.
        cells: The cells of each row of it.
        read: The columns that were read.
        how: How the table is written; None of SQuAD's JSON.

    Example:
        `read_requests(Path("dev-v2.0.json"), card).ids`
    """

    def __init__(
        self,
        rows: Sequence[dict[str, str]],
        ids: list[str],
        names: list[str],
        cells: list[list[Any]],
        read: list[str],
        how: Dialect | None = None,
    ) -> None:
        super().__init__(rows)
        self.ids, self.names, self.cells, self.read, self.how = ids, names, cells, read, how


def read_requests(path: Path, card: Mapping[str, Any]) -> QuestionRows:
    """Reads questions to answer; answers that are there are not read.

    Args:
        path: SQuAD's JSON (.json), or a table (.csv, .tsv, .jsonl, .parquet) with columns of the question and the
            context; texts plain or gzip.
        card: Of the run or the export: `table` names the columns, `on_bad` says what to do about questions without a
            text or a context; by default the first is an error.

    Returns:
        The questions.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no questions, or a faulty one; or the card has another form.

    Example:
        `read_requests(Path("dev-v2.0.json"), predictor.card)`
    """
    card_fields.check(card, _FORM)
    table = card["table"]
    files = FileOptions(**table.get("files", {}))
    with collect_faults(card.get("on_bad")) as faults:
        if question_json.is_one(path, files.encoding):
            found = _of_json(path, Form(files=files), faults)
        else:
            found = _of_table(path, files, table["columns"], faults, dialect.from_dict(table.get("dialect")))
    if not found:
        raise ValueError(f"Expected a file with questions. Received: {path}, without any that can be answered")
    return found


def write_answers(
    path: Path, rows: Sequence[Any], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]
) -> None:
    """Writes answers.

    Args:
        path: SQuAD's file of predictions (.json, also .gz), an object of ids and answers; or a .csv, .tsv, .jsonl or
            .parquet file, which gets the columns of the questions' file and then `answer`, `start` and `end` (bytes of
            the context), `score` and `answerable`; with any other ending an answer in each line.
        rows: What `read_requests` returned, or any rows `{"question": text, "context": text}`.
        outputs: The outputs of the endpoint for each row.
        card: As of `read_requests`.

    Example:
        `write_answers(Path("predictions.json"), questions, predictor.predict(questions), predictor.card)`
    """
    if not isinstance(rows, QuestionRows):
        cells = [[row["question"], row["context"]] for row in rows]
        rows = QuestionRows(list(rows), [""] * len(rows), ["question", "context"], cells, ["question", "context"])
    if path.name.lower().removesuffix(".gz").endswith(".json"):
        write_predictions(path, rows.ids, [output["answer"] for output in outputs])
        return
    columns = {name: [output[name] for output in outputs] for name in _OUTPUTS if not outputs or name in outputs[0]}
    answer_files.write_beside(path, rows.names, rows.cells, rows.read, columns, rows.how)


def write_predictions(path: Path, ids: Sequence[str], answers: Sequence[str]) -> None:
    """Writes SQuAD's file of predictions.

    Args:
        path: The file; it is gzip if its name ends in .gz.
        ids: The id of each question. Where one has none, or two have the same, all get their numbers from 1 on in place
            of it, which is said on standard error.
        answers: The answer of each; empty = there is none.

    Example:
        `write_predictions(Path("predictions.json"), ["5733be28"], ["a river"])`
    """
    if not all(ids) or len(set(ids)) < len(ids):
        what = "have no id" if not all(ids) else "have the same id"
        print(f"{path} has the numbers of the questions in place of their ids, since some {what}", file=sys.stderr)
        ids = [str(number) for number in range(1, len(answers) + 1)]
    content = json.dumps(dict(zip(ids, answers, strict=True)), ensure_ascii=False, indent=0).encode() + b"\n"
    whole_files.write(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read_predictions(path: Path) -> dict[str, str]:
    """Reads SQuAD's file of predictions.

    Args:
        path: The file, of any model; plain or gzip.

    Returns:
        Id of a question -> its answer; empty = there is none.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no object of ids and answers, or an id is there twice.

    Example:
        `read_predictions(Path("predictions.json"))["5733be28"]` -> `"a river"`
    """
    if not path.is_file():
        raise FileNotFoundError(f"Expected a file of predictions. Received: {path}, which is not there")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place]))
            raise ValueError(f"the id {twice[:_SHOWN]!r} twice")
        return found

    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError, EOFError, OSError) as error:
        raise ValueError(f"Expected an object of ids and answers in JSON, {path}. Received: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"Expected an object of ids and answers in JSON, {path}. Received: {type(found).__name__}")
    wrong = next((name for name, answer in found.items() if not isinstance(answer, str)), None)
    if wrong is not None:
        raise ValueError(
            f"Expected a text for each id, {path}. Received: {str(found[wrong])[:_SHOWN]} for {wrong[:_SHOWN]!r}"
        )
    return found


def _of_json(path: Path, form: Form, faults: Faults) -> QuestionRows:
    found = [one.question for one in question_files.read(path, form, faults, answered=False)]
    cells = [[one.id, one.question, one.context] for one in found]
    rows = [{"question": one.question, "context": one.context} for one in found]
    return QuestionRows(rows, [one.id for one in found], ["id", "question", "context"], cells, ["question", "context"])


def _of_table(
    path: Path, files: FileOptions, names: Mapping[str, list[str]], faults: Faults, known: Dialect | None
) -> QuestionRows:
    table = row_files.read(path, question_files.dialect_of(path, Form(files=files), known), faults)
    question, context, known_as = (_chosen(names[part], table.names, part != "id") for part in _COLUMNS)
    form = Form(question, context, id=known_as, files=files)
    places = question_tables.columns(table, form, answered=False).places
    rows, ids, kept = [], [], []
    for line, cells in table.rows:
        question, context, name = (cells[places[part][0]] if places[part] else None for part in _COLUMNS)
        for one in question_rows.row(question_rows.Fields(question, context, (), name), table.place(line), faults):
            rows.append({"question": one.question.question, "context": one.question.context})
            ids.append(one.question.id)
            kept.append(cells)
    read = [table.names[places[part][0]] for part in _COLUMNS if places[part]]
    return QuestionRows(rows, ids, table.names, kept, read, table.dialect)


def _chosen(names: Sequence[str], there: Sequence[str], needed: bool) -> str:
    """The first of some names that a table has, capitals apart; of none the likeliest if it is needed, else empty."""
    folded = {name.casefold(): name for name in reversed(there)}
    exact = next((name for name in names if name in there), None)
    found = exact or next((folded[name.casefold()] for name in names if name.casefold() in folded), "")
    return found or (names[0] if needed and names else "")
