"""What the metrics of a classifier are computed from, row by row, for `tfmodels compare`."""

import numpy as np

from pipelines.classification.predictions import Predictions
from pipelines.runs.reports.row_scores import mean
from tfmodels.metrics import RowMetric

_MOST_CELLS = 10_000_000  # rows x labels


def of(model: Predictions, uncalibrated: Predictions | None = None) -> dict[str, RowMetric]:
    """The metrics of a report.

    Args:
        model: What is served.
        uncalibrated: What it would say without the temperature; None if that is not known.

    Returns:
        Metric -> what it is computed from. Of very many rows and labels, where a row may have several, those that need
        a number for each label are left out.

    Example:
        `of(predictions).keys()`
    """
    primary = RowMetric(model.primary_statistics, "mean" if model.labels.ndim == 1 else "micro_f1")
    before = {} if uncalibrated is None else _of_probabilities(uncalibrated, "_uncalibrated")
    if model.labels.ndim == 1:
        classes = RowMetric(np.stack([model.labels, model.decided], axis=1), "macro_f1")
        return {"accuracy": primary, "macro_f1": classes, **_of_probabilities(model), **before}
    found = {"micro_f1": primary, "subset_accuracy": mean(100.0 * model.correct)}
    if model.labels.size > _MOST_CELLS:
        return found
    codes = 2 * model.labels.astype(int) + model.decided.astype(int)
    return found | {"macro_f1": RowMetric(codes, "macro_f1_of_labels"), **_of_probabilities(model), **before}


def _of_probabilities(model: Predictions, ending: str = "") -> dict[str, RowMetric]:
    """Calibration error and loss, as `metrics.reliability` has them."""
    if model.probabilities is None:
        return {}
    probabilities = np.clip(model.probabilities.astype(np.float64), 0, 1)  # rounded sums may be a little more
    least = np.finfo(np.float32).tiny
    if model.labels.ndim == 1:
        sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == model.labels
        likelihood = np.take_along_axis(probabilities, model.labels[:, np.newaxis], axis=1)
        pairs = np.stack([sure, right], axis=1)
    else:
        has = model.labels.astype(bool)
        likelihood = np.where(has, probabilities, 1 - probabilities)
        pairs = np.stack([probabilities, has], axis=2).reshape(len(has), -1)
    losses = -np.log(np.maximum(likelihood, least))
    return {
        f"ece{ending}": RowMetric(pairs, "ece", higher_is_better=False),
        f"loss{ending}": mean(losses.mean(axis=1), higher_is_better=False),
    }
