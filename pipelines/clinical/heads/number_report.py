"""The report of numbers: means and intervals that are served beside baselines, and by group."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipelines import runs
from pipelines.clinical import other_cases, served_risks
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.heads import head_tables
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.examples import pick_examples
from pipelines.runs.reports.judgement import judge
from pipelines.runs.reports.row_scores import RowScores, mean
from pipelines.runs.rows import quantile_levels
from tfmodels import metrics

if TYPE_CHECKING:
    from pipelines.clinical.risk_answerer import RiskAnswerer

_MEDIAN = "median of the training part"


class Numbers(NamedTuple):
    """Predicted numbers.

    Attributes:
        mean: float64 `[cases]`.
        quantiles: float64 `[cases, levels]`.
    """

    mean: np.ndarray
    quantiles: np.ndarray


def make(config: Config, run: Run, answerer: "RiskAnswerer", split: str) -> Report:
    """Predicts the numbers of a split and scores them.

    Args:
        config: The options.
        run: The run.
        answerer: Its graph functions.
        split: `validation` or `test`; `other` of other data.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split, or an export answers otherwise.
    """
    prepared, levels = other_cases.scored(config, run), quantile_levels.parse(config.levels)
    cases = prepared.of_split(split)
    label = cases.label.astype(np.float64)
    found = served(predictor.to_score(run, answerer.endpoints()), prepared, answerer, cases, len(levels))
    opponents = baselines(prepared, split)
    judgement = judge(
        _errors(label, found.mean), {name: _errors(label, of) for name, of in opponents.items()}, cases.entity,
        constants=(_MEDIAN,), higher_is_better=False,
    )  # fmt: skip
    inside = (found.quantiles[:, 0] <= label) & (label <= found.quantiles[:, -1])
    width = found.quantiles[:, -1] - found.quantiles[:, 0]
    outer = f"{100 * (levels[-1] - levels[0]):.4g} %"
    shares = 100 * (label[:, np.newaxis] <= found.quantiles).mean(axis=0)
    below = [[f"{level:g}", share] for level, share in zip(levels, shares.tolist(), strict=True)]
    by_group: dict[str, Callable[[np.ndarray], float]] = {
        "MAE": lambda mine: float(np.abs(label - found.mean)[mine].mean()),
        "observed - predicted": lambda mine: float((label - found.mean)[mine].mean()),
        f"within the {outer} interval, percent": lambda mine: float(100 * inside[mine].mean()),
    }
    too_good = ", where it is scored here, so this coverage is too good" if split == "validation" else ""
    columns = (label.tolist(), found.mean.tolist(), found.quantiles.tolist())
    rows = [*zip(head_tables.named(prepared, cases), *columns, strict=True)]
    ends = zip(found.mean, found.quantiles[:, 0], found.quantiles[:, -1], strict=True)
    texts = (
        head_tables.told(prepared, cases), [f"{of:g}" for of in label.tolist()],
        [f"{of:.4g} [{low:.4g}, {high:.4g}]" for of, low, high in ends],
    )  # fmt: skip
    return Report(
        task="clinical",
        model=type(answerer.network).__name__,
        split=split,
        rows=len(label),
        primary={"metric": "mae", "higher_is_better": False},
        metrics=_metrics(label, found.mean) | {
            "pinball": float(metrics.pinball(label[:, None, None], found.quantiles[:, None, None], levels)),
            "coverage": float(100 * inside.mean()), "interval_width": float(width.mean()),
        },
        baselines={name: _metrics(label, of) for name, of in opponents.items()},
        comparisons=judgement.comparisons,
        broken=judgement.broken,
        tables=[
            {"title": "cases at or below each quantile", "columns": ["level", "percent"], "rows": below},
            *head_tables.of_groups(config.groups, prepared, cases, by_group),
            overfitting.table(run.history),
        ],
        examples=pick_examples(*texts, (-np.abs(label - found.mean)).tolist()),
        seed=config.training.seed,
        parameters=answerer.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=head_tables.notes(
            prepared, answerer, f"quantiles are shifted so that they hold on the validation split{too_good}; coverage "
            f"and interval_width are those of the {outer} interval"
        ),
        answers=Answers(
            ["entity", "hour", "label", "mean", *(f"q{level:g}" for level in levels)],
            lambda: iter([[*one, is_, mean, *quantiles] for one, is_, mean, quantiles in rows]),
        ),
        row_scores=RowScores(_row_metrics(label, found, levels), cases.entity, [*zip(*texts, strict=True)]),
        rows_digest=head_tables.digest(prepared, cases),
        data=captions.data(run),
    )  # fmt: skip


def served(
    answering: predictor.Predictor, prepared: Prepared, answerer: "RiskAnswerer", cases: Cases, levels: int
) -> Numbers:
    """The numbers that a model serves.

    Raises:
        ValueError: An answer is no finite number, or has other quantiles.

    Example:
        `served(predictor.in_memory(answerer.endpoints(), {}), prepared, answerer, cases, 5).mean`
    """
    asked = served_risks.columns(answering, prepared, answerer.fields, cases, ["mean", "quantiles"])
    found = Numbers(asked["mean"].astype(np.float64), asked["quantiles"].astype(np.float64))
    shapes = (found.mean.shape, found.quantiles.shape)
    if shapes != ((len(cases.label),), (len(cases.label), levels)) or not all(np.isfinite(of).all() for of in found):
        raise ValueError(
            f"Expected finite outputs 'mean' [batch] and 'quantiles' [batch, {levels}]. Received: shapes {shapes}. "
            "Export the run again."
        )
    return found


def baselines(prepared: Prepared, split: str) -> dict[str, np.ndarray]:
    """The median, and models of aggregates, for the test split fitted to training and validation together.

    Example:
        `baselines(prepared, "test")["ridge regression on aggregates"]`
    """
    known = head_tables.joined(prepared, ["train"] if split == "validation" else ["train", "validation"])
    asked = prepared.of_split(split)
    columns = head_tables.aggregates(prepared, asked)
    table = metrics.RiskTable(head_tables.aggregates(prepared, known), known.label)
    return {
        _MEDIAN: np.full(len(asked.label), np.median(known.label)),
        "ridge regression on aggregates": metrics.ridge_numbers(table, columns),
        "boosted trees on aggregates": metrics.tree_numbers(table, columns),
    }


def _errors(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.stack([np.abs(labels - predicted), np.ones(len(labels))], axis=1)


def _row_metrics(labels: np.ndarray, found: Numbers, levels: Sequence[float]) -> dict[str, metrics.RowMetric]:
    """What each of the metrics is computed from."""
    low, high = found.quantiles[:, 0], found.quantiles[:, -1]
    squares = np.stack([(labels - found.mean) ** 2, np.ones(len(labels))], axis=1)
    pinball = metrics.pinball(labels[:, None, None], found.quantiles[:, None, None], levels, axis=(1, 2))
    return {
        "mae": metrics.RowMetric(_errors(labels, found.mean), higher_is_better=False),
        "rmse": metrics.RowMetric(squares, "root_mean", higher_is_better=False),
        "pinball": mean(pinball, higher_is_better=False),
        "coverage": mean(100.0 * ((low <= labels) & (labels <= high)), higher_is_better=None),
        "interval_width": mean(high - low, higher_is_better=None),
    }


def _metrics(labels: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    errors = labels - predicted
    return {"mae": float(np.abs(errors).mean()), "rmse": float(np.sqrt((errors**2).mean()))}
