"""Forecasts from and to files: a table of histories in, a table of forecasts out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.sources.faults import collect_faults
from pipelines.sources.tables import table_columns, table_series
from pipelines.sources.tables.table_columns import Categories, Columns
from tfmodels.training import Series


def card(columns: Columns, categories: Categories, frequency: str, **sizes: Any) -> dict[str, Any]:
    """The description of its tables that an export keeps.

    Args:
        columns: The role of each column.
        categories: The texts of the covariates that are not numeric.
        frequency: Frequency of the series.
        **sizes: `context`, `horizon`, `levels` and `channels`.

    Returns:
        The description, in a form that JSON can hold.
    """
    return {"columns": table_columns.to_dict(columns, categories), "frequency": frequency, **sizes}


def read_requests(path: Path, table: dict[str, Any]) -> list[dict[str, Any]]:
    """Reads histories.

    The history of a series ends with the last step that has a value; a model with known covariates needs them for the
    whole horizon after it, in rows with empty targets.

    Args:
        path: A table like the one the model was trained on.
        table: What `card` returned.

    Returns:
        For each series its name, `series`, and the inputs of `serving_default`.

    Raises:
        ValueError: A series has no value, or too few rows of known covariates after its last one.

    Example:
        `read_requests(Path("history.csv"), card["table"])[0]["values"]`
    """
    columns, categories = table_columns.from_dict(table["columns"])
    with collect_faults("warn") as faults:
        read = table_series.read(path, columns, table["frequency"], faults, categories)
    return [_request(one, table["context"], table["horizon"], bool(columns.known)) for one in read.series]


def write_answers(
    path: Path, rows: Sequence[dict[str, Any]], outputs: Sequence[dict[str, Any]], table: dict[str, Any]
) -> None:
    """Writes forecasts: a row for each series and step, mean and quantiles (or `up`) of each channel in columns.

    Args:
        path: A .csv, .csv.gz or .parquet file.
        rows: What `read_requests` returned.
        outputs: The outputs of `serving_default` for them.
        table: What `card` returned.
    """
    import pandas as pd

    columns, _ = table_columns.from_dict(table["columns"])
    frames = []
    for row, output in zip(rows, outputs, strict=True):
        frame = {columns.time[0] if columns.time else "time": np.array(output["time"]).astype("datetime64[s]")}
        if row["series"]:
            frame = {
                columns.series[0] if len(columns.series) == 1 and columns.layout != "columns" else "series": row[
                    "series"
                ]
            } | frame
        for number, channel in enumerate(table["channels"]):
            frame |= _columns(channel, {name: np.array(of) for name, of in output.items()}, number, table["levels"])
        frames.append(pd.DataFrame(frame))
    whole = pd.concat(frames, ignore_index=True)
    if path.suffix in (".parquet", ".pq"):
        whole.to_parquet(path)
    else:
        whole.to_csv(path, index=False, float_format="%.7g")


def _columns(
    channel: str, output: dict[str, np.ndarray], number: int, levels: Sequence[float]
) -> dict[str, np.ndarray]:
    """Name of a column -> its cells, of one channel."""
    if "up" in output:
        return {f"{channel}_up": output["up"][:, number]}
    quantiles = {f"{channel}_q{level:g}": output["quantiles"][:, number, k] for k, level in enumerate(levels)}
    return {channel: output["mean"][:, number], **quantiles}


def _request(series: Series, context: int, horizon: int, needs_known: bool) -> dict[str, Any]:
    name = f"series {series.name!r}" if series.name else "the series"
    observed = np.flatnonzero(np.isfinite(series.values).any(axis=1))
    if not len(observed):
        raise ValueError(f"Expected a history with values. Received: none in {name}")
    end = int(observed[-1]) + 1
    ahead = len(series.time) - end
    if needs_known and ahead < horizon:
        raise ValueError(
            f"Expected rows with known covariates and empty targets for {horizon} steps after the last value. "
            f"Received: {ahead} in {name}, whose last value is at {np.datetime64(int(series.time[end - 1]), 's')}"
        )
    window = {"values": series.values[:end], "past": series.past[:end], "time": series.time[:end]}
    fitted = {key: _newest(array, context, 0 if key == "time" else np.nan) for key, array in window.items()}
    known = _newest(series.known[: end + horizon], context + horizon, np.nan)
    return {"series": series.name, **fitted, "known": known, "static": series.static}


def _newest(rows: np.ndarray, steps: int, padding: float) -> np.ndarray:
    """The last steps, padded at the start where there are fewer."""
    rows = rows[-steps:]
    missing = np.full([steps - len(rows), *rows.shape[1:]], padding, rows.dtype)
    return np.concatenate([missing, rows])
