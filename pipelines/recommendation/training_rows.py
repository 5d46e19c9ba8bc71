"""The rows that a recommender is trained and validated on, written into the assets of a run."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.recommendation import data
from pipelines.recommendation.config import Config
from pipelines.recommendation.sides.event_sides import Sides
from pipelines.runs import Run
from tfmodels import array_files

_ROWS = 1 << 16  # pieces of sequences written at a time


def write(config: Config, run: Run, validation: data.Cases, sides: Sides) -> None:
    """Writes the rows of training and validation; ids are 1 and up.

    Args:
        config: The options.
        run: The run, whose events are split.
        validation: The events to validate on.
        sides: What is read of events beside their items.

    Raises:
        ValueError: There is no event to train or validate on.
    """
    from tfmodels import training

    trained, places = data.trained(run)
    starts, ends = pieces(trained.starts, trained.ends, config.max_length)
    if not len(starts):
        raise ValueError("Expected a user with at least two events to train on. Received: none")
    ids = trained.items + 1
    training.TokenRows.write(run.assets / "train", _columns(ids, starts, ends - 1, starts + 1, ends))
    _write_sides(config, run, "train", sides, (starts, ends - 1), places, places[ends - 1])
    size = len(data.items(run))
    # Unknown items are left out of histories, as in the export, and those that the table alone tells: while the network
    # is trained it has none of them.
    ids = np.where(validation.histories.items < size, validation.histories.items, -1) + 1
    known = np.concatenate([[0], np.cumsum(ids > 0)])
    starts, ends = known[validation.histories.starts], known[validation.histories.ends]
    there = np.flatnonzero((ends > starts) & (validation.targets >= 0) & (validation.targets < size))
    if not len(there):
        raise ValueError(
            "Expected an event of the validation split whose user and item training has. Received: none of "
            f"{len(validation.targets):,}; with --split date, is the training part too small?"
        )
    flat = np.concatenate([ids[ids > 0], validation.targets + 1]).astype(np.int32)
    target = int((ids > 0).sum()) + there
    starts, ends = np.maximum(starts, ends - config.max_length)[there], ends[there]
    training.TokenRows.write(run.assets / "validation", _columns(flat, starts, ends, target, target + 1))
    _write_sides(config, run, "validation", sides, (starts, ends), np.flatnonzero(ids > 0), validation.events[there])


def read_sides(run: Run, split: str) -> np.ndarray | None:
    """What the rows of a split know of each step beside its item, int16 `[rows, time, sides]`; None if nothing."""
    file = run.assets / f"{split}_sides.npy"
    return array_files.read(file) if file.is_file() else None


def _write_sides(
    config: Config,
    run: Run,
    split: str,
    sides: Sides,
    rows: tuple[np.ndarray, np.ndarray],
    places: np.ndarray,
    targets: np.ndarray,
) -> None:
    """Writes what is known of the steps of rows, which start and end among the events at `places`."""
    if not sides.sizes:
        return
    cells = data.array(run, data.CELLS)
    time = data.array(run, "time") if sides.gaps else np.zeros(len(cells), np.int64)
    found = sides.steps(*rows, time[targets], time[places], cells[places], config.max_length)
    np.save(run.assets / f"{split}_sides.npy", found)


def pieces(starts: np.ndarray, ends: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Sequences in pieces, from the end on, each event but the first predicted once: `most` steps and the next item."""
    count = np.maximum(-(-(ends - starts - 1) // most), 0)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    last = np.repeat(ends, count) - number * most
    return np.maximum(np.repeat(starts, count), last - most - 1), last


def _columns(
    ids: np.ndarray, starts: np.ndarray, ends: np.ndarray, target_starts: np.ndarray, target_ends: np.ndarray
) -> Iterator[dict[str, Any]]:
    def joined(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lengths = ends - starts
        places = np.repeat(ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
        return ids[places], lengths

    for first in range(0, len(starts), _ROWS):
        rows = slice(first, first + _ROWS)
        yield {"items": joined(starts[rows], ends[rows]), "targets": joined(target_starts[rows], target_ends[rows])}
