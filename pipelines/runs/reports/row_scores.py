"""What the primary metric of a report is computed from, row by row, so that runs can be compared on the same rows."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from tfmodels.metrics.bootstrap import Difference, Score

AUROC = "auroc"  # of rows of label and risk, which no sums give
_SCORES = {"mean": "ratio", "bleu": "bleu_of_sums", "micro_f1": "micro_f1_of_sums"}  # their names in `metrics`
_AXES = 2


@dataclass(frozen=True, eq=False)
class RowScores:
    """The statistics of the rows of a split.

    Attributes:
        statistics: `[rows, statistics]`, whose sums over rows give the metric; of `auroc` label, 0 or 1, and risk.
        blocks: int `[rows]`, see `metrics.paired_difference`.
        score: Name of what makes the metric of the sums: `mean`, `bleu` or `micro_f1`; or `auroc`.

    Example:
        `RowScores(statistics, blocks, "mean").minus(other)`
    """

    statistics: "np.ndarray"
    blocks: "np.ndarray"
    score: str

    def minus(self, other: "RowScores") -> "Difference | None":
        """The metric less that of another model on the same rows, by a paired bootstrap of blocks; None of too few."""
        import numpy as np

        from tfmodels import metrics

        if self.score != AUROC:
            score = getattr(metrics, _SCORES[self.score])
            return metrics.paired_difference(self.statistics, other.statistics, self.blocks, score)
        cases = metrics.RiskCases(self.statistics[:, 0], self.blocks, np.zeros(len(self.blocks), int))
        return metrics.risk_difference(cases, self.statistics[:, 1], other.statistics[:, 1])


def name_of(score: "Score") -> str:
    """The name of what makes a metric of sums.

    Args:
        score: The function.

    Raises:
        ValueError: It has no name, so that no other process could find it.

    Example:
        `name_of(metrics.ratio)` -> `"mean"`
    """
    from tfmodels import metrics

    found = next((name for name, attribute in _SCORES.items() if getattr(metrics, attribute) is score), None)
    if found is None:
        raise ValueError(f"Expected a score of {', '.join(_SCORES)}. Received: {score}")
    return found


def digest(rows: Iterable[Any]) -> str:
    """A digest of the rows that are scored, their references included: the same for all models that are asked them.

    Args:
        rows: The rows in their order; arrays count with their bytes, others as Python writes them.

    Example:
        `digest([("A dog.", "Ein Hund.")])`
    """
    found = hashlib.sha256()
    for row in rows:
        content = row.tobytes() if hasattr(row, "tobytes") else repr(row).encode(errors="surrogatepass")
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest()[:16]


def write(scores: RowScores, path: Path) -> None:
    """Writes the statistics; the blocks are the last column.

    Example:
        `write(judgement.rows, Path("runs/mine/report.rows.npy"))`
    """
    import numpy as np

    with whole_files.replacing(path) as file:
        np.save(file, np.column_stack([scores.statistics, scores.blocks]).astype(np.float64))


def read(path: Path, score: str) -> RowScores:
    """Reads what `write` wrote.

    Args:
        path: The file, which may come from anyone.
        score: Name of what makes the metric of the sums.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is something else.

    Example:
        `read(Path("runs/mine/report.rows.npy"), "mean").statistics`
    """
    import numpy as np

    from tfmodels import array_files

    array = array_files.read(path)
    if array.ndim != _AXES or array.shape[1] < _AXES or array.dtype != np.float64 or not _suits(array, score):
        raise ValueError(
            f"Expected statistics of rows in {path}. Received: {array.dtype} {array.shape}, score={score!r}"
        )
    return RowScores(np.array(array[:, :-1]), np.array(array[:, -1]).astype(np.int64), score)


def _suits(array: "np.ndarray", score: str) -> bool:
    """Whether statistics and blocks may be those of a score."""
    import numpy as np

    if score != AUROC:
        return score in _SCORES
    return array.shape[1] == len(("label", "risk", "block")) and bool(
        np.isin(array[:, 0], (0, 1)).all() and (array[:, 1] >= 0).all() and (array[:, 1] <= 1).all()
    )
