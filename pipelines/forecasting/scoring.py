"""What the scoring of forecasts finds, whether of values or of directions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.judgement import Judgement
from tfmodels.metrics import RowMetric


class Scoring(NamedTuple):
    """The scores of a split.

    Attributes:
        primary: The metric that the model is judged by.
        higher_is_better: Of that metric.
        metrics: Metric -> score of the model.
        baselines: Name of a baseline -> its metrics.
        judgement: How the model compares with each.
        row_metrics: What the metrics are computed from.
        tables: For the report.
        notes: For the report.
        figures: For the report.
        answers: For the report.
    """

    primary: str
    higher_is_better: bool
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    judgement: Judgement
    row_metrics: dict[str, RowMetric]
    tables: list[dict[str, Any]]
    notes: list[str]
    figures: Mapping[str, Callable[[Path, str], None]] = {}
    answers: Answers | None = None
