"""Tables of a report of risks: intervals, hours, groups of entities, and decisions."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfmodels import metrics
from tfmodels.metrics import Difference, GroupScores, RiskCases

_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)


def of_intervals(cases: RiskCases, risks: Mapping[str, np.ndarray], model: str = "model") -> dict[str, Any]:
    """Ranking scores with their intervals, and what the model has more than each baseline.

    Args:
        cases: The cases.
        risks: Name -> risks, those of the model among them.
        model: Its name.

    Returns:
        The table.

    Example:
        `of_intervals(cases, {"model": risks, "prevalence": shares})["rows"]`
    """
    rows = []
    for name, of in risks.items():
        margins = [_interval(metrics.risk_margin(cases, of, score)) for score in ("auroc", "auprc")]
        gaps = ["", ""] if name == model else [
            _signed(metrics.risk_difference(cases, risks[model], of, score)) for score in ("auroc", "auprc")
        ]  # fmt: skip
        rows.append([name, *margins, *gaps])
    columns = ["", "AUROC", "AUPRC", "AUROC of the model minus this", "AUPRC of the model minus this"]
    return {"title": "95 % intervals by a paired bootstrap of entities", "columns": columns, "rows": rows}


def of_hours(labels: np.ndarray, by_hour: Mapping[float, Mapping[str, np.ndarray]]) -> dict[str, Any]:
    """Ranking scores by the hour of the prediction.

    Args:
        labels: 0 or 1 `[cases]`.
        by_hour: Hour -> name -> risks.

    Returns:
        The table.

    Example:
        `of_hours(labels, {6: {"model": risks}})["rows"]`
    """
    names = list(next(iter(by_hour.values())))
    rows = []
    for hour, risks in by_hour.items():
        scores = [metrics.risk_scores(labels, risks[name]) for name in names]
        rows.append([f"{hour:g} h", *(one[score] for one in scores for score in ("auroc", "auprc"))])
    columns = [f"{score} of {name}" for name in names for score in ("AUROC", "AUPRC")]
    title = "by hour: measurements up to it are seen; the baselines are fitted to each hour"
    return {"title": title, "columns": ["measurements up to", *columns], "rows": rows}


def of_decisions(labels: np.ndarray, risks: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Net benefit at some thresholds.

    Args:
        labels: 0 or 1 `[cases]`.
        risks: Name -> risks.

    Returns:
        The table.

    Example:
        `of_decisions(labels, {"model": risks})["rows"]`
    """
    thresholds = np.array(_THRESHOLDS)
    curves = {name: metrics.decision_curve(labels, of, thresholds) for name, of in risks.items()}
    everybody = next(iter(curves.values())).everybody
    rows = [
        [f"{threshold:g}", *(float(of.model[place]) for of in curves.values()), float(everybody[place]), 0.0]
        for place, threshold in enumerate(_THRESHOLDS)
    ]
    columns = ["from this probability on", *curves, "everybody", "nobody"]
    return {"title": "net benefit of a decision, in true positives a case", "columns": columns, "rows": rows}


def of_groups(groups: list[GroupScores]) -> dict[str, Any]:
    """Scores of groups of entities, and how far each is from the others.

    Args:
        groups: The groups.

    Returns:
        The table.

    Example:
        `of_groups(metrics.group_scores(labels, risks, 0.2, fields, entity))["columns"]`
    """
    words = {"auroc": "AUROC", "calibration": "observed - predicted", "sensitivity": "sensitivity",
             "false_positive_rate": "false-positive rate"}  # fmt: skip
    rows = []
    for one in groups:
        cells: list[Any] = [f"{one.field} {one.group}", one.cases, one.positive]
        for name in words:
            cells += [one.scores[name], _signed(one.gaps[name])]
        rows.append(cells)
    columns = [cell for word in words.values() for cell in (word, "gap to the others")]
    return {
        "title": "by group: gaps with 95 % intervals, none where a group has fewer than 10 cases of a class",
        "columns": ["group", "cases", "positive", *columns], "rows": rows, "card": True,
    }  # fmt: skip


def _interval(found: Difference | None) -> str:
    return "" if found is None else f"{found.difference:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _signed(found: Difference | None) -> str:
    return "" if found is None else f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
