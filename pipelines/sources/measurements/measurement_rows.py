"""Rows of measurements as a few arrays of numbers: the texts of one table at a time are in memory."""

from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import measurement_columns, measurement_times
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_form import Form
from pipelines.sources.measurements.measurement_times import Reading
from pipelines.sources.tables import table_cells, table_files, table_numbers
from pipelines.sources.tables.table_cells import Cells
from pipelines.sources.tables.table_numbers import Marks

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FLOATS = ("float", "double", "float32", "float64", "float[pyarrow]", "double[pyarrow]")
NONE = -1  # in place of the number of a text


class Rows(NamedTuple):
    """Rows of measurements.

    Attributes:
        entity: int32 `[rows]`, number of the entity.
        time: int64 `[rows]`, microseconds; 0 where `timed` is False.
        timed: bool `[rows]`; rows without a time are static.
        variable: int32 `[rows]`, number of the variable.
        value: float64 `[rows]`, NaN where it is no number or missing.
        text: int32 `[rows]`, number of the value's text; `NONE` where it is missing or came as a number.
        file: int32 `[rows]`, number of the file.
        line: int64 `[rows]`, line or row in it.
    """

    entity: "np.ndarray"
    time: "np.ndarray"
    timed: "np.ndarray"
    variable: "np.ndarray"
    value: "np.ndarray"
    text: "np.ndarray"
    file: "np.ndarray"
    line: "np.ndarray"

    def chosen(self, kept: "np.ndarray") -> "Rows":
        """Some of the rows, bool or int `[rows]`."""
        return Rows(*(column[kept] for column in self))


class RowReader:
    """Turns tables of measurements into rows, which share their numbers for texts.

    Args:
        form: How measurements are written.
        faults: Receives rows without an entity, a variable or a time.
        many_files: Whether a table without a column of entities is that of one entity, named as its file.

    Example:
        >>> reader = RowReader(Form(), Faults("error"))
        >>> rows = [reader.rows(frame) for frame in frames]
    """

    def __init__(self, form: Form, faults: Faults, many_files: bool = False) -> None:
        self._form, self._faults = form, faults
        self._optional = ("entity",) if many_files else ()
        self.entities, self.variables = DistinctTexts(), DistinctTexts()
        self.texts, self.files = DistinctTexts(), DistinctTexts()
        self.columns: dict[str, str] = {}
        self.reading: Reading | None = None
        self._marks: Marks | None = None

    def place(self, rows: Rows, row: int) -> str:
        """Where a row comes from, for messages."""
        name = self.files.to_list()[rows.file[row]]
        return f"{name}, {'row' if name.lower().endswith(('.parquet', '.pq')) else 'line'} {rows.line[row]:,}"

    def rows(self, frame: "pd.DataFrame") -> Rows:
        """The rows of a table.

        Args:
            frame: See `table_files.Tables`.

        Returns:
            The rows that have an entity, a variable, and a time where they need one.

        Raises:
            ValueError: A column is missing, a cell cannot be read in one way, or a fault is an error.
        """
        import numpy as np

        columns = self._found(frame)
        has_entity, entity = self._numbers(frame, columns.get("entity", table_files.FILE), "entity", self.entities)
        has_variable, variable = self._numbers(frame, columns["variable"], "variable", self.variables)
        static = frame[columns["time"]].isna().to_numpy(bool) & self._is_meds
        time, there = np.zeros(len(frame), np.int64), static.copy()
        found, readable, self.reading = measurement_times.read(
            frame[~static], columns["time"], self._form.time_format, self._faults, self.reading
        )
        time[~static], there[~static] = found, readable
        value, text = self._values(frame)
        file_of, names = frame[table_files.FILE].cat.codes.to_numpy(), frame[table_files.FILE].cat.categories
        file = self.files.numbers(names.tolist())[file_of]
        line = frame[table_files.LINE].to_numpy(np.int64)
        return Rows(entity, time, ~static, variable, value, text, file, line).chosen(has_entity & has_variable & there)

    @property
    def _is_meds(self) -> bool:
        """Whether a row without a time is a static field, as MEDS has it."""
        return self.columns["variable"] == "code" and "text" in self.columns

    def _found(self, frame: "pd.DataFrame") -> dict[str, str]:
        names, source = table_files.names(frame), table_files.place(frame, 0)
        given = {role: getattr(self._form, role) for role in ("entity", "time", "variable", "value", "text")}
        found = measurement_columns.find(names, given, source, self._optional)
        if self.columns and found != self.columns:
            raise ValueError(
                f"Expected the columns {', '.join(self.columns.values())}, as in the first file. "
                f"Received: {', '.join(names)}, {source}"
            )
        self.columns = found
        return found

    def _numbers(
        self, frame: "pd.DataFrame", column: str, role: str, known: DistinctTexts
    ) -> tuple["np.ndarray", "np.ndarray"]:
        """Which rows have an id, and its number, int32 `[rows]`."""
        import numpy as np

        if column == table_files.FILE:  # a file an entity
            names = [table_files.stem(name) for name in frame[column].cat.categories]
            return np.ones(len(frame), bool), known.numbers(names)[frame[column].cat.codes.to_numpy()]
        found = ids(frame[column])
        texts = [table_cells.spelt(text) for text in found.texts.to_pylist()]
        there = np.array([bool(text) for text in texts])[found.codes]
        if not there.all():
            row = int(np.argmin(there))
            received = f"an empty cell in column {column!r}, {table_files.place(frame, row)}"
            expected = f"{'an' if role == 'entity' else 'a'} {role} in each row"
            self._faults.found(expected, received, "the row is left out", int((~there).sum()))
        kept = [text for text in texts if text]
        numbers = np.full(len(texts), NONE, np.int32)
        numbers[[bool(text) for text in texts]] = known.numbers(kept)
        return there, numbers[found.codes]

    def _values(self, frame: "pd.DataFrame") -> tuple["np.ndarray", "np.ndarray"]:
        """The number and the text of each row's value."""
        import numpy as np

        value, text = self._column(frame, self.columns["value"])
        if "text" in self.columns:
            worded, words = self._column(frame, self.columns["text"])
            other = np.isnan(value) & (text == NONE)
            value, text = np.where(other, worded, value), np.where(other, words, text)
        return value, text

    def _column(self, frame: "pd.DataFrame", name: str) -> tuple["np.ndarray", "np.ndarray"]:
        import numpy as np

        if table_cells.is_typed(frame[name]):
            return frame[name].to_numpy(np.float64, na_value=np.nan), np.full(len(frame), NONE, np.int32)
        if self._marks is None:
            self._marks = table_numbers.find(frame, [name], self._given_marks(), point=True)
        found = table_numbers.read(frame[name], self._marks)
        texts = [table_cells.spelt(text) for text in found.cells.texts.to_pylist()]
        filled = ~found.missing
        numbers = np.full(len(texts), NONE, np.int32)
        numbers[filled] = self.texts.numbers(text for text, there in zip(texts, filled, strict=True) if there)
        return found.values[found.cells.codes], numbers[found.cells.codes]

    def _given_marks(self) -> Marks:
        """The marks of the options, without missing values that are numbers: these count for some variables alone."""
        form = self._form
        return Marks(form.decimal, form.thousands, tuple(one for one in form.missing if not is_number(one)))


def ids(column: "pd.Series") -> Cells:
    """The texts of ids; of whole numbers their digits, also where missing ones have made them floats.

    Example:
        `ids(frame["subject_id"]).texts` -> `["1", "2"]`
    """
    import numpy as np

    if table_cells.is_typed(column) and str(column.dtype) in _FLOATS:
        values = column.to_numpy(np.float64, na_value=0)
        column = (
            column.astype("int64[pyarrow]")
            if np.all((values == np.floor(values)) & (np.abs(values) < 2**53))
            else column
        )
    return table_cells.cells(column)


def is_number(text: str) -> bool:
    """Whether a text is a number.

    Example:
        `is_number("-1")` -> `True`
    """
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
