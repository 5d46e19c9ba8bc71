"""Notes: texts about entities, each with its time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.sources.faults import Faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.measurements import measurement_columns, measurement_times, static_fields
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_times import Reading
from pipelines.sources.tables import table_cells, table_files

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


def read(
    path: str | Path, known: DistinctTexts, origin: np.ndarray, reading: Reading, options: FileOptions,
    faults: Faults,
) -> Notes:  # fmt: skip
    """Reads notes.

    Args:
        path: A table with columns of the entity, the time and the text.
        known: The entities.
        origin: int64 `[entities]`, microseconds of each one's first row that has a time.
        reading: How the times of the measurements are written, and so those of notes.
        options: How the file is written.
        faults: Receives rows without an entity or a readable time, and entities without measurements.

    Returns:
        The notes that have a text.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, or a fault is an error.

    Example:
        `read("notes.csv", entities, origin, reading, FileOptions(), Faults("warn")).of(0)`
    """
    frame = table_files.read(path, faults, options).frame
    roles = dict.fromkeys(("entity", "time", "note"), "")
    columns = measurement_columns.find(table_files.names(frame), roles, str(path))
    if "time" not in columns:
        raise ValueError(
            f"Expected a column of the time of notes, such as 'time'. "
            f"Received: {', '.join(table_files.names(frame))}, {path}"
        )
    entity, kept = static_fields.entity_numbers(frame, columns["entity"], known, faults)
    time, there = measurement_times.read_alike(frame, columns["time"], reading, faults)
    cells = table_cells.cells(frame[columns["note"]])
    text = np.array([text.strip() for text in cells.texts.to_pylist()], object)[cells.codes]
    kept &= there & (text != "")
    entity, time, text = entity[kept], time[kept], text[kept]
    order = np.lexsort((text.astype(str), time, entity))
    starts = np.concatenate([[0], np.cumsum(np.bincount(entity, minlength=len(known)))])
    return Notes(starts, ((time - origin[entity]) / _HOUR)[order], text[order])
