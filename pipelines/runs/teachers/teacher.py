"""An export as a teacher: loaded as data, asked once, and remembered by the run that it taught."""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.progress.progress_bars import progress_bar
from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import registry, run_folders
from pipelines.runs.rows import output_columns
from tfmodels import whole_files
from tfmodels.export.checks.finding import printable
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    import numpy as np

    from pipelines.runs import Run
    from pipelines.runs.predictor import Predictor

_FILE = "teacher.json"
_REHEARSED = 256  # rows


class Teacher(NamedTuple):
    """An export that was loaded as a teacher.

    Attributes:
        model: What answers.
        export: The version that was loaded: a newer one may appear while it is asked.
        digest: Of the files of that version; empty where they have none.
    """

    model: "Predictor"
    export: str
    digest: str


def folder(run: "Run") -> Path:
    """Finds the export that the run's option `teacher` names, without loading it.

    Args:
        run: The run that is to be taught.

    Returns:
        The folder of its newest version.

    Raises:
        FileNotFoundError: There is no such export, or it is a run.

    Example:
        `folder(run)` -> `Path("saved_models/ensemble/2")`
    """
    path = run.config.teacher
    is_run = run_folders.locate(path) is not None
    if is_run or not Path(path).is_dir():
        remedy = f"; `tfmodels export {path}` makes one of this run" if is_run else ""
        raise FileNotFoundError(f"Expected the folder of an export as teacher{remedy}. Received: teacher={path!r}")
    return version_folder(path)


def load(run: "Run") -> Teacher:
    """Loads the export that the run's option `teacher` names, without any code of it, as `predict EXPORT` does.

    Args:
        run: The run that is to be taught.

    Returns:
        The teacher.

    Raises:
        FileNotFoundError: There is no such export.
        ValueError: It is a run, a damaged export or one of another task.

    Example:
        `load(run).model.predict_columns({"text": texts}, ["probabilities"])`
    """
    from pipelines.runs import predictor

    path, version = run.config.teacher, folder(run)
    digests = version / "assets.extra" / "digests.json"
    digest = hashlib.sha256(digests.read_bytes()).hexdigest()[:16] if digests.is_file() else ""
    with stderr_held_back():
        model = predictor.load(version)
    if not registry.is_same(model.card, run.task):
        raise ValueError(
            f"Expected a teacher of the task {run.task}. Received: teacher={path!r}, of the task {model.card['task']!r}"
        )
    signature = model.endpoints.get("serving_default")
    if signature is None:
        raise ValueError(
            f"Expected a teacher with the endpoint serving_default. Received: teacher={path!r}, with "
            f"{', '.join(model.endpoints)}; export its run again"
        )
    asked = predictor.Predictor(model.card, model.endpoints, _naming(path, model.call), model.note)
    return Teacher(asked, str(version), digest)


def check_fields(run: "Run", teacher: Teacher, inputs: Collection[str], outputs: Collection[str]) -> None:
    """Refuses a teacher that takes or answers something else, by its signature.

    Args:
        run: The run.
        teacher: Its teacher.
        inputs: Names of what it is asked with.
        outputs: Names of what it has to answer.

    Raises:
        ValueError: It needs another input, or lacks an output.

    Example:
        `check_fields(run, load(run), ["text"], ["labels", "probabilities"])`
    """
    signature = teacher.model.endpoints["serving_default"]
    if not set(signature.inputs) <= set(inputs) or not set(outputs) <= set(signature.outputs):
        raise ValueError(
            f"Expected a teacher that answers {' and '.join(outputs)} from {' and '.join(inputs)}. Received: "
            f"teacher={run.config.teacher!r}, which answers {', '.join(signature.outputs)} from "
            f"{', '.join(signature.inputs)}"
        )


def _naming(path: str, call: "Callable[..., dict[str, np.ndarray]]") -> "Callable[..., dict[str, np.ndarray]]":
    """As `call`, but its failures, and rows that it lacks, are the teacher's."""

    def named(endpoint: str, /, **arrays: Any) -> "dict[str, np.ndarray]":
        import tensorflow as tf

        try:
            outputs = call(endpoint, **arrays)
            output_columns.check_rows(outputs, len(next(iter(arrays.values()))))
        except (ValueError, RuntimeError, tf.errors.OpError) as error:
            told = printable(" ".join(str(error).split()))
            raise ValueError(f"Expected a teacher that answers each row. Received: teacher={path!r}: {told}") from None
        return outputs

    return named


def rows_to_ask(run: "Run") -> int | None:
    """How many of its training rows a run asks its teacher about, the first ones; None for all.

    A rehearsal asks about some, from which `asking` estimates the time of all.

    Args:
        run: The run.

    Example:
        `texts[: rows_to_ask(run)]`
    """
    return _REHEARSED if run.rehearsal else None


@contextmanager
def asking(run: "Run", what: str, total: int | None) -> Generator[Callable[[int], None]]:
    """Shows how far a run is with asking its teacher; of a rehearsal says how long all would take.

    Args:
        run: The run.
        what: What it asks about, such as "texts".
        total: How many there are; None if unknown.

    Yields:
        A function to call with the number of rows that were answered since the last call.

    Example:
        `with asking(run, "texts", len(texts)) as count: count(64)`
    """
    asked, start = 0, time.monotonic()

    with progress_bar(f"asking the teacher, {what}", total) as shown:

        def count(rows: int) -> None:
            nonlocal asked
            asked += rows
            shown(rows)

        yield count
    if run.rehearsal and asked:
        of = total or 1000
        seconds = timedelta(seconds=round((time.monotonic() - start) * of / asked))
        print(f"asking the teacher: about {seconds} for {of:,} {what}, by the first {asked:,}")


def keep(run: "Run", teacher: Teacher) -> None:
    """Writes into a run which export has taught it, when all its answers are there.

    Args:
        run: The run, with the answers in its assets.
        teacher: The export.

    Example:
        `keep(run, load(run))`
    """
    found = {"export": teacher.export, "digest": teacher.digest}
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
