"""The files of `predict`: measurements of entities, and a table of their risks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.clinical import event_text, served_risks
from pipelines.clinical.static_inputs import StaticInputs
from pipelines.runs.rows import card_fields, output_columns
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.faults import OnBad, collect_faults
from pipelines.sources.files import file_formats, row_files
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.measurements import measurement_data, padded_events
from pipelines.sources.measurements.measurement_data import Sources
from pipelines.sources.measurements.measurement_form import Form
from pipelines.sources.measurements.note_table import Notes
from pipelines.sources.measurements.variable_types import NUMBERS, OCCURRENCES, WORDS

_LONGEST = 1_000_000  # measurements of a request
_TEXTS = ("entity", "time", "variable", "value", "text", "time_format", "decimal", "thousands")
_LISTS = ("missing", "missing_variables", "static_variables", "categories")
_WRITTEN = Fields(
    {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_LISTS, list[str]), "files": card_fields.of(FileOptions)},
    {"note_variables": list[str]},
)
_FORM = Fields(
    {"table": Fields({"form": _WRITTEN, "kinds": dict[str, str]}), "context": int, "static": list[Any]},
    {"on_bad": (OnBad, None), "notes": int},
)


class EntityRows(list[dict[str, Any]]):
    """Requests of entities, each a row of the inputs of `serving_default`.

    Args:
        rows: The requests.
        entities: Whose they are.
        cut: Older measurements of each that had no room.

    Example:
        `read_requests(Path("events.csv"), card).entities`
    """

    def __init__(self, rows: Sequence[dict[str, Any]], entities: list[str], cut: list[int]) -> None:
        super().__init__(rows)
        self.entities, self.cut = entities, cut


def read_requests(path: Path, card: Mapping[str, Any], notes: str = "") -> EntityRows:
    """Reads the measurements of entities, in the form of the training data.

    Args:
        path: A table of measurements. Rows of a variable that is a static field of the model are one; those of `note`
            are notes, of a model that reads them.
        card: Of the run or the export: `table` says how the training data was written, `context` how many measurements
            are read, `static` which static fields, `on_bad` what to do about faulty rows; by default the first is an
            error.
        notes: A table of notes, beside those of `path`; empty = none.

    Returns:
        A row for each entity.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no measurement, or a faulty one; or the card has another form.

    Example:
        `read_requests(Path("events.csv"), predictor.card)`
    """
    card_fields.check(card, _FORM)
    for one in card["static"]:
        card_fields.check({"static": one}, Fields({"static": event_text.FIELD}))
    table, width, most = card["table"], card["context"], card.get("notes", 0)
    if not (0 < width <= _LONGEST and 0 <= most <= _LONGEST):
        raise ValueError(
            f"Expected a card with a context from 1 to {_LONGEST:,}, and as many notes at most. Received: "
            f"context={width}, notes={most}"
        )
    if notes and not most:
        raise ValueError(f"Expected a model that reads notes. Received: a table of them, {notes}")
    if strange := {*table["kinds"].values()} - {NUMBERS, WORDS, OCCURRENCES}:
        raise ValueError(f"Expected kinds of variables in the card of the export. Received: {min(strange)!r}")
    texts: dict[str, Any] = {name: table["form"][name] for name in _TEXTS}
    lists: dict[str, Any] = {name: tuple(table["form"][name]) for name in _LISTS}
    lists["note_variables"] = tuple(table["form"].get("note_variables", ()))
    written = Form(**texts, **lists, files=FileOptions(**table["form"]["files"]))
    with collect_faults(card.get("on_bad")) as faults:
        found = measurement_data.measured(Sources(str(path), "", notes=notes), written, faults, table["kinds"])
    histories, fields = found.ordered.histories, StaticInputs(card["static"])
    names = np.array(["", *histories.variables.to_pylist()], object)
    every = np.arange(len(histories.entities))
    events = padded_events.padded(histories, every, histories.starts[1:], width)
    columns = {"time": events.time, "variable": names[events.variable], "value": events.value}
    cut = events.cut
    if most:
        columns = served_risks.with_notes(columns, *_latest(found.notes, len(every), most))
        cut = cut + (np.maximum(np.diff(found.notes.starts) - most, 0) if found.notes else 0)
    columns |= fields.values(found.statics, every)
    rows = [{name: of[row].tolist() if of.ndim > 1 else of[row] for name, of in columns.items()} for row in every]
    return EntityRows(rows, histories.entities.to_pylist(), cut.tolist())


def _latest(notes: Notes | None, entities: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Hours and texts of the latest notes of each entity, `[entities, most]`, padded on the left."""
    time, text = np.zeros([entities, most], np.float32), np.full([entities, most], "", object)
    if notes is None:
        return time, text
    for row in range(entities):
        part = slice(max(notes.starts[row + 1] - most, notes.starts[row]), notes.starts[row + 1])
        count = part.stop - part.start
        time[row, most - count :], text[row, most - count :] = notes.hours[part], notes.text[part]
    return time, text


def write_answers(
    path: Path, rows: Sequence[Any], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]
) -> None:
    """Writes risks, a row for each entity.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the columns `entity`, those of `answer_columns`, `observed` and
            `cut`.
        rows: What `read_requests` returned; other rows have their numbers from 1 on in place of the entities.
        outputs: The outputs of the endpoint for each row.
        card: Of the model.

    Raises:
        ValueError: The file can hold no table.

    Example:
        `write_answers(Path("risks.csv"), rows, predictor.predict(rows), predictor.card)`
    """
    if file_formats.of(path) == "lines":
        raise ValueError(f"Expected one of the endings {', '.join(file_formats.TABLES)}. Received: {path}")
    is_read = isinstance(rows, EntityRows)
    names = rows.entities if is_read else [str(number) for number in range(1, len(rows) + 1)]
    earlier = rows.cut if is_read else [0] * len(rows)
    answered = answer_columns(outputs, card)
    observed, cut = ([int(output[name]) for output in outputs] for name in ("observed", "cut"))
    cells = zip(names, *answered.values(), observed, map(sum, zip(cut, earlier, strict=True)), strict=True)
    row_files.write(path, ["entity", *answered, "observed", "cut"], map(list, cells))


def answer_columns(outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What is answered, column by column.

    Args:
        outputs: The outputs of the endpoint for each row.
        card: Of the model: with several classes `classes`, with numbers `levels`.

    Returns:
        `probability` and `label`, of several classes also `probability of CLASS`; of numbers `mean`, `q0.05` and so on.

    Raises:
        ValueError: The outputs are not those of the card.

    Example:
        `answer_columns(predictor.predict(rows), predictor.card)["label"]`
    """
    card_fields.check(card, Fields({}, {"classes": list[str], "levels": list[float]}))
    levels, classes = card.get("levels", []), card.get("classes", [])
    output, names = ("quantiles", [f"q{of:g}" for of in levels]) if levels else (
        "probabilities", [f"probability of {of}" for of in classes])  # fmt: skip
    plain = ("mean",) if levels else ("probability", "label")
    found = {name: [one[name] if name == "label" else float(one[name]) for one in outputs] for name in plain}
    if not names:
        return found
    rows = [output_columns.numbers(one, output, (len(names),)).tolist() for one in outputs]
    return found | {name: [row[place] for row in rows] for place, name in enumerate(names)}
