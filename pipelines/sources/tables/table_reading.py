"""What is decided about a table from the training data, and holds for every later file."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.sources.files import dialect
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.times import time_form
from pipelines.sources.times.time_form import TimeForm

_SHOWN = 5  # unused columns


@dataclass(frozen=True)
class Reading:
    """How a table is read.

    Attributes:
        columns: The role of each column.
        categories: The words of the covariates that are words; None if they are still to be found.
        marks: How numbers are written, as far as it is known; None if pandas decides it, as in earlier versions.
        options: What the user says about the files.
        dialect: How the first file of the training data is written.
        form: How timestamps are written; None if it is still to be found, or if there are none.
    """

    columns: Columns
    categories: Categories | None = None
    marks: Marks | None = field(default_factory=Marks)
    options: FileOptions = field(default_factory=FileOptions)
    dialect: Dialect | None = None
    form: TimeForm | None = None


def described(reading: Reading, missing: tuple[str, ...] = (), unused: tuple[str, ...] = ()) -> str:
    """Says in words what was decided.

    Args:
        reading: The reading.
        missing: See `table_series.Table`.
        unused: Likewise.

    Example:
        `described(reading)` -> "`;`, UTF-8, decimal `,`, words in holiday (3), %d/%m/%Y, day first"
    """
    parts = [reading.dialect.described()] if reading.dialect else []
    parts += [str(reading.marks)] if reading.marks and str(reading.marks) else []
    parts += [f"missing {' '.join(f'`{text}`' for text in missing)}"] if missing else []
    words = (reading.categories or Categories()).words
    parts += [f"words in {', '.join(f'{name} ({len(of)})' for name, of in words.items())}"] if words else []
    more = f" and {len(unused) - _SHOWN:,} more" if len(unused) > _SHOWN else ""
    parts += [f"not used: {', '.join(map(repr, unused[:_SHOWN]))}{more}"] if unused else []
    parts += [reading.form.words] if reading.form and reading.form.words else []
    return ", ".join(parts)


def to_dict(reading: Reading) -> dict[str, Any]:
    """A reading in a form that JSON can hold.

    Example:
        `to_dict(Reading(Columns(("hour",)), Categories()))["time"]` -> `("hour",)`
    """
    categories = reading.categories or Categories()
    found: dict[str, Any] = {**asdict(reading.columns), "words": categories.words, "blank": categories.blank}
    found["time_form"] = asdict(reading.form) if reading.form else None
    found |= {"numbers": asdict(reading.marks)} if reading.marks else {}
    found["files"] = asdict(reading.options)
    return found | ({"dialect": dialect.to_dict(reading.dialect)} if reading.dialect else {})


def from_dict(content: dict[str, Any]) -> Reading:
    """The reading of what `to_dict` returned, after a round trip through JSON.

    Example:
        `from_dict(card["table"]["columns"]).columns.target`
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    categories = Categories(values.pop("words"), values.pop("blank", None))
    numbers, how = values.pop("numbers", None), values.pop("dialect", None)
    options = FileOptions(**values.pop("files", {}))
    marks = Marks(numbers["decimal"], numbers["thousands"], tuple(numbers["missing"])) if numbers else None
    known = dialect.from_dict(how)
    form = time_form.from_dict(values.pop("time_form")) if "time_form" in values else TimeForm()  # of earlier versions
    return Reading(Columns(**values), categories, marks, options, known, form)
