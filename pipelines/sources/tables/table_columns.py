"""The roles of a table's columns, and how text becomes numbers."""

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pipelines.sources.tables.table_files import place
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Layout = Literal["channels", "columns", "rows"]
VALUE = "value"  # the column of values that a table of layout `rows` gets


@dataclass(frozen=True)
class Columns:
    """The roles of a table's columns.

    Attributes:
        time: Column of the timestamps, or several (a date and a time of day); empty if the rows are in order and one
            step apart.
        target: Columns to forecast; empty for every column without another role. A name may contain a `*`; it then
            stands for the one matching column of each file.
        series: Columns whose values name the series; empty if the table is one series.
        past: Covariates known up to now.
        known: Covariates known for the horizon too.
        static: Covariates that are constant within a series.
        layout: `channels`: targets are channels of one series; `columns`: each target column is a series; `rows`: each
            row is a series, with its values to the right of the columns `series` and `static`.
        time_format: Format of the timestamps as in `strptime`; empty = inferred.
    """

    time: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    layout: Layout = "channels"
    time_format: str = ""

    @property
    def covariates(self) -> dict[str, tuple[str, ...]]:
        """Covariate columns by their role."""
        return {"past": self.past, "known": self.known, "static": self.static}


@dataclass(frozen=True)
class Categories:
    """The distinct texts of each column of text; each of them becomes an indicator column.

    An indicator is 1 in the rows with its text and 0 elsewhere. An unknown text and an empty cell have 0 in all.

    Attributes:
        words: Column -> its texts, sorted.
    """

    words: dict[str, list[str]] = field(default_factory=dict)

    def names(self, columns: tuple[str, ...]) -> list[str]:
        """Names of the numeric columns that columns of a table become.

        Example:
            `Categories({"day": ["off", "work"]}).names(("heat", "day"))` -> `["heat", "day=off", "day=work"]`
        """
        return [name for column in columns for name in self._names(column)]

    def numbers(self, frame: "pd.DataFrame", columns: tuple[str, ...]) -> "np.ndarray":
        """The columns as numbers, float32 `[rows, names]`.

        Raises:
            ValueError: A numeric column holds something else.
        """
        import numpy as np

        found = [numbers(frame, column) for column in columns if column not in self.words]
        plain = iter(found)
        parts = [
            (frame[column].astype(str).to_numpy()[:, np.newaxis] == np.array(self.words[column], dtype=object))
            if column in self.words
            else next(plain)[:, np.newaxis]
            for column in columns
        ]
        return np.concatenate([np.zeros([len(frame), 0]), *parts], axis=1).astype(np.float32)

    def _names(self, column: str) -> list[str]:
        return [f"{column}={word}" for word in self.words[column]] if column in self.words else [column]


def resolve(columns: Columns, names: list[str], source: str) -> Columns:
    """Completes the roles of a table's columns and refuses names of columns that the table does not have.

    Args:
        columns: The roles as the user gave them.
        names: Names of the table's columns.
        source: Name of the table, for messages.

    Returns:
        The roles, with every target named.

    Raises:
        ValueError: A column is missing or has two roles, or nothing is left to forecast.
    """
    named = []
    for role in ("time", "target", "series", "past", "known", "static"):
        named += [(role, name) for name in getattr(columns, role)]
    for role, name in named:
        if name not in names:
            raise ValueError(
                f"Expected a column of {source}: {', '.join(names)}. "
                f"Received: {role}={name!r}{did_you_mean(name, names)}"
            )
    roles: dict[str, str] = {}
    for role, name in named:
        if name in roles:
            raise ValueError(f"Expected one role for each column. Received: {name!r} as {roles[name]} and {role}")
        roles[name] = role
    target = columns.target or tuple(name for name in names if name not in roles)
    if not target:
        raise ValueError(f"Expected a column to forecast in {source}. Received: roles for all of {', '.join(names)}")
    return replace(columns, target=target)


def find_categories(frame: "pd.DataFrame", columns: Columns) -> Categories:
    """The texts of the covariates that are not numeric."""
    import pandas as pd

    words = {}
    for column in (*columns.past, *columns.known, *columns.static):
        if not pd.api.types.is_numeric_dtype(frame[column]):
            words[column] = sorted(frame[column].dropna().astype(str).unique())
    return Categories(words)


def numbers(frame: "pd.DataFrame", column: str) -> "np.ndarray":
    """A column as numbers, float64, NaN where its cells are empty.

    Raises:
        ValueError: A cell is not a number; the message names it.
    """
    import numpy as np
    import pandas as pd

    cells = frame[column]
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    found = pd.to_numeric(cells, errors="coerce")
    wrong = cells.notna() & found.isna()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"Expected numbers in column {column!r}. Received: {cells.iloc[row]!r} in {place(frame, row)}")
    return found.to_numpy(dtype=np.float64)


def to_dict(columns: Columns, categories: Categories) -> dict[str, Any]:
    """Roles and texts in a form that JSON can hold."""
    return {**asdict(columns), "words": categories.words}


def from_dict(content: dict[str, Any]) -> tuple[Columns, Categories]:
    """Roles and texts from what `to_dict` returned, after a round trip through JSON."""
    roles: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    del roles["words"]
    return Columns(**roles), Categories(content["words"])
