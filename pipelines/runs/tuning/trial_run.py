"""A trial of a search: a run that is trained by `tfmodels fit` in a process of its own."""

import math
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.runs import report
from pipelines.runs.report import Report
from pipelines.runs.run_folders import Run
from tfmodels import parent_process

_SECONDS = 0.5  # between two looks at the evaluations of a training
_DIVERGED, _USER_ERROR = 1, 2  # exit status of `tfmodels fit`
_SHOWN = 600  # characters of the end of a log in a message


class Outcome(NamedTuple):
    """How a trial ended.

    Attributes:
        loss: The least validation loss, of the checkpoint that the run keeps; None without an evaluation.
        pruned: Whether it was ended early.
        failure: Why it failed, in a sentence; empty if it did not.
    """

    loss: float | None
    pruned: bool = False
    failure: str = ""


def train(
    path: Path, command: Sequence[str], evaluated: Callable[[int, float], bool] = lambda step, loss: False
) -> Outcome:
    """Trains a run, or goes on with its training.

    Args:
        path: The folder of the run; what the command prints is in `NAME.log` beside it.
        command: The words after `tfmodels`.
        evaluated: Called for each evaluation with its step and the validation loss; true ends the training.

    Returns:
        How it ended.

    Raises:
        ValueError: The command refused its options or its data.

    Example:
        `train(Path("runs/s-trial-0"), ["fit", "translation", "--run", "s-trial-0"]).loss`
    """
    log = log_of(path)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        child = subprocess.Popen(
            parent_process.command("tfmodels", *command), stdout=file, stderr=file, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            pruned = _followed(child, path, evaluated)
        finally:
            child.kill()
            status = child.wait()
    if pruned:
        return Outcome(best_loss(path), pruned=True)
    if status == _USER_ERROR:
        raise ValueError(f"{_end(log)}\nThis is what `tfmodels {' '.join(command)}` said.")
    if status:
        why = "it diverged" if status == _DIVERGED else f"exit status {status}"
        return Outcome(best_loss(path), failure=f"{why}, see {log}")
    return Outcome(best_loss(path))


def best_loss(path: Path) -> float | None:
    """The least validation loss of a run so far; None without a finite one.

    Example:
        `best_loss(Path("runs/s-trial-0"))`
    """
    losses = [row["val_loss"] for row in _evaluations(path)]
    return min((loss for loss in losses if math.isfinite(loss)), default=None)


def report_of(path: Path) -> Report | None:
    """The report of a run on its validation split, if there is one.

    Example:
        `report_of(Path("runs/s-trial-0"))`
    """
    with suppress(FileNotFoundError, ValueError):
        return report.read(path / "report.json")
    return None


def log_of(path: Path) -> Path:
    """The file of what the training of a run printed.

    Example:
        `log_of(Path("runs/s-trial-0"))` -> `runs/s-trial-0.log`
    """
    return path.with_name(f"{path.name}.log")


def _followed(child: "subprocess.Popen[bytes]", path: Path, evaluated: Callable[[int, float], bool]) -> bool:
    """Waits for the end of a training; whether `evaluated` wanted it to end."""
    seen = 0
    while True:
        ended = child.poll() is not None
        rows = _evaluations(path)
        for row in rows[seen:]:
            if evaluated(int(row["step"]), float(row["val_loss"])):
                child.send_signal(signal.SIGKILL)
                return True
        seen = max(seen, len(rows))
        if ended:
            return False
        time.sleep(_SECONDS)


def _evaluations(path: Path) -> list[dict[str, Any]]:
    with suppress(FileNotFoundError, ValueError):  # not there yet
        return Run(path, "", None).history
    return []


def _end(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:].strip()
