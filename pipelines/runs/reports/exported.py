"""Scores of exports: what a card says of them, and how an export is scored on the data of its run."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines import runs
from pipelines.runs import option_files, registry, report, settings
from pipelines.runs.report import Report
from pipelines.runs.reports import of_members
from pipelines.runs.rows import card_fields
from pipelines.runs.rows.card_fields import Fields
from pipelines.runs.starting import asset_digests
from tfmodels import whole_files
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

_FULL_WEIGHTS = "float32"
_FIELDS = Fields(
    {},
    {
        "run": Fields({"name": str}, {"training": str}),
        "members": list[dict[str, str]],
        "parameters": int,
        "options": dict[str, Any],
        "weights": Literal["float32", "bfloat16", "int8"],
    },
)


def card(run: "runs.Run", weights: str, folder: Path) -> dict[str, Any]:
    """What the card of an export says of its run and of its scores.

    Args:
        run: The run, with the options that are exported.
        weights: Storage format of the weights.
        folder: The folder of versions that the export goes into.

    Returns:
        `run` (its name and a digest of its training), `task_digest` (of a task of the user's own), `options` (those
        that can be changed after training) and `scores`: whether they were `measured`, a `note` in words, and the
        `command` that measures them.

    Example:
        `card(runs.load("translation"), "int8", Path("saved_models/translation"))["scores"]["measured"]` is False.
    """
    command = _command(run, folder)
    reasons = _unmeasured(run, weights)
    if reasons:
        note = f"The scores of this export were not measured: {'; '.join(reasons)}. `{command}` measures them."
    else:
        note = _measured(report.read(run.path / "report.json"))
    return {
        "run": {"name": _name(run), "training": _training(run)},
        **({registry.DIGEST: digest} if (digest := registry.digest(run.task)) else {}),
        "options": _options(run.config),
        "scores": {"measured": not reasons, "note": note, "command": command},
    }


def ensemble_card(members: "Sequence[runs.Run]", weights: str, folder: Path) -> dict[str, Any]:
    """What the card of an export of several runs says of them and of its scores, which no report has.

    Args:
        members: The runs, with the options that are exported; the export is scored on the data of the first.
        weights: Storage format of the weights.
        folder: The folder of versions that the export goes into.

    Returns:
        As `card`, and `members`: the name and the digest of the training of each run.

    Example:
        `ensemble_card([runs.load("trec-0"), runs.load("trec-1")], "float32", Path("saved_models/trec"))["members"]`
    """
    found = card(members[0], weights, folder)
    of_members = [f"{_name(run)}: {_own_score(run)}" for run in members]
    note = (
        f"An ensemble of {len(members)} runs. Its scores were not measured: `{found['scores']['command']}` measures "
        f"them. Those of the runs alone: {'; '.join(of_members)}."
    )
    return found | {
        "members": [{"name": _name(run), "training": _training(run)} for run in members],
        "scores": found["scores"] | {"measured": False, "note": note},
    }


class ScoredExport:
    """An export that is scored on the data of its run: a `Predictor` that knows whether it was asked.

    Args:
        version: The version folder.
        model: Its predictor.

    Attributes:
        name: Of the export and the version, for the file of its report.
        asked: Whether it was.
    """

    def __init__(self, version: Path, model: "Predictor") -> None:
        self.version = version
        self.name = f"{version.parent.name}-{version.name}"
        self.asked = False
        self._model = model

    def __getattr__(self, attribute: str) -> Any:
        if attribute in ("call", "predict", "predict_columns"):
            self.asked = True
        return getattr(self._model, attribute)


def load(path: str | Path, run_name: str = "", task: str = "", allow_code: bool = False) -> "runs.Run":
    """Opens the run of an export so that the export is scored in place of the run's own model.

    Args:
        path: The export: a version folder, or a folder of versions, of which the newest is scored.
        run_name: The run. Default: the one under `runs/` that the card names.
        task: The task of that run, if it is one of the user's own.
        allow_code: Whether to run the code of whatever task the run names.

    Returns:
        The run with the options of the export; `served` is a `ScoredExport`. No folder is changed.

    Raises:
        FileNotFoundError: The run, or the export, is not there.
        ValueError: The export is of another training.

    Example:
        `load("saved_models/demo").served.name` -> `"demo-1"`
    """
    from pipelines.runs import predictor

    version = version_folder(path)
    model = predictor.load(version)
    card_fields.check(model.card, _FIELDS)
    try:
        run = runs.load(run_name or _recorded(version, model), task, allow_code)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{error}. The export {version} is scored on the data of its run: --run names it."
        ) from None
    _refuse_other_training(version, model, run)
    config = settings.replaced(run.config, model.card.get("options", {}))
    return replace(run, config=config, served=ScoredExport(version, model))


def beside_run(scored: Report, run: "runs.Run") -> Report:
    """Adds to the report of an export what was scored, and the scores that its run has on the same split.

    Args:
        scored: What the task reports of the run that `load` returned.
        run: That run.

    Returns:
        The report.

    Raises:
        ValueError: The task did not ask the export.

    Example:
        `beside_run(registry.find(run.task).evaluate(run.config, run, "test"), run).tables[0]`
    """
    export = run.served
    if not export.asked:
        raise ValueError(
            "Expected a task that scores what `seq2seq.answer_all` or `predictor.to_score` answers. "
            f"Received: task={run.task!r}, which scores the model of the run, not {export.version}"
        )
    name = "report.json" if scored.split == "validation" else f"report.{scored.split}.json"
    folders = [run.path, *_other_members(run)]
    weights = export.card.get("weights", _FULL_WEIGHTS)
    members = export.card.get("members", [])
    if members:
        scored = of_members.without_training(scored, run)
    return replace(
        scored,
        model=f"ensemble of {len(members)} runs" if members else scored.model,
        parameters=export.card.get("parameters", scored.parameters),
        tables=[*([] if run.other else _beside(scored, [path / name for path in folders])), *scored.tables],
        notes=[f"answers of {export.version}, weights stored as {weights}", *scored.notes],
    )


def _unmeasured(run: "runs.Run", weights: str) -> list[str]:
    """Why the scores of the run are not those of its export; empty if they are."""
    reasons = [] if weights == _FULL_WEIGHTS else [f"the weights are stored as {weights}"]
    of_run = runs.load(run.path, run.task)
    stored, now = (option_files.flatten(_options(one.config)) for one in (of_run, run))
    reasons += [f"{name} is {now[name]}, in the run {stored[name]}" for name in now if now[name] != stored.get(name)]
    if not asset_digests.are_kept(run.assets):
        reasons.append("the run has no digests, so its files may be others than its report is of")
    file = run.path / "report.json"
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
    reasons = _unmeasured(run, _FULL_WEIGHTS)
    return f"not measured ({reasons[0]})" if reasons else _metric_of(report.read(run.path / "report.json"))


def _metric_of(scored: Report) -> str:
    metric = scored.primary["metric"]
    return f"{metric} {_rounded(scored.metrics[metric])} on the {scored.split} split"


def _command(run: "runs.Run", folder: Path) -> str:
    """The command that scores the export, with what its card may not decide."""
    elsewhere = [] if _name(run) == run.name else ["--run", _name(run)]
    own = [] if registry.is_of_package(run.task) else ["--task", Path(run.task).name]
    return shlex.join(["tfmodels", "evaluate", str(folder), *elsewhere, *own])


def _measured(scored: Report) -> str:
    metric = scored.primary["metric"]
    best = scored.best_baseline
    beside = f", the best baseline ({best}) {_rounded(scored.baselines[best][metric])}" if best else ""
    return f"On the {scored.split} split: {metric} {_rounded(scored.metrics[metric])}{beside}."


def _rounded(score: float | None) -> str:
    return "without a number" if score is None else f"{score:.4g}"


def _name(run: "runs.Run") -> str:
    """The name of a run under `runs/`, or the path to it as it was given."""
    return run.name if run.path == runs.ROOT / run.name else str(run.path)


def _training(run: "runs.Run") -> str:
    """A digest that changes when a run is trained anew; empty where a task keeps no history."""
    history = run.path / "history.json"
    return hashlib.sha256(history.read_bytes()).hexdigest()[:16] if history.is_file() else ""


def _options(config: Any) -> dict[str, Any]:
    values = settings.to_dict(config)
    return {group: values[group] for group in settings.after_training(type(config))}


def _recorded(version: Path, model: "Predictor") -> str:
    """The name of the run that the card records; a path is not followed, since a card may come from anyone."""
    if "run" not in model.card:
        raise ValueError(
            f"Expected an export that names its run. Received: {version}, of an earlier version; name it with --run RUN"
        )
    name = str(model.card["run"]["name"])
    if Path(name).name != name:
        raise ValueError(
            f"Expected an export whose run lies under {runs.ROOT}/. Received: {version}, of the run {name!r}; if that "
            f"is right, name it with --run {shlex.quote(name)}"
        )
    return name


def _refuse_other_training(version: Path, model: "Predictor", run: "runs.Run") -> None:
    recorded: Mapping[str, str] = model.card.get("run", {})
    if not registry.is_same(model.card, run.task):
        raise ValueError(f"Expected the run of the export {version}. Received: {run.path}, of the task {run.task}")
    if recorded.get("training", _training(run)) != _training(run):
        raise ValueError(
            f"Expected the training that was exported as {version}. Received: {run.path}, trained anew since then: "
            "what the export learnt may be in the data that would score it. Export the run again."
        )


def _other_members(run: "runs.Run") -> list[Path]:
    """The folders of the other members of an ensemble that lie beside the run under `runs/`, by the names alone."""
    names = dict.fromkeys(str(member.get("name")) for member in run.served.card.get("members", []))
    folders = [runs.ROOT / name for name in names if Path(name).name == name]
    return [path for path in folders if path.is_dir() and path.resolve() != run.path.resolve()]


def _beside(scored: Report, files: Sequence[Path]) -> list[dict[str, Any]]:
    """The scores of the export beside those that the reports of its run, or of its members, have."""
    own = {file.parent.name: report.read(file).metrics for file in files if file.is_file()}
    if not own:
        return []
    rows = [
        [name, score, *(metrics.get(name) for metrics in own.values())]
        for name, score in scored.metrics.items()
        if any(name in metrics for metrics in own.values())
    ]
    title = f"beside {', '.join(str(file) for file in files if file.is_file())}"
    columns = ["run"] if len(own) == 1 else list(own)
    return [{"title": title, "columns": ["metric", "export", *columns], "rows": rows}]
