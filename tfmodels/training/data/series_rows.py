"""Time series on disk, written once and read in any order without loading them all."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfmodels import array_files, whole_files
from tfmodels.training.data.atomic_folder import atomic_folder

_STEPS = ("time", "values", "past", "known")  # the arrays with one row per step
_INDEX = "index.json"


class Series(NamedTuple):
    """One time series. A step without any observation is a row of NaN.

    Attributes:
        name: Name of the series; empty if there is only one.
        time: int64 `[steps]`, seconds since 1970, ascending.
        values: float64 or float32 `[steps, channels]`, NaN = missing.
        past: float64 or float32 `[steps, past]`, covariates known only up to the present; NaN = missing.
        known: float64 or float32 `[steps, known]`, covariates known in advance; NaN = missing.
        static: float64 or float32 `[static]`, covariates of the whole series.
        bounds: Steps at which validation begins, the test begins and the test ends. The training part is
            `[0, bounds[0])`. None if the split is not decided yet; a first value of -1 if only the start of validation
            is not.
    """

    name: str
    time: np.ndarray
    values: np.ndarray
    past: np.ndarray
    known: np.ndarray
    static: np.ndarray
    bounds: tuple[int, int, int] | None = None


class SeriesRows:
    """Series one after the other in memory-mapped arrays, which keep the types that they were written with.

    Args:
        folder: A folder written by `SeriesRows.write`.

    Raises:
        ValueError: Its index or an array is damaged.

    Attributes:
        names: Names of the series.
        offsets: int64 `[series + 1]`, the first row of each.
        bounds: int64 `[series, 4]`, steps of each series at which training, validation and test begin and the test
            ends.
        time: int64 `[rows]`.
        values: `[rows, channels]`.
        past: `[rows, past]`.
        known: `[rows, known]`.
        static: `[series, static]`.
        scale: `[series, channels]` of the type of `values`, standard deviation of the training part; 1 where it is 0.

    Example:
        `SeriesRows(run / "series").part(0).values`
    """

    def __init__(self, folder: Path) -> None:
        index = whole_files.read_json(folder / _INDEX)
        try:
            self.names: list[str] = list(index["names"])
            self.offsets = np.array(index["offsets"], np.int64).reshape(len(self.names) + 1)
            self.bounds = np.array(index["bounds"], np.int64).reshape(len(self.names), 4)
            shapes = {name: tuple(index[name]) for name in _STEPS}
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ValueError(
                f"Expected an index of series in {folder / _INDEX}. Received: {type(error).__name__}: {error}"
            ) from None
        self.static = array_files.read(folder / "static.npy")
        self.scale = array_files.read(folder / "scale.npy")
        self.time, self.values, self.past, self.known = (
            array_files.read(folder / f"{name}.npy", shapes[name]) for name in _STEPS
        )

    def __len__(self) -> int:
        return len(self.names)

    def part(self, number: int) -> Series:
        """Returns one series as it was written."""
        steps = slice(self.offsets[number], self.offsets[number + 1])
        arrays = {name: getattr(self, name)[steps] for name in _STEPS}
        _, validation, test, end = map(int, self.bounds[number])
        bounds = validation, test, end
        return Series(name=self.names[number], **arrays, static=self.static[number], bounds=bounds)

    @classmethod
    def write(cls, folder: Path, series: Iterable[Series]) -> "SeriesRows":
        """Writes series to `folder`, which appears only when all are written.

        Args:
            folder: Folder to make. If it exists, it is opened and `series` is not read.
            series: At least one series; all have the same numbers of columns, and `bounds`.

        Returns:
            The series, opened.

        Raises:
            ValueError: There is no series, or one without bounds.

        Example:
            `SeriesRows.write(run.assets / "series", [Series("north", time, values, past, known, static, bounds)])`
        """
        if folder.exists():
            return cls(folder)
        parts = list(series)
        if not parts:
            raise ValueError(f"Expected at least one series for {folder}. Received: none.")
        bounds = [part.bounds for part in parts if part.bounds]
        if len(bounds) < len(parts):
            raise ValueError("Expected bounds of each series. Received: bounds=None")
        index: dict[str, Any] = {
            "names": [part.name for part in parts],
            "offsets": [0, *np.cumsum([len(part.time) for part in parts]).tolist()],
            "bounds": [[0, *steps] for steps in bounds],
        }
        with atomic_folder(folder) as partial:
            for name in _STEPS:
                array = np.concatenate([getattr(part, name) for part in parts])
                index[name] = array.shape
                np.save(partial / f"{name}.npy", array)
            np.save(partial / "static.npy", np.stack([part.static for part in parts]))
            training = (part.values[: steps[0]] for part, steps in zip(parts, bounds, strict=True))
            np.save(partial / "scale.npy", np.stack([_scale(values) for values in training]))
            (partial / _INDEX).write_text(json.dumps(index), encoding="utf-8")
        return cls(folder)


def _scale(values: np.ndarray) -> np.ndarray:
    """Standard deviation of each channel, missing values left out; 1 where it is zero."""
    observed = np.isfinite(values)
    count = np.maximum(observed.sum(axis=0), 1)
    filled = np.where(observed, values, 0).astype(np.float64)
    mean = filled.sum(axis=0) / count
    deviations = np.where(observed, values - mean, 0)
    largest = np.abs(deviations).max(axis=0, initial=0)
    largest = np.where(
        largest > 0, largest, 1
    )  # the squares of the deviations in this unit neither over- nor underflow
    scale = largest * np.sqrt(((deviations / largest) ** 2).sum(axis=0) / count)
    return np.where(scale > 0, scale, 1).astype(values.dtype)
