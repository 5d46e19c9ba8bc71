"""The data files that a run was prepared from: their fingerprints in its assets, and what has changed since.

A task tells its files by a function `data_files(config)`; tasks without one, and data that is in no files, have none.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipelines.runs import registry
from pipelines.runs.run_folders import Run, is_trained
from pipelines.sources import fingerprints
from pipelines.sources.fingerprints import Fingerprint

FILE = "data_files.json"
_OLD = "the run was made before digests of data files were kept: whether they have changed since is not known"
_SHOWN = 5  # files in a message


def record(run: Run, find: Callable[[Any], Iterable[Path]]) -> None:
    """Keeps the fingerprints of the files that a run is about to be prepared from; only once.

    Args:
        run: The run.
        find: The task's `data_files`, from the config to files and folders of files.

    Raises:
        FileNotFoundError: A file does not exist.

    Example:
        `record(run, data_files)`
    """
    run.assets.mkdir(parents=True, exist_ok=True)
    if not any(run.assets.iterdir()):  # else it is prepared already, or was being so
        fingerprints.write(fingerprints.take(find(run.config), run.index), run.assets / FILE)


def check_unchanged(run: Run, allowed: bool, remedy: str) -> None:
    """Refuses a run whose data files have other contents than when it was prepared.

    Args:
        run: The run.
        allowed: Whether changed files are accepted.
        remedy: What the error says that can be done.

    Raises:
        ValueError: A file has changed, or one was added.

    Example:
        `check_unchanged(run, options.data_changed == "ok", "Score the rows as they are now with --data_changed ok.")`
    """
    if found := _changes(run) if not allowed else []:
        raise ValueError(
            f"Expected the data files that the run {run.name} was prepared from. Received other contents:\n"
            f"{_listed(found)}\n{remedy}"
        )


def require(run: Run) -> None:
    """Refuses a run without the data files that it was prepared from, where their texts are needed.

    Args:
        run: The run.

    Raises:
        FileNotFoundError: A file is not there any more.

    Example:
        `require(run)`
    """
    if gone := [one.path for one in fingerprints.missing(_kept(run) or [])]:
        raise FileNotFoundError(
            f"Expected the data files that the run {run.name} was prepared from; a report needs their texts. Received "
            f"none at\n{_listed(gone)}\nPut them back, or score other data with `tfmodels evaluate {run.name} --data`."
        )


def notes(run: Run) -> list[str]:
    """What a report or a training says of data files that changed, that are missing, or that nothing is known of.

    Args:
        run: The run.

    Returns:
        Sentences; none if all files are as they were.

    Example:
        `notes(runs.load("translation"))` -> `[]`
    """
    kept = _kept(run)
    if kept is None:
        return [_OLD] if _now(run) and any(run.assets.iterdir()) else []
    gone = [one.path for one in fingerprints.missing(kept)]
    named = set(_now(run))
    return [
        *(f"data file changed since the run was prepared: {line}" for line in _changes(run)),
        *(f"data file missing since the run was prepared: {path}" for path in gone),
        *(_unnamed(one.path) for one in kept if one.path not in named and one.path not in gone),
    ]


def fingerprints_of(run: Run) -> list[Fingerprint]:
    """The fingerprints of a run's data files; none if it has no files, or was made before they were kept."""
    return _kept(run) or []


def can_go_on(run: Run) -> str:
    """What can be done about changed files before a training: they may only be accepted where it has begun."""
    if is_trained(run.path):
        return (
            "--data_changed ok goes on with the rows as they were, which the run holds; its report is of the rows as "
            "they are now. --overwrite trains anew, another --run beside it."
        )
    return "Prepare it anew with --overwrite, or under another name with --run."


def _kept(run: Run) -> list[Fingerprint] | None:
    path = run.assets / FILE
    return fingerprints.read(path) if path.is_file() else None


def _changes(run: Run) -> list[str]:
    """A line for each file that has changed or is new."""
    kept = _kept(run)
    if kept is None:
        return []
    known, now = {one.path for one in kept}, _now(run)
    added = [] if fingerprints.missing(kept) else [path for path in now if path not in known]
    named = [one for one in kept if one.path in now]  # a run may come from anyone, and its list name any file
    return [*fingerprints.changes(named, run.index), *(f"{path}: new" for path in added)]


def _unnamed(path: str) -> str:
    return (
        f"data file not compared, since the run's options name it no longer, or not in this working directory: {path}"
    )


def _now(run: Run) -> list[str]:
    """The files that the run's options name now; where one is missing that they need, those of the run beside it."""
    find = getattr(registry.find(run.task), "data_files", None)
    try:
        return [str(path.resolve()) for path in find(run.config)] if find else []
    except (FileNotFoundError, ValueError):
        named = str(getattr(run.config, "data", "")).split(",")
        places = {Path(part.partition("*")[0]).resolve() for part in named if part}
        kept = [Path(one.path) for one in _kept(run) or []]
        return [str(path) for path in kept if not places.isdisjoint((path, path.parent))]


def _listed(lines: list[str]) -> str:
    more = [f"... and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    return "\n".join(f"  {line}" for line in [*lines[:_SHOWN], *more])
