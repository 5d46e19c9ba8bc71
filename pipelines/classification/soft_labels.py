"""The probabilities that a teacher gives the classes of the training texts."""

import reprlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipelines.runs.rows import output_columns
from pipelines.runs.teachers import teacher
from pipelines.runs.teachers.teacher import Teacher
from tfmodels import array_files, whole_files
from tfmodels.export.checks.finding import printable

if TYPE_CHECKING:
    from pipelines.classification.config import Config
    from pipelines.runs import Run
    from pipelines.runs.predictor import Predictor

_FILE = "soft_labels.npy"
_OUTPUTS = ("labels", "probabilities")
_LISTED, _CUT = 20, 60  # labels in a message, and characters of each
_ROWS = 1024  # asked at a time
_ROUNDING = 1e-3  # of a sum of probabilities


def teacher_of(config: "Config", run: "Run") -> Teacher | None:
    """The teacher that is still to be asked, loaded; None if there is none, or its answers are in the run."""
    return teacher.load(run) if config.teacher and not teacher.is_kept(run) else None


def prepare(config: "Config", run: "Run", taught_by: Teacher, texts: Sequence[str], classes: Sequence[str]) -> None:
    """Asks the teacher of a run about its training texts, once, and keeps the answers in the run.

    Args:
        config: The options.
        run: The run.
        taught_by: Its teacher.
        texts: The training texts, in their order.
        classes: The labels, in the order of the logits.

    Raises:
        ValueError: The teacher has other classes, or answers what are no probabilities.
    """
    teacher.check_fields(run, taught_by, ["text"], _OUTPUTS)
    model, asked = taught_by.model, texts[: teacher.rows_to_ask(run)]
    order = _order(model, run, classes)
    run.assets.mkdir(parents=True, exist_ok=True)
    with whole_files.replacing(run.assets / _FILE) as unfinished:
        shape = (len(texts), len(classes))
        found = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.float32, shape=shape)
        with teacher.asking(run, "texts", len(texts)) as count:
            for start in range(0, len(asked), _ROWS):
                answered = model.predict_columns({"text": asked[start : start + _ROWS]}, [*_OUTPUTS])
                _check(answered, run, config, [classes[place] for place in np.argsort(order)])
                rows = answered["probabilities"][:, order]
                found[start : start + len(rows)] = rows
                count(len(rows))
        found.flush()  # of a rehearsal the rest is zero
    teacher.keep(run, taught_by)


def read(config: "Config", run: "Run") -> np.ndarray | None:
    """The answers: float32 `[texts, classes]`, in the order of the stored training rows; None without a teacher."""
    return array_files.read(run.assets / _FILE) if config.teacher else None


def mixed(targets: np.ndarray, soft: np.ndarray, weight: float) -> np.ndarray:
    """Mixes true labels and a teacher's probabilities.

    Args:
        targets: int `[rows]`, the true classes; or 0 or 1 `[rows, classes]`.
        soft: float32 `[rows, classes]`, the teacher's probabilities.
        weight: Share of the teacher.

    Returns:
        float32 `[rows, classes]`.

    Example:
        `mixed(np.array([1]), np.array([[0.5, 0.5]]), 0.5)` -> `[[0.25, 0.75]]`
    """
    certain = targets if targets.ndim == 2 else np.eye(soft.shape[1], dtype=np.float32)[targets]
    return ((1 - weight) * certain + weight * soft).astype(np.float32)


def notes(config: "Config", run: "Run") -> list[str]:
    """What a report says of the teacher."""
    return teacher.notes(run, f"its probabilities are {config.teacher_weight:g} of each target of training")


def _order(model: "Predictor", run: "Run", classes: Sequence[str]) -> list[int]:
    """Where the teacher has each class."""
    labels = model.predict_columns({"text": [""]}, ["labels"])["labels"][0]
    named = output_columns.texts(labels, "labels")
    if sorted(named) != sorted(classes):
        raise ValueError(
            f"Expected a teacher of the classes {_listed(classes)}. Received: teacher={run.config.teacher!r} of "
            f"{_listed(named)}"
        )
    return [named.index(name) for name in classes]


def _check(answered: dict[str, np.ndarray], run: "Run", config: "Config", named: Sequence[str]) -> None:
    """Refuses answers that are no probabilities of the classes `named`, in that order."""
    if not (answered["labels"] == [name.encode() for name in named]).all():
        raise ValueError(
            f"Expected a teacher with the same labels for each text, {_listed(named)}. Received: "
            f"teacher={run.config.teacher!r}, with others for some; export its run again"
        )
    found, exclusive = answered["probabilities"], not config.separator
    if found.dtype.kind != "f" or found.shape[1:] != (len(named),):
        wrong = [0]
    else:
        inside = ((found >= 0) & (found <= 1)).all(axis=1)  # not with NaN
        sums = found.sum(axis=1, dtype=np.float64)
        wrong = np.flatnonzero(~inside | (exclusive & (np.abs(sums - 1) > _ROUNDING)))
    if len(wrong):
        what = "that sum to 1" if exclusive else "from 0 to 1"
        raise ValueError(
            f"Expected a teacher that answers {len(named):,} probabilities {what}. Received: "
            f"teacher={run.config.teacher!r}, which answers {reprlib.repr(found[wrong[0]].tolist())}; export its run "
            "again, or see `tfmodels check`"
        )


def _listed(names: Sequence[str]) -> str:
    """Labels for a message: of many the first, and what a teacher has put into them made safe to print."""
    rest = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(printable(name[:_CUT]) for name in names[:_LISTED]) + rest
