"""Parallel text in one file: a table with a column for the source and one for the target."""

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.sources.files import delimited_rows, dialect, file_formats, row_files, text_lines
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.row_files import Row
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm

if TYPE_CHECKING:
    import babel

_NAMES = (("source", "target"), ("src", "tgt"))  # of columns, if they are not called by their languages
_LICENCES = ("attribution", "cc-by")  # in each cell of a column that says where a pair is from
_NUMBERED = re.compile(r"(.*?[^\d _.])[ _.]?(\d+)")  # target0, target_1
_SAMPLE = 100  # rows by which such a column is known
_OPTIONS = "type --source_column and --target_column"


@dataclass(frozen=True)
class PairLayout:
    """Where the texts are in a file.

    Attributes:
        dialect: How the file is written.
        header: Whether its first row names the columns.
        source: Place of the source among the cells of a row.
        target: Place of the target.
        others: Places of further references.
        said: The same in words.
    """

    dialect: Dialect
    header: bool
    source: int
    target: int
    others: tuple[int, ...]
    said: str


def find(path: Path, form: PairForm) -> PairLayout:
    """Finds the columns of a file.

    Columns are found by the options, by the codes or names of the languages (`de`, `German`, `Deutsch`), or by `source`
    and `target` (`src` and `tgt`). Of several references, `target0` and `target1`, or `target`, `target1`, or a list in
    a cell, the first is the target. A tabbed file without such a header has the source in its first column and the
    target in its second; a third one may only say where the pairs are from, as that of Tatoeba.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file, or one with any other ending and tabs.
        form: The languages and options.

    Returns:
        The layout.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file cannot be read, or the columns are not clear; the message names the options to type.

    Example:
        `find(Path("deu.txt"), PairForm("en", "de")).said`
    """
    how = _dialect(path, form)
    if how.format in ("csv", "tsv"):
        first = next(_rows(path, how, header=False), (1, []))[1]
        if not first:
            raise ValueError(f"Expected pairs of texts. Received: an empty file, {path}")
        names = [str(cell).strip() for cell in first]
        header, places = _places(path, how, names, form)
        names = names if header else []
    else:
        table = row_files.read(path, how)
        header, names = True, table.names
        wanted = _wanted(table.names, form) or (form.source_column or form.source, form.target_column or form.target)
        places = (table.column(wanted[0], "source_column"), table.column(wanted[1], "target_column"))
        first = next(table.rows, (1, [""] * len(table.names)))[1]
    where = ", with a header" if header else f", without a header; first row {str(first[places[0]])[:30]!r} -> "
    where += "" if header else f"{str(first[places[1]])[:30]!r}"
    others = _others(names, places, form)
    columns = f"column {places[0] + 1} is {form.source}, column {places[1] + 1} is {form.target}"
    columns += f", with {len(others) + 1} references" if others else ""
    return PairLayout(how, header, *places, others, f"{path.name}: {how.described()}, {columns}{where}")


def read(path: Path, layout: PairLayout) -> Iterator[Pair]:
    """Reads a file row by row.

    Args:
        path: The file.
        layout: What `find` returned.

    Yields:
        The pairs, without a kind.

    Raises:
        ValueError: A row has more or fewer cells than the first, or no text on one side; the message names its line,
            and how many more rows lack a text.

    Example:
        `next(read(path, find(path, PairForm("en", "de"))))` -> `Pair("Go on.", "Mach weiter.")`
    """
    unit = "row" if layout.dialect.format == "parquet" else "line"
    rows = _rows(path, layout.dialect, layout.header)
    for line, cells in rows:
        source, target, *more = _sides(cells, layout)
        for side, text in (("source", source), ("target", target)):
            if not _is_text(text):
                others = _without_text(rows, layout)
                raise ValueError(
                    f"Expected a text as {side}; leave such rows out, or write what is missing. "
                    f"Received: {text!r}, {path}, {unit} {line:,}{f', and {others:,} more such rows' if others else ''}"
                )
        others = (*more, *(cells[place] for place in layout.others))
        yield Pair(source, target, others=tuple(filter(_is_text, others)))


def _sides(cells: Sequence[Any], layout: PairLayout) -> list[Any]:
    """The source, the target, and further references of the same cell."""
    return [cells[layout.source], *_texts(cells[layout.target])]


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _without_text(rows: Iterator[Row], layout: PairLayout) -> int:
    """How many rows lack a source or a target, up to the first that cannot be read."""
    count = 0
    with suppress(ValueError):
        for _, cells in rows:
            count += not all(map(_is_text, _sides(cells, layout)[:2]))
    return count


def _texts(cell: Any) -> list[Any]:
    """The references in a cell: of JSON and Parquet a list may be there."""
    return list(cell) if isinstance(cell, list | tuple) and cell else [cell]


def _dialect(path: Path, form: PairForm) -> Dialect:
    """A file whose ending says nothing has tabs, and quotes are text in it."""
    if path.is_file() and file_formats.of(path) == "lines":
        return Dialect("tsv", text_lines.encoding_of(path, form.files.encoding), "\t", "text")
    found = dialect.find(path, form.files)
    return replace(found, trailing=False)


def _rows(path: Path, how: Dialect, header: bool) -> Iterator[Row]:
    if how.format not in ("csv", "tsv"):
        yield from row_files.read(path, how).rows
        return
    width = 0
    for line, cells in delimited_rows.read(path, how.delimiter, how.quotes != "text", how.encoding):
        width = width or len(cells)
        if len(cells) != width:
            raise ValueError(
                f"Expected {width} cells in each row, with `{dialect.named(how.delimiter)}` between them, as the first "
                f"row has. Received: {len(cells)}, {path}, line {line:,}"
            )
        if not header:
            yield line, cells
        header = False


def _wanted(names: Sequence[str], form: PairForm) -> tuple[str, str] | None:
    """The names of the columns of source and target, if both are there; of numbered ones the first."""
    if (found := _found(names, form)) or form.source_column or form.target_column:
        return found
    first = {base: of[0] for base, of in numbered(names).items() if base not in names}
    found = _found([*names, *first], form)
    return (first.get(found[0], found[0]), first.get(found[1], found[1])) if found else None


def numbered(names: Sequence[str]) -> dict[str, list[str]]:
    """Finds numbered columns.

    Args:
        names: The names of columns.

    Returns:
        What stands before the number of a name -> the names, in the order of their numbers.

    Example:
        `numbered(["id", "target1", "target0"])` -> `{"target": ["target0", "target1"]}`
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if parts := _NUMBERED.fullmatch(name):
            found.setdefault(parts[1], []).append((int(parts[2]), name))
    return {base: [name for _, name in sorted(of)] for base, of in found.items()}


def _others(names: Sequence[str], places: tuple[int, int], form: PairForm) -> tuple[int, ...]:
    """The places of further references: numbered columns beside the target, unless an option names that."""
    if not names or form.target_column:
        return ()
    target, of_names = names[places[1]], numbered(names)
    base = next((base for base, of in of_names.items() if target in of or target == base), "")
    return tuple(names.index(name) for name in of_names.get(base, []) if name != target)


def _found(names: Sequence[str], form: PairForm) -> tuple[str, str] | None:
    given = (form.source_column or form.source, form.target_column or form.target)
    if form.source_column or form.target_column:
        return given if set(given) <= set(names) else None
    if found := next((pair for pair in (given, *_NAMES) if set(pair) <= set(names)), None):
        return found
    folded = {name.strip().casefold(): name for name in reversed(names)}
    source, target = (next((folded[one] for one in of if one in folded), "") for of in _called(form))
    return (source, target) if source and target else None


def _called(form: PairForm) -> tuple[list[str], list[str]]:
    """What the columns may be called: by code, by the languages' names in English and in both languages, by side."""
    sides = zip((form.source, form.target), form.columns, zip(*_NAMES, strict=True), strict=True)
    locales = [locale for locale in map(_locale, (form.source, form.target, "en")) if locale]
    source, target = (
        [language.casefold(), *(_name(_locale(language), locale) for locale in locales), *named, *also]
        for language, named, also in sides
    )
    return [name for name in source if name], [name for name in target if name]


def _locale(language: str) -> "babel.Locale | None":
    import babel

    try:
        return babel.Locale.parse(language.replace("-", "_"))
    except (babel.UnknownLocaleError, ValueError):
        return None


def _name(language: "babel.Locale | None", within: "babel.Locale") -> str:
    return (language.get_display_name(within) or "").casefold() if language else ""


def _places(path: Path, how: Dialect, first: list[str], form: PairForm) -> tuple[bool, tuple[int, int]]:
    """Whether there is a header, and the places of source and target."""
    if wanted := _wanted(first, form):
        if len(set(wanted)) < 2 or max(map(first.count, wanted)) > 1:
            raise ValueError(
                f"Expected two columns of different names, each there once; {_OPTIONS}. "
                f"Received: {wanted[0]!r} and {wanted[1]!r} of {', '.join(map(repr, first))}, {path}"
            )
        return True, (first.index(wanted[0]), first.index(wanted[1]))
    numbers = (form.source_column, form.target_column)
    if (
        len(set(numbers)) == 2
        and all(one.isdecimal() for one in numbers)
        and all(1 <= int(one) <= len(first) for one in numbers)
    ):
        return False, (int(numbers[0]) - 1, int(numbers[1]) - 1)
    named = {cell.casefold() for cell in first} & set(
        itertools.chain(*_called(form))
    )  # a header, of which only a part is clear
    if any(numbers) or how.format == "csv" or how.delimiter != "\t" or named:
        raise ValueError(
            f"Expected the columns {form.source_column or form.source!r} and {form.target_column or form.target!r} in "
            f"the first row, or {_OPTIONS}: two names of columns, or two numbers from 1 to {len(first)} for a file "
            f"without a header. Received: {', '.join(map(repr, first))}, {path}"
        )
    if len(first) < 2:
        raise ValueError(f"Expected a source and a target with a tab between them. Received: {first[0]!r}, {path}")
    sample = [cells for _, cells in itertools.islice(_rows(path, how, header=False), _SAMPLE)]
    for place in range(2, len(first)):
        if not all(any(word in str(cells[place]).casefold() for word in _LICENCES) for cells in sample):
            raise ValueError(
                f"Expected two columns, and after them only where the pairs are from; {_OPTIONS}, such as "
                f"--source_column 1 --target_column 2. Received: {', '.join(map(repr, first))}, {path}"
            )
    return False, (0, 1)
