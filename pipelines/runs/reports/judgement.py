"""How a model compares with baselines in the primary metric, and which baselines are none."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tfmodels import metrics
from tfmodels.metrics.paired.scores import name_of

if TYPE_CHECKING:
    import numpy as np

    from tfmodels.metrics.bootstrap import Score


class Judgement(NamedTuple):
    """What a `Report` says of baselines.

    Attributes:
        comparisons: Name of a baseline -> the difference of the model from it, `metrics.Difference` as a dict; None if
            there are too few rows to tell.
        broken: Name of a baseline that does worse than a constant answer -> that answer.
        rows: What the primary metric of the model is computed from.
        blocks: int `[rows]`, as `judge` got them.
    """

    comparisons: dict[str, dict[str, float] | None]
    broken: dict[str, str]
    rows: metrics.RowMetric
    blocks: "np.ndarray"


def judge(
    model: "np.ndarray",
    baselines: "Mapping[str, np.ndarray]",
    blocks: "np.ndarray",
    *,
    constants: Sequence[str] = (),
    higher_is_better: bool = True,
    score: "Score | None" = None,
) -> Judgement:
    """Compares a model with each baseline, and each baseline with the best constant answer.

    Args:
        model: `[rows, statistics]`, whose sums over rows give the primary metric.
        baselines: Name -> the same of each baseline.
        blocks: See `metrics.paired_difference`.
        constants: Names of the baselines that answer all rows alike, such as the majority class.
        higher_is_better: Of the metric.
        score: From sums to the metric. Default: the first statistic divided by the second.

    Returns:
        The judgement.

    Example:
        `judge(right, {"majority class": right_of_it}, metrics.independent_blocks(len(right))).comparisons`
    """
    score = score or metrics.ratio
    sign = 1 if higher_is_better else -1
    worth = {name: sign * float(score(rows.sum(axis=0))) for name, rows in baselines.items()}
    comparisons = {}
    for name, rows in baselines.items():
        found = metrics.paired_difference(model, rows, blocks, score)
        comparisons[name] = None if found is None else found._asdict()
    constant = max(constants, key=lambda name: worth[name], default=None)
    broken = {}
    for name, rows in baselines.items():
        if constant is None or name in constants or worth[name] >= worth[constant]:
            continue
        found = metrics.paired_difference(rows, baselines[constant], blocks, score)
        if found is None or not found.low <= 0 <= found.high:
            broken[name] = constant
    rows = metrics.RowMetric(model, name_of(score), higher_is_better)
    return Judgement(comparisons, broken, rows, blocks)
