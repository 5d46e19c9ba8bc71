"""Questions in files: SQuAD's JSON, tables, and folders of them."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, file_formats, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.questions import question_json, question_tables
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import Row
from pipelines.sources.questions.question_tables import Columns

_ENDINGS = (*file_formats.TABLES, ".json", ".ndjson", ".pq")


def read(place: Path, form: Form, faults: Faults, known: Dialect | None = None, answered: bool = True) -> Iterator[Row]:
    """Reads a file, or all files of a folder in the order of their names.

    Args:
        place: The file or folder; texts plain or gzip.
        form: How they are written.
        faults: Collects faulty questions; they are left out.
        known: Dialect of the training data; see `dialect_of`.
        answered: Whether answers are needed.

    Yields:
        The questions; the starts of their answers are as written.

    Raises:
        FileNotFoundError: There is no such file, or no such file in the folder.
        ValueError: A file cannot be read, or a fault is an error.

    Example:
        `next(read(Path("squad/train-v1.1.json"), Form(), Faults("error")))`
    """
    for path in paths(place):
        if question_json.is_one(path, form.files.encoding):
            yield from question_json.read(path, form, faults, answered)
        else:
            yield from question_tables.read(path, form, faults, dialect_of(path, form, known), answered)


def paths(place: Path) -> list[Path]:
    """The files that `read` reads.

    Example:
        `paths(Path("jaquad/train"))`
    """
    if not place.is_dir():
        return [place]
    found = [path for path in sorted(place.iterdir()) if _ending(path) in _ENDINGS and path.name[0] != "."]
    if not found:
        raise FileNotFoundError(f"Expected files {', '.join(_ENDINGS)} (texts also .gz). Received: none in {place}")
    return found


def dialect_of(path: Path, form: Form, known: Dialect | None = None) -> Dialect | None:
    """Finds how a file is written.

    Args:
        path: The file.
        form: What the user says of it.
        known: Dialect of the training data, which decides where two readings fit.

    Returns:
        The dialect; None of SQuAD's JSON.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file cannot be read, or is no table.

    Example:
        `dialect_of(Path("rivers.csv"), Form()).delimiter` -> `","`
    """
    if question_json.is_one(path, form.files.encoding):
        return None
    found = dialect.find(path, form.files, known)
    if found.format == "lines":
        raise ValueError(
            f"Expected SQuAD's JSON or a table, with the ending {', '.join(_ENDINGS)} (texts also .gz). "
            f"Received: {path}"
        )
    return found


def columns(place: Path, form: Form, how: Dialect | None) -> Columns | None:
    """Finds the columns of the first file.

    Args:
        place: The file or folder.
        form: How it is written.
        how: Dialect of its first file.

    Returns:
        The columns; None of SQuAD's JSON.

    Example:
        `columns(Path("rivers.csv"), Form(), how).said` -> "columns: question 'question', ...; not used: 'page'"
    """
    return None if how is None else question_tables.columns(row_files.read(paths(place)[0], how), form)


def _ending(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix
