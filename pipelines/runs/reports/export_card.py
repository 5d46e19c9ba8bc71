"""What the card of an export says of its run: scores, data, options, what was not measured."""

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines import runs
from pipelines.runs import data_fingerprints, option_files, registry, report, settings
from pipelines.runs.report import Report
from pipelines.runs.starting import asset_digests
from tfmodels import whole_files
from tfmodels.checked_options import default_of

FULL_WEIGHTS = "float32"
_SPLITS = ("validation", "test")
_NOT_MEASURED = (
    "Data from elsewhere, of another time or in another style, on which the model may score otherwise.",
    "How scores differ between groups of people or authors.",
    "What comes of inputs that are made to mislead it.",
    "Speed and memory on the machine that will serve it; `tfmodels benchmark serve` measures them.",
)


def card(run: "runs.Run", weights: str, folder: Path) -> dict[str, Any]:
    """What the card of an export says of its run.

    Args:
        run: The run, with the options that are exported.
        weights: Storage format of the weights.
        folder: The folder of versions that the export goes into.

    Returns:
        `task`, without the folders of its file; `run` (its name and a digest of its training), `task_digest` (of a task
        of the user's own), `options` (those that can be changed after training),
        `scores`: whether they were `measured`, a `note` in words, the `command`
        that measures them and the scores of each of the `splits`; `data`: its `name`, a digest of all that was
        `prepared` of it, its `files` and whether it is `synthetic`; `config`, all options by their full names, and
        `changed`, those that differ from their defaults; `not_measured`, in sentences.

    Example:
        `card(runs.load("translation"), "int8", Path("saved_models/translation"))["scores"]["measured"]` is False.
    """
    command = _command(run, folder)
    reasons = _unmeasured(run, weights)
    splits = [split for split in _SPLITS if not _unmeasured(run, weights, split)]
    if reasons:
        note = f"The scores of this export were not measured: {'; '.join(reasons)}. `{command}` measures them."
    else:
        note = _measured(report.read(_report_of(run, "validation")))
    missing = [f"The {split} split: this export was not scored on it." for split in _SPLITS if split not in splits]
    return {
        "task": Path(run.task).name,
        "run": {"name": _name(run), "training": training(run)},
        **({registry.DIGEST: digest} if (digest := registry.digest(run.task)) else {}),
        "options": _options(run.config),
        "scores": {
            "measured": not reasons,
            "note": note,
            "command": command,
            "splits": [_scores(report.read(_report_of(run, split))) for split in splits],
        },
        "data": _data(run),
        **_all_options(run.config),
        "not_measured": [*missing, *_NOT_MEASURED],
    }


def ensemble_card(members: "Sequence[runs.Run]", weights: str, folder: Path) -> dict[str, Any]:
    """What the card of an export of several runs says of them and of its scores, which no report has.

    Args:
        members: The runs, with the options that are exported; the export is scored on the data of the first.
        weights: Storage format of the weights.
        folder: The folder of versions that the export goes into.

    Returns:
        As `card`, with data and options of the first, and `members`: the name and the digest of the training of each.

    Example:
        `ensemble_card([runs.load("trec-0"), runs.load("trec-1")], "float32", Path("saved_models/trec"))["members"]`
    """
    found = card(members[0], weights, folder)
    of_members = [f"{_name(run)}: {_own_score(run)}" for run in members]
    note = (
        f"An ensemble of {len(members)} runs. Its scores were not measured: `{found['scores']['command']}` measures "
        f"them. Those of the runs alone: {'; '.join(of_members)}."
    )
    missing = [f"The {split} split: the ensemble was not scored on it." for split in _SPLITS]
    return found | {
        "members": [{"name": _name(run), "training": training(run)} for run in members],
        "scores": found["scores"] | {"measured": False, "note": note, "splits": []},
        "not_measured": [*missing, *_NOT_MEASURED],
    }


def training(run: "runs.Run") -> str:
    """A digest that changes when a run is trained anew; empty where a task keeps no history."""
    history = run.path / "history.json"
    return hashlib.sha256(whole_files.read_bytes(history)).hexdigest()[:16] if history.is_file() else ""


def without_folders(value: Any) -> Any:
    """Reduces absolute paths in the value of an option to their last names: an export tells nothing of its machine.

    Args:
        value: The value; lists of paths are separated by commas.

    Returns:
        The value; what is no text as it is.

    Example:
        `without_folders("/home/me/texts,cldr")` -> `"texts,cldr"`
    """
    if not isinstance(value, str):
        return value
    return ",".join(part.rstrip("/").rpartition("/")[2] if part.startswith("/") else part for part in value.split(","))


def _report_of(run: "runs.Run", split: str) -> Path:
    return run.path / ("report.json" if split == "validation" else f"report.{split}.json")


def _unmeasured(run: "runs.Run", weights: str, split: str = "validation") -> list[str]:
    """Why the scores that the run has on a split are not those of its export; empty if they are."""
    reasons = [] if weights == FULL_WEIGHTS else [f"the weights are stored as {weights}"]
    of_run = runs.load(run.path, run.task)
    stored, now = (option_files.flatten(_options(one.config)) for one in (of_run, run))
    reasons += [f"{name} is {now[name]}, in the run {stored[name]}" for name in now if now[name] != stored.get(name)]
    if not asset_digests.are_kept(run.assets):
        reasons.append("the run has no digests, so its files may be others than its report is of")
    file = _report_of(run, split)
    if not file.is_file():
        return [*reasons, "the run has no report"]
    report.read(file)  # refuses a damaged one
    found = whole_files.read_json(file)
    if "comparisons" not in found:
        reasons.append("the report of the run is of an earlier version")
    if found.get("weights", run.weights_digest) != run.weights_digest:
        reasons.append("the training went on after the report of the run was written")
    return reasons


def _own_score(run: "runs.Run") -> str:
    """What the report of a run says, in words."""
    reasons = _unmeasured(run, FULL_WEIGHTS)
    return f"not measured ({reasons[0]})" if reasons else _metric_of(report.read(_report_of(run, "validation")))


def _metric_of(scored: Report) -> str:
    metric = scored.primary["metric"]
    return f"{metric} {_rounded(scored.metrics[metric])} on the {scored.split} split"


def _measured(scored: Report) -> str:
    metric = scored.primary["metric"]
    best = scored.best_baseline
    beside = f", the best baseline ({best}) {_rounded(scored.baselines[best][metric])}" if best else ""
    return f"On the {scored.split} split: {metric} {_rounded(scored.metrics[metric])}{beside}."


def _scores(scored: Report) -> dict[str, Any]:
    """What a report says, for the card: `rows` is 0 where they were not counted."""
    best = scored.best_baseline
    return {
        "split": scored.split,
        "rows": scored.rows,
        "primary": scored.primary,
        "metrics": dict(scored.metrics),
        "baseline": {"name": best, "metrics": dict(scored.baselines[best])} if best else None,
        "beats_baseline": scored.beats_baseline,
        "tables": [
            {name: table[name] for name in ("title", "columns", "rows")} for table in scored.tables if table.get("card")
        ],
    }


def _rounded(score: float | None) -> str:
    return "without a number" if score is None else f"{score:.4g}"


def _data(run: "runs.Run") -> dict[str, Any]:
    files = [
        {"name": Path(one.path).name, "files": one.files, "bytes": one.size, "sha256": one.digest}
        for one in data_fingerprints.fingerprints_of(run)
    ]
    name = str(getattr(run.config, "data", None) or "")
    return {
        "name": without_folders(name),
        "prepared": asset_digests.of_prepared(run.assets) if asset_digests.are_kept(run.assets) else "",
        "files": files,
        # The data that the tasks of this package train on unless told otherwise is made up by them.
        "synthetic": not files and registry.is_of_package(run.task) and name == default_of(type(run.config), "data"),
    }


def _all_options(config: Any) -> dict[str, Any]:
    """`config`: the full name of each option -> its value; `changed`: the names of those with another than default."""
    default = option_files.flatten(asdict(type(config)()))
    exact = option_files.flatten(asdict(config))
    shown = option_files.flatten(settings.to_dict(config))
    return {
        "config": {name: without_folders(value) for name, value in shown.items()},
        "changed": [name for name in shown if exact.get(name) != default.get(name)],
    }


def _command(run: "runs.Run", folder: Path) -> str:
    """The command that scores the export, with what its card may not decide."""
    elsewhere = [] if _under_root(run) else ["--run", _name(run)]
    own = [] if registry.is_of_package(run.task) else ["--task", Path(run.task).name]
    return shlex.join(["tfmodels", "evaluate", _without_root(folder), *elsewhere, *own])


def _name(run: "runs.Run") -> str:
    """The name of a run under `runs/`, or the path to it as it was given; of an absolute one the last name."""
    return run.name if _under_root(run) else _without_root(run.path)


def _under_root(run: "runs.Run") -> bool:
    return run.path == runs.ROOT / run.name


def _without_root(path: Path) -> str:
    return path.name if path.is_absolute() else str(path)


def _options(config: Any) -> dict[str, Any]:
    values = settings.to_dict(config)
    return {group: values[group] for group in settings.after_training(type(config))}
