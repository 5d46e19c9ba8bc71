"""The splits that the data itself names: by its files, or by the metadata of MEDS."""

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.files import row_files
from pipelines.sources.measurements import measurement_files
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_files import MEDS_SPLITS
from pipelines.sources.measurements.measurement_rows import RowReader, Rows
from pipelines.sources.split_names import SPLITS

if TYPE_CHECKING:
    import numpy as np

_FILE = Path("metadata") / "subject_splits.parquet"


def read(data: str, rows: Rows, reader: RowReader, files: dict[Path, str]) -> "np.ndarray":
    """The split of each entity.

    Args:
        data: A table, or a folder.
        rows: The rows of all tables.
        reader: What read them.
        files: The tables, each with its split or an empty text.

    Returns:
        Texts, object `[entities]`; empty where nothing names one.

    Raises:
        ValueError: An entity is in two splits, or a column of the metadata is missing.

    Example:
        `read("mimic-meds", rows, reader, files)`
    """
    return _of_meds(data, reader.entities) if (Path(data) / _FILE).is_file() else _of_files(rows, reader, files)


def _of_meds(data: str, entities: DistinctTexts) -> "np.ndarray":
    """That of the table of splits; empty where it has none, or neither `train`, `tuning` nor `held_out`."""
    import numpy as np

    rows = row_files.read(Path(data) / _FILE)
    subject, split = (rows.column(name) for name in ("subject_id", "split"))
    found = np.full(len(entities), "", object)
    for line, cells in rows.rows:
        number = int(entities.known([str(cells[subject])])[0])
        name = MEDS_SPLITS.get(str(cells[split]), "")
        if number < 0:
            continue
        if found[number] and found[number] != name:
            raise ValueError(
                f"Expected each entity in one split. Received: {cells[subject]!r} in {found[number]} and "
                f"{cells[split]!r}, {rows.place(line)}"
            )
        found[number] = name
    return found


def _of_files(rows: Rows, reader: RowReader, files: dict[Path, str]) -> "np.ndarray":
    """That of the files that an entity is in."""
    import numpy as np

    names = {measurement_files.name_of(path, [*files]): number for number, path in enumerate(files)}
    split_of = np.array(["", *SPLITS], object)
    of_file = np.array([[*split_of].index(files[path]) for path in files])
    if not of_file.any():
        return np.full(len(reader.entities), "", object)
    order = [names[name] for name in reader.files.to_list()]
    mine = of_file[order][rows.file]
    low, high = np.full(len(reader.entities), len(split_of)), np.full(len(reader.entities), -1)
    np.minimum.at(low, rows.entity, mine)
    np.maximum.at(high, rows.entity, mine)
    if (torn := np.flatnonzero((low < high) & (high >= 0))).size:
        name = reader.entities.to_list()[torn[0]]
        raise ValueError(
            "Expected each entity in one split. Received: "
            f"{name!r} in {split_of[low[torn[0]]]} and {split_of[high[torn[0]]]}, and {len(torn) - 1:,} more"
        )
    return split_of[np.maximum(high, 0)]
