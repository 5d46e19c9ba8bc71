"""Tables from files: one file or a folder of them; each row keeps its file and line."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.sources import split_files
from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, file_formats, quick_columns, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.split_names import SPLIT_OF, SPLITS
from pipelines.sources.tables import table_types
from pipelines.sources.times import stamp_shapes

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

# Columns added to those of the table; no column of a user has a NUL in its name.
FILE, LINE, SPLIT, COLUMN = "\0file", "\0line", "\0split", "\0column"
AGAIN = "\0"  # at the end of the name of a second column of the same name
UNNAMED = "Unnamed: "  # a column without a name, with its place counted from 0
_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet", ".pq")
_SPLIT_NAME = re.compile(rf"({'|'.join(SPLIT_OF)})(?![a-z]).*|.*(?<![a-z])({'|'.join(SPLIT_OF)})")
_DATA = re.compile(r"[-+\u2212]?[\d.,:/' \u00a0-]*\d[\d.,:/' \u00a0TZ+-]*%?")  # numbers and timestamps
_YEAR = re.compile(r"(1[5-9]|2[01])\d\d(0[1-9]|1[0-2])?")  # or a month
_INDEX = "__index_level_"  # how pandas stores an index without a name in Parquet
_ROWS = 8192  # that become columns at a time


class Tables(NamedTuple):
    """The table of one or several files.

    Attributes:
        frame: The columns of the table, followed by `FILE` (the file's name), `LINE` (where the row
            is in its file) and `SPLIT` (0, 1 or 2 if the files are named by split, else -1).
        dialects: How each file is written.
    """

    frame: "pd.DataFrame"
    dialects: list[Dialect]


def read(
    data: str | Path,
    faults: Faults,
    options: FileOptions | None = None,
    known: Dialect | None = None,
    in_one_layout: "Callable[[pd.DataFrame], pd.DataFrame]" = lambda frame: frame,
) -> Tables:
    """Reads a table. Cells of CSV and TSV are the texts that they are, those of other formats keep their types.

    Args:
        data: A file (.csv, .tsv, .jsonl, each plain or .gz, .parquet); a folder of such files: those whose names begin
            or end with `train`, `val` (optional) and `test`, or else all of them; or `tfds:NAME`, a data set of
            TensorFlow Datasets.
        faults: Receives rows that do not fit the header.
        options: How the files are written; the rest is found.
        known: How the training data was written, which decides where two readings fit.
        in_one_layout: Called with the table of each file; returns it with the columns that all files have.

    Returns:
        The table.

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.
        ValueError: A file is damaged, is not a table, or has other columns than the first one.

    Example:
        `read("load.csv.gz", Faults("error")).frame.columns`
    """
    if str(data).startswith("tfds:"):
        return Tables(in_one_layout(_examples(str(data).removeprefix("tfds:"))), [])
    split_of = files(data)
    if max(split_of.values()) >= 0 and (unread := split_files.not_read(Path(data), split_of)):
        faults.note(unread)
    dialects = [dialect.find(file, options, known) for file in split_of]
    frames = [
        in_one_layout(_frame(row_files.read(file, how, faults), split))
        for (file, split), how in zip(split_of.items(), dialects, strict=True)
    ]
    return Tables(joined(list(split_of), frames), dialects)


def files(data: str | Path) -> dict[Path, int]:
    """The files of a table in the order of time, with the number of their split or -1.

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.
        ValueError: Some splits have a file and others have none, or two files have one name.
    """
    path = Path(data)
    if path.is_file():
        return {path: -1}
    found = [file for file in sorted(path.glob("*")) if file.name.lower().endswith(_ENDINGS)] if path.is_dir() else []
    if not found:
        raise FileNotFoundError(
            f"Expected a table or a folder of tables ({', '.join(_ENDINGS)}). "
            f"Received: data={file_formats.missing(path)}{' without any' if path.is_dir() else ''}"
        )
    first = {stem(file): file for file in reversed(found)}
    if again := next((file for file in found if first[stem(file)] != file), None):
        raise ValueError(
            f"Expected tables of different names in a folder, since they name series and splits; move one away. "
            f"Received: {first[stem(again)].name}, {again.name}, {path}"
        )
    split = {file: number for file in found if (number := _split_of(file)) is not None}
    if split and set(split.values()) not in ({0, 1, 2}, {0, 2}):
        raise ValueError(
            "Expected files of training and test, named train and test, and perhaps val. "
            f"Received: {', '.join(file.name for file in split)}"
        )
    return dict(sorted(split.items(), key=lambda item: item[1])) or dict.fromkeys(found, -1)


def joined(paths: list[Path], frames: "list[pd.DataFrame]") -> "pd.DataFrame":
    """The tables of several files as one.

    Raises:
        ValueError: They have different columns.
    """
    import pandas as pd

    for path, frame in zip(paths, frames, strict=True):
        if list(frame.columns) != list(frames[0].columns):
            raise ValueError(
                f"Expected the same columns in all tables of {path.parent}. Received: {names(frame)} in {path.name}, "
                f"{names(frames[0])} in {paths[0].name}"
            )
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def names(frame: "pd.DataFrame") -> list[str]:
    """Names of the table's own columns."""
    return [name for name in frame.columns if name not in (FILE, LINE, SPLIT, COLUMN)]


def place(frame: "pd.DataFrame", row: int) -> str:
    """Where a row comes from, for messages.

    Example:
        `place(frame, 0)` -> `"load.csv, line 2"`
    """
    file = frame[FILE].iloc[row]
    unit = "row" if file.lower().endswith((".parquet", ".pq")) else "line"
    column = f", column {frame[COLUMN].iloc[row]!r}" if COLUMN in frame else ""
    return f"{file}, {unit} {frame[LINE].iloc[row]:,}{column}"


def placed(frame: "pd.DataFrame", file: str, lines: Any, split: int) -> "pd.DataFrame":
    """Adds the columns that say where each row comes from."""
    import numpy as np
    import pandas as pd

    file_of = pd.Series(file, index=frame.index, dtype="category")
    columns = {FILE: file_of, LINE: lines, SPLIT: np.int8(split)}
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def stem(path: Path | str) -> str:
    """Name of a table's file without its extensions.

    Example:
        `stem(Path("data/load.csv.gz"))` -> `"load"`
    """
    return re.sub(r"(?i)\.(csv|tsv|jsonl|ndjson|parquet|pq)(\.gz)?$", "", Path(path).name)


def looks_like_data(name: str) -> bool:
    """Whether the name of a column is a number or a timestamp.

    Example:
        `looks_like_data("2024-01-01")` -> `True`
    """
    return bool(_DATA.fullmatch(name))


def looks_like_time(name: str) -> bool:
    """Whether the name of a column is a year, a month or another timestamp.

    Example:
        `looks_like_time("Jan 2024")` -> `True`
    """
    return bool(_YEAR.fullmatch(name)) or stamp_shapes.shape_of(re.sub(r"\d", "0", name)) is not None


def _split_of(path: Path) -> int | None:
    """The split that a file's name stands for."""
    found = _SPLIT_NAME.fullmatch(stem(path))
    return SPLITS.index(SPLIT_OF[found[1] or found[2]]) if found else None


def _frame(rows: row_files.Rows, split: int) -> "pd.DataFrame":
    import numpy as np

    names = _unique(rows.names)
    if rows.names and all(map(looks_like_data, filter(None, rows.names))):
        raise ValueError(
            "Expected a table whose first line names its columns; add such a line. "
            f"Received: {', '.join(rows.names)}, {rows.path}"
        )
    quick = quick_columns.read(rows.path, rows.dialect, names)
    if quick is not None:
        lines = np.arange(quick.num_rows) + (1 if rows.dialect.format == "parquet" else 2)
        columns = {name: table_types.stored(cells) for name, cells in zip(names, quick.columns, strict=True)}
    else:
        lines, columns = _row_by_row(rows, names)
    if not len(lines):
        raise ValueError(f"Expected a table with rows. Received: {rows.path} without any")
    if rows.dialect.format == "parquet":
        columns = _without_row_numbers(rows.path, columns)
    left = {name: cells for name, cells in columns.items() if not name.startswith(UNNAMED) or _has_content(cells)}
    return placed(table_types.frame(left), rows.path.name, lines, split)


def _row_by_row(rows: row_files.Rows, names: list[str]) -> "tuple[np.ndarray, dict[str, pa.ChunkedArray]]":
    """The line of each row, and the columns."""
    import numpy as np

    lines: list[np.ndarray] = [np.zeros(0, np.int64)]
    parts: list[list[pa.Array]] = [[] for _ in names]
    while chunk := list(itertools.islice(rows.rows, _ROWS)):
        numbers, cells = zip(*chunk, strict=True)
        lines.append(np.array(numbers, np.int64))
        for part, column in zip(parts, zip(*cells, strict=True), strict=True):
            part.append(table_types.array(column))
    return np.concatenate(lines), {name: table_types.column(part) for name, part in zip(names, parts, strict=True)}


def _without_row_numbers(path: Path, columns: "dict[str, pa.ChunkedArray]") -> "dict[str, pa.ChunkedArray]":
    """The columns of a Parquet file but for an index without a name that is whole numbers: it only counts the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = dict(zip(columns, pq.read_schema(path).names, strict=False))  # a described index follows them
    return {
        name: cells
        for name, cells in columns.items()
        if not (stored.get(name, "").startswith(_INDEX) and pa.types.is_integer(cells.type))
    }


def _unique(names: list[str]) -> list[str]:
    """Names by which the columns of a file can be told apart."""
    found: list[str] = []
    for number, name in enumerate(names):
        name = name or f"{UNNAMED}{number}"
        while name in found:
            name += AGAIN
        found.append(name)
    return found


def _has_content(cells: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(pc.not_equal(cells, "") if table_types.is_text(cells) else pc.is_valid(cells)).as_py())


def _examples(name: str) -> "pd.DataFrame":
    """All splits of a data set of TensorFlow Datasets; its scalar and text features are the columns."""
    import numpy as np
    import pandas as pd

    from pipelines.sources.tfds import tfds_builders

    builder = tfds_builders.builder(name)
    builder.download_and_prepare()
    rows = (batch for split in builder.info.splits for batch in tfds_builders.batches(builder, split))
    frame = pd.concat(
        [pd.DataFrame({feature: list(cells) for feature, cells in batch.items()}) for batch in rows], ignore_index=True
    )
    texts = {
        str(column): cells.str.decode("utf-8") for column, cells in frame.items() if isinstance(cells.iloc[0], bytes)
    }
    return placed(frame.assign(**texts), name, np.arange(1, len(frame) + 1), -1)
