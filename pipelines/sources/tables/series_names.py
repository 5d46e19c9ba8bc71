"""Names of series: what the columns that name a series hold, and one text made of it."""

from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables.table_cells import BLANKS, Cells, cells, spelt
from pipelines.sources.tables.table_files import place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def joined(parts: list[str]) -> str:
    """One name for a series that several columns name; different parts never give the same name.

    Args:
        parts: The ids of the series.

    Returns:
        A single id as it is; several with slashes between them, a slash within one as `\\/`, a backslash as `\\\\`.

    Example:
        `joined(["north", "a/b"])` -> `"north/a\\/b"`
    """
    if len(parts) == 1:
        return parts[0]
    return "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in parts)


def parted(name: str, count: int) -> list[str]:
    """The ids that `joined` made a name of.

    Args:
        name: The name.
        count: Number of ids.

    Example:
        `parted("north/a\\/b", 2)` -> `["north", "a/b"]`
    """
    if count == 1:
        return [name]
    parts, letters = [""], iter(name)
    for letter in letters:
        if letter == "/":
            parts.append("")
        else:
            parts[-1] += next(letters) if letter == "\\" else letter
    return parts


def rows_of(frame: "pd.DataFrame", columns: tuple[str, ...], faults: Faults) -> dict[str, "np.ndarray"]:
    """Positions of the rows of each series, by its name.

    Args:
        frame: The table.
        columns: The columns that name the series; at least one.
        faults: Receives rows without an id, which are left out, and ids that do not differ to the eye.

    Returns:
        The names in the order of the table.

    Example:
        `rows_of(frame, ("shop",), Faults("error"))` -> `{"0012": array([0, 1, 2])}`
    """
    import numpy as np
    import pandas as pd

    found = {column: cells(frame[column]) for column in columns}
    named = np.ones(len(frame), bool)
    for column, ids in found.items():
        texts = ids.texts.to_pylist()
        named &= ~np.array([not text.strip(BLANKS) for text in texts])[ids.codes]
        _check_spelling(frame, column, ids, texts, faults)
    without = np.flatnonzero(~named)
    if len(without):
        faults.found(
            f"a name of the series in each row, in {', '.join(columns)}",
            f"an empty cell in {place(frame, without[0])}", "the row is left out", len(without),
        )  # fmt: skip
    codes = pd.DataFrame({column: ids.codes for column, ids in found.items()})
    grouped = codes[named].groupby(list(columns), sort=False).indices if named.any() else {}
    kept = np.flatnonzero(named)
    texts_of = [ids.texts.to_pylist() for ids in found.values()]

    def name(key: object) -> str:
        parts = key if isinstance(key, tuple) else (key,)
        return joined([texts[part] for texts, part in zip(texts_of, parts, strict=True)])

    return {name(key): kept[np.asarray(rows)] for key, rows in grouped.items()}


def _check_spelling(frame: "pd.DataFrame", column: str, ids: Cells, texts: list[str], faults: Faults) -> None:
    seen: dict[str, str] = {}
    for text, row in zip(texts, ids.rows.tolist(), strict=True):
        trimmed = spelt(text)
        if trimmed and trimmed in seen:
            faults.found(
                "names of series that differ by more than blanks around them and the form of Unicode",
                f"{text!r} and {seen[trimmed]!r} in column {column!r}, {place(frame, row)}",
                "they are different series",
            )  # fmt: skip
        seen.setdefault(trimmed, text)
