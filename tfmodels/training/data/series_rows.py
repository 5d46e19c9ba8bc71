"""Time series on disk: written once, read anywhere without loading them."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

_STEPS = ("time", "values", "past", "known")  # what has a row for each step of each series
_INDEX = "index.json"


class Series(NamedTuple):
    """One series; a step of its grid of time that nothing is known of is a row of NaN.

    Attributes:
        name: Its name, empty if there is only one.
        time: int64 `[steps]`, seconds since 1970, rising.
        values: float32 `[steps, channels]`, NaN where nothing was observed.
        past: float32 `[steps, past]`, covariates that are known up to now; NaN where they are not.
        known: float32 `[steps, known]`, covariates that are known ahead; NaN where they are not.
        static: float32 `[static]`, covariates of the whole series.
        bounds: Steps at which validation and test begin and the test ends: the training part is `[0, bounds[0])`. None
            while that is to be decided, -1 for the first while only that is.
    """

    name: str
    time: np.ndarray
    values: np.ndarray
    past: np.ndarray
    known: np.ndarray
    static: np.ndarray
    bounds: tuple[int, int, int] | None = None


class SeriesRows:
    """Series one behind the other in memory-mapped arrays.

    Args:
        folder: Written by `SeriesRows.write`.

    Attributes:
        names: Of the series.
        offsets: int64 `[series + 1]`, the row at which each begins.
        bounds: int64 `[series, 4]`, steps of a series at which training, validation and test begin and the test ends.
        time: int64 `[rows]`.
        values: float32 `[rows, channels]`.
        past: float32 `[rows, past]`.
        known: float32 `[rows, known]`.
        static: float32 `[series, static]`.
        scale: float32 `[series, channels]`, standard deviation of the training part; 1 where there is none.
    """

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        self.names: list[str] = index["names"]
        self.offsets = np.array(index["offsets"], np.int64)
        self.bounds = np.array(index["bounds"], np.int64)
        self.static = np.load(folder / "static.npy")
        self.scale = np.load(folder / "scale.npy")
        self.time, self.values, self.past, self.known = (
            np.load(folder / f"{name}.npy", mmap_mode=_mode(index[name])) for name in _STEPS
        )

    def __len__(self) -> int:
        return len(self.names)

    def part(self, number: int) -> Series:
        """One series, as it was written."""
        steps = slice(self.offsets[number], self.offsets[number + 1])
        arrays = {name: getattr(self, name)[steps] for name in _STEPS}
        bounds = tuple(int(bound) for bound in self.bounds[number, 1:])
        return Series(name=self.names[number], **arrays, static=self.static[number], bounds=bounds)

    @classmethod
    def write(cls, folder: Path, series: Iterable[Series]) -> "SeriesRows":
        """Writes series to `folder`, which appears only when all are written.

        Args:
            folder: Made by this call; if it is there already it is read and `series` is left alone.
            series: At least one, all with the same numbers of columns.

        Returns:
            The series, opened.

        Raises:
            ValueError: There is none.

        Example:
            `SeriesRows.write(run.assets / "series", [Series("north", time, values, past, known, static, bounds)])`
        """
        if folder.exists():
            return cls(folder)
        parts = list(series)
        if not parts:
            raise ValueError(f"Expected at least one series for {folder}. Received: none.")
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # of a process that failed and had this number
        partial.mkdir(parents=True)
        lengths = [len(part.time) for part in parts]
        index: dict[str, Any] = {
            "names": [part.name for part in parts],
            "offsets": [0, *np.cumsum(lengths).tolist()],
            "bounds": [[0, *part.bounds] for part in parts],
        }
        for name in _STEPS:
            array = np.concatenate([getattr(part, name) for part in parts])
            index[name] = array.shape
            np.save(partial / f"{name}.npy", array)
        np.save(partial / "static.npy", np.stack([part.static for part in parts]))
        np.save(partial / "scale.npy", np.stack([_scale(part.values[: part.bounds[0]]) for part in parts]))
        (partial / _INDEX).write_text(json.dumps(index), encoding="utf-8")
        partial.rename(folder)
        return cls(folder)


def _mode(shape: Mapping[int, int]) -> str | None:
    return "r" if all(shape) else None  # an empty file cannot be mapped


def _scale(values: np.ndarray) -> np.ndarray:
    """Standard deviation of each channel without its missing values, 1 where that is nothing to divide by."""
    observed = np.isfinite(values)
    count = np.maximum(observed.sum(axis=0), 1)
    filled = np.where(observed, values, 0).astype(np.float64)
    mean = filled.sum(axis=0) / count
    scale = np.sqrt((np.where(observed, values - mean, 0) ** 2).sum(axis=0) / count)
    return np.where(scale > 0, scale, 1).astype(np.float32)
