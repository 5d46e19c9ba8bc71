"""What a new run is refused for at once, before TensorFlow is imported and its data is read."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from pipelines.runs import registry, run_folders, warm_start
from pipelines.runs.run_folders import Run
from pipelines.runs.teachers import teacher
from pipelines.sources.files import file_formats


def check(task: ModuleType, run: Run) -> None:
    """Refuses files, folders and runs that are not there, and what the task's own `check` refuses.

    A run that is prepared is left alone: it may not need them any more.

    Args:
        task: The task. Its `check(config)`, if it has one, refuses what needs neither its data nor TensorFlow.
        run: The run.

    Raises:
        FileNotFoundError: A file, a teacher or the run to start from is not there.
        PermissionError: A file may not be read.
        ValueError: An option is wrong.

    Example:
        `check(registry.find(run.task), run)`
    """
    if run.assets.is_dir() and any(run.assets.iterdir()):
        return
    if hasattr(task, "check"):
        task.check(run.config)
    if hasattr(task, "data_files"):
        _open(task.data_files(run.config))
    if not registry.is_of_package(run.task):
        return
    origin = getattr(run.config, "start_from", "")
    if origin and run_folders.locate(origin) is None:
        warm_start.origin(run.config, run)
    if getattr(run.config, "teacher", ""):
        teacher.folder(run)
    vectors = getattr(run.config, "vectors", "")
    if vectors and not Path(vectors).is_file():
        raise FileNotFoundError(f"Expected a file of word vectors. Received: vectors={vectors!r}")


def _open(paths: Iterable[Path]) -> None:
    """Opens files without reading them; those of a folder one by one."""
    for path in paths:
        if path.is_dir():
            os.scandir(path).close()
        elif path.exists():
            path.open("rb").close()
        else:
            raise FileNotFoundError(f"Expected a file of data. Received: {file_formats.missing(path)}")
