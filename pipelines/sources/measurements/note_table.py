"""Notes: texts about entities, each with its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import measurement_columns, measurement_times, static_fields, variable_types
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_form import Form
from pipelines.sources.measurements.measurement_rows import NONE, RowReader, Rows
from pipelines.sources.measurements.measurement_times import Reading
from pipelines.sources.tables import table_cells, table_files

NEVER = np.iinfo(np.int64).max  # in place of a time
_HOUR = 3_600_000_000


@dataclass(frozen=True)
class Notes:
    """The notes of each entity, one entity after the other, in the order of time.

    Attributes:
        starts: int64 `[entities + 1]`, where the notes of each entity start; the last is their number.
        hours: float64 `[notes]`, since the entity's first measurement; below 0 before it.
        text: Texts, object `[notes]`.
    """

    starts: np.ndarray
    hours: np.ndarray
    text: np.ndarray

    def of(self, entity: int, hour: float = np.inf) -> list[str]:
        """The notes of an entity up to an hour, that hour included.

        Example:
            `notes.of(0, 24.0)` -> `["Patient is stable."]`
        """
        part = slice(self.starts[entity], self.starts[entity + 1])
        return self.text[part][self.hours[part] <= hour].tolist()


class Written(NamedTuple):
    """Notes as they come.

    Attributes:
        entity: int `[notes]`.
        time: int64 `[notes]`, microseconds.
        text: Texts, object `[notes]`.
    """

    entity: np.ndarray
    time: np.ndarray
    text: np.ndarray


def read(path: str | Path, known: DistinctTexts, form: Form, reading: Reading, faults: Faults) -> Written:
    """Reads notes.

    Args:
        path: A table with columns of the entity, the time and the text.
        known: The entities.
        form: Names of the columns, and how files are written. The time may have another column than in measurements.
        reading: How the times of the measurements are written, and so those of notes.
        faults: Receives rows without an entity or a readable time, and entities without measurements.

    Returns:
        The notes that have a text.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, or a fault is an error.

    Example:
        `in_order([read("notes.csv", entities, Form(), reading, Faults("warn"))], origin).of(0)`
    """
    frame = table_files.read(path, faults, form.files).frame
    names = table_files.names(frame)
    roles = {"entity": form.entity, "time": form.time if form.time in names else "", "note": form.note}
    columns = measurement_columns.find(names, roles, str(path))
    if "time" not in columns:
        raise ValueError(
            f"Expected a column of the time of notes, such as 'time'. Received: {', '.join(names)}, {path}"
        )
    entity, kept = static_fields.entity_numbers(frame, columns["entity"], known, faults)
    time, there = measurement_times.read_alike(frame, columns["time"], reading, faults)
    cells = table_cells.cells(frame[columns["note"]])
    text = np.array([text.strip() for text in cells.texts.to_pylist()], object)[cells.codes]
    return _filled(entity, time, text, kept & there)


def of_rows(rows: Rows, reader: RowReader) -> Written:
    """The notes among rows of measurements, whose values they are; those without a time are left out.

    Args:
        rows: Rows of the variables of notes.
        reader: What read them.

    Returns:
        The notes that have a text.

    Example:
        `of_rows(rows.chosen(is_note), reader).text`
    """
    texts = np.array([*reader.texts.to_list(), ""], object)  # `NONE` is the last
    text = texts[rows.text]
    bare = (rows.text == NONE) & np.isfinite(rows.value)
    text[bare] = variable_types.digits(rows.value[bare])
    return _filled(rows.entity, rows.time, text, rows.timed)


def begun(parts: Sequence[Written], origin: np.ndarray) -> np.ndarray:
    """Where the hours of each entity begin, int64 `[entities]`: that of its first note in place of `NEVER`, else 0.

    Example:
        `begun([of_rows(rows, reader)], origin)`
    """
    first = origin.copy()
    for part in parts:
        np.minimum.at(first, part.entity, np.where(origin[part.entity] == NEVER, part.time, NEVER))
    return np.where(first == NEVER, 0, first)


def in_order(parts: Sequence[Written], origin: np.ndarray) -> Notes:
    """Puts notes in order, those of one time in that of their texts; equal ones count once.

    Args:
        parts: The notes.
        origin: int64 `[entities]`, microseconds from which each one's hours count, see `begun`.

    Returns:
        The notes.

    Example:
        `in_order([of_rows(rows, reader)], origin).hours`
    """
    entity, time, text = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((text.astype(str), time, entity))
    entity, time, text = entity[order], time[order], text[order]
    new = np.ones(len(entity), bool)
    new[1:] = (np.diff(entity) != 0) | (np.diff(time) != 0) | (text[1:] != text[:-1])
    entity, time, text = entity[new], time[new], text[new]
    starts = np.concatenate([[0], np.cumsum(np.bincount(entity, minlength=len(origin)))])
    return Notes(starts, (time - origin[entity]) / _HOUR, text)


def _filled(entity: np.ndarray, time: np.ndarray, text: np.ndarray, kept: np.ndarray) -> Written:
    kept = kept & (text != "")
    return Written(entity[kept], time[kept], text[kept])
