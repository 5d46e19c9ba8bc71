"""A list of all runs, read from their files without TensorFlow and without the code of their tasks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.runs import old_formats, option_files, registry, report, run_folders
from pipelines.runs.overview import run_exports
from pipelines.runs.reports import export_card
from pipelines.runs.run_folders import Run

_HEADER = {"format", "task", "model", registry.DIGEST}
_LONGEST = 400  # characters of a fault: a file may hold anything
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """A run in the list.

    Attributes:
        name: Of its folder.
        task: Its task; of a user's own the file or module.
        model: Its model family; empty for a task without families.
        state: `scored`; `not scored`, of a trained run without a report; `unfinished`, with the step and the steps;
            `prepared`; or `damaged`, of which `fault` tells what.
        options: All options by their full names.
        differing: The names of those by which the runs of the same task in the list differ.
        metric: The primary metric.
        higher_is_better: Of that metric.
        metrics: Metric -> score on the validation split.
        baseline: Name of the best baseline.
        baseline_score: Its score in the primary metric.
        beats_baseline: See `Report.beats_baseline`.
        parameters: Number of trainable parameters.
        train_seconds: Training time.
        date: When it was last trained or scored, or made.
        exports: Its exports under `saved_models/`; of an earlier training of the run this is said.
        fault: What is damaged, in a sentence.
    """

    name: str
    task: str = ""
    model: str = ""
    state: str = "damaged"
    options: Mapping[str, Any] = field(default_factory=dict)
    differing: tuple[str, ...] = ()
    metric: str = ""
    higher_is_better: bool = True
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    baseline: str = ""
    baseline_score: float | None = None
    beats_baseline: bool | None = None
    parameters: int | None = None
    train_seconds: float | None = None
    date: datetime = _NEVER
    exports: tuple[str, ...] = ()
    fault: str = ""

    @property
    def score(self) -> float | None:
        """The score in the primary metric."""
        return self.metrics.get(self.metric)


def read(root: Path = run_folders.ROOT, task: str = "", saved_models: Path = run_exports.ROOT) -> list[ListedRun]:
    """Reads all runs.

    Args:
        root: The folder of the runs; need not exist.
        task: List the runs of this task only.
        saved_models: The folder of their exports.

    Returns:
        The runs, the newest first.

    Example:
        `[run.name for run in read() if run.state == "scored"]`
    """
    exports = run_exports.by_run(saved_models)
    folders = sorted(root.glob("[!.]*")) if root.is_dir() else []
    found = [_listed(folder, exports.get(folder.name, [])) for folder in folders if run_folders.is_run(folder)]
    chosen = [run for run in found if not task or run.task == registry.full_name(task)]
    return sorted(_with_differences(chosen), key=lambda run: run.date, reverse=True)


def by_metric(runs: Iterable[ListedRun], metric: str) -> list[ListedRun]:
    """Sorts runs by a metric: the best first where it is their primary one, else the largest; those without it last.

    Args:
        runs: The runs.
        metric: Its name.

    Returns:
        The runs in that order.

    Raises:
        ValueError: None of them has the metric, of several tasks also the tasks that the names are of.

    Example:
        `by_metric(read(task="translation"), "bleu")[0].name`
    """
    runs = list(runs)
    if not any(metric in run.metrics for run in runs):
        known = sorted({name for run in runs for name in run.metrics})
        raise ValueError(f"Expected --sort METRIC, one of {', '.join(known) or 'a scored run'}. Received: {metric}")

    def place(run: ListedRun) -> tuple[bool, float]:
        score = run.metrics.get(metric)
        sign = 1 if metric == run.metric and not run.higher_is_better else -1
        return score is None, sign * (score or 0.0)

    return sorted(runs, key=place)


def _listed(path: Path, exports: list[run_exports.Made]) -> ListedRun:
    date = datetime.fromtimestamp(_newest(path), UTC)
    run = ListedRun(name=path.name, date=date)
    try:
        values = old_formats.config(run_folders.kept(path))
        options = {name: value for name, value in option_files.flatten(values).items() if name not in _HEADER}
        run = replace(run, task=str(values["task"]), model=str(values.get("model", "")), options=options)
        training = export_card.training(Run(path, "", None))
        run = replace(run, exports=tuple(_shown(one, training) for one in exports))
        return _scored(run, path) if (path / "report.json").is_file() else replace(run, state=_state(path, options))
    except (ValueError, OSError) as error:
        return replace(run, fault=str(error)[:_LONGEST])


def _newest(path: Path) -> float:
    files = [path / name for name in ("report.json", "history.json", "config.yaml")]
    return max(file.stat().st_mtime for file in files if file.is_file())


def _shown(made: run_exports.Made, training: str) -> str:
    return made.name if made.training in ("", training) else f"{made.name} (of an earlier training)"


def _scored(run: ListedRun, path: Path) -> ListedRun:
    found = report.read(path / "report.json")
    metric, best = found.primary["metric"], found.best_baseline
    return replace(
        run,
        state="scored",
        metric=metric,
        higher_is_better=bool(found.primary.get("higher_is_better", True)),
        metrics=found.metrics,
        baseline=best or "",
        baseline_score=found.baselines[best][metric] if best else None,
        beats_baseline=found.beats_baseline,
        parameters=found.parameters,
        train_seconds=found.train_seconds,
    )


def _state(path: Path, options: Mapping[str, Any]) -> str:
    """How far a run without a report has come."""
    if not (path / "history.json").is_file():
        return "prepared"
    step, steps = Run(path, "", None).history[-1]["step"], options.get("training.steps")
    return f"unfinished, step {step:,} of {steps:,}" if isinstance(steps, int) and step < steps else "not scored"


def _with_differences(runs: list[ListedRun]) -> list[ListedRun]:
    """Names the options by which the runs of a task differ; one that some of them lack, of an earlier version, too."""
    values: dict[str, dict[str, set[str]]] = {}
    for run in runs:
        of_task = values.setdefault(run.task, {})
        for name, value in run.options.items():
            of_task.setdefault(name, set()).add(repr(value))
    differing = {task: {name for name, found in named.items() if len(found) > 1} for task, named in values.items()}
    return [replace(run, differing=tuple(name for name in run.options if name in differing[run.task])) for run in runs]
