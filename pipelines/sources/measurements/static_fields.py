"""Static fields of entities: those of a table, those that are lifted out of the measurements, and MEDS's."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.measurements import measurement_columns, measurement_rows
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_rows import RowReader, Rows
from pipelines.sources.measurements.variable_types import NUMBERS, WORDS
from pipelines.sources.tables import table_cells, table_files, table_numbers
from pipelines.sources.tables.table_numbers import Marks

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Statics:
    """Static fields.

    Attributes:
        numbers: Name -> float64 `[entities]`, NaN where unknown.
        words: Name -> texts, object `[entities]`, empty where unknown.
    """

    numbers: "dict[str, np.ndarray]"
    words: "dict[str, np.ndarray]"

    def longer(self, entities: int) -> "Statics":
        """The fields with unknown values for more entities."""
        import numpy as np

        numbers = {name: np.append(values, np.full(entities, np.nan)) for name, values in self.numbers.items()}
        return Statics(numbers, {name: np.append(of, np.full(entities, "", object)) for name, of in self.words.items()})

    def joined(self, other: "Statics") -> "Statics":
        """The fields of both.

        Raises:
            ValueError: A field is in both.
        """
        again = {*self.numbers, *self.words} & {*other.numbers, *other.words}
        if again:
            raise ValueError(
                f"Expected a static field among the measurements or in the table. Received: {min(again)!r} in both"
            )
        return Statics(self.numbers | other.numbers, self.words | other.words)


def of_rows(rows: Rows, kinds: dict[str, str], reader: RowReader, entities: int) -> tuple[Statics, list[str]]:
    """The static fields among rows of measurements.

    Args:
        rows: Rows of static variables; the earliest of an entity counts.
        kinds: The types of their variables. What only occurs is 1 where it does, else 0.
        reader: What read the rows.
        entities: Number of entities.

    Returns:
        The fields, and what is to be said.

    Example:
        `of_rows(rows, {"Age": "numbers"}, reader, 4000)[0].numbers["Age"]`
    """
    import numpy as np

    order = np.lexsort((rows.line, rows.file, rows.time, rows.entity, rows.variable))
    rows = rows.chosen(order)
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(rows.variable) != 0) | (np.diff(rows.entity) != 0)
    group = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    value, text = rows.value[starts][group], rows.text[starts][group]
    other = int((~((rows.value == value) | ((rows.text == text) & np.isnan(value)))).sum())
    rows, names, texts = rows.chosen(first), reader.variables.to_list(), reader.texts.to_list()
    found = Statics({}, {})
    for number in np.unique(rows.variable).tolist():
        mine, name = rows.chosen(rows.variable == number), names[number]
        if kinds[name] == WORDS:
            found.words[name] = np.full(entities, "", object)
            found.words[name][mine.entity] = [texts[one] for one in mine.text.tolist()]
        else:
            found.numbers[name] = np.full(entities, np.nan if kinds[name] == NUMBERS else 0.0)
            found.numbers[name][mine.entity] = mine.value if kinds[name] == NUMBERS else 1.0
    said = f"{other:,} later values of static variables that differ from the first are left out"
    return found, [said] if other else []


def read(
    path: str | Path, entity: str, known: DistinctTexts, options: FileOptions, marks: Marks, faults: Faults
) -> Statics:
    """Reads a table of static fields, a row an entity.

    Args:
        path: The table.
        entity: Column of the entity; empty = found.
        known: The entities, which gain those of the table.
        options: How the file is written.
        marks: How its numbers are written.
        faults: Receives rows without an entity, and second rows of one.

    Returns:
        The fields: numbers where all cells of a column are, else words.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, or a fault is an error.

    Example:
        `read("static.csv", "", entities, FileOptions(), Marks(), Faults("error")).words["Gender"]`
    """
    import numpy as np

    frame = table_files.read(path, faults, options).frame
    column = measurement_columns.find(table_files.names(frame), {"entity": entity}, str(path))["entity"]
    number, kept = entity_numbers(frame, column, known, faults, new=True)
    _, first = np.unique(number[kept], return_index=True)
    rows = np.flatnonzero(kept)
    if len(first) < len(rows):
        again = np.setdiff1d(rows, rows[first])
        faults.found(f"one row an entity in {path}", table_files.place(frame, int(again[0])), "later rows are left out",
                     len(again))  # fmt: skip
    rows = rows[first]
    found = Statics({}, {})
    for name in table_files.names(frame):
        if name == column:
            continue
        values, words = _field(frame[name], marks)
        if words is None:
            found.numbers[name] = np.full(len(known), np.nan)
            found.numbers[name][number[rows]] = values[rows]
        else:
            found.words[name] = np.full(len(known), "", object)
            found.words[name][number[rows]] = words[rows]
    return found


def entity_numbers(
    frame: "pd.DataFrame", column: str, known: DistinctTexts, faults: Faults, new: bool = False
) -> tuple["np.ndarray", "np.ndarray"]:
    """The number of each row's entity, and which rows have one.

    Args:
        frame: The table.
        column: Its column of entities.
        known: The entities.
        faults: Receives rows without an entity, and those whose entity is not known.
        new: Whether unknown entities become known.

    Returns:
        int32 `[rows]`, -1 where there is none, and bool `[rows]`.

    Raises:
        ValueError: A fault is an error.
    """
    import numpy as np

    found = measurement_rows.ids(frame[column])
    texts = [table_cells.spelt(text) for text in found.texts.to_pylist()]
    if new:
        known.numbers(text for text in texts if text)
    number = known.known(texts)[found.codes]
    filled = np.array([bool(text) for text in texts])[found.codes]
    for wrong, expected in (
        (~filled, "an entity in each row"),
        (filled & (number < 0), "entities that have measurements or static fields"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            received = f"{texts[found.codes[row]]!r} in column {column!r}, {table_files.place(frame, row)}"
            faults.found(expected, received, "the row is left out", int(wrong.sum()))
    return number, number >= 0


def _field(column: "pd.Series", marks: Marks) -> tuple["np.ndarray", "np.ndarray | None"]:
    """The numbers of a column, and its words where it is no column of numbers."""
    import numpy as np

    if table_cells.is_typed(column):
        return column.to_numpy(np.float64, na_value=np.nan), None
    found = table_numbers.read(column, marks)
    values = np.where(np.isinf(found.values), np.nan, found.values)
    if not found.wrong.any():
        return values[found.cells.codes], None
    texts = np.array([table_cells.spelt(text) for text in found.cells.texts.to_pylist()], object)
    return values, np.where(found.missing, "", texts)[found.cells.codes]
