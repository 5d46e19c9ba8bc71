"""An export as a teacher: loaded as data, asked once, and remembered by the run that it taught."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import registry, run_folders
from tfmodels import whole_files
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.predictor import Predictor

_FILE = "teacher.json"


def load(run: "Run") -> "Predictor":
    """Loads the export that the run's option `teacher` names, without any code of it, as `predict EXPORT` does.

    Args:
        run: The run that is to be taught.

    Returns:
        The teacher.

    Raises:
        FileNotFoundError: There is no such export.
        ValueError: It is a run, a damaged export or one of another task.

    Example:
        `load(run).predict_columns({"text": texts}, ["probabilities"])`
    """
    from pipelines.runs import predictor

    path = run.config.teacher
    is_run = run_folders.locate(path) is not None
    if is_run or not Path(path).is_dir():
        remedy = f"; `tfmodels export {path}` makes one of this run" if is_run else ""
        raise FileNotFoundError(f"Expected the folder of an export as teacher{remedy}. Received: teacher={path!r}")
    with stderr_held_back():
        teacher = predictor.load(path)
    if not registry.is_same(teacher.card, run.task):
        raise ValueError(
            f"Expected a teacher of the task {run.task}. Received: teacher={path!r}, of the task "
            f"{teacher.card['task']!r}"
        )
    return teacher


def keep(run: "Run") -> None:
    """Writes into a run which export has taught it, when all its answers are there.

    Args:
        run: The run, with the answers in its assets.

    Example:
        `keep(run)`
    """
    version = version_folder(run.config.teacher)
    digests = version / "assets.extra" / "digests.json"
    found = {
        "export": str(version),
        "digest": hashlib.sha256(digests.read_bytes()).hexdigest()[:16] if digests.is_file() else "",
    }
    whole_files.write(run.assets / _FILE, json.dumps(found))


def is_kept(run: "Run") -> bool:
    """Whether a run has the answers of its teacher, which it then needs no more."""
    return (run.assets / _FILE).is_file()


def notes(run: "Run", how: str) -> list[str]:
    """What a report says of the teacher of a run.

    Args:
        run: The run.
        how: What its answers were used for.

    Returns:
        A sentence; none without a teacher.

    Example:
        `notes(run, "half of each target")`
    """
    if not run.config.teacher or not is_kept(run):
        return []
    found: dict[str, Any] = whole_files.read_json(run.assets / _FILE)
    digest = f", digest {found['digest']}" if found["digest"] else ""
    return [f"taught by {found['export']}{digest}: {how}"]
