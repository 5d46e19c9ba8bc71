"""The rows on which models differ most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipelines.runs.overview.scored_models import Scored

MOST = 10


class DifferingRow(NamedTuple):
    """A row that some models answer better than others.

    Attributes:
        row: Its number in the split, from 1.
        input: What was asked.
        reference: What is right.
        answers: Name of a model -> its answer.
        scores: Name of a model -> the primary metric of the row alone; of risks and probabilities that of what is so.
    """

    row: int
    input: str
    reference: str
    answers: dict[str, str]
    scores: dict[str, float]


def of(models: Sequence[Scored], count: int = MOST) -> list[DifferingRow]:
    """Finds the rows whose scores differ most, by the primary metric and, where that is equal, by the next ones.

    Args:
        models: At least two, of `scored_models.check`.
        count: How many.

    Returns:
        The rows, that with the largest difference first; none where the texts of rows were not kept, as in reports of
        earlier versions. Of more than 20,000 rows the first 20,000 have texts.

    Example:
        `of([one, other])[0].answers`
    """
    known = min(len(model.rows.texts) for model in models)
    scores = [found for name in _metrics(models) if (found := _of_rows(models, name, known)) is not None]
    if not known or not scores:
        return []
    spreads = np.stack([np.nan_to_num(one.max(axis=0) - one.min(axis=0)) for one in scores])
    order = np.lexsort(-spreads[::-1])[:count]
    return [_row(models, row, scores[0][:, row]) for row in order.tolist() if spreads[:, row].any()]


def _metrics(models: Sequence[Scored]) -> list[str]:
    first = models[0].report
    names = dict.fromkeys([first.primary["metric"], *first.metrics])
    return [name for name in names if all(name in model.rows.metrics for model in models)]


def _of_rows(models: Sequence[Scored], metric: str, known: int) -> np.ndarray | None:
    """The metric of each row, `[models, rows]`; None where it has none."""
    with np.errstate(invalid="ignore"):
        found = [model.rows.metrics[metric].of_each() for model in models]
    return None if any(one is None for one in found) else np.stack([one[:known] for one in found if one is not None])


def _row(models: Sequence[Scored], row: int, scores: np.ndarray) -> DifferingRow:
    asked, reference, _ = models[0].rows.texts[row]
    answers = {model.name: model.rows.texts[row][2] for model in models}
    return DifferingRow(row + 1, asked, reference, answers, dict(zip(answers, scores.tolist(), strict=True)))
