"""Scores of exports: how an export is scored on the data of its run."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines import runs
from pipelines.runs import registry, report, settings
from pipelines.runs.report import Report
from pipelines.runs.reports import export_card, of_members
from pipelines.runs.rows import card_fields
from pipelines.runs.rows.card_fields import Fields
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

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
    weights = export.card.get("weights", export_card.FULL_WEIGHTS)
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
    if recorded.get("training", export_card.training(run)) != export_card.training(run):
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
