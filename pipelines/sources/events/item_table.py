"""A table of items: an item in each row, with categories, numbers and texts."""

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
KINDS: tuple[Kind, ...] = get_args(Kind)
_NUMBERS = 0.95  # share of the filled cells that are numbers in a column of numbers
_WORDS = 1.5  # words of a filled cell of a text, on average


@dataclass(frozen=True)
class ItemTable:
    """What is known of items.

    Attributes:
        items: The items, texts, each once.
        kinds: Column -> what it holds.
        numbers: Column of numbers -> float64 `[items]`, NaN where unknown.
        words: Column of categories or texts -> texts of each item, empty where unknown.
        notes: What is to be said.
    """

    items: list[str]
    kinds: dict[str, Kind]
    numbers: "dict[str, np.ndarray]"
    words: dict[str, list[str]]
    notes: list[str]


def parse(text: str) -> dict[str, Kind | None]:
    """Reads the option `item_features`.

    Args:
        text: Columns with commas between them, each perhaps with what it holds: `title:text,year:number,genre`.

    Returns:
        Column -> what it holds; None where that is to be found.

    Raises:
        ValueError: A column is named twice, or has no name.

    Example:
        `parse("title:text,year")` -> `{"title": "text", "year": None}`
    """
    found: dict[str, Kind | None] = {}
    for part in option_lists.split(text):
        name, _, kind = part.rpartition(":")
        given = next((one for one in KINDS if one == kind and name), None)
        name = name if given else part
        if not name.strip() or name in found:
            raise ValueError(
                f"Expected columns, each once, perhaps with what they hold ({', '.join(KINDS)}), such as "
                f"title:text,year:number. Received: item_features={text!r}"
            )
        found[name.strip()] = given
    return found


def read(path: str, item: str, wanted: dict[str, Kind | None], files: FileOptions, faults: Faults) -> ItemTable:
    """Reads a table of items.

    Args:
        path: The table.
        item: Column of the item in events; where the table has none of that name it is found, as there.
        wanted: What `parse` returned; none = all columns.
        files: How the file is written.
        faults: Receives rows without an item, and second rows of one.

    Returns:
        The table. A column holds numbers if 95 % of its cells that are filled are some, the others being unknown; texts
        if they have more than one and a half words on average; else categories.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing or has nothing, no row has an item, or a fault is an error.

    Example:
        `read("films.csv", "", parse("title:text,year"), FileOptions(), Faults("error")).kinds`
    """
    frame = table_files.read(path, faults, files).frame
    names = table_files.names(frame)
    column = event_columns.item_column(names, item if item in names else "", path)
    items, rows = _items(frame, column, faults)
    if not items:
        raise ValueError(f"Expected an item in each row. Received: none in column {column!r} of {path}")
    plain = {name.split(":")[0]: name for name in names} | {name: name for name in names}
    numbers, words, kinds, notes = {}, {}, {}, []
    for name in wanted or [one for one in names if one != column]:
        place = event_columns.require(names, plain.get(name, name), "item_features", path)
        kind, found, said = _column(frame, place, rows, wanted.get(name))
        kinds[name], notes = kind, [*notes, *said]
        if kind == "number":
            numbers[name] = found
        else:
            words[name] = found.tolist()
    if not kinds:
        raise ValueError(f"Expected columns beside {column!r}. Received: none in {path}")
    described = ", ".join(f"{name!r} {kind}" for name, kind in kinds.items())
    return ItemTable(items, kinds, numbers, words, [f"item table: {len(items):,} items; {described}", *notes])


def read_items(path: str, item: str, files: FileOptions, faults: Faults) -> list[str]:
    """The items of a table alone; takes and raises what `read` does.

    Example:
        `read_items("films.csv", "", FileOptions(), Faults("error"))`
    """
    frame = table_files.read(path, faults, files).frame
    names = table_files.names(frame)
    column = event_columns.item_column(names, item if item in names else "", path)
    items, _ = _items(frame, column, faults)
    if not items:
        raise ValueError(f"Expected an item in each row. Received: none in column {column!r} of {path}")
    return items


def tokens(cell: str, kind: Kind) -> list[str]:
    """What a cell says: a category as it is, the words of a text in lower case, each once.

    Example:
        `tokens("A Bug's Life", "text")` -> `["a", "bug", "s", "life"]`
    """
    spelt = table_cells.spelt(cell)
    if kind == "category":
        return [spelt] if spelt else []
    return list(dict.fromkeys(re.findall(r"\w+", unicodedata.normalize("NFC", spelt.casefold()))))


def _items(frame: "pd.DataFrame", column: str, faults: Faults) -> tuple[list[str], "np.ndarray"]:
    """The items, and the row of each."""
    import numpy as np

    cells = table_cells.cells(frame[column])
    texts = np.array(cells.texts.to_pylist(), object)[cells.codes] if len(frame) else np.zeros(0, object)
    blank = np.array([not text.strip() for text in texts], bool)
    _, first = np.unique(texts.astype(str), return_index=True)
    again = np.ones(len(texts), bool)
    again[first] = False
    for wrong, expected, done in (
        (blank, f"an item in each row, column {column!r}", "the row is left out"),
        (again & ~blank, f"one row an item, column {column!r}", "later rows are left out"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            received = f"{texts[row]!r}, {table_files.place(frame, row)}"
            faults.found(expected, received, done, int(wrong.sum()))
    rows = np.flatnonzero(~blank & ~again)
    return texts[rows].tolist(), rows


def _column(
    frame: "pd.DataFrame", name: str, rows: "np.ndarray", given: Kind | None
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
            raise ValueError(f"Expected numbers in column {name!r}, by --item_features. Received: none")
        return "number", np.where(np.isfinite(values), values, np.nan), said
    words = np.mean([len(text.split()) for text in texts[filled]]) if filled.any() else 1
    return given or ("text" if words > _WORDS else "category"), texts, []
