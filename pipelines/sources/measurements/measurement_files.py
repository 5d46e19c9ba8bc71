"""The files that measurements lie in: tables, the folders of MEDS, and a file a stay as PhysioNet 2012 has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.files import quick_columns, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.split_names import SPLITS
from pipelines.sources.tables import table_files, table_types

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ENTITY_OF_STAY = "RecordID"
_STAY_COLUMNS = ["Time", "Parameter", "Value"]
_STAY = Dialect("csv", "utf-8", ",")
_STAYS = 500  # files of a stay that are read at a time
MEDS_SPLITS = {"train": "train", "tuning": "validation", "held_out": "test"}


def files(data: str | Path) -> dict[Path, str]:
    """The files of a data set.

    Args:
        data: A table; a folder of tables; the root of a MEDS data set; a folder of PhysioNet's files.

    Returns:
        File -> its split, where the names of files or MEDS's folders say so, else an empty text.

    Raises:
        FileNotFoundError: There is no such file, or none in the folder.
        ValueError: Some splits have a file and others have none, or two files have one name.

    Example:
        `files("set-a")` -> `{Path("set-a/132539.txt"): "", ...}`
    """
    path = Path(data)
    if shards := sorted((path / "data").glob("**/*.parquet")):
        return {one: MEDS_SPLITS.get(one.relative_to(path / "data").parts[0], "") for one in shards}
    if path.is_dir() and (stays := [one for one in sorted(path.glob("*.txt")) if _is_stay(one)]):
        return dict.fromkeys(stays, "")
    found = table_files.files(data)
    return {one: SPLITS[split] if split >= 0 else "" for one, split in found.items()}


def frames(paths: list[Path], options: FileOptions, faults: Faults) -> "Iterator[pd.DataFrame]":
    """The tables of files, one after the other, so that few of them are in memory at once.

    Args:
        paths: The files.
        options: How they are written.
        faults: Receives rows that do not fit the header.

    Yields:
        See `table_files.Tables`. Stays of PhysioNet have a column `RecordID`, and many of them are one table.

    Raises:
        ValueError: A file is damaged or is not a table.
    """
    if paths and paths[0].suffix == ".txt" and _is_stay(paths[0]):
        for start in range(0, len(paths), _STAYS):
            yield _stays(paths[start : start + _STAYS], faults)
        return
    known = None
    for path in paths:
        table = table_files.read(path, faults, options, known)
        known = known or table.dialects[0]
        names = table.frame[table_files.FILE].cat.rename_categories([name_of(path, paths)])
        yield table.frame.assign(**{table_files.FILE: names})


def name_of(path: Path, paths: list[Path]) -> str:
    """The name of a file in messages, by which it can be told from the others.

    Example:
        `name_of(Path("meds/data/train/0.parquet"), shards)` -> `"train/0.parquet"`
    """
    names = [one.name for one in paths]
    return path.name if len({*names}) == len(names) else str(Path(path.parent.name) / path.name)


def _is_stay(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.readline(100)
    return head.decode("utf-8", "replace").strip().split(",") == _STAY_COLUMNS


def _stays(paths: list[Path], faults: Faults) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    tables = [_stay(path, faults) for path in paths]
    lengths = [table.num_rows for table in tables]
    whole = pa.concat_tables(tables)
    frame = table_types.frame(dict(zip(whole.column_names, whole.columns, strict=True)))
    names = pd.Categorical(np.repeat([path.name for path in paths], lengths), [path.name for path in paths])
    return frame.assign(**{table_files.FILE: names, table_files.SPLIT: np.int8(-1)})


def _stay(path: Path, faults: Faults) -> "pa.Table":
    """The rows of a file, with the id of the stay, which is a row of the file or else its name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = quick_columns.read(path, _STAY, _STAY_COLUMNS)
    lines = range(2, (found.num_rows if found else 0) + 2)
    if found is None:
        rows = list(row_files.read(path, _STAY, faults).rows)
        columns = [[cells[place] for _, cells in rows] for place in range(len(_STAY_COLUMNS))]
        found = pa.table([pa.array(cells, pa.large_string()) for cells in columns], _STAY_COLUMNS)
        lines = [line for line, _ in rows]
    is_id = pc.equal(found["Parameter"], ENTITY_OF_STAY)
    ids = found["Value"].filter(is_id)
    name = ids[0].as_py() if len(ids) else path.stem
    found = found.append_column(ENTITY_OF_STAY, pa.array([name] * found.num_rows, pa.large_string()))
    return found.append_column(table_files.LINE, pa.array(lines, pa.int64())).filter(pc.invert(is_id))
