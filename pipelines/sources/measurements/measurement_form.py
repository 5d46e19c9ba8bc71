"""How measurements are written, and what counts as one, without NumPy."""

from dataclasses import dataclass, field

from pipelines.sources.files.file_options import FileOptions

# What a relative time counts, and how long it is in hours.
UNITS = {"hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600, "days": 24.0}
CLOCK = "HH:MM"


@dataclass(frozen=True)
class Form:
    """How measurements are written.

    Attributes:
        entity: Column of the entity: a patient, a stay, a machine. Empty = found, as are the others.
        time: Column of the time.
        variable: Column of what was measured.
        value: Column of the value.
        text: Column of values that are words, beside a column of numbers, as in MEDS.
        time_format: `hours`, `minutes`, `seconds` or `days` since any beginning; `HH:MM` since one; or the format of
            timestamps as in `strptime`. Empty = found.
        decimal: Decimal mark of numbers that are texts. Empty = found.
        thousands: Thousands mark.
        missing: Texts that mean a missing value, besides the usual ones. Those that are numbers count only for
            `missing_variables`: -1 is a good base excess and no height.
        missing_variables: Variables for which the numbers among `missing` mean a missing value.
        static_variables: Variables that are constant: their first value becomes a static field, and no event.
        categories: Variables whose values are words whatever they hold.
        note: Column of the texts in a table of notes. Empty = found.
        note_variables: Variables whose values are notes: texts that are read, and no measurements.
        files: How the files are written.
    """

    entity: str = ""
    time: str = ""
    variable: str = ""
    value: str = ""
    text: str = ""
    time_format: str = ""
    decimal: str = ""
    thousands: str = ""
    missing: tuple[str, ...] = ()
    missing_variables: tuple[str, ...] = ()
    static_variables: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    note: str = ""
    note_variables: tuple[str, ...] = ()
    files: FileOptions = field(default_factory=FileOptions)


@dataclass(frozen=True)
class LabelForm:
    """How labels are written.

    Attributes:
        labels: Columns to predict; empty if the table has one column that can be.
        score_columns: Columns of severity scores, which are baselines. No other column of the table is read.
        entity: Column of the entity. Empty = found.
        time: Column of the time of each prediction; later events are not seen. Empty = found; there need be none.
            `none` = there is none, whatever columns of times there are.
        files: How the file is written.
    """

    labels: tuple[str, ...] = ()
    score_columns: tuple[str, ...] = ()
    entity: str = ""
    time: str = ""
    files: FileOptions = field(default_factory=FileOptions)
