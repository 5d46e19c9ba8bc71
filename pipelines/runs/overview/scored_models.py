"""Runs and exports that are compared: the report of each, and what its metrics are computed from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.runs import report, run_folders
from pipelines.runs.report import Report
from pipelines.runs.reports import row_scores, split_uses
from pipelines.runs.reports.row_scores import RowScores
from tfmodels import whole_files
from tfmodels.export.card_file import read_card
from tfmodels.export.versions import version_folder

_SEED = "; of synthetic data, the seed of the training decides the rows"


class Scored(NamedTuple):
    """A run or an export that was scored on a split.

    Attributes:
        name: What the user calls it.
        run: The folder of the run.
        file: The report's.
        report: Its report.
        rows: What the metrics are computed from.
    """

    name: str
    run: Path
    file: Path
    report: Report
    rows: RowScores


def read(model: str, split: str) -> Scored:
    """Reads what a run, or an export of it, scored.

    Args:
        model: A run (its folder, or its name under `runs/`) or an export.
        split: `validation` or `test`.

    Returns:
        What was scored.

    Raises:
        FileNotFoundError: There is no such run or export, or it was not scored on the split.
        ValueError: Its report is damaged, or of a version that kept no rows.

    Example:
        `read("translation", "validation").report.metrics["bleu"]`
    """
    path, of_export = _located(model)
    part = "" if split == "validation" else f".{split}"
    file = path / f"report{part}{of_export}.json"
    again = f"`tfmodels evaluate {model}{' --split test' if split == 'test' else ''}` writes it"
    if not file.is_file():
        raise FileNotFoundError(f"Expected the report {file}. Received: none; {again}")
    found = report.read(file)
    if not found.rows_digest or not file.with_suffix(".rows.npy").is_file():
        raise ValueError(
            f"Expected a report with the scores of its rows, beside {file}. Received: none, as of earlier versions and "
            f"of tasks that keep none; {again} anew"
        )
    content, primary = whole_files.read_json(file), found.primary
    described = content.get("row_metrics") or row_scores.of_earlier(
        content.get("row_score"), primary["metric"], file, bool(primary["higher_is_better"])
    )
    rows = row_scores.read(file, described)
    if primary["metric"] not in rows.metrics or (wrong := row_scores.unlike(rows, found.metrics)):
        received = wrong if primary["metric"] in rows.metrics else f"rows of {', '.join(rows.metrics) or 'no metric'}"
        raise ValueError(f"Expected rows that give the scores of {file}. Received: {received}; {again} anew")
    if found.metrics[primary["metric"]] is None:
        raise ValueError(f"Expected a score {primary['metric']} in {file}. Received: none")
    return Scored(model, path, file, found, rows)


def check(models: Sequence[Scored]) -> None:
    """Refuses models that were not scored on the same rows, or by different metrics.

    Args:
        models: The models.

    Raises:
        ValueError: Two of them differ; names both.

    Example:
        `check([read("one", "test"), read("two", "test")])`
    """
    first = models[0]
    of_file = {one.file.resolve(): one.name for one in models}
    if again := [one.name for one in models if of_file[one.file.resolve()] != one.name]:
        raise ValueError(f"Expected different runs or exports. Received: {again[0]} twice, under two names")
    for other in models[1:]:
        for what, (one, two) in {
            "task": (first.report.task, other.report.task),
            "primary metric": (first.report.primary["metric"], other.report.primary["metric"]),
            "rows": (first.report.rows_digest, other.report.rows_digest),
            "number of rows": (len(first.rows.blocks), len(other.rows.blocks)),
        }.items():
            if one != two:
                raise ValueError(
                    f"Expected models that were scored on the same rows by the same metric. Received: {what} {one} of "
                    f"{first.name} and {two} of {other.name}{_SEED if what == 'rows' else ''}"
                )
        if (first.rows.blocks != other.rows.blocks).any():
            raise ValueError(
                "Expected models whose rows depend on each other alike. Received: other blocks of rows of "
                f"{first.name} and {other.name}; `tfmodels evaluate` of both writes them anew"
            )


def log_use(models: Sequence[Scored]) -> None:
    """Logs a use of the test split in each run.

    Args:
        models: The models that are compared on it.

    Example:
        `log_use([read("one", "test"), read("two", "test")])`
    """
    command = f"tfmodels compare {' '.join(one.name for one in models)} --split test"
    for one in models:
        split_uses.log(one.run, command)


def _located(model: str) -> tuple[Path, str]:
    """The folder of the run, and what the name of its report has for an export."""
    if path := run_folders.locate(model):
        return path, ""
    version = version_folder(model)
    recorded: Any = read_card(version).get("run")
    name = recorded.get("name") if isinstance(recorded, dict) else None
    path = run_folders.locate(name) if isinstance(name, str) and Path(name).name == name else None
    if path is None:
        raise FileNotFoundError(
            f"Expected an export whose run lies under {run_folders.ROOT}/. Received: {model}, of the run {name!r}"
        )
    return path, f".{version.parent.name}-{version.name}"
