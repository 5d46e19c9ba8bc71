"""How a model treats groups of entities: its scores in each, and the gaps to the others, with intervals."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.bootstrap import Difference, interval
from tfmodels.metrics.risks.risk_scores import entity_draws, weighted_score

MEASURES = ("auroc", "calibration", "sensitivity", "false_positive_rate")
_FEWEST = 10  # cases of a class: with fewer no measure of them is shown


class GroupScores(NamedTuple):
    """The scores of a group.

    Attributes:
        field: What the groups are made by.
        group: Name of the group.
        cases: Number of its cases.
        positive: Number of its positive cases.
        scores: Each of `MEASURES` -> its value; NaN of a group with fewer than 10 cases of a class that it needs.
            `calibration` is that in the large: the share of positive cases minus their mean risk.
        gaps: Each of `MEASURES` -> its value minus that of the cases of the other groups of the field; None where one
            of them is NaN.
    """

    field: str
    group: str
    cases: int
    positive: int
    scores: dict[str, float]
    gaps: dict[str, Difference | None]

    @property
    def significant(self) -> list[str]:
        """The measures whose gap has an interval without 0."""
        return [name for name, gap in self.gaps.items() if gap is not None and (gap.low > 0 or gap.high < 0)]


def group_scores(
    labels: np.ndarray, risks: np.ndarray, threshold: float, fields: Mapping[str, np.ndarray], entity: np.ndarray
) -> list[GroupScores]:
    """Scores each group, and compares it with the others of its field.

    Args:
        labels: 0 or 1 `[cases]`.
        risks: float `[cases]`, calibrated probabilities.
        threshold: From which risk on a case is predicted as positive.
        fields: Field -> names of the cases' groups, texts `[cases]`.
        entity: int `[cases]`; cases of one entity are resampled together.

    Returns:
        A row for each group, the groups of a field in the order of their names. Each gap has a 95 % interval of its
        own: of twenty gaps one is significant by chance.

    Raises:
        ValueError: Lengths differ.

    Example:
        `group_scores(labels, risks, 0.2, {"Gender": genders}, entity)[0].gaps["auroc"]`
    """
    labels, risks = np.asarray(labels).astype(int), np.asarray(risks, np.float64)
    for field, groups in fields.items():
        if not len(groups) == len(labels) == len(risks) == len(entity):
            raise ValueError(
                f"Expected a group, a label, a risk and an entity of each case. Received: {len(groups):,} groups by "
                f"{field!r}, {len(labels):,} labels, {len(risks):,} risks, {len(entity):,} entities"
            )
    of = _Predictions(labels, risks, risks >= threshold)
    groups = [(field, name, np.asarray(names) == name) for field, names in fields.items() for name in _distinct(names)]
    gaps = _gaps(of, [mine for *_, mine in groups], entity)
    return [_scored(*group, of, gap) for group, gap in zip(groups, gaps, strict=True)]


def gap_warnings(groups: list[GroupScores]) -> list[str]:
    """Says which gaps are significant.

    Args:
        groups: What `group_scores` returned.

    Returns:
        A sentence for each; and how many are expected by chance, if there are any.

    Example:
        `gap_warnings(group_scores(labels, risks, 0.2, fields, entity))`
    """
    words = {"auroc": "AUROC", "calibration": "observed minus predicted risk", "sensitivity": "sensitivity",
             "false_positive_rate": "false-positive rate"}  # fmt: skip
    said = []
    for one in groups:
        for name in one.significant:
            gap = one.gaps[name]
            assert gap is not None
            said.append(
                f"{one.field} {one.group}: {words[name]} is {one.scores[name]:.3f}, {gap.difference:+.3f} "
                f"[{gap.low:+.3f}, {gap.high:+.3f}] to that of the others"
            )
    compared = sum(gap is not None for one in groups for gap in one.gaps.values())
    return (
        [*said, f"{compared:,} gaps were looked at; by chance {compared / 20:.1f} of them seem significant"]
        if said
        else []
    )


class _Predictions(NamedTuple):
    labels: np.ndarray
    risks: np.ndarray
    decided: np.ndarray


def _distinct(names: np.ndarray) -> list[str]:
    return sorted({*np.asarray(names).tolist()})


def _scored(
    field: str, group: str, mine: np.ndarray, of: _Predictions, gaps: dict[str, Difference | None]
) -> GroupScores:
    one = np.ones((1, len(mine)))
    scores = {name: float(_measure(name, of, mine, one)[0]) for name in MEASURES}
    return GroupScores(field, group, int(mine.sum()), int(of.labels[mine].sum()), scores, gaps)


def _gaps(of: _Predictions, groups: list[np.ndarray], entity: np.ndarray) -> list[dict[str, Difference | None]]:
    """Measure -> gap of each group; all are taken from the same resamples."""

    def gap(name: str, mine: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return _measure(name, of, mine, weights) - _measure(name, of, ~mine, weights)

    points = [{name: float(gap(name, mine, np.ones((1, len(mine))))[0]) for name in MEASURES} for mine in groups]
    drawn = [
        [{name: gap(name, mine, weights) for name in MEASURES} for mine in groups] for weights in entity_draws(entity)
    ]
    count = len(np.unique(entity))

    def difference(number: int, name: str) -> Difference | None:
        if np.isnan(points[number][name]):
            return None
        return interval(points[number][name], np.concatenate([part[number][name] for part in drawn]), count)

    return [{name: difference(number, name) for name in MEASURES} for number in range(len(groups))]


def _measure(name: str, of: _Predictions, mine: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A measure of some cases in many weightings, float64 `[weightings]`; NaN if they are too few."""
    labels, risks, decided, weights = of.labels[mine], of.risks[mine], of.decided[mine], weights[:, mine]
    positive, negative = int(labels.sum()), int((1 - labels).sum())
    needed = {"auroc": min(positive, negative), "sensitivity": positive, "false_positive_rate": negative}
    if needed.get(name, len(labels)) < _FEWEST:
        return np.full(len(weights), np.nan)
    if name == "auroc":
        return weighted_score("auroc", labels, risks, weights)
    if name == "calibration":
        return weights @ (labels - risks) / weights.sum(axis=1)
    chosen = labels == (name == "sensitivity")
    with np.errstate(invalid="ignore"):
        return weights[:, chosen] @ decided[chosen] / weights[:, chosen].sum(axis=1)
