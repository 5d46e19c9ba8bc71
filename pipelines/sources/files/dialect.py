"""How a file of rows is written: found from the file, said once, and kept."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.sources.files import delimited_rows, file_formats, file_options, quote_signs, text_lines
from pipelines.sources.files.file_formats import Format
from pipelines.sources.files.file_options import FileOptions

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 2000  # rows that a delimiter is judged by
_NAMES = {"\t": "tab", " ": "space"}


@dataclass(frozen=True)
class Dialect:
    """How a file is written.

    Attributes:
        format: Its format.
        encoding: Encoding of a text.
        delimiter: Character between cells of `csv` and `tsv`.
        quotes: Whether quotes `enclose` cells of `csv` and `tsv` or are `text`; empty if the file has none.
        trailing: Each row ends with a delimiter that no column follows.
    """

    format: Format
    encoding: str = "utf-8"
    delimiter: str = ""
    quotes: str = ""
    trailing: bool = False

    def described(self) -> str:
        """Says it in words.

        Example:
            `Dialect("csv", "utf-8", ";", "enclose").described()` -> "`;`, UTF-8, quotes enclose cells"
        """
        if self.format == "parquet":
            return "Parquet"
        words = [{"jsonl": "JSON lines", "lines": "lines"}.get(self.format, f"`{named(self.delimiter)}`")]
        words.append(self.encoding.upper())
        words += {"enclose": ["quotes enclose cells"], "text": ["quotes are text"]}.get(self.quotes, [])
        return ", ".join(words + ["an empty cell at the end of each row left out"] * self.trailing)


def to_dict(dialect: Dialect | None) -> dict[str, Any] | None:
    """The dialect in a form that JSON can hold; None where there is none.

    Example:
        `to_dict(Dialect("jsonl"))["format"]` -> `"jsonl"`
    """
    return asdict(dialect) if dialect else None


def from_dict(values: Mapping[str, Any] | None) -> Dialect | None:
    """The dialect that `to_dict` returned.

    Example:
        `from_dict(to_dict(Dialect("jsonl")))` -> `Dialect("jsonl")`
    """
    return Dialect(**values) if values else None


def find(path: str | Path, options: FileOptions | None = None, known: Dialect | None = None) -> Dialect:
    """Finds how a file is written.

    Args:
        path: The file.
        options: What the user says; the rest is found.
        known: The dialect of the training data, which decides where two readings fit.

    Returns:
        The dialect.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: Two readings fit, or the file cannot be read at all; the message names the option to type.

    Example:
        `find("load.csv").delimiter` -> `";"`
    """
    path, options = Path(path), options or FileOptions()
    file_options.check(options)  # those of a card may be anything
    if not path.is_file():
        raise FileNotFoundError(f"Expected a file. Received: path={file_formats.missing(path)}")
    kind = file_formats.of(path)
    if kind == "parquet":
        return Dialect(kind, "")
    encoding = text_lines.encoding_of(path, options.encoding)
    if kind not in ("csv", "tsv"):
        return Dialect(kind, encoding)
    delimiter = file_options.delimiter(options) or _delimiter(path, encoding, kind, known)
    quotes = _quotes(path, delimiter, encoding, kind, options, known)
    return Dialect(kind, encoding, delimiter, quotes, _is_trailing(path, delimiter, quotes != "text", encoding))


def named(delimiter: str) -> str:
    """A delimiter as messages and options spell it.

    Example:
        `named("\\t")` -> `"tab"`
    """
    return _NAMES.get(delimiter, delimiter)


def _delimiter(path: Path, encoding: str, kind: str, known: Dialect | None) -> str:
    first = next(text_lines.read(path, encoding), "")
    if said := delimited_rows.spreadsheet_delimiter(first):
        return said
    if kind == "tsv" and "\t" in first:
        return "\t"
    samples = {mark: _sample(path, mark, encoding) for mark in _DELIMITERS}
    widths = {mark: rows for mark, rows in samples.items() if rows and len(rows[0]) > 1}
    if not widths:
        return "\t" if kind == "tsv" else ","
    best = {mark: rows for mark, rows in widths.items() if _fit(rows) == 1}
    if not best and kind == "csv":  # rows that do not fit will be named one by one
        most = max(map(_fit, widths.values()))
        best = {mark: rows for mark, rows in widths.items() if _fit(rows) == most}
    if known and known.delimiter in best:
        return known.delimiter
    if len(best) != 1:
        best = best or {"\t": [[first]], **widths}
        readings = ", ".join(f"`{named(mark)}` gives the columns {rows[0]}" for mark, rows in best.items())
        raise ValueError(
            f"Expected one delimiter that fits the header and all rows; type --delimiter "
            f"{' or --delimiter '.join(repr(named(mark)) for mark in best)}. Received: {path}, where {readings}"
        )
    return next(iter(best))


def _sample(path: Path, delimiter: str, encoding: str) -> list[list[str]]:
    """The header and the first rows. What cannot be read with this delimiter is a row without cells."""
    rows: list[list[str]] = []
    try:
        for _, cells, raw in itertools.islice(delimited_rows.read_raw(path, delimiter, True, encoding), _SAMPLE):
            rows.append([] if rows and _has_bare_quote(raw, delimiter) else cells)
    except ValueError:  # if no delimiter is better, the error is raised again when the file is read
        rows.append([])
    return rows


def _has_bare_quote(raw: list[str], delimiter: str) -> bool:
    """Whether there is a quote in a cell that is not enclosed, such as a part of an enclosed one."""
    if not any(delimited_rows.QUOTE in line for line in raw):
        return False
    cells = delimited_rows.as_written(raw, delimiter)
    return any(delimited_rows.QUOTE in cell and not cell.startswith(delimited_rows.QUOTE) for cell in cells)


def _fit(rows: list[list[str]]) -> float:
    """The share of rows with as many cells as the header, an empty last one apart."""
    width = len(rows[0])
    fitting = sum(len(row) == width or (len(row) == width + 1 and not row[-1]) for row in rows)
    return fitting / len(rows)


def _quotes(path: Path, delimiter: str, encoding: str, kind: str, options: FileOptions, known: Dialect | None) -> str:
    if options.quotes == "by_ending":
        return "text" if kind == "tsv" else "enclose"
    if options.quotes:
        return options.quotes
    if delimiter != "\t":
        return "enclose"
    found = quote_signs.find(path, delimiter, encoding)
    if found == "either" and known and known.quotes:
        return known.quotes
    if found == "either":
        raise ValueError(
            f"Expected quotes that can only enclose cells, or only be text; type --quotes enclose or --quotes text. "
            f"Received: {path}, where both readings give good rows"
        )
    return "" if found == "none" else found


def _is_trailing(path: Path, delimiter: str, encloses: bool, encoding: str) -> bool:
    """Whether each of the first rows has an empty cell more than the header, or under an empty name at its end."""
    rows = delimited_rows.read(path, delimiter, encloses, encoding)
    header = next(rows, (1, []))[1]
    sample = list(itertools.islice(_wide(rows), _SAMPLE))
    width = len(header) + bool(header and header[-1].strip())
    longer = [(line, cells) for line, cells in sample if len(cells) == width]
    if not sample or len(longer) < len(sample) or width == 1:
        return False
    line, cells = next(((line, cells) for line, cells in sample if cells[-1].strip()), (0, []))
    if cells and width > len(header) and len(sample) > 1:
        raise ValueError(
            f"Expected a name in the header for each column. Received: {len(header)} names and {width} cells in each "
            f"row, such as {cells[-1]!r} at the end of {path}, line {line:,}"
        )
    return not cells


def _wide(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows without lines of blanks."""
    return (row for row in rows if len(row[1]) > 1 or row[1][0].strip())
