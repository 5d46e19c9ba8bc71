"""Where the machines that train a run meet: the chief prepares, all train, the chief goes on alone."""

import contextlib
import json
import os
import random
import time
from collections.abc import Generator
from pathlib import Path

import tensorflow as tf

from pipelines.runs import run_folders
from pipelines.runs.machines.lost_machine import LostMachineError
from pipelines.runs.run_folders import Run
from tfmodels import whole_files
from tfmodels.training.devices import cluster, strategy

_FILE = "machines.json"  # in the folder of a run
_MOST_SECONDS = 60.0  # until a file of the chief is seen on a shared file system
_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError)
_OF_COLLECTIVES = ("Collective ops is aborted", "unhealthy", "heartbeat", "coordination service")


class TrainedTogetherError(Exception):
    """Ends what a machine that is not the chief has to do: the training is over."""


@contextlib.contextmanager
def losses_named() -> Generator[None]:
    """Context in which the errors of TensorFlow by which a machine learns that another was lost become a sentence.

    Raises:
        LostMachineError: A machine was lost.
    """
    together = cluster.joined()
    try:
        yield
    except tf.errors.OpError as error:
        if together is None or not _tells_of_a_loss(error):
            raise
        raise LostMachineError(
            f"Expected all {len(together.workers)} machines to train to the end. Received: worker {together.index} no "
            "longer reaches another one, which was lost, or ended with an error of its own: see its output. The same "
            "command on all machines goes on from the last evaluation."
        ) from None


def arrive(replicas: int) -> None:
    """Waits for all machines, before anything is prepared."""
    strategy.strategy(replicas)
    strategy.barrier()


def announce(run: Run) -> None:
    """Tells the other machines, on the chief, that a run is prepared."""
    token = random.SystemRandom().randrange(1, 1 << 24)  # as exact as float32 is
    whole_files.write(run.path / _FILE, json.dumps({"token": token}))
    strategy.barrier(token)


def opened(path: Path, task: str, allow_code: bool) -> Run:
    """Opens the run that the chief has prepared, on another machine.

    Args:
        path: Its folder, which all machines share.
        task: Full name of the task.
        allow_code: Whether the code of the task that the run in `start_from` names may run.

    Returns:
        The run, with the options of the chief.

    Raises:
        ValueError: The folder is not that of the chief.
    """
    token, deadline = round(strategy.barrier()), time.monotonic() + _MOST_SECONDS
    while _token(path) != token:
        if time.monotonic() > deadline:
            raise ValueError(
                f"Expected {path} on a file system that all machines share, with what the chief has prepared. "
                f"Received: {'another ' + _FILE if (path / _FILE).is_file() else 'none of its files'}"
            )
        time.sleep(0.2)
    return run_folders.load(path, task, allow_code)


@contextlib.contextmanager
def silent() -> Generator[None]:
    """Context in which standard output goes nowhere: the chief tells all."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def leave() -> None:
    """Ends the work of a machine that is not the chief, after the training."""
    if not cluster.is_chief():
        raise TrainedTogetherError


def _token(path: Path) -> int | None:
    try:
        return whole_files.read_json(path / _FILE)["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tells_of_a_loss(error: tf.errors.OpError) -> bool:
    return isinstance(error, _LOST) or any(words in str(error) for words in _OF_COLLECTIVES)
