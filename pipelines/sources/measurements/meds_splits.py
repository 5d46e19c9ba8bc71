"""The splits of a MEDS data set, where its metadata names them."""

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.files import row_files
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_files import MEDS_SPLITS

if TYPE_CHECKING:
    import numpy as np

_FILE = Path("metadata") / "subject_splits.parquet"


def are_there(data: str) -> bool:
    """Whether there is a table of splits."""
    return (Path(data) / _FILE).is_file()


def read(data: str, entities: DistinctTexts) -> "np.ndarray":
    """Reads the split of each entity.

    Args:
        data: Root of the data set.
        entities: The entities.

    Returns:
        Texts, object `[entities]`; empty where the table has none, or one that is neither `train`, `tuning` nor
        `held_out`.

    Raises:
        ValueError: A column is missing, or an entity has two splits.

    Example:
        `read("mimic-meds", entities)`
    """
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
