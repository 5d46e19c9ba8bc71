"""What the metrics of a report are computed from, row by row, so that runs can be compared on the same rows."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from tfmodels.metrics import RowMetric

_AXES = 2
_ROUNDING = 1e-4  # of scores that are computed in two ways
_LARGEST = 1 << 30  # bytes of a file of numbers
_LARGEST_TEXTS = 1 << 26
_MOST_BLOCKS = 1 << 53  # that a float64 tells apart
_MOST_TEXTS, _LONGEST = 20_000, 300  # rows whose texts are kept, and characters of each
_ELEMENTS = ("input", "reference", "answer")


@dataclass(frozen=True, eq=False)
class RowScores:
    """The numbers of the rows of a split.

    Attributes:
        metrics: Metric -> what it is computed from, in the order of the report; those that no rows give are not in it.
        blocks: int `[rows]`, see `metrics.paired_difference`.
        texts: Input, reference and answer of each row, or of the first of them; empty where they are not known.

    Example:
        `RowScores({"accuracy": judgement.rows}, judgement.blocks)`
    """

    metrics: "Mapping[str, RowMetric]"
    blocks: "np.ndarray"
    texts: Sequence[Sequence[str]] = ()


def mean(values: "np.ndarray", counted: "np.ndarray | None" = None, **options: Any) -> "RowMetric":
    """A metric that is a mean over rows.

    Args:
        values: `[rows]`.
        counted: Which rows count. Default: all.
        **options: Of `RowMetric`.

    Example:
        `mean(losses, higher_is_better=False)`
    """
    import numpy as np

    from tfmodels import metrics

    counts = np.ones(len(values)) if counted is None else np.asarray(counted, np.float64)
    return metrics.RowMetric(np.stack([np.where(counts > 0, values, 0), counts], axis=1), **options)


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


def unlike(scores: RowScores, metrics: Mapping[str, float | None]) -> str:
    """Which metric the rows do not give: it would be compared otherwise than it is scored.

    Args:
        scores: Of the rows.
        metrics: Metric -> score of all rows; None is not compared.

    Returns:
        In words; empty if the rows give all.

    Example:
        `unlike(RowScores({"accuracy": right}, blocks), {"accuracy": 66.7})` -> `""`
    """
    for name, metric in scores.metrics.items():
        reported = metrics.get(name)
        if reported is not None and not math.isclose(metric.value, reported, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
            return f"{name}={reported:g}, of rows that give {metric.value:g}"
    return ""


def write(scores: RowScores, path: Path) -> dict[str, Any]:
    """Writes the numbers, and the texts beside them; a column that several metrics need stands there once.

    Args:
        scores: Of a report.
        path: The file of the report.

    Returns:
        What the report says of them: for each metric the name of its score, its columns, and what is better.

    Example:
        `write(report.row_scores, Path("runs/mine/report.json"))`
    """
    import numpy as np

    columns: dict[bytes, int] = {}
    described, kept = {}, []
    for name, metric in scores.metrics.items():
        places = []
        for column in metric.rows.T:
            content = column.tobytes()
            if content not in columns:
                columns[content] = len(columns)
                kept.append(column)
            places.append(columns[content])
        described[name] = {"score": metric.score, "columns": places, "higher_is_better": metric.higher_is_better}
    with whole_files.replacing(path.with_suffix(".rows.npy")) as file:
        np.save(file, np.column_stack([*kept, scores.blocks]).astype(np.float64))
    texts = [[one[:_LONGEST] for one in row] for row in scores.texts[:_MOST_TEXTS]]
    whole_files.write(path.with_suffix(".rows.json"), json.dumps(texts))  # ASCII: a text may have half a character
    return described


def read(path: Path, described: Any) -> RowScores:
    """Reads what `write` wrote.

    Args:
        path: The file of the report; what lies beside it may come from anyone.
        described: What the report says of them.

    Raises:
        FileNotFoundError: There are none.
        ValueError: They are something else.

    Example:
        `read(Path("runs/mine/report.json"), described).metrics["bleu"].value`
    """
    import numpy as np

    from tfmodels import array_files, metrics

    file = path.with_suffix(".rows.npy")
    array = array_files.read(file)
    if array.ndim != _AXES or array.shape[1] < _AXES or array.dtype != np.float64 or array.nbytes > _LARGEST:
        raise ValueError(f"Expected numbers of rows in {file}. Received: {array.dtype} {array.shape}")
    last = array.shape[1] - 1
    if not isinstance(described, dict):
        raise ValueError(f"Expected what the numbers of rows are, in {path}. Received: {str(described)[:80]}")
    found = {}
    for name, one in described.items():
        places = one.get("columns") if isinstance(one, dict) else None
        if not isinstance(places, list) or not places or not all(type(of) is int and 0 <= of < last for of in places):
            raise ValueError(f"Expected columns from 0 to {last - 1} of {name} in {path}. Received: {str(one)[:80]}")
        better = one.get("higher_is_better")
        try:
            found[name] = metrics.RowMetric(
                np.array(array[:, places]), str(one.get("score")), better if isinstance(better, bool) else None
            )
        except ValueError as error:
            raise ValueError(f"Expected numbers of {name} in {file}. Received: {error}") from None
    if not (abs(array[:, last]) < _MOST_BLOCKS).all():
        raise ValueError(f"Expected the blocks of rows in the last column of {file}. Received: other numbers")
    return RowScores(found, np.array(array[:, last]).astype(np.int64), _texts(path, len(array)))


def of_earlier(score: Any, metric: str, path: Path, higher_is_better: bool) -> dict[str, Any]:
    """What a report of earlier versions says of its rows, which are of its primary metric alone."""
    from tfmodels import array_files

    columns = list(range(array_files.read(path.with_suffix(".rows.npy")).shape[-1] - 1))
    return {metric: {"score": score, "columns": columns, "higher_is_better": higher_is_better}}


def _texts(path: Path, rows: int) -> list[list[str]]:
    file = path.with_suffix(".rows.json")
    if not file.is_file():
        return []
    found = whole_files.read_json(file, "`tfmodels evaluate` writes it anew.", _LARGEST_TEXTS)
    kinds = [str] * len(_ELEMENTS)
    sound = isinstance(found, list) and all(isinstance(row, list) and [*map(type, row)] == kinds for row in found)
    if not sound or len(found) > rows:
        expected = f"{', '.join(_ELEMENTS)} of at most {rows:,} rows"
        raise ValueError(f"Expected {expected} in {file}. Received: something else")
    return found
