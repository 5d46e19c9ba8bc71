"""Tables as earlier versions read them, for files that their runs and exports get."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.tables import table_files

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = ",;\t"


def read(data: str | Path, in_one_layout: "Callable[[pd.DataFrame], pd.DataFrame]") -> "pd.DataFrame":
    """Reads a table, with the types that pandas sees in its columns.

    Args:
        data: A file or a folder: see `table_files.read`.
        in_one_layout: See `table_files.read`.

    Returns:
        See `table_files.Tables`.

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.
        ValueError: A file is damaged, is not a table, or has other columns than the first one.

    Example:
        `read("load.csv.gz", lambda frame: frame).columns`
    """
    split_of = table_files.files(data)
    frames = [in_one_layout(_file(file, split)) for file, split in split_of.items()]
    return table_files.joined(list(split_of), frames)


def _file(path: Path, split: int) -> "pd.DataFrame":
    import numpy as np
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
    return table_files.placed(frame, path.name, np.arange(2, len(frame) + 2), split)


def _separator(path: Path) -> str:
    """The separator that occurs most often in the header."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        header = file.readline().decode("utf-8", "replace")
    return max(_SEPARATORS, key=header.count)
