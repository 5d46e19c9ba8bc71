"""Mean and spread of the reports of several runs, such as those that differ in their seed alone."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.progress.consoles import console
from pipelines.runs import old_formats
from pipelines.runs.report import Report
from pipelines.runs.reports import terminal


def summary(reports: Mapping[str, Report]) -> dict[str, Any]:
    """Means and sample standard deviations over reports of the same split.

    Args:
        reports: Name of a run -> its report; at least one.

    Returns:
        `task`, `split` and `primary`; `metrics` and, of each baseline that all reports have, `baselines`: metric ->
        `mean` and `spread`, the sample standard deviation, None of one run or where a report has no number; `runs`: of
        each its name, `seed`, `metrics`, `beats_baseline`, `train_seconds` and the `command` of its report.

    Raises:
        ValueError: The reports are not of one task, split and primary metric.

    Example:
        `summary({"a": report.read(one), "b": report.read(other)})["metrics"]["bleu"]["mean"]`
    """
    scored = list(reports.values())
    _refuse_different(reports)
    of_all = [name for name in scored[0].baselines if all(name in one.baselines for one in scored)]
    return {
        "format": old_formats.FORMAT,
        "task": scored[0].task,
        "model": ", ".join(dict.fromkeys(one.model for one in scored)),
        "split": scored[0].split,
        "primary": scored[0].primary,
        "metrics": _spreads([one.metrics for one in scored]),
        "baselines": {name: _spreads([one.baselines[name] for one in scored]) for name in of_all},
        "runs": [
            {
                "run": name,
                "seed": one.seed,
                "metrics": one.metrics,
                "beats_baseline": one.beats_baseline,
                "train_seconds": one.train_seconds,
                "command": one.command,
            }
            for name, one in reports.items()
        ],
    }


def show(found: Mapping[str, Any]) -> None:
    """Prints what `summary` found, the command of each run below it.

    Args:
        found: The result of `summary`.

    Example:
        `show(summary(reports))`
    """
    output, runs = console(), found["runs"]
    columns = ["metric", "mean", "spread", *(one["run"] for one in runs), *found["baselines"]]
    rows = [
        [
            metric,
            *(both["mean"], both["spread"]),
            *(one["metrics"].get(metric) for one in runs),
            *(_baseline(scores.get(metric)) for scores in found["baselines"].values()),
        ]
        for metric, both in found["metrics"].items()
    ]
    what = "other data" if found["split"] == "other" else f"the {found['split']} split"
    terminal.show_table(output, f"{found['task']}: {found['model']} on {what}, {len(runs)} runs", columns, rows)
    for line in _lines(found):
        output.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(found: Mapping[str, Any]) -> Iterable[str]:
    runs, primary = found["runs"], found["primary"]["metric"]
    yield "spread: the sample standard deviation over the runs; it holds chance in training, not that of the rows"
    if found["baselines"]:
        yield f"better than the best baseline in {primary}: {_count(runs, True)} of {len(runs)} runs"
    yield from (f"{one['run']}: {one['command']}" for one in runs)


def _count(runs: Sequence[Mapping[str, Any]], verdict: bool) -> int:
    return sum(one["beats_baseline"] is verdict for one in runs)


def _baseline(both: Mapping[str, float | None] | None) -> float | str | None:
    """The score of a baseline; with its spread where that depends on the seed, too."""
    if not both:
        return None
    if not both["spread"]:
        return both["mean"]
    return f"{both['mean']:.4g} ± {both['spread']:.2g}"


def _spreads(scores: Sequence[Mapping[str, float | None]]) -> dict[str, dict[str, float | None]]:
    metrics = dict.fromkeys(metric for one in scores for metric in one)
    return {metric: _spread([one.get(metric) for one in scores]) for metric in metrics}


def _spread(values: Sequence[float | None]) -> dict[str, float | None]:
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return {"mean": None, "spread": None}
    return {"mean": statistics.mean(numbers), "spread": statistics.stdev(numbers) if len(numbers) > 1 else None}


def _refuse_different(reports: Mapping[str, Report]) -> None:
    kinds = {name: f"{one.task}, {one.split}, {one.primary['metric']}" for name, one in reports.items()}
    if len(set(kinds.values())) > 1:
        received = "; ".join(f"{name}: {kind}" for name, kind in kinds.items())
        raise ValueError(f"Expected reports of one task, split and primary metric. Received: {received}")
