"""Figures of a report of risks."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from tfmodels import metrics, plots
from tfmodels.metrics import GroupScores

_TENTHS = 10
_MEASURES = {"auroc": "AUROC", "calibration": "observed - predicted", "sensitivity": "sensitivity",
             "false_positive_rate": "false-positive rate"}  # fmt: skip


def make(
    labels: np.ndarray, risks: Mapping[str, np.ndarray], groups: list[GroupScores], model: str = "model"
) -> dict[str, Callable[[Path, str], None]]:
    """The figures by name.

    Args:
        labels: 0 or 1 `[cases]`.
        risks: Name -> risks of the cases, those of the model among them.
        groups: Scores of groups; none = no figure of them.
        model: Name of the model.

    Returns:
        `risks`, calibration and decision curve, and `groups`.

    Example:
        `make(labels, {"model": risks}, [])["risks"](Path("risks.png"), "set-a, test")`
    """
    order = np.array_split(np.argsort(risks[model], kind="stable"), min(_TENTHS, len(labels)))
    predicted, observed = (np.array([of[part].mean() for part in order]) for of in (risks[model], labels))
    curves = {name: metrics.decision_curve(labels, of) for name, of in risks.items()}
    benefits = {name: of.model for name, of in curves.items()}
    benefits |= {"everybody": curves[model].everybody, "nobody": np.zeros(len(curves[model].thresholds))}
    found = {
        "risks": partial(plots.draw_risk_curves, predicted, observed, curves[model].thresholds, benefits),
    }
    if any(gap is not None for one in groups for gap in one.gaps.values()):
        names = [f"{one.field} {one.group} ({one.cases:,})" for one in groups]
        gaps = {
            word: [None if (gap := one.gaps[name]) is None else plots.DrawnGap(gap.difference, gap.low, gap.high)
                   for one in groups]
            for name, word in _MEASURES.items()
        }  # fmt: skip
        found["groups"] = partial(plots.draw_group_gaps, names, gaps)
    return found
