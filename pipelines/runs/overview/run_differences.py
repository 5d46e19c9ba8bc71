"""How runs differ: in their metrics, with errors, in pairs; and in their options."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from pipelines.runs import old_formats, option_files, run_folders
from pipelines.runs.overview.scored_models import Scored
from tfmodels.metrics.bootstrap import Difference

LEVEL = 0.05  # chance that of several equal models one is called better than another
NOTHING_SHOWN, TOO_FEW = "no difference shown", "too few rows to tell"
_HEADER = {"format", "task", "task_digest"}


class Pair(NamedTuple):
    """Two models on the same rows, in a metric.

    Attributes:
        metric: The metric.
        one: Name of the first.
        other: Name of the second.
        difference: The first's metric minus the second's.
        low: Lower end of the interval of the difference, which holds with 95 % for all comparisons of its kind
            together: Bonferroni's correction. None where there are too few rows to tell.
        high: Its upper end.
        p: Probability of at least such a difference of equal models, times the number of comparisons, at most 1. Below
            0.05 the interval is on one side of 0.
        better: Name of the better one; empty where no difference is shown, or neither side is better, as of lengths.
        verdict: In words.
    """

    metric: str
    one: str
    other: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    better: str
    verdict: str


class _Comparison(NamedTuple):
    metric: str
    higher_is_better: bool | None
    one: str
    other: str
    gap: float
    found: Difference | None


def pairs(models: Sequence[Scored]) -> list[Pair]:
    """Compares each model with each other by a paired bootstrap (see `metrics.RowMetric`).

    The comparisons by the primary metric are corrected for the number of pairs, those by all other metrics together
    for their number, so that of equal models one is called better in one of twenty comparisons, by either.

    Args:
        models: At least two, of `scored_models.check`.

    Returns:
        The pairs, in the order of the models: first by the primary metric, then by each other one that is computed
        from rows of all models.

    Example:
        `pairs([one, other])[0].verdict` -> `"no difference shown"`
    """
    first = models[0].report
    primary = first.primary["metric"]
    others = [name for name in first.metrics if name != primary and all(_is_known(one, name) for one in models)]
    return [*_judged(_compared(models, [primary])), *_judged(_compared(models, others))]


def _is_known(model: Scored, metric: str) -> bool:
    return metric in model.rows.metrics and model.report.metrics.get(metric) is not None


def _compared(models: Sequence[Scored], names: Sequence[str]) -> list[_Comparison]:
    found = []
    for name in names:
        better = models[0].rows.metrics[name].higher_is_better
        resampled = [model.rows.metrics[name].resampled(model.rows.blocks) for model in models]
        for one, other in combinations(range(len(models)), 2):
            first, second = models[one], models[other]
            gap = (first.report.metrics[name] or 0.0) - (second.report.metrics[name] or 0.0)
            difference = resampled[one].minus(resampled[other])
            found.append(_Comparison(name, better, first.name, second.name, gap, difference))
    return found


def _judged(comparisons: Sequence[_Comparison]) -> list[Pair]:
    """Judges comparisons that are made together."""
    count = sum(one.found is not None for one in comparisons)
    return [_judged_one(one, count) for one in comparisons]


def _judged_one(comparison: _Comparison, count: int) -> Pair:
    from scipy.stats import t

    metric, higher_is_better, one, other, gap, found = comparison
    if found is None:
        return Pair(metric, one, other, gap, None, None, None, "", TOO_FEW)
    error, freedom = found.standard_error, found.blocks - 1
    ratio = abs(found.difference) / error if error else math.inf if found.difference else 0.0
    chance = float(2 * t.sf(ratio, freedom))
    margin, p = float(t.ppf(1 - LEVEL / count / 2, freedom)) * error, min(1.0, chance * count)
    better, verdict = "", NOTHING_SHOWN
    if p < LEVEL:
        above, below = (one, other) if found.difference > 0 else (other, one)
        better = "" if higher_is_better is None else above if higher_is_better else below
        verdict = f"{better} is better" if better else f"{above} is higher"
    return Pair(metric, one, other, gap, found.difference - margin, found.difference + margin, p, better, verdict)


def options(models: Sequence[Scored]) -> list[tuple[str, list[Any]]]:
    """The options that differ, with the value of each model; None where a run has no such option.

    Args:
        models: The models.

    Example:
        `options([one, other])` -> `[("training.seed", [1, 2])]`
    """
    flat = [option_files.flatten(old_formats.config(run_folders.kept(model.run))) for model in models]
    names = dict.fromkeys(name for one in flat for name in one if name not in _HEADER)
    values = [(name, [one.get(name) for one in flat]) for name in names]
    return [(name, row) for name, row in values if any(value != row[0] for value in row)]
