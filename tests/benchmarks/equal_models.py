"""How often `tfmodels compare` calls one of equal models better: at most in 5 % of comparisons if its intervals hold.

    python tests/benchmarks/equal_models.py

Each draw makes two or three models that answer the same rows equally well, each with mistakes of its own, and compares
them. In the rows where a model is called better, chance has decided. Of blocks, rows of one series, user or paragraph
share half of what makes them hard, and each model's luck.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipelines.runs.overview import run_differences
from pipelines.runs.overview.scored_models import Scored
from pipelines.runs.report import Report
from pipelines.runs.reports.row_scores import RowScores, mean
from tfmodels.metrics import RowMetric, independent_blocks

_ROWS, _BLOCKS = 400, 40
Draw = Callable[[np.random.Generator, int], tuple[list[RowMetric], np.ndarray]]


def of_rows(random: np.random.Generator, models: int) -> tuple[list[RowMetric], np.ndarray]:
    """Right or wrong answers to rows that do not depend on each other."""
    hard = random.random(_ROWS)
    right = [(hard + random.random(_ROWS)) / 2 < 0.6 for _ in range(models)]
    return [mean(100.0 * one) for one in right], independent_blocks(_ROWS)


def of_blocks(random: np.random.Generator, models: int) -> tuple[list[RowMetric], np.ndarray]:
    """The same of rows in blocks."""
    blocks = np.repeat(np.arange(_BLOCKS), _ROWS // _BLOCKS)
    hard = random.normal(size=_ROWS) + random.normal(size=_BLOCKS)[blocks]
    own = [random.normal(size=_ROWS) + random.normal(size=_BLOCKS)[blocks] for _ in range(models)]
    return [mean(100.0 * (hard + one < 0.5)) for one in own], blocks


def of_blocks_as_rows(random: np.random.Generator, models: int) -> tuple[list[RowMetric], np.ndarray]:
    """The same, compared as if rows did not depend on each other: what blocks are for."""
    return of_blocks(random, models)[0], independent_blocks(_ROWS)


def of_ranks(random: np.random.Generator, models: int) -> tuple[list[RowMetric], np.ndarray]:
    """Risks of one case in six that has the event."""
    labels = (random.random(_ROWS) < 1 / 6).astype(float)
    shown = labels + random.normal(size=_ROWS)
    risks = [1 / (1 + np.exp(-shown - random.normal(size=_ROWS))) for _ in range(models)]
    return [RowMetric(np.stack([labels, one], axis=1), "auroc") for one in risks], independent_blocks(_ROWS)


def of_classes(random: np.random.Generator, models: int) -> tuple[list[RowMetric], np.ndarray]:
    """Answers of five classes, of unequal sizes, scored by macro-F1."""
    labels = random.choice(5, _ROWS, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    hard = random.random(_ROWS)
    metrics = []
    for _ in range(models):
        said = np.where((hard + random.random(_ROWS)) / 2 < 0.6, labels, random.integers(0, 5, _ROWS))
        metrics.append(RowMetric(np.stack([labels, said], axis=1), "macro_f1"))
    return metrics, independent_blocks(_ROWS)


_DRAWS: dict[str, Draw] = {
    "accuracy, by row": of_rows,
    "macro-F1, by row": of_classes,
    "AUROC, by row": of_ranks,
    "accuracy, by block of ten rows": of_blocks,
    "the same rows, resampled one by one": of_blocks_as_rows,
}


def share_called_better(draw: Draw, models: int, draws: int) -> float:
    """The share of draws in which a model is called better, percent.

    Args:
        draw: Makes equal models.
        models: How many.
        draws: How often.

    Example:
        `share_called_better(of_rows, 2, 1_000)` -> `4.9`
    """
    random, called = np.random.default_rng(0), 0
    for _ in range(draws):
        metrics, blocks = draw(random, models)
        called += any(pair.better for pair in run_differences.pairs([*map(_scored, metrics, [blocks] * models)]))
    return 100 * called / draws


def _scored(metric: RowMetric, blocks: np.ndarray) -> Scored:
    report = Report(
        task="classification", model="", split="validation", primary={"metric": "score", "higher_is_better": True},
        metrics={"score": metric.value}, baselines={}, seed=0, parameters=0, train_seconds=0.0, command="", versions={},
    )  # fmt: skip
    return Scored(str(id(metric)), Path("model"), Path("report.json"), report, RowScores({"score": metric}, blocks))


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=1_000)
    options = parser.parse_args()
    print("| equal models called better, percent | two | three |\n| --- | --- | --- |")
    for name, draw in _DRAWS.items():
        shares = [share_called_better(draw, models, options.draws) for models in (2, 3)]
        print(f"| {name} | {shares[0]:.1f} | {shares[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
