"""Forecasts of data frames: a frame of histories in, a frame of forecasts out."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_FILE = "frame.parquet"


def answer_frame(
    data: Any, card: Mapping[str, Any], endpoint: str, predict: Callable[[list[Any]], list[dict[str, Any]]]
) -> Any:
    """Forecasts the series of a frame, long or wide, which is read as a file of the same content is.

    Args:
        data: A DataFrame with the columns of the training table, of which time and series may be the index; a Series of
            values whose index is the time; a table of Arrow or polars.
        card: Of the model.
        endpoint: `serving_default`.
        predict: From rows to their outputs.

    Returns:
        The columns of the file that `tfmodels predict --output` writes: a row for each series and step. Times are
        dates, in the time zone of the series if their timestamps name one; ids have the type that they had. What was
        the index is the index again. A table of Arrow or polars is one again.

    Raises:
        ValueError: A column is missing, a series has no value, or a fault is an error, by row.

    Example:
        `answer_frame(load, predictor.card, "serving_default", predict)`
    """
    import pyarrow as pa

    from pipelines.forecasting.frames import forecast_tables
    from pipelines.runs.frames import arrow_tables, frame_answers, frame_kinds, indexed_frames
    from pipelines.runs.rows import table_card

    kind = frame_kinds.of(data)
    if endpoint != "serving_default" or kind == "array":
        raise ValueError(
            "Expected a frame, or a Series with its times as the index, for the endpoint serving_default; other "
            f"endpoints take lists of rows. Received: data of type {type(data).__name__}, endpoint={endpoint!r}"
        )
    table = table_card.table_of(card)
    roles = table["columns"]
    levels: dict[str, Any] = {}
    if kind == "arrow":
        arrow = arrow_tables.of(data)
    else:
        names = [*roles["time"][:1], "time"][0], [*roles["series"][:1], "series"][0], [*roles["target"][:1], "y"][0]
        plain, levels = indexed_frames.flat(data, *names)
        arrow = arrow_tables.of(plain)
    rows = _requests(arrow, table)
    found = forecast_tables.answer_frame(rows, predict(rows), table)
    for name in roles["series"]:
        found[name] = _as_given(found[name], arrow.column(name)) if name in arrow.column_names else found[name]
    if kind == "arrow":
        return frame_answers.in_kind(pa.Table.from_pandas(found, preserve_index=False), data)
    return indexed_frames.indexed(found, levels)


def _requests(arrow: "pa.Table", table: dict[str, Any]) -> list[dict[str, Any]]:
    """The histories of a table, read as those of a file: what was decided in training holds."""
    import pyarrow.parquet as pq

    from pipelines.forecasting import series_files
    from pipelines.runs.frames import python_options

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        pq.write_table(arrow.replace_schema_metadata(), path)
        try:
            with python_options.said_in_python():
                return series_files.read_requests(path, table)
        except ValueError as error:
            raise ValueError(str(error).replace(str(path), "the frame").replace(_FILE, "the frame")) from None


def _as_given(names: "pd.Series", column: "pa.ChunkedArray") -> "pd.Series":
    """Ids of the type that they have in the table, such as whole numbers, in place of their texts."""
    import pandas as pd

    from pipelines.sources.tables import table_cells, table_types

    if table_types.is_text(column) or not len(names):
        return names
    given = table_cells.cells(table_types.frame({"id": table_types.stored(column)})["id"])
    values = [column[int(row)].as_py() for row in given.rows]
    originals = dict(zip(map(table_cells.spelt, given.texts.to_pylist()), values, strict=True))
    return pd.Series([originals.get(name, name) for name in names], names.index, name=names.name)
