"""Random segmentations of stored texts, others in each epoch."""

from collections.abc import Mapping

import numpy as np

from tfmodels import token_ids
from tfmodels.preprocessing.subword_lattice import SubwordLattice
from tfmodels.training.data.batch_plan import padded_length
from tfmodels.training.data.token_rows import TokenRows

_MEASURED = 1024  # texts whose drawn lengths are measured


class SubwordResampling:
    """Segments the texts of `TokenRows` anew in each epoch (Kudo, 2018): a function of seed, epoch, column and row.

    The rows on disk stay the best segmentations, whose pieces tell the characters. So a training may stop anywhere and
    resume, and other trainings share the rows.

    Args:
        lattice: The pieces.
        limits: Column of texts -> most tokens of a text, `</s>` included; longer ones are cut. Other columns stay as
            they are.
        seed: Of the draws.

    Example:
        `TokenBatches(rows, 4096, 1, 1, assemble, resampling=SubwordResampling(lattice, {"text": 64}, seed=1))`
    """

    def __init__(self, lattice: SubwordLattice, limits: Mapping[str, int], seed: int) -> None:
        self._lattice = lattice
        self._limits = limits
        self._seed = seed

    def draw(self, column: str, ids: np.ndarray, rows: np.ndarray, epoch: int) -> np.ndarray:
        """Draws segmentations.

        Args:
            column: Of the texts.
            ids: Those on disk, int32 `[rows, time]`, each ended by `</s>` and padded with 0.
            rows: The number of each row.
            epoch: From 0 on.

        Returns:
            int32 `[rows, time]`, padded with 0 to one of a few lengths.
        """
        if column not in self._limits:
            return ids
        drawn = [self._row(column, text[text > 0], row, epoch) for text, row in zip(ids, rows.tolist(), strict=True)]
        padded = np.zeros([len(drawn), int(padded_length(np.array(max(map(len, drawn)))))], np.int32)
        for place, row in zip(padded, drawn, strict=True):
            place[: len(row)] = row
        return padded

    def lengths(self, rows: TokenRows) -> dict[str, np.ndarray]:
        """Estimates the lengths of drawn rows, from some of the first epoch; batches are planned with them.

        Args:
            rows: Those on disk.

        Returns:
            Column -> length of each row, int32 `[rows]`.
        """
        measured = np.unique(np.linspace(0, len(rows) - 1, _MEASURED, dtype=np.int64))
        result = dict(rows.lengths)
        for column, limit in self._limits.items():
            before = rows.lengths[column]
            drawn = self.draw(column, rows.padded(column, measured, int(before[measured].max())), measured, 0)
            growth = np.count_nonzero(drawn) / before[measured].sum()
            result[column] = np.minimum(np.ceil(growth * before), limit).astype(np.int32)
        return result

    def _row(self, column: str, ids: np.ndarray, row: int, epoch: int) -> list[int]:
        generator = np.random.default_rng([self._seed, epoch, row, list(self._limits).index(column)])
        text = self._lattice.draw(ids[:-1].tolist(), generator.random)
        return [*text[: self._limits[column] - 1], token_ids.END]
