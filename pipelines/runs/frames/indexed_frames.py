"""The index of a DataFrame as columns, and back."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd


class Flat(NamedTuple):
    """A frame without an index.

    Attributes:
        frame: The frame, what the index said in columns.
        levels: Name of such a column -> the name of its level, in order.
    """

    frame: "pd.DataFrame"
    levels: "dict[str, Hashable]"


def flat(data: "pd.DataFrame | pd.Series", time: str = "time", series: str = "series", value: str = "y") -> Flat:
    """Makes columns of the levels of an index that say something; numbers without a name only count the rows.

    Args:
        data: A frame, or a Series of values.
        time: Column of dates without a name.
        series: Column of what has no name beside the dates.
        value: Column of the values of a Series without a name.

    Returns:
        The frame. A column that is there already stands for the level of its name.

    Example:
        `flat(load.set_index("hour")).levels` -> `{"hour": "hour"}`
    """
    import pandas as pd

    frame = data.to_frame(value if data.name is None else data.name) if isinstance(data, pd.Series) else data
    columns, levels = {}, {}
    for number in range(frame.index.nlevels):
        level = frame.index.get_level_values(number)
        is_time, is_alone = isinstance(level, pd.DatetimeIndex | pd.PeriodIndex), frame.index.nlevels == 1
        if level.name is None and is_alone and pd.api.types.is_numeric_dtype(level):
            continue
        unnamed = time if is_time else "index" if is_alone else series  # `index` as files of Parquet name it
        name = unnamed if level.name is None else str(level.name)
        if name not in frame.columns and name not in columns:
            columns[name], levels[name] = level, level.name
    plain = frame.reset_index(drop=True)
    for place, (name, level) in enumerate(columns.items()):
        plain.insert(place, name, pd.Series(level, index=plain.index))
    return Flat(plain, levels)


def indexed(frame: "pd.DataFrame", levels: "dict[str, Hashable]") -> "pd.DataFrame":
    """A frame with the index that another had, as far as it has its columns.

    Args:
        frame: The frame.
        levels: Those of `flat`.

    Example:
        `indexed(forecasts, flat(load).levels)`
    """
    names = [name for name in levels if name in frame.columns]
    if not names or len(names) < len(levels):
        return frame
    return frame.set_index(names).rename_axis([levels[name] for name in names])
