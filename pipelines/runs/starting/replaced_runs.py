"""A run that replaces another, which is kept aside until the new one is prepared.

A process may be killed between any two steps. A folder therefore changes its name before it is deleted: what has the
name of a run is never a part of one.
"""

from pathlib import Path

from pipelines.runs.run_folders import Run, has_results, is_run
from tfmodels import whole_files

_LEFTOVERS = ("*.unfinished*", "*.partial")  # of files and folders that a killed process was writing


def set_aside(path: Path) -> None:
    """Gives the folder of a run another name, until `commit` or `rollback`.

    Args:
        path: The folder.
    """
    if is_run(_aside(path)):  # left by an interrupted attempt: it is the run to restore
        discard(path)
    else:
        path.rename(_aside(path))


def commit(run: Run) -> None:
    """Deletes the run that a new run replaces, after its data is prepared.

    Args:
        run: The new run.

    Example:
        `commit(create("translation", translation.Config(), overwrite=True))`
    """
    discard(_aside(run.path))


def rollback(run: Run) -> None:
    """Removes a run whose options or data were wrong, and restores the run that it replaces.

    What was prepared is removed, too: nothing that was made of wrong data is used again. A run with results is kept.

    Args:
        run: The run.

    Example:
        `rollback(create("translation", translation.Config(data="no such folder")))`
    """
    if is_run(_aside(run.path)):
        discard(run.path)
        _aside(run.path).rename(run.path)
    elif run.path.exists() and not has_results(run.path):
        discard(run.path)


def tidy(path: Path) -> None:
    """Ends what a killed process has begun with a run: restores the run that it had set aside, deletes what it left.

    Args:
        path: Folder of the run, which no other process is training.

    Example:
        `tidy(Path("runs/translation"))`
    """
    if not is_run(path) and is_run(_aside(path)):  # killed before the new run had options
        discard(path)
        _aside(path).rename(path)
    discard(_discarded(path))
    discard(_discarded(path / "assets"))
    for pattern in _LEFTOVERS:
        for left in [*(path / "assets").glob(pattern), *path.glob(f"config{pattern}"), *path.glob(f"history{pattern}")]:
            whole_files.remove(left)


def discard(path: Path) -> None:
    """Deletes a folder, if there is one, which loses its name first."""
    gone = _discarded(path)
    if path.exists() and path != gone:
        whole_files.remove(gone)  # left by a killed process
        path.rename(gone)
    whole_files.remove(gone)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.overwritten")


def _discarded(path: Path) -> Path:
    return path if path.name.endswith(".discarded") else path.with_name(f".{path.name.lstrip('.')}.discarded")
