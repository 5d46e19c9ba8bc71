"""Whether quotes enclose the cells of a tabbed file or are text, by all of its rows."""

from pathlib import Path
from typing import Literal

from pipelines.sources.files import delimited_rows, text_lines
from pipelines.sources.files.delimited_rows import QUOTE

Reading = Literal["enclose", "text", "either", "none"]


def find(path: Path, delimiter: str, encoding: str = "") -> Reading:
    """Finds what quotes are in a file that may or may not enclose cells in them.

    Writers that enclose cells quote those that need it (with a quote, a delimiter or a line end inside), or whole
    columns, their names in the header included. Any other quotes are those of texts. Doubled quotes within a quoted
    cell, or a header that is quoted as a whole, are those of a writer that encloses.

    Args:
        path: The file.
        delimiter: Character between its cells.
        encoding: See `text_lines.read`.

    Returns:
        `none` if there is no quote in it, `either` if both readings give good rows.

    Example:
        `find(Path("train.tsv"), "\\t")` -> `"text"`
    """
    plain = _widths(path, delimiter, encoding)
    if plain is None:
        return "none"
    try:
        signs = _signs(path, delimiter, encoding)
    except ValueError:
        return "text"
    if signs.bare:
        return "either" if (signs.doubled or signs.spanning) and not plain else "text"
    if signs.even and not plain:
        return "enclose"
    if plain and not signs.even:
        return "text"
    if signs.header:
        return "enclose"
    return "enclose" if signs.needless <= signs.whole and (signs.doubled or not signs.spanning) else "either"


class _Signs:
    """What the rows have, read with quotes that enclose.

    Attributes:
        header: All names are enclosed.
        bare: A quote is in a cell that is not enclosed.
        even: All rows have as many cells as the header.
        spanning: A delimiter or line end is within quotes.
        doubled: A quote is within quotes.
        needless: Columns with an enclosed cell below the header that has no quote, delimiter or line end inside.
        whole: Columns whose cells are all enclosed, the header's included.
    """

    def __init__(self) -> None:
        self.header = self.bare = self.spanning = self.doubled = False
        self.even = True
        self.needless: set[int] = set()
        self.whole: set[int] = set()


def _signs(path: Path, delimiter: str, encoding: str) -> _Signs:
    signs, width = _Signs(), 0
    for _, cells, raw in delimited_rows.read_raw(path, delimiter, True, encoding):
        row = delimited_rows.as_written(raw, delimiter)
        is_header = not width
        if is_header:
            width = len(cells)
            signs.whole = {place for place, token in enumerate(row) if token[:1] == QUOTE}
            signs.header = len(signs.whole) == width
        signs.even &= len(cells) in (width, width + (cells[-1] == "")) or not "".join(cells).strip()
        for place, (cell, token) in enumerate(zip(cells, row, strict=False)):
            enclosed = token[:1] == QUOTE
            inside = any(mark in cell for mark in (delimiter, "\n", "\r"))
            signs.bare |= QUOTE in token and not enclosed
            signs.spanning |= enclosed and inside
            signs.doubled |= enclosed and QUOTE in cell
            if enclosed and cell and not inside and QUOTE not in cell and not is_header:
                signs.needless.add(place)
            if not enclosed and cell not in ("", "NA"):  # R leaves NA without quotes
                signs.whole.discard(place)
    return signs


def _widths(path: Path, delimiter: str, encoding: str) -> bool | None:
    """Whether all lines have as many cells as the header, with quotes that are text; None if there are none."""
    width, even, quoted = 0, True, False
    for line in text_lines.read(path, encoding):
        if not line.strip(" "):
            continue
        quoted |= QUOTE in line
        cells = line.count(delimiter) + 1
        width = width or cells
        even &= cells in (width, width + line.endswith(delimiter))
    return even if quoted else None
