"""Measurements of cases as arrays of one width, padded on the left."""

from typing import NamedTuple

import numpy as np

from pipelines.sources.measurements.histories import Histories


class PaddedEvents(NamedTuple):
    """Measurements of cases.

    Attributes:
        time: float32 `[cases, width]`, hours; 0 at padding.
        variable: int32 `[cases, width]`, place of the variable from 1 on; 0 is padding.
        value: float32 `[cases, width]`, NaN where there is none.
        cut: int64 `[cases]`, older measurements that had no room.
    """

    time: np.ndarray
    variable: np.ndarray
    value: np.ndarray
    cut: np.ndarray

    @property
    def inputs(self) -> dict[str, np.ndarray]:
        """Those of a model, by name."""
        return {"time": self.time, "variable": self.variable, "value": self.value}


def padded(histories: Histories, entity: np.ndarray, end: np.ndarray, width: int) -> PaddedEvents:
    """Pads the measurements of cases; of a longer history the latest are kept.

    Args:
        histories: The histories.
        entity: int `[cases]`.
        end: int `[cases]`, where the measurements that are seen end, see `Histories.end`.
        width: Most measurements of a case.

    Returns:
        The arrays.

    Raises:
        ValueError: The width is not above 0.

    Example:
        `padded(data.histories, entity, data.histories.end(entity, hours), 512).inputs`
    """
    if width < 1:
        raise ValueError(f"Expected a width of at least 1. Received: width={width}")
    begin, end = histories.starts[entity], np.asarray(end)
    rows = end[:, np.newaxis] + np.arange(-width, 0)
    there = rows >= begin[:, np.newaxis]
    rows = np.where(there, rows, 0)

    def column(of: np.ndarray, kind: str, empty: float) -> np.ndarray:
        return np.where(there, of[rows] if len(of) else empty, empty).astype(kind)

    return PaddedEvents(
        column(histories.hours, "float32", 0),
        column(histories.variable + 1, "int32", 0),
        column(histories.value, "float32", np.nan),
        np.maximum(end - begin - width, 0),
    )


def usual_width(lengths: np.ndarray) -> int:
    """The 99th percentile of the lengths of training histories, at least 1.

    Example:
        `usual_width(data.histories.lengths[train])`
    """
    return max(int(np.ceil(np.quantile(lengths, 0.99))), 1) if len(lengths) else 1
