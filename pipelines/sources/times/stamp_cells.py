"""The cells of a table that hold timestamps: texts, numbers or dates, each distinct one once."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.sources.times import stamp_numbers
from pipelines.sources.times.time_form import BETWEEN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST = 0.9  # share of bare numbers from which on the others are faults


@dataclass(frozen=True)
class Cells:
    """Cells of timestamps.

    Attributes:
        codes: int64 `[rows]`, the place of each cell among the distinct ones; -1 where it is empty.
        distinct: The distinct cells.
        are_numbers: Whether they are numbers.
        are_dates: Whether they are dates.
        zone: Time zone of the dates; empty if they have none.
    """

    codes: "np.ndarray"
    distinct: "pd.Index"
    are_numbers: bool = False
    are_dates: bool = False
    zone: str = ""

    @cached_property
    def texts(self) -> "np.ndarray":
        """The distinct cells as texts, object."""
        import numpy as np

        if self.are_numbers:
            return np.array([text or "" for text in stamp_numbers.digits(self.distinct.to_numpy())], object)
        return self.distinct.astype(str).to_numpy(object)

    @cached_property
    def numbers(self) -> "np.ndarray | None":
        """The distinct cells as numbers if nearly all are bare numbers, without the others."""
        import numpy as np

        found = self.as_numbers()
        there = np.isfinite(found)
        return found[there] if len(found) and there.mean() >= _MOST else None

    def as_numbers(self) -> "np.ndarray":
        """The distinct cells as numbers, int64 where all are whole, NaN where one is none."""
        import numpy as np
        import pandas as pd

        if self.are_numbers:
            return self.distinct.to_numpy()
        texts = self.distinct.to_series()
        plain = texts.str.fullmatch(r"-?[0-9]+([.,][0-9]+)?").to_numpy(bool)
        found = pd.to_numeric(texts.where(plain).str.replace(",", "."), errors="coerce").to_numpy()
        return found if np.issubdtype(found.dtype, np.number) else found.astype(np.float64)

    def dates(self) -> tuple["np.ndarray", "np.ndarray"]:
        """Microseconds of each row's date, in UTC if they have a zone, and whether it has one of whole microseconds."""
        import numpy as np

        exact = self.distinct.to_numpy()
        local = exact.astype("datetime64[us]")
        readable = ~np.isnat(local) & (local.astype(exact.dtype) == exact)
        return self.by_row(np.where(readable, local.astype(np.int64), 0), readable)

    def by_row(self, found: "np.ndarray", readable: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        """What was found for the distinct cells, for each row."""
        import numpy as np

        there = self.codes >= 0
        if not len(found):
            return np.zeros(len(there), np.int64), np.zeros(len(there), bool)
        return np.where(there, found[self.codes], 0), there & readable[self.codes]

    def shown(self, row: int) -> Any:
        """The cell of a row, for messages."""
        code = self.codes[row]
        if code < 0:
            return ""
        cell = self.distinct[code]
        return cell.replace(BETWEEN, " ") if isinstance(cell, str) else str(cell) if self.are_dates else cell


def cells_of(frame: "pd.DataFrame", columns: tuple[str, ...]) -> Cells:
    """The cells of the columns of timestamps.

    Args:
        frame: The table.
        columns: One column, or several, whose cells are joined to texts.

    Returns:
        The cells.

    Example:
        `cells_of(frame, ("hour",)).texts`
    """
    import pandas as pd

    if len(columns) > 1:
        parts = [_texts(frame[column]) for column in columns]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined + BETWEEN + part
        return Cells(*_distinct(joined))
    cells = frame[columns[0]]
    kind = pd.api.types.infer_dtype(cells, skipna=True)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return Cells(*_distinct(pd.to_numeric(cells)), are_numbers=True)
    if kind in ("date", "datetime", "datetime64"):
        dates = pd.to_datetime(cells)
        zone = "" if dates.dt.tz is None else str(dates.dt.tz)
        codes, distinct = _distinct(dates if dates.dt.tz is None else dates.dt.tz_convert("UTC").dt.tz_localize(None))
        return Cells(codes, distinct, are_dates=True, zone=zone.removeprefix("UTC") or zone)
    return Cells(*_distinct(_texts(cells)))


def _distinct(cells: "pd.Series") -> tuple["np.ndarray", "pd.Index"]:
    import pandas as pd

    return pd.factorize(cells)


def _texts(cells: "pd.Series") -> "pd.Series":
    """Cells as texts without blanks around them; missing where nothing is left."""
    import pandas as pd

    if pd.api.types.is_float_dtype(cells):
        whole = stamp_numbers.digits(cells.to_numpy())
        texts = pd.Series(whole, index=cells.index, dtype="str").where(lambda text: text.notna(), cells.astype("str"))
    else:
        texts = cells.astype("str")
        if pd.api.types.is_datetime64_dtype(cells) or "timestamp" in str(cells.dtype):
            texts = texts.str.removesuffix(" 00:00:00")
    texts = texts.str.strip()
    return texts.mask(cells.isna() | (texts == ""))
