"""The words of a report, for the terminal and for notebooks."""

from typing import Any


def verdict(report: Any) -> tuple[str, str]:
    """A sentence that compares the model with the best baseline by the primary metric, and its style.

    Args:
        report: A `Report`.

    Example:
        `verdict(report)` -> `("Better than the best baseline: ...", "green")`
    """
    if report.best_baseline is None:
        return "There is no baseline for comparison.", "yellow"
    metric = report.primary["metric"]
    score, baseline = cell(report.metrics[metric]), cell(report.baselines[report.best_baseline][metric])
    both = f"the best baseline: {metric} {score}, {report.best_baseline} {baseline}{_with_error(report)}."
    if report.beats_baseline is None:
        return f"No difference shown from {both}", "yellow"
    if report.beats_baseline:
        return f"Better than {both}", "green"
    return f"NOT better than {both}", "bold red"


def summary(report: Any) -> str:
    """A report in a few lines: what was scored, the scores beside those of the best baseline, and the verdict.

    Args:
        report: A `Report`.

    Example:
        `print(summary(report))`
    """
    best = report.baselines.get(report.best_baseline or "", {})
    width = max(map(len, report.metrics))
    lines = [f"{report.task}: {report.title}"]
    for name, score in report.metrics.items():
        beside = f"  ({report.best_baseline}: {cell(best[name])})" if best.get(name) is not None else ""
        lines.append(f"  {name:{width}}  {cell(score)}{beside}")
    return "\n".join([*lines, verdict(report)[0]])


def cell(value: Any) -> str:
    """A cell of a table.

    Example:
        `cell(0.123456)` -> `"0.1235"`
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)


def _with_error(report: Any) -> str:
    """The difference from the best baseline with its error."""
    if report.best_baseline not in report.comparisons:
        return "; no error was computed"
    found = report.comparison
    if found is None:
        return "; too few rows to tell"
    margin = (found["high"] - found["low"]) / 2
    return f"; difference {cell(found['difference'])} ± {cell(margin)} (95 % interval)"
