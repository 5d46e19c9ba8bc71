"""Covariates as numbers: columns of numbers as they are, columns of words as an indicator for each word."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables.odd_numbers import is_odd_number, remedy
from pipelines.sources.tables.table_cells import BLANKS, cells, is_typed, spelt
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import place
from pipelines.sources.tables.table_numbers import Marks, Numbers, numbers, read

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

_MOST_WORDS = 100
_FEW_WORDS = 10  # a column of no more may have a word of its own in each row
_DIGITS, _CODE = "^[0-9]+$", "^0[0-9]+$"


@dataclass(frozen=True)
class Categories:
    """The distinct words of each column of words; each of them becomes an indicator column.

    An indicator is 1 in the rows with its word and 0 elsewhere. A row with another word has 0 in all.

    Attributes:
        words: Column -> its words, sorted.
        blank: The columns among these that had empty cells, where a cell without a word is 0 in all indicators; in
            the others it is missing. None = all of them, as in earlier versions.
    """

    words: dict[str, list[str]] = field(default_factory=dict)
    blank: tuple[str, ...] | None = ()

    def names(self, columns: tuple[str, ...]) -> list[str]:
        """Names of the numeric columns that columns of a table become.

        Example:
            `Categories({"day": ["off", "work"]}).names(("heat", "day"))` -> `["heat", "day=off", "day=work"]`
        """
        return [name for column in columns for name in self._names(column)]

    def sources(self, columns: tuple[str, ...]) -> list[str]:
        """The column of the table that each of `names` comes from."""
        return [column for column in columns for _ in self._names(column)]

    def _names(self, column: str) -> list[str]:
        return [f"{column}={word}" for word in self.words[column]] if column in self.words else [column]


def find(frame: "pd.DataFrame", columns: Columns, marks: Marks, faults: Faults) -> Categories:
    """Decides which covariates are words, and finds them.

    A column is numbers if all its cells are; words if none is, if a whole number has a leading zero (`0012`), or if
    `columns.categories` says so. Blanks around words and their form of Unicode tell no words apart.

    Args:
        frame: The table.
        columns: The roles.
        marks: How numbers are written.
        faults: Is told of words that only differ in case, or as `01` and `1`.

    Returns:
        The words.

    Raises:
        ValueError: A column holds both numbers and words, or too many words.

    Example:
        `find(frame, Columns(known=("day",)), Marks(), Faults("error")).words` -> `{"day": ["off", "work"]}`
    """
    words, blank = {}, []
    for column in (name for role in columns.covariates.values() for name in role):
        if column not in columns.categories and _is_numeric(frame, column, marks):
            continue
        found = cells(frame[column])
        there = [text for text in found.texts.to_pylist() if not _is_blank(text, marks)]
        if column not in columns.categories:
            _check_count(frame, column, len(there))
            _check_odd(frame, column, there)
        words[column] = sorted(set(map(spelt, there)))
        _note_alike(column, words[column], faults)
        if len(there) < len(found.texts):
            blank.append(column)
    return Categories(words, tuple(blank))


def _note_alike(column: str, words: list[str], faults: Faults) -> None:
    """Tells of words that may be meant to be one: `No` and `no`, `01` and `1`."""
    first: dict[str, str] = {}
    for word in words:
        plain = word.casefold()
        other = first.setdefault(plain.lstrip("0") or "0" if plain.isdecimal() else plain, word)
        if other != word:
            faults.note(
                f"{other!r} and {word!r} in column {column!r} are two words, with an indicator each; write them alike "
                "if they are one"
            )


def as_numbers(
    frame: "pd.DataFrame",
    names: tuple[str, ...],
    columns: Columns,
    categories: Categories,
    marks: Marks,
    faults: Faults,
) -> "np.ndarray":
    """Covariates as numbers.

    Args:
        frame: The table.
        names: The covariates.
        columns: The roles.
        categories: The words of the columns of words.
        marks: How numbers are written.
        faults: Is told of words that have no indicator.

    Returns:
        float64 `[rows, columns]`, in the order of `Categories.names`.

    Raises:
        ValueError: A column of numbers holds words, or one of words numbers.
    """
    import numpy as np

    parts = [
        _indicators(frame, name, columns, categories, marks, faults)
        if name in categories.words
        else numbers(frame, name, marks)[:, np.newaxis]
        for name in names
    ]
    return np.concatenate([np.zeros([len(frame), 0]), *parts], axis=1)


def _indicators(
    frame: "pd.DataFrame", column: str, columns: Columns, categories: Categories, marks: Marks, faults: Faults
) -> "np.ndarray":
    import numpy as np

    known = {word: number for number, word in enumerate(categories.words[column])}
    found = cells(frame[column])
    texts = found.texts.to_pylist()
    blank = np.array([_is_blank(text, marks) for text in texts])
    # Words of earlier versions have the blanks of their cells.
    place_of = np.array([known.get(text, known.get(spelt(text), len(known))) for text in texts])
    place_of[blank] = -1
    unseen = np.flatnonzero(place_of == len(known))
    if len(unseen):
        if column not in columns.categories:
            _check_words(frame, column, [texts[number] for number in unseen], list(known), marks)
        counts = np.bincount(found.codes, minlength=len(texts))[unseen]
        shown = ", ".join(f"{texts[number]!r}" for number in unseen[np.argsort(-counts)][:5])
        faults.note(
            f"{counts.sum():,} of {len(frame):,} rows ({counts.sum() / len(frame):.0%}) have a word of column "
            f"{column!r} that training did not have: {shown}{', ...' if len(unseen) > 5 else ''}. They count as none "
            f"of its words ({', '.join(list(known)[:5])}{', ...' if len(known) > 5 else ''})"
        )
    indicators = (place_of[found.codes][:, np.newaxis] == np.arange(len(known))).astype(np.float64)
    if categories.blank is not None and column not in categories.blank:
        indicators[blank[found.codes]] = np.nan
    return indicators


def _is_numeric(frame: "pd.DataFrame", column: str, marks: Marks) -> bool:
    import pyarrow.compute as pc

    if is_typed(frame[column]):
        return True
    found = read(frame[column], marks)
    is_number = ~found.missing & ~found.wrong
    written = found.cells.trimmed.filter(_mask(is_number))
    are_digits = pc.all(pc.match_substring_regex(written, _DIGITS)).as_py()
    has_code = pc.any(pc.match_substring_regex(written, _CODE)).as_py()
    if (has_code and are_digits) or (found.wrong.any() and not is_number.any()):
        return False
    if found.wrong.any():
        raise ValueError(_mixed(frame, column, found, is_number))
    return True


def _mixed(frame: "pd.DataFrame", column: str, found: Numbers, is_number: "np.ndarray") -> str:
    word, number = (int(found.cells.rows[of].min()) for of in (found.wrong, is_number))
    text = str(frame[column].iloc[word])
    return (
        f"Expected numbers or words in column {column!r}, not both. Received: {text!r} in {place(frame, word)}, and "
        f"{frame[column].iloc[number]!r} in {place(frame, number)}. {remedy(text)}; if all are words: "
        f"--categories={column}"
    )


def _check_odd(frame: "pd.DataFrame", column: str, words: list[str]) -> None:
    """Refuses a column that a human reader takes for numbers."""
    if words and all(map(is_odd_number, words)):
        row = int((frame[column] == words[0]).to_numpy().argmax())
        raise ValueError(
            f"Expected numbers or words in column {column!r}. Received: {words[0]!r} in {place(frame, row)}. "
            f"{remedy(words[0])}; if they are words: --categories={column}"
        )


def _check_count(frame: "pd.DataFrame", column: str, count: int) -> None:
    if count > _MOST_WORDS or _FEW_WORDS < count == len(frame):
        raise ValueError(
            f"Expected at most {_MOST_WORDS} different words in a covariate, not a new one in each row. Received: "
            f"{count:,} in the {len(frame):,} rows of column {column!r}. Leave it out, or give --categories={column} "
            "to have an input for each"
        )


def _check_words(frame: "pd.DataFrame", column: str, unseen: list[str], known: list[str], marks: Marks) -> None:
    """Refuses numbers in a column that had none among its words."""
    import numpy as np
    import pandas as pd

    def are_numbers(texts: list[str]) -> "np.ndarray":
        found = read(pd.Series(texts, dtype=object), marks)
        return (~np.isnan(found.values))[found.cells.codes]

    numeric = [text for text, is_number in zip(unseen, are_numbers(unseen), strict=True) if is_number]
    plain = [word for word in known if not (word.isdecimal() and word.startswith("0") and len(word) > 1)]
    if numeric and not (plain and are_numbers(plain).any()):
        row = int(np.argmax(frame[column].astype(str) == numeric[0]))
        raise ValueError(
            f"Expected words in column {column!r}, as in training ({', '.join(known[:5])}). "
            f"Received: {numeric[0]!r} in {place(frame, row)}"
        )


def _is_blank(text: str, marks: Marks) -> bool:
    trimmed = text.strip(BLANKS)
    return not trimmed or trimmed in marks.missing


def _mask(values: "np.ndarray") -> "pa.Array":
    import pyarrow as pa

    return pa.array(values)
