"""Timestamps as earlier versions read them, for their runs and exports, which keep no form of timestamps."""

from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables.table_files import place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def seconds(frame: "pd.DataFrame", columns: tuple[str, ...], time_format: str, faults: Faults) -> "np.ndarray":
    """The timestamps of a table.

    Args:
        frame: The table.
        columns: One column of timestamps (text, dates or seconds since 1970), or several: a date and a time of day, or
            `year`, `month`, `day` and so on.
        time_format: Format as in `strptime`; empty = inferred.
        faults: Receives those that cannot be read.

    Returns:
        float64 `[rows]`, seconds since 1970 in UTC; NaN where there is no timestamp.
    """
    import numpy as np
    import pandas as pd

    cells = frame[columns[0]] if len(columns) == 1 else _joined(frame, columns)
    if not time_format and not pd.api.types.is_numeric_dtype(cells) and cells.astype(str).str.fullmatch("[0-9]+").all():
        cells = cells.astype("int64")
    if pd.api.types.is_numeric_dtype(cells) and not time_format:
        found = cells.to_numpy(np.float64, na_value=np.nan)
    else:
        found = _parsed(cells, time_format)
    wrong = np.flatnonzero(~np.isfinite(found))
    if len(wrong):
        faults.found(
            "a timestamp in each row", f"{cells.iloc[wrong[0]]!r}, {place(frame, wrong[0])}",
            "the row is left out", len(wrong),
        )  # fmt: skip
    return found


def _joined(frame: "pd.DataFrame", columns: tuple[str, ...]) -> "pd.Series":
    import pandas as pd

    if {"year", "month", "day"} <= {name.lower() for name in columns}:
        return pd.to_datetime(frame[list(columns)].rename(columns=str.lower), errors="coerce")
    joined = frame[columns[0]].astype(str)
    for column in columns[1:]:
        joined = joined + " " + frame[column].astype(str)
    return joined


def _parsed(cells: "pd.Series", time_format: str) -> "np.ndarray":
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells):  # years, or 20160131
        cells = cells.astype(str)
    # The format of the first need not fit all: ISO 8601 may leave out a time of 00:00.
    formats = [time_format] if time_format else [None, "ISO8601"]
    tried = [pd.to_datetime(cells, format=form, errors="coerce", utc=True) for form in formats]
    best = min(tried, key=lambda found: found.isna().sum())
    naive = best.dt.tz_convert(None).to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(naive), np.nan, naive.astype(np.int64).astype(np.float64))
