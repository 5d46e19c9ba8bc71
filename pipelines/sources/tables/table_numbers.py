"""Numbers as tables write them: decimal and thousands marks, and marks of missing values.

A cell is a number only if its whole text is one: ASCII digits, perhaps in groups of three, with a sign (`-`, `+` or
U+2212), a decimal mark, an exponent, and blanks around. What programs take for numbers by accident (1_000, 0x10, True)
is none. Infinity is a number, which the readers report as a fault.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.tables.odd_numbers import remedy
from pipelines.sources.tables.table_cells import BLANKS, Cells, cells, is_typed
from pipelines.sources.tables.table_files import place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "None")
NONE = "none"
_SPELLINGS = {".": r"\.", ",": ",", " ": "[ \u00a0\u2009\u202f]", "'": "['\u2019]"}  # of each mark


@dataclass(frozen=True)
class Marks:
    """How the numbers of a table are written.

    Attributes:
        decimal: `.` or `,`; empty = not known.
        thousands: `,`, `.`, a space, an apostrophe, or `none`; empty = not known.
        missing: Texts that mean a missing value besides `MISSING`; those that are numbers are compared as numbers.
    """

    decimal: str = ""
    thousands: str = ""
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The marks, for messages."""
        parts = [f"decimal `{self.decimal}`"] if self.decimal else []
        parts += [f"thousands `{self.thousands}`"] if self.thousands not in ("", NONE) else []
        return ", ".join(
            parts + ([f"missing {' '.join(f'`{text}`' for text in self.missing)}"] if self.missing else [])
        )


class Numbers(NamedTuple):
    """The distinct texts of a column as numbers.

    Attributes:
        cells: The texts.
        values: float64 `[texts]`, NaN where a text is missing or no number.
        missing: bool `[texts]`.
        wrong: Whether a text is neither missing nor a number, bool `[texts]`.
    """

    cells: Cells
    values: "np.ndarray"
    missing: "np.ndarray"
    wrong: "np.ndarray"


def find(frame: "pd.DataFrame", columns: Iterable[str], given: Marks, point: bool) -> Marks:
    """Finds the marks that all numbers of a table agree on.

    Args:
        frame: The table.
        columns: The columns that may hold numbers.
        given: The marks that are known.
        point: Whether `1.234` is a decimal number where nothing contradicts it.

    Returns:
        The marks; those that no cell shows stay unknown.

    Raises:
        ValueError: Two cells contradict each other, or all can be read in two ways.

    Example:
        `find(frame, ["load"], Marks(), point=True).decimal` -> `","`
    """
    import numpy as np

    styles = list(_styles(given))
    marked = list(_marked(frame, columns, given, styles))
    if not marked:
        return given
    places = [(column, int(row)) for column, rows, _ in marked for row in rows]
    values = np.concatenate([of for *_, of in marked], axis=1)
    fits = ~np.isnan(values)
    right = np.flatnonzero(fits.all(axis=1))
    if not len(right):
        raise ValueError(_contradiction(frame, places, fits))
    doubtful = np.flatnonzero((values[right] != values[right[0]]).any(axis=0))
    if len(doubtful):
        if not point or styles[right[0]] != (".", ""):
            raise ValueError(_two_readings(frame, *places[doubtful[0]]))
        right = right[:1]
    decimals, thousands = ({styles[number][of] for number in right} for of in (0, 1))
    return Marks(
        decimals.pop() if len(decimals) == 1 else "",
        thousands.pop() or NONE if len(thousands) == 1 else NONE,
        given.missing,
    )


def read(column: "pd.Series", marks: Marks) -> Numbers:
    """A column of text as numbers, where its cells are numbers."""
    import numpy as np

    found = cells(column)
    trimmed = found.trimmed
    values = _values(trimmed, marks.decimal or ".", marks.thousands.replace(NONE, ""))
    missing = _are_missing(trimmed, marks) | np.isin(values, _missing_numbers(marks))
    return Numbers(found, np.where(missing, np.nan, values), missing, np.isnan(values) & ~missing)


def numbers(frame: "pd.DataFrame", column: str, marks: Marks) -> "np.ndarray":
    """A column as numbers.

    Args:
        frame: The table.
        column: Name of the column.
        marks: How numbers are written.

    Returns:
        float64 `[rows]`, NaN where a cell is missing.

    Raises:
        ValueError: A cell is no number; the message names it, its place and a remedy.

    Example:
        `numbers(frame, "load", Marks(decimal=","))`
    """
    import numpy as np

    if is_typed(frame[column]):
        values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
        missing = np.asarray(_missing_numbers(marks), np.float64)
        if str(frame[column].dtype) in ("float", "float32", "float[pyarrow]"):  # which holds the marks rounded
            missing = missing.astype(np.float32)
        return np.where(np.isin(values, missing), np.nan, values)
    found = read(frame[column], marks)
    if found.wrong.any():
        row = int(found.cells.rows[found.wrong].min())
        raise ValueError(
            f"Expected numbers in column {column!r}{_like(marks)}. Received: {frame[column].iloc[row]!r} in "
            f"{place(frame, row)}. {remedy(str(frame[column].iloc[row]))}"
        )
    return found.values[found.cells.codes]


def exact(column: "pd.Series", marks: Marks) -> "np.ndarray":
    """Finite numbers of a column with all their digits, object `[rows]`.

    Example:
        `exact(frame["meter"], Marks())` -> `[Decimal("9007199254740993")]`
    """
    import numpy as np

    found = cells(column)
    plain = _plain(found.trimmed, marks.decimal or ".", marks.thousands.replace(NONE, "")).to_pylist()
    return np.array([Decimal(text or 0) for text in plain], object)[found.codes]


def met(frame: "pd.DataFrame", columns: Iterable[str]) -> list[str]:
    """The texts of `MISSING` that columns of numbers hold, empty ones apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: set[str] = set()
    for column in columns:
        if not is_typed(frame[column]):
            trimmed = cells(frame[column]).trimmed
            found.update(trimmed.filter(pc.is_in(trimmed, value_set=pa.array(MISSING[1:], trimmed.type))).to_pylist())
    return sorted(found)


def are_missing(column: "pd.Series", marks: Marks) -> "np.ndarray":
    """Whether the cells of a column are missing, as far as that does not depend on the decimal mark."""
    import numpy as np

    if is_typed(column):
        return np.isnan(column.to_numpy(dtype=np.float64, na_value=np.nan))
    found = cells(column)
    return _are_missing(found.trimmed, marks)[found.codes]


def _like(marks: Marks) -> str:
    known = str(Marks(marks.decimal.replace(".", ""), marks.thousands))
    return f", with {known}" if known else ""


def _styles(given: Marks) -> Iterator[tuple[str, str]]:
    """Decimal and thousands mark of each way to write numbers, the plain one first."""
    for decimal in given.decimal or ".,":
        for thousands in [given.thousands.replace(NONE, "")] if given.thousands else ["", *_SPELLINGS]:
            if decimal != thousands:
                yield decimal, thousands


def _marked(
    frame: "pd.DataFrame", columns: Iterable[str], given: Marks, styles: list[tuple[str, str]]
) -> "Iterator[tuple[str, np.ndarray, np.ndarray]]":
    """The distinct numbers with marks of each column: its name, their rows, and their values `[styles, numbers]`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in columns:
        if is_typed(frame[column]):
            continue
        found = cells(frame[column])
        trimmed = found.trimmed
        has_mark = pc.match_substring_regex(trimmed, "|".join(_SPELLINGS.values())).to_numpy(zero_copy_only=False)
        place = np.flatnonzero(has_mark & ~_are_missing(trimmed, given))
        texts = trimmed.take(pa.array(place))
        values = np.stack([_values(texts, *style) for style in styles])
        is_number = ~np.isnan(values).all(axis=0)
        if is_number.any():
            yield column, found.rows[place][is_number], values[:, is_number]


def _values(texts: "pa.Array", decimal: str, thousands: str) -> "np.ndarray":
    """Texts as float64, NaN where one is no number in that style."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.cast(_plain(texts, decimal, thousands), pa.float64())
    return found.to_numpy(zero_copy_only=False).astype(np.float64)


def _plain(texts: "pa.Array", decimal: str, thousands: str) -> "pa.Array":
    """Texts with a decimal point and no other mark; missing where one is no number in that style."""
    import pyarrow.compute as pc

    plain = pc.replace_substring(texts, "\u2212", "-")
    plain = pc.if_else(pc.match_substring_regex(plain, _pattern(decimal, thousands)), plain, None)
    if thousands:
        plain = pc.replace_substring_regex(plain, _SPELLINGS[thousands], "")
    return pc.replace_substring(plain, decimal, ".")


def _pattern(decimal: str, thousands: str) -> str:
    grouped = f"|[1-9][0-9]{{0,2}}(?:{_SPELLINGS[thousands]}[0-9]{{3}})+" if thousands else ""
    point = re.escape(decimal)
    plain = f"(?:(?:[0-9]+{grouped})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return rf"\A[+-]?(?:{plain}|(?i:inf|infinity))\z"


def _are_missing(trimmed: "pa.Array", marks: Marks) -> "np.ndarray":
    import pyarrow as pa
    import pyarrow.compute as pc

    marks_of = pa.array([*MISSING, *marks.missing], trimmed.type)
    return pc.is_in(trimmed, value_set=marks_of).to_numpy(zero_copy_only=False)


def _missing_numbers(marks: Marks) -> list[float]:
    """The marks of missing values that are numbers, written as those of the table or else with a point."""
    import numpy as np
    import pyarrow as pa

    texts = pa.array(marks.missing, pa.large_string())
    alike = _values(texts, marks.decimal or ".", marks.thousands.replace(NONE, ""))
    found = np.where(np.isnan(alike), _values(texts, ".", ""), alike)
    return found[~np.isnan(found)].tolist()


def _contradiction(frame: "pd.DataFrame", places: list[tuple[str, int]], fits: "np.ndarray") -> str:
    """The message about the first number that no style fits that fits all before it."""
    import numpy as np

    second = int(np.argmin(np.logical_and.accumulate(fits, axis=1).any(axis=0)))
    first = int(np.argmin((fits & fits[:, [second]]).any(axis=0)))
    return (
        "Expected the same decimal and thousands marks in all numbers. "
        f"Received: {_cell(frame, *places[first])}, and {_cell(frame, *places[second])}. "
        "Write them alike, or name the marks with --decimal and --thousands"
    )


def _two_readings(frame: "pd.DataFrame", column: str, row: int) -> str:
    mark = next(letter for letter in str(frame[column].iloc[row]).strip(BLANKS) if letter in ".,")
    return (
        "Expected numbers that can be read in one way. "
        f"Received: {_cell(frame, column, row)}: a decimal with --decimal '{mark}', thousands with --thousands '{mark}'"
    )


def _cell(frame: "pd.DataFrame", column: str, row: int) -> str:
    return f"{frame[column].iloc[row]!r} in column {column!r}, {place(frame, row)}"
