"""Events in tables: CSV, TSV, JSON lines, Parquet or TensorFlow Datasets, with an event in each row."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.events import event_columns, event_conditions
from pipelines.sources.events.event_conditions import Condition
from pipelines.sources.events.event_form import Form
from pipelines.sources.events.event_sequences import Events
from pipelines.sources.faults import Faults
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.tables import table_cells, table_files, timestamps
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.times import stamp_cells
from pipelines.sources.times.time_form import TimeForm

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

ORDER = "order"  # the format of numbers that are no moments
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


class EventTable(NamedTuple):
    """The events of a table.

    Attributes:
        events: The events.
        columns: The columns, and how the time is written, in words.
        dialect: How the first file is written; None of TensorFlow Datasets.
        form: How its times are written; None where they are no moments.
    """

    events: Events
    columns: str
    dialect: Dialect | None
    form: TimeForm | None


def read(
    data: str, form: Form, faults: Faults, known: Dialect | None = None, time_form: TimeForm | None = None
) -> EventTable:
    """Reads the events of a table. Ids stay the texts that they are.

    Args:
        data: A file, a folder of files, or `tfds:NAME`.
        form: The columns, which rows count, and how the files are written.
        faults: Receives rows without a user, an item or a time.
        known: Dialect of the training data, which decides where two readings fit.
        time_form: How times are written, as decided in training; None finds it.

    Returns:
        The events. Only the columns that are needed are kept in memory, and ids and times as numbers.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, a file cannot be read, no row is left, or a fault is an error.

    Example:
        `read("ratings.csv", Form(keep="rating>=4"), Faults("error")).events.items`
    """
    conditions = event_conditions.parse(form.keep)
    tables = table_files.read(data, faults, form.files, known, partial(_needed, form=form, conditions=conditions))
    frame = tables.frame
    if (frame[table_files.SPLIT] >= 0).any():
        raise ValueError(
            "Expected files of events that are not split: --split does that, so that all models have the same test. "
            f"Received: {', '.join(map(str, frame[table_files.FILE].unique()))}; rename them, or put their events "
            "into one file"
        )
    columns = event_columns.find(table_files.names(frame), form, data)
    if conditions:
        frame = frame[event_conditions.met(frame, conditions, faults)].reset_index(drop=True)
        _require(frame, data, f" that meets --keep {form.keep!r}")
    user, users, has_user = _ids(frame, columns.user, "user", faults)
    item, items, has_item = _ids(frame, columns.item, "item", faults)
    there = has_user & has_item
    time, found = None, None
    if columns.time:
        time, found, has_time = _times(frame, columns.time, form.time_format, faults, time_form)
        there &= has_time
    if not there.any():
        _require(frame[:0], data, " that has a user, an item and a time")
    cells, texts = _further(frame, form, [columns.user, columns.item, columns.time])
    events = Events(user, item, time, users, items, found is not None, cells, texts).chosen(there)
    said = f"{columns}{f', written as {found.words}' if found and found.words else ''}"
    return EventTable(events, said, tables.dialects[0] if tables.dialects else None, found)


def _needed(frame: "pd.DataFrame", form: Form, conditions: list[Condition]) -> "pd.DataFrame":
    """The columns that are needed, so that the others do not fill the memory."""
    names = table_files.names(frame)
    source = str(frame[table_files.FILE].iloc[0])
    columns = event_columns.find(names, form, source)
    wanted = [event_columns.require(names, one.column, "keep", source) for one in conditions]
    wanted += [event_columns.require(names, one, "context_columns", source) for one in form.columns]
    own = [columns.user, columns.item, *filter(None, [columns.time])]
    wanted += [*own, *(one for one in form.if_there if one in names and one not in own)]
    return frame[[*dict.fromkeys(wanted), table_files.FILE, table_files.LINE, table_files.SPLIT]]


def _further(
    frame: "pd.DataFrame", form: Form, own: list[str]
) -> tuple["np.ndarray | None", "dict[str, list[str]] | None"]:
    """The cells of further columns, which are none of the events' own, and their texts."""
    import numpy as np

    names = [*form.columns, *(one for one in form.if_there if one in frame and one not in own)]
    if not names:
        return None, None
    found = {name: table_cells.cells(frame[name]) for name in names}
    texts = {name: [table_cells.spelt(text) for text in one.texts.to_pylist()] for name, one in found.items()}
    filled = {name: np.array([place if text else -1 for place, text in enumerate(of)]) for name, of in texts.items()}
    return np.stack([filled[name][one.codes] for name, one in found.items()], axis=1).astype(np.int32), texts


def _require(frame: "pd.DataFrame", data: str, what: str) -> None:
    if not len(frame):
        raise ValueError(f"Expected an event{what}. Received: none in {data}")


def _ids(
    frame: "pd.DataFrame", column: str, role: str, faults: Faults
) -> tuple["np.ndarray", "pa.Array", "np.ndarray"]:
    """The place of each row's id, the ids, and which rows have one."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    event_columns.refuse_floats(frame[column], role, str(frame[table_files.FILE].iloc[0]) if len(frame) else "")
    codes, distinct = pd.factorize(frame[column])
    texts = table_cells.cells(pd.Series(distinct, name=column)) if len(distinct) else None
    if texts is None:
        codes, there, ids = np.zeros(len(frame), np.int32), np.zeros(len(frame), bool), pa.array([], pa.large_string())
    else:
        ids = texts.texts.cast(pa.large_string())
        blank = pc.equal(pc.utf8_trim_whitespace(ids), "").to_numpy(zero_copy_only=False)
        there = (codes >= 0) & ~blank[texts.codes][codes]
        codes = texts.codes[codes].astype(np.int32)
    if not there.all():
        row = int(np.argmin(there))
        received = f"an empty cell in column {column!r}, {table_files.place(frame, row)}"
        faults.found(f"{'an' if role == 'item' else 'a'} {role} in each row", received, "the row is left out",
                     int((~there).sum()))  # fmt: skip
    return codes, ids, there


def _times(
    frame: "pd.DataFrame", column: str, time_format: str, faults: Faults, form: TimeForm | None
) -> tuple["np.ndarray", TimeForm | None, "np.ndarray"]:
    """The time of each row, int64, how it is written, and which rows have one."""
    import numpy as np

    if time_format == ORDER:
        cells = stamp_cells.cells_of(frame, (column,))
        numbers = cells.as_numbers() if not cells.are_dates else np.zeros(0)
        distinct = np.unique(numbers[np.isfinite(numbers)])
        if not len(distinct):
            raise ValueError(
                f"Expected numbers in column {column!r}, by --time_format order. "
                f"Received: {cells.shown(0)!r}, {table_files.place(frame, 0)}"
            )
        order = np.searchsorted(distinct, np.where(np.isfinite(numbers), numbers, distinct[0]))
        time, there = cells.by_row(order.astype(np.int64), np.isfinite(numbers))
        if not there.all():
            row = int(np.argmin(there))
            received = f"{cells.shown(row)!r}, {table_files.place(frame, row)}"
            faults.found("a number in each row, by --time_format order", received, "the row is left out",
                         int((~there).sum()))  # fmt: skip
        return time, None, there
    try:
        read, found = timestamps.read(frame, Columns(time=(column,), time_format=time_format), faults, form)
    except ValueError as error:
        if time_format:
            raise
        raise ValueError(f"{error}. Numbers that only say which event is later: --time_format {ORDER}") from None
    there = np.isfinite(read)
    return (np.where(there, read, 0) * _UNITS[found.unit]).astype(np.int64), found, there
