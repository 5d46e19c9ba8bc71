"""Conditions on the columns of events, such as `rating>=4`."""

import operator
import re
from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.events import event_columns
from pipelines.sources.faults import Faults
from pipelines.sources.tables import table_files
from tfmodels import option_lists

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_ORDERS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_EXPECTED = (
    "conditions COLUMN>=NUMBER (or <=, >, <), COLUMN=VALUE or COLUMN!=VALUE (several values with | between them), with "
    "commas between them, such as 'rating>=4,event=buy|cart'"
)


class Condition(NamedTuple):
    """A condition.

    Attributes:
        column: The column.
        sign: `>=`, `<=`, `>`, `<`, `=` or `!=`.
        values: What the cells are compared with; one for an order.
    """

    column: str
    sign: str
    values: tuple[str, ...]


def parse(text: str) -> list[Condition]:
    """Reads conditions, all of which a row must meet.

    Args:
        text: Conditions with commas between them; empty = none.

    Returns:
        The conditions.

    Raises:
        ValueError: It is not of this form.

    Example:
        `parse("rating>=4")` -> `[Condition("rating", ">=", ("4",))]`
    """
    conditions = []
    for part in option_lists.split(text):
        found = re.fullmatch(r"(.+?)\s*(>=|<=|!=|==|>|<|=)\s*(.*)", part.strip(), re.DOTALL)
        if found is None:
            raise ValueError(f"Expected {_EXPECTED}. Received: keep={text!r}")
        column, sign, value = found[1].strip(), found[2].replace("==", "="), found[3].strip()
        if sign in _ORDERS and not _is_number(value):
            raise ValueError(f"Expected {_EXPECTED}. Received: {value!r}, which is no number, keep={text!r}")
        conditions.append(Condition(column, sign, (value,) if sign in _ORDERS else tuple(value.split("|"))))
    return conditions


def met(frame: "pd.DataFrame", conditions: list[Condition], faults: Faults) -> "np.ndarray":
    """Which rows of a table meet all conditions.

    Args:
        frame: The table, see `table_files.Tables`.
        conditions: The conditions. `=` and `!=` compare as numbers where both sides are.
        faults: Receives cells that are no numbers where an order needs them; their rows are left out.

    Returns:
        bool `[rows]`.

    Raises:
        ValueError: There is no such column, or a fault is an error.

    Example:
        `met(frame, parse("rating>=4"), Faults("warn")).mean()`
    """
    import numpy as np
    import pandas as pd

    kept = np.ones(len(frame), bool)
    for column, sign, values in conditions:
        event_columns.require(table_files.names(frame), column, "keep", table_files.place(frame, 0))
        codes, distinct = pd.factorize(frame[column])  # each distinct cell is compared once
        cells = pd.Series(distinct.astype(str), dtype=object)
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
        if sign in _ORDERS:
            fits = _ORDERS[sign](numbers, float(values[0]))
            wrong = np.append(np.isnan(numbers), True)[codes]  # the code of an empty cell is -1, the last place
            if wrong.any():
                row = int(np.argmax(wrong))
                cell = frame[column].iloc[row]
                received = f"{'' if pd.isna(cell) else str(cell)!r}, {table_files.place(frame, row)}"
                faults.found(
                    f"a number in column {column!r}, for --keep", received, "the row is left out", int(wrong.sum())
                )
        else:
            wanted = [float(value) for value in values if _is_number(value)]
            fits = cells.isin(values).to_numpy() | np.isin(numbers, wanted)
            fits = fits if sign == "=" else ~fits
        empty = sign not in _ORDERS and (("" in values) == (sign == "="))
        kept &= np.append(fits, empty)[codes]
    return kept


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
