"""How runs differ: in their primary metric, with an error, in pairs; and in their options."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from pipelines.runs import old_formats, option_files, run_folders
from pipelines.runs.overview.scored_models import Scored

LEVEL = 0.05  # chance that of several equal models one is called better than another
_HEADER = {"format", "task", "task_digest"}


class Pair(NamedTuple):
    """Two models on the same rows.

    Attributes:
        one: Name of the first.
        other: Name of the second.
        difference: The first's primary metric minus the second's.
        low: Lower end of the 95 % interval of the difference, of this pair alone.
        high: Its upper end.
        p: Probability of at least such a difference of equal models, corrected for the number of pairs (Holm, 1979);
            None where there are too few rows to tell.
        better: Name of the better one; empty where no difference is shown.
    """

    one: str
    other: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    better: str


def pairs(models: Sequence[Scored]) -> list[Pair]:
    """Compares each model with each other by a paired bootstrap (see `RowScores.minus`).

    Args:
        models: At least two, of `scored_models.check`.

    Returns:
        The pairs, in the order of the models.

    Example:
        `pairs([one, other])[0].better` -> `""`
    """
    from scipy.stats import t

    found, chances = [], []
    higher = models[0].report.primary["higher_is_better"]
    for one, other in combinations(models, 2):
        difference = one.rows.minus(other.rows)
        found.append((one, other, difference))
        if difference is None:
            chances.append(None)
        elif not difference.standard_error:
            chances.append(0.0 if difference.difference else 1.0)
        else:
            ratio = abs(difference.difference) / difference.standard_error
            chances.append(float(2 * t.sf(ratio, difference.blocks - 1)))
    results = []
    for (one, other, difference), chance in zip(found, _corrected(chances), strict=True):
        metric = one.report.primary["metric"]
        gap = (one.report.metrics[metric] or 0.0) - (other.report.metrics[metric] or 0.0)
        shown = chance is not None and chance < LEVEL
        better = (one if (gap > 0) == higher else other).name if shown else ""
        ends = (None, None) if difference is None else (difference.low, difference.high)
        results.append(Pair(one.name, other.name, gap, *ends, chance, better))
    return results


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


def _corrected(chances: Sequence[float | None]) -> list[float | None]:
    """Holm's correction: the least chance times the number of pairs, the next times one less, never falling."""
    known = sorted((chance, place) for place, chance in enumerate(chances) if chance is not None)
    corrected: list[float | None] = [None] * len(chances)
    least = 0.0
    for rank, (chance, place) in enumerate(known):
        least = max(least, min(1.0, chance * (len(known) - rank)))
        corrected[place] = least
    return corrected
