"""Scores of a run, or of an export in its place: the report that is kept beside it, and its figures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipelines.runs import data_fingerprints, registry, report
from pipelines.runs.report import Report
from pipelines.runs.reports import exported, figures, other_data
from pipelines.runs.run_folders import Run
from pipelines.sources.fingerprints import Fingerprint


class Scored(NamedTuple):
    """What was scored.

    Attributes:
        report: The report.
        file: Its file.
        figures: Those that were drawn.
    """

    report: Report
    file: Path
    figures: list[Path]


def score(
    run: Run, split: str, files: Sequence[Fingerprint], changed_options: Sequence[str] = (), data_changed: bool = False
) -> Scored:
    """Scores a run, or the export in its place, and writes report and figures beside the run.

    Args:
        run: The run; with other data, that of `other_data.instead`.
        split: `validation` or `test`; of other data also `other`, for all of it.
        files: The files of other data.
        changed_options: Options that replace those of the run, which the report says.
        data_changed: Whether data files may have changed since the run was prepared.

    Returns:
        See `Scored`.

    Raises:
        ValueError: The data is wrong.

    Example:
        `score(runs.load("load"), "test", []).report.metrics`
    """
    weights = run.weights_digest  # before they are read: a training may go on
    found = registry.find(run.task).evaluate(run.config, run, split)
    if run.other:
        found = other_data.described(found, run, split, list(files))
    if run.served:
        found = exported.beside_run(found, run)
    of_options = [f"evaluated with {' '.join(changed_options)}"] if changed_options else []
    of_data = [] if run.other else data_fingerprints.notes(run)
    found = replace(found, notes=[*found.notes, *of_options, *of_data])
    changed = bool(of_options or (data_changed and of_data))
    file = report.write(found, run.path, changed, run.served.name if run.served else "", weights)
    return Scored(found, file, figures.draw(found, file))
