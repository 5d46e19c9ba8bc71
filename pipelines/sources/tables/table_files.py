"""Tables from CSV and Parquet files: one file or a folder of them; each row keeps its file and line."""

import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.split_names import SPLIT_OF, SPLITS

if TYPE_CHECKING:
    import pandas as pd

# Columns added to those of the table; no column of a user has a NUL in its name.
FILE, LINE, SPLIT = "\0file", "\0line", "\0split"
_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq")
_SPLIT_NAME = re.compile(rf"({'|'.join(SPLIT_OF)})(?![a-z]).*|.*(?<![a-z])({'|'.join(SPLIT_OF)})")
_SEPARATORS = ",;\t"


def read(
    data: str | Path, in_one_layout: "Callable[[pd.DataFrame], pd.DataFrame]" = lambda frame: frame
) -> "pd.DataFrame":
    """Reads a table.

    Args:
        data: A file (.csv, .tsv, both plain or .gz, .parquet); a folder of such files: those whose names begin or end
            with `train`, `val` (optional) and `test`, or else all of them; or `tfds:NAME`, a data set of TensorFlow
            Datasets.
        in_one_layout: Called with the table of each file; returns it with the columns that all files have.

    Returns:
        The columns of the table, followed by `FILE` (the file's name without its ending), `LINE` (the row's line, the
        header being line 1) and `SPLIT` (0, 1 or 2 if the files are named by split, else -1).

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.
        ValueError: A file is damaged, is not a table, or has other columns than the first one.

    Example:
        `read("load.csv.gz").columns`
    """
    import pandas as pd

    if str(data).startswith("tfds:"):
        return in_one_layout(_examples(str(data).removeprefix("tfds:")))
    path = Path(data)
    if path.is_file():
        return in_one_layout(_file(path))
    files = [file for file in sorted(path.glob("*")) if file.name.endswith(_ENDINGS)] if path.is_dir() else []
    if not files:
        raise FileNotFoundError(
            f"Expected a table or a folder of tables ({', '.join(_ENDINGS)}). Received: data={str(data)!r}"
        )
    split = {file: number for file in files if (number := _split_of(file)) is not None}
    if split and set(split.values()) not in ({0, 1, 2}, {0, 2}):
        raise ValueError(
            "Expected files of training and test, named train and test, and perhaps val. "
            f"Received: {', '.join(file.name for file in split)}"
        )
    files = sorted(split, key=split.__getitem__) or files  # in the order of time
    frames = [in_one_layout(_file(file).assign(**{SPLIT: split.get(file, -1)})) for file in files]
    for file, frame in zip(files, frames, strict=True):
        if list(frame.columns) != list(frames[0].columns):
            raise ValueError(
                f"Expected the same columns in all tables of {path}. Received: {names(frame)} in {file.name}, "
                f"{names(frames[0])} in {files[0].name}"
            )
    return pd.concat(frames, ignore_index=True)


def names(frame: "pd.DataFrame") -> list[str]:
    """Names of the table's own columns."""
    return [name for name in frame.columns if name not in (FILE, LINE, SPLIT)]


def place(frame: "pd.DataFrame", row: int) -> str:
    """Where a row comes from, for messages.

    Example:
        `place(frame, 0)` -> `"load, line 2"`
    """
    return f"{frame[FILE].iloc[row]}, line {frame[LINE].iloc[row]:,}"


def stem(path: Path) -> str:
    """Name of a table's file without its extensions.

    Example:
        `stem(Path("data/load.csv.gz"))` -> `"load"`
    """
    return re.sub(r"\.(csv|tsv|parquet|pq)(\.gz)?$", "", path.name)


def _split_of(path: Path) -> int | None:
    """The split that a file's name stands for."""
    found = _SPLIT_NAME.fullmatch(stem(path))
    return SPLITS.index(SPLIT_OF[found[1] or found[2]]) if found else None


def _file(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        if path.suffix in (".parquet", ".pq"):
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, sep=_separator(path), low_memory=False, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"Expected UTF-8 text. Received: {path}, {error}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"Expected a whole gzip file. Received: {path}, {error}") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, ValueError) as error:
        raise ValueError(f"Expected a table with a header. Received: {path}, {error}") from None
    frame.columns = frame.columns.astype(str).str.strip()
    if not len(frame):
        raise ValueError(f"Expected a table with rows. Received: {path} without any")
    return _placed(frame, stem(path))


def _placed(frame: "pd.DataFrame", file: str) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    file_of = pd.Series(file, index=frame.index, dtype="category")
    columns = {FILE: file_of, LINE: np.arange(2, len(frame) + 2), SPLIT: np.int8(-1)}
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def _separator(path: Path) -> str:
    """The separator that occurs most often in the header."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        header = file.readline().decode("utf-8", "replace")
    return max(_SEPARATORS, key=header.count)


def _examples(name: str) -> "pd.DataFrame":
    """All splits of a data set of TensorFlow Datasets; its scalar and text features are the columns."""
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
    return _placed(frame.assign(**texts), name)
