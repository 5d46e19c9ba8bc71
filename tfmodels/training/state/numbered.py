"""Numbered checkpoints in a folder: found by their files, written whole, read only if they are sound.

TensorFlow's own list, the file `checkpoint`, is written for other programs and never read: it may be lost, and may name
files elsewhere.
"""

import errno
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tfmodels import tensorflow_errors, whole_files
from tfmodels.training.state import tensor_index
from tfmodels.training.state.tensor_index import DATA, INDEX, DamagedError

_NAME = re.compile(r"ckpt-(\d{1,9})\.(index|data-00000-of-00001)")
_UNFINISHED = "unfinished"  # a checkpoint that is being written
_LEFTOVERS = re.compile(rf"{_UNFINISHED}.*|ckpt-\d+_temp.*|checkpoint\.{_UNFINISHED}")
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_UNREAD = ("_CHECKPOINTABLE_OBJECT_GRAPH", f"save_counter{_VALUE}")
HISTORY = "history/.ATTRIBUTES/py_state"

Variables = Mapping[str, keras.Variable]  # by name in a checkpoint


def named(**groups: list) -> dict[str, Any]:
    """Names variables as `tf.train.Checkpoint(**groups)` does.

    Example:
        `named(weights=network.variables)`
    """
    return {f"{group}/{place}{_VALUE}": one for group, all_ in groups.items() for place, one in enumerate(all_)}


def numbers(folder: Path) -> list[int]:
    """The numbers of the checkpoints in a folder, damaged ones included, ascending."""
    if not folder.is_dir():
        return []
    return sorted({int(found[1]) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name))})


def tidy(folder: Path) -> None:
    """Deletes what a killed process was writing."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if _LEFTOVERS.fullmatch(path.name):
            if path.is_dir() and not path.is_symlink():
                for part in path.iterdir():
                    part.unlink()
                path.rmdir()
            else:
                path.unlink()


def save(folder: Path, number: int, checkpoint: tf.train.Checkpoint, keep: int) -> None:
    """Writes a checkpoint, which appears when it is on the disk, then deletes the oldest.

    Args:
        folder: Where.
        number: Its number; one that has it already is replaced.
        checkpoint: What is saved.
        keep: How many are kept.

    Raises:
        OSError: It cannot be written, such as on a full disk. Those before are kept.

    Example:
        `save(folder, 3, tf.train.Checkpoint(weights=weights), keep=2)`
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        checkpoint.write(str(folder / _UNFINISHED))
    except tf.errors.OpError as error:
        tidy(folder)
        found = tensorflow_errors.of_system(error, folder)
        raise found or OSError(errno.EIO, error.message, str(folder)) from error
    for ending in (DATA, INDEX):
        whole_files.flush(folder / f"{_UNFINISHED}{ending}")
    for ending in (DATA, INDEX):  # what has an index is whole
        os.replace(folder / f"{_UNFINISHED}{ending}", folder / f"ckpt-{number}{ending}")
    whole_files.write(folder / "checkpoint", f'model_checkpoint_path: "ckpt-{number}"\n')
    kept = [one for one in numbers(folder) if one != number]
    for old in kept[: max(len(kept) - keep + 1, 0)]:
        for ending in (INDEX, DATA):
            (folder / f"ckpt-{old}{ending}").unlink(missing_ok=True)


def check(folder: Path, number: int, variables: Variables, history: bool = False) -> Any:
    """Reads all of a checkpoint once, so that nothing is restored from a damaged one.

    Args:
        folder: Where it lies.
        number: Its number.
        variables: What it must hold.
        history: Whether it must hold a history, too.

    Returns:
        A reader of it, for `restore`.

    Raises:
        DamagedError: It is not whole, or of another network.
    """
    prefix = folder / f"ckpt-{number}"
    tensors = {name: tensor_index.Expected(tf.as_dtype(one.dtype), tuple(one.shape)) for name, one in variables.items()}
    tensor_index.check(prefix, tensors, dict.fromkeys(_UNREAD, False) | ({HISTORY: True} if history else {}))
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        for name in [*variables, *([HISTORY] if history else [])]:
            reader.get_tensor(name)
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        raise DamagedError(f"{prefix}{DATA} is damaged ({str(error).partition(chr(10))[0]})") from None
    return reader


def restore(reader: Any, variables: Variables) -> None:
    """Gives variables the values of a checkpoint that was checked."""
    for name, variable in variables.items():
        variable.assign(reader.get_tensor(name))


def history(reader: Any) -> list[dict]:
    """The history in a checkpoint that was checked.

    Raises:
        DamagedError: It is no list of evaluations.
    """
    try:
        rows = json.loads(reader.get_tensor(HISTORY))
        if all(isinstance(row["val_loss"], float | int) for row in rows):
            return rows
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise DamagedError("its history is damaged")
