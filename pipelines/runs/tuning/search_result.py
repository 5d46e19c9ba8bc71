"""What a search has found: a table, a figure, a file, and the command of the best trial."""

import json
import shlex
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.runs import run_folders
from pipelines.runs.report import Report
from pipelines.runs.tuning import search_figure, search_space, study, trial_run
from pipelines.runs.tuning.search_figure import Tried
from pipelines.runs.tuning.study import Plan
from tfmodels import whole_files

if TYPE_CHECKING:
    import optuna

_LEAST = 4  # trials for shares of importance
_STATES = {"COMPLETE": "", "PRUNED": "ended early", "FAIL": "failed", "RUNNING": "not finished", "WAITING": "waiting"}


def file_of(name: str) -> Path:
    """The file of what a search has found.

    Example:
        `file_of("mine")` -> `runs/mine-tune.json`
    """
    return run_folders.ROOT / f"{name}-tune.json"


def of(found: "optuna.Study", plan: Plan) -> dict[str, Any]:
    """Sums a study up.

    Args:
        found: The study.
        plan: The plan.

    Returns:
        `study`, `task`, `trials` (of each its `run`, `state`, `options`, `loss`, the primary `metric` and its `score`,
        and `minutes`), `importance` (option -> share), `best` (its `run`, `loss`, `options` and the `command` that
        trains it again; None without a finished trial).

    Example:
        `of(study, plan)["best"]["command"]`
    """
    best = next(iter(study.finished(found)), None)
    return {
        "study": plan.name,
        "task": plan.task,
        "trials": [_trial(one) for one in found.trials],
        "importance": _importance(found),
        "best": best
        and {
            "run": best.user_attrs["run"],
            "loss": best.value,
            "options": best.user_attrs["options"],
            "command": shlex.join(["tfmodels", *plan.command, *search_space.typed(best.user_attrs["options"])]),
        },
    }


def keep(result: dict[str, Any], caption: str) -> list[Path]:
    """Writes what `of` returned, and its figure if there is something to draw.

    Args:
        result: What `of` returned.
        caption: Of the figure.

    Returns:
        The files.

    Example:
        `keep(of(study, plan), "translation, cldr")`
    """
    file = file_of(result["study"])
    whole_files.write(file, json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    tried = [
        Tried(number, one["loss"], one["state"] == _STATES["PRUNED"])
        for number, one in enumerate(result["trials"])
        if one["loss"] is not None
    ]
    if not tried:
        return [file]
    search_figure.draw(tried, result["importance"], file.with_suffix(".png"), caption)
    return [file, file.with_suffix(".png")]


def rows(result: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """A table of the trials, the best first.

    Example:
        `rows(of(study, plan))[0]` -> `["trial", "validation loss", "bleu", "minutes", "", "training.learning_rate"]`
    """
    trials: Sequence[dict[str, Any]] = result["trials"]
    names = list(dict.fromkeys(name for one in trials for name in one["options"]))
    metric = next((one["metric"] for one in trials if one["metric"]), "score")
    ordered = sorted(trials, key=lambda one: (one["state"] != "", one["loss"] is None, one["loss"] or 0.0))
    cells = [
        [one["run"], one["loss"], one["score"], one["minutes"], one["state"], *map(one["options"].get, names)]
        for one in ordered
    ]
    return ["trial", "validation loss", metric, "minutes", "", *names], cells


def _trial(one: "optuna.trial.FrozenTrial") -> dict[str, Any]:
    name = one.user_attrs.get("run", "")
    scored: Report | None = trial_run.report_of(study.path_of(name)) if name else None
    loss = one.value if one.value is not None else min(one.intermediate_values.values(), default=None)
    return {
        "run": name,
        "state": _STATES[one.state.name],
        "options": one.user_attrs.get("options", {}),
        "loss": loss,
        "metric": scored.primary["metric"] if scored else "",
        "score": scored.metrics[scored.primary["metric"]] if scored else None,
        "minutes": round(one.duration.total_seconds() / 60, 2) if one.duration else None,
    }


def _importance(found: "optuna.Study") -> dict[str, float]:
    """The share of the differences between finished trials that is due to each option that all of them have."""
    from optuna.importance import get_param_importances

    if len(study.finished(found)) < _LEAST:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return {name: float(share) for name, share in get_param_importances(found).items()}
        except (ValueError, RuntimeError):  # all trials are alike
            return {}
