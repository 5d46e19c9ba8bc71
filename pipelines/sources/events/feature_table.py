"""A table of items or of users: one in each row, with categories, numbers and, of items, texts."""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pipelines.sources.events import event_columns
from pipelines.sources.faults import Faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables import table_cells, table_files, table_numbers
from pipelines.sources.tables.table_numbers import Marks
from tfmodels import option_lists

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Kind = Literal["number", "category", "text"]
Role = Literal["item", "user"]
KINDS: dict[Role, tuple[Kind, ...]] = {"item": get_args(Kind), "user": ("number", "category")}
_A = {"item": "an item", "user": "a user"}
_NUMBERS = 0.95  # share of the filled cells that are numbers in a column of numbers
_WORDS = 1.5  # words of a filled cell of a text, on average


@dataclass(frozen=True)
class FeatureTable:
    """What is known of items or users.

    Attributes:
        ids: The items or users, texts, each once.
        kinds: Column -> what it holds.
        numbers: Column of numbers -> float64 `[ids]`, NaN where unknown.
        words: Column of categories or texts -> texts of each, empty where unknown.
        notes: What is to be said.
    """

    ids: list[str]
    kinds: dict[str, Kind]
    numbers: "dict[str, np.ndarray]"
    words: dict[str, list[str]]
    notes: list[str]


def parse(text: str, role: Role = "item") -> dict[str, Kind | None]:
    """Reads the option `item_features`, or `user_features`.

    Args:
        text: Columns with commas between them, each perhaps with what it holds: `title:text,year:number,genre`.
        role: Whose they are.

    Returns:
        Column -> what it holds; None where that is to be found.

    Raises:
        ValueError: A column is named twice, has no name, or is of users and holds texts.

    Example:
        `parse("title:text,year")` -> `{"title": "text", "year": None}`
    """
    found: dict[str, Kind | None] = {}
    for part in option_lists.split(text):
        name, _, kind = part.rpartition(":")
        given = next((one for one in KINDS["item"] if one == kind and name), None)
        name = name if given else part
        if not name.strip() or name in found or (given and given not in KINDS[role]):
            example = "title:text,year:number" if role == "item" else "age:number,gender:category"
            raise ValueError(
                f"Expected columns, each once, perhaps with what they hold ({', '.join(KINDS[role])}), such as "
                f"{example}. Received: {role}_features={text!r}"
            )
        found[name.strip()] = given
    return found


def read(
    path: str, role: Role, given: str, wanted: dict[str, Kind | None], files: FileOptions, faults: Faults
) -> FeatureTable:
    """Reads a table of items or users.

    Args:
        path: The table.
        role: What is in a row.
        given: Column of the item or user in events; where the table has none of that name it is found, as there.
        wanted: What `parse` returned; none = all columns.
        files: How the file is written.
        faults: Receives rows without an item or user, and second rows of one.

    Returns:
        The table. A column holds numbers if 95 % of its cells that are filled are some, the others being unknown; of
        items texts if they have more than one and a half words on average; else categories.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing or has nothing, no row has an item or user, or a fault is an error.

    Example:
        `read("films.csv", "item", "", parse("title:text,year"), FileOptions(), Faults("error")).kinds`
    """
    frame = table_files.read(path, faults, files).frame
    names = table_files.names(frame)
    column, ids, rows = _ids(frame, names, role, given, path, faults)
    plain = {name.split(":")[0]: name for name in names} | {name: name for name in names}
    numbers, words, kinds, notes = {}, {}, {}, []
    for name in wanted or [one for one in names if one != column]:
        place = event_columns.require(names, plain.get(name, name), f"{role}_features", path)
        kind, found, said = _column(frame, place, rows, wanted.get(name), role)
        kinds[name], notes = kind, [*notes, *said]
        if kind == "number":
            numbers[name] = found
        else:
            words[name] = found.tolist()
    if not kinds:
        raise ValueError(f"Expected columns beside {column!r}. Received: none in {path}")
    described = ", ".join(f"{name!r} {kind}" for name, kind in kinds.items())
    return FeatureTable(ids, kinds, numbers, words, [f"{role} table: {len(ids):,} {role}s; {described}", *notes])


def read_items(path: str, given: str, files: FileOptions, faults: Faults) -> list[str]:
    """The items of a table alone; takes and raises what `read` does.

    Example:
        `read_items("films.csv", "", FileOptions(), Faults("error"))`
    """
    frame = table_files.read(path, faults, files).frame
    return _ids(frame, table_files.names(frame), "item", given, path, faults)[1]


def tokens(cell: str, kind: Kind) -> list[str]:
    """What a cell says: a category as it is, the words of a text in lower case, each once.

    Example:
        `tokens("A Bug's Life", "text")` -> `["a", "bug", "s", "life"]`
    """
    spelt = table_cells.spelt(cell)
    if kind == "category":
        return [spelt] if spelt else []
    return list(dict.fromkeys(re.findall(r"\w+", unicodedata.normalize("NFC", spelt.casefold()))))


def _ids(
    frame: "pd.DataFrame", names: list[str], role: Role, given: str, path: str, faults: Faults
) -> tuple[str, list[str], "np.ndarray"]:
    """The column of the items or users, these, and the row of each."""
    import numpy as np

    column = event_columns.id_column(names, role, given if given in names else "", path)
    event_columns.refuse_floats(frame[column], role, path)
    cells = table_cells.cells(frame[column])
    texts = np.array(cells.texts.to_pylist(), object)[cells.codes] if len(frame) else np.zeros(0, object)
    blank = np.array([not text.strip() for text in texts], bool)
    _, first = np.unique(texts.astype(str), return_index=True)
    again = np.ones(len(texts), bool)
    again[first] = False
    for wrong, expected, done in (
        (blank, f"{_A[role]} in each row, column {column!r}", "the row is left out"),
        (again & ~blank, f"one row {_A[role]}, column {column!r}", "later rows are left out"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            received = f"{texts[row]!r}, {table_files.place(frame, row)}"
            faults.found(expected, received, done, int(wrong.sum()))
    rows = np.flatnonzero(~blank & ~again)
    if not len(rows):
        raise ValueError(f"Expected {_A[role]} in each row. Received: none in column {column!r} of {path}")
    return column, texts[rows].tolist(), rows


def _column(
    frame: "pd.DataFrame", name: str, rows: "np.ndarray", given: Kind | None, role: Role
) -> tuple[Kind, "np.ndarray", list[str]]:
    """What a column holds, its values, and what is to be said."""
    import numpy as np

    if table_cells.is_typed(frame[name]) and given in (None, "number"):
        values = frame[name].to_numpy(np.float64, na_value=np.nan)[rows]
        return "number", np.where(np.isfinite(values), values, np.nan), []
    found = table_numbers.read(frame[name], Marks())
    texts = np.array([table_cells.spelt(text) for text in found.cells.texts.to_pylist()], object)
    texts = np.where(found.missing, "", texts)[found.cells.codes][rows]
    wrong, filled = found.wrong[found.cells.codes][rows], texts != ""
    share = 1 - wrong[filled].mean() if filled.any() else 0.0
    if given == "number" or (given is None and share >= _NUMBERS):
        values = found.values[found.cells.codes][rows]
        said = []
        if wrong.any():
            row = int(rows[np.argmax(wrong)])
            said = [
                f"column {name!r} holds numbers; cells that are none count as unknown: {int(wrong.sum()):,}, such as "
                f"{texts[np.argmax(wrong)]!r}, {table_files.place(frame, row)}"
            ]
        if given == "number" and filled.any() and share == 0:
            raise ValueError(f"Expected numbers in column {name!r}, by --{role}_features. Received: none")
        return "number", np.where(np.isfinite(values), values, np.nan), said
    words = np.mean([len(text.split()) for text in texts[filled]]) if filled.any() else 1
    return given or ("text" if words > _WORDS and role == "item" else "category"), texts, []
