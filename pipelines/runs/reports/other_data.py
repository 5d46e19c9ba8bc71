"""Scores on other data than a run was prepared from: what of it is read, and what its report says of it."""

from dataclasses import replace
from pathlib import Path

from pipelines.runs import data_fingerprints, registry
from pipelines.runs.report import Report
from pipelines.runs.run_folders import Run
from pipelines.sources import fingerprints
from pipelines.sources.fingerprints import Fingerprint
from pipelines.sources.split_names import OTHER


def instead(run: Run, data: str, split: str) -> tuple[Run, list[Fingerprint]]:
    """A run that is evaluated on other data.

    Args:
        run: The run.
        data: The other data, in the form of the run's own.
        split: The split of the other data, or `other` for all of it.

    Returns:
        The run with `other` set, and the fingerprints of the files that are read.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The task of the run scores only its own data.

    Example:
        `instead(runs.load("translation"), "tatoeba.tsv", "other")`
    """
    find = getattr(registry.find(run.task), "other_files", None)
    if find is None:
        raise ValueError(
            f"Expected a task that scores other data, with the function `other_files`. "
            f"Received: data={data!r} for {run.task!r}"
        )
    return replace(run, other=data), fingerprints.take(find(run.config, data, split), run.index)


def described(scored: Report, run: Run, split: str, files: list[Fingerprint]) -> Report:
    """Adds to a report on other data what was scored; it is kept apart from those on the run's own.

    Args:
        scored: The report.
        run: The run that `instead` returned.
        split: The split of the other data, or `other`.
        files: The fingerprints that it returned.

    Returns:
        The report, whose split is `other`.
    """
    own = {one.digest for one in data_fingerprints.fingerprints_of(run)}
    notes = [f"other data: {run.other}{'' if split == OTHER else f', with --split {split}'}"]
    for one in files:
        same = ", which the run was prepared from, too" if one.digest in own else ""
        notes.append(f"{Path(one.path).name}: {one.size:,} bytes, SHA-256 {one.digest}{same}")
    return replace(scored, split=OTHER, notes=[*notes, *scored.notes])
