"""The linear part of a run: a regression from the history to the next item, beside the network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from pipelines.recommendation import data
from pipelines.runs import Run, fitting
from tfmodels import array_files, whole_files
from tfmodels.layers import NextItemRegression
from tfmodels.whole_files import REMEDY

if TYPE_CHECKING:
    from pipelines.recommendation.config import Config
    from tfmodels.metrics.next_items.next_item_model import NextItemModel

FOLDER, DECAY = "wide", 0.7
_MOST = 50  # weights of an item
_ARRAYS = ("next_ids", "next_weights")
_FACTORS = "wide.npy"


@dataclass
class LinearPart:
    """A fitted linear model of the next item beside a network.

    Attributes:
        regression: The model.
        factors: What the logits of the network and the scores of the model are multiplied by.

    Example:
        `LinearPart(regression, (0.5, 3.0)).mixed(network(inputs), ids)`
    """

    regression: NextItemRegression
    factors: tuple[float, float]

    def mixed(self, logits: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """The logits of network and linear model together, after histories int32 `[batch, time]`."""
        of_network, of_linear = self.factors
        return of_network * logits + of_linear * self.regression(ids)

    @property
    def weights(self) -> int:
        """Number of weights."""
        return int(np.count_nonzero(self.regression.next_weights.numpy()))


def prepare(config: "Config", run: Run) -> None:
    """Fits the linear model of a run to its training events and writes it into the assets, only once.

    Args:
        config: The options. Nothing is done where they have no linear part.
        run: The run, whose events are split.

    Raises:
        ValueError: There are too many items.
    """
    if not config.wide or (run.assets / FOLDER / f"{_ARRAYS[-1]}.npy").exists():
        return
    from scipy.sparse import csr_array

    from tfmodels.metrics.next_items import item_regressions

    size = len(data.items(run))
    if size > item_regressions.MOST_ITEMS:
        raise ValueError(
            f"Expected `wide` to be left out with more than {item_regressions.MOST_ITEMS:,} items, whose matrices take "
            f"gigabytes; or raise min_item_events. Received: {size:,} items"
        )
    print(f"Fitting the linear part to {size:,} items")
    model = item_regressions.linear_next_item(data.training_histories(run)[0], size, decay=DECAY, most=_MOST)
    weights, most = csr_array(model.weights), min(_MOST, size)
    arrays = np.zeros([size, most], np.int32), np.zeros([size, most], np.float32)
    for item, (start, end) in enumerate(zip(weights.indptr[:-1], weights.indptr[1:], strict=True)):
        arrays[0][item, : end - start] = weights.indices[start:end] + 1
        arrays[1][item, : end - start] = weights.data[start:end]
    (run.assets / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, array in zip(_ARRAYS, arrays, strict=True):
        with whole_files.replacing(run.assets / FOLDER / f"{name}.npy") as unfinished:
            np.save(unfinished, array)


def baseline(config: "Config", run: Run, items: int = 0) -> "NextItemModel | None":
    """The linear model of a run as a baseline, for further items up to `items`; None where the options have none."""
    if not config.wide:
        return None
    from scipy.sparse import csr_array

    from tfmodels.metrics.next_items.next_item_model import NextItemModel

    next_ids, next_weights = _arrays(run)
    row, place = np.nonzero(next_ids)
    cells = next_weights[row, place], (row, next_ids[row, place] - 1)
    size = max(items, len(next_ids))
    return NextItemModel(np.zeros(size, np.float32), csr_array(cells, shape=(size, size)), DECAY)


def read(config: "Config", run: Run, learnt: bool = True, items: int = 0) -> LinearPart | None:
    """Reads the linear part of a run.

    Args:
        config: The options.
        run: The run, prepared.
        learnt: False where its factors are yet to be learnt, and are 1.
        items: Number of items that it scores; those beyond the ones of training get 0.

    Returns:
        The linear part; None where the options have none.

    Raises:
        FileNotFoundError: A file of it is missing.
        ValueError: A file of it is damaged.
    """
    if not config.wide:
        return None
    further = [[0, max(0, items - len(data.items(run)))], [0, 0]]
    next_ids, next_weights = (np.pad(array, further) for array in _arrays(run))
    size, most = next_ids.shape
    regression = NextItemRegression(size, most, DECAY, dtype="float32", name="next_item_regression")
    regression.assign(next_ids, next_weights)
    found = fitting.calibration(run, _FACTORS, (2,), "network and linear part count the same") if learnt else None
    if found is None:
        return LinearPart(regression, (1.0, 1.0))
    if not (found >= 0).all() or not found.any():
        raise ValueError(
            f"Expected factors that are not negative in {run.path / _FACTORS}. Received: {found}. {REMEDY}"
        )
    return LinearPart(regression, (float(found[0]), float(found[1])))


def write_factors(run: Run, part: LinearPart) -> None:
    """Keeps the factors of a linear part in its run, with their digest."""
    fitting.write_calibration(run, _FACTORS, np.array(part.factors, np.float32))


def _arrays(run: Run) -> tuple[np.ndarray, np.ndarray]:
    next_ids, next_weights = (array_files.read(run.assets / FOLDER / f"{name}.npy") for name in _ARRAYS)
    size = len(data.items(run))
    if next_ids.shape != next_weights.shape or next_ids.ndim != 2 or len(next_ids) != size:
        raise ValueError(
            f"Expected the arrays of a linear model of {size:,} items in {run.assets / FOLDER}. Received: others. "
            f"{REMEDY}"
        )
    return next_ids, next_weights
