"""Time stamps of a table as seconds, and how far they are apart."""

import re
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.table_files import place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

IRREGULAR = "irregular"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "D": 86_400, "W": 604_800}
_FREQUENCY = re.compile(rf"(\d*)({'|'.join(_SECONDS)})")


def step_of(frequency: str) -> int:
    """Seconds between two steps.

    Args:
        frequency: Such as `h`, `15min`, `D` or `W`; empty to find out; `irregular` for stamps that follow no grid.

    Returns:
        The seconds; 0 to find out or without a grid.

    Raises:
        ValueError: It is none of these.

    Example:
        `step_of("15min")` -> `900`
    """
    if frequency in ("", IRREGULAR):
        return 0
    parts = _FREQUENCY.fullmatch(frequency)
    if not parts or parts[1] == "0":
        raise ValueError(
            f"Expected a frequency such as 30s, 15min, h, D, W, or {IRREGULAR} (which suits months too: they differ in "
            f"length). Received: frequency={frequency!r}"
        )
    return int(parts[1] or 1) * _SECONDS[parts[2]]


def frequency_of(step: int) -> str:
    """The shortest way to write a step.

    Example:
        `frequency_of(900)` -> `"15min"`
    """
    unit = max((unit for unit in _SECONDS if step % _SECONDS[unit] == 0), key=_SECONDS.__getitem__)
    count = step // _SECONDS[unit]
    return f"{count if count > 1 else ''}{unit}"


def seconds(frame: "pd.DataFrame", columns: tuple[str, ...], time_format: str, faults: Faults) -> "np.ndarray":
    """The stamps of a table.

    Args:
        frame: The table.
        columns: One column of stamps (text, dates or seconds since 1970), or several: a date and a time of day, or
            `year`, `month`, `day` and so on.
        time_format: As `strptime` has it; empty to find out.
        faults: Gets those that cannot be read.

    Returns:
        float64 `[rows]`, seconds since 1970 in UTC; NaN where there is no stamp.
    """
    import numpy as np
    import pandas as pd

    cells = frame[columns[0]] if len(columns) == 1 else _joined(frame, columns)
    if pd.api.types.is_numeric_dtype(cells) and not time_format:
        found = cells.to_numpy(np.float64, na_value=np.nan)
    else:
        found = _parsed(cells, time_format)
    wrong = np.flatnonzero(~np.isfinite(found))
    if len(wrong):
        faults.found(
            "a time stamp in each row", f"{cells.iloc[wrong[0]]!r}, {place(frame, wrong[0])}",
            "the row is left out", len(wrong),
        )  # fmt: skip
    return found


def common_step(stamps: "np.ndarray") -> int:
    """The distance that most stamps, sorted and distinct, have from the one before, in seconds; 0 for a single one."""
    import numpy as np

    steps, counts = np.unique(np.diff(stamps), return_counts=True)
    return int(steps[np.argmax(counts)]) if len(steps) else 0


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
    # What the first stamp looks like need not hold for all: ISO 8601 leaves out what is zero.
    formats = [time_format] if time_format else [None, "ISO8601"]
    tried = [pd.to_datetime(cells, format=form, errors="coerce", utc=True) for form in formats]
    best = min(tried, key=lambda found: found.isna().sum())
    naive = best.dt.tz_convert(None).to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(naive), np.nan, naive.astype(np.int64).astype(np.float64))
