"""The history, the options and the figures of a training as TensorBoard event files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

_TRAINING, _AS_VALIDATION, _VALIDATION = "train", "train_as_validation", "validation"


class EventFiles:
    """Writes numbers for TensorBoard, in the layout of Keras: what has the same name is overlaid in one plot.

    The folders are `train`, `validation`, and `train_as_validation` for the loss of training data that is measured as
    in validation.

    Args:
        folder: Folder of these.

    Example:
        `EventFiles(run / "tensorboard").write({"step": 100, "loss": 3.4, "val_loss": 3.2})`
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events: dict[str, tf.summary.SummaryWriter] = {}

    def write(self, row: Mapping[str, Any]) -> None:
        """Writes each number of an evaluation at its `step`."""
        for name, value in row.items():
            folder, tag = _place(name)
            if folder not in self._events:
                self._events[folder] = tf.summary.create_file_writer(str(self._folder / folder))
            with self._events[folder].as_default(step=row["step"]):
                tf.summary.scalar(tag, float(value))
        for events in self._events.values():
            events.flush()


def write_options(folder: Path, options: Mapping[str, Any]) -> None:
    """Writes the options of a training as hyperparameters.

    Args:
        folder: As of `EventFiles`.
        options: Name -> value; of what is neither a number nor a text its text is written.

    Example:
        `write_options(run / "tensorboard", {"training.steps": 1000, "model": "lstm"})`
    """
    from tensorboard.plugins.hparams import api

    plain = {name: one if isinstance(one, bool | int | float | str) else str(one) for name, one in options.items()}
    events = tf.summary.create_file_writer(str(folder))
    with events.as_default(step=0):
        api.hparams(plain, trial_id=folder.parent.name)
    events.close()


def write_figures(folder: Path, files: Sequence[Path], step: int) -> None:
    """Writes figures as images.

    Args:
        folder: As of `EventFiles`.
        files: PNG files; their names without the suffix are those of the images.
        step: The step that they show.

    Example:
        `write_figures(run / "tensorboard", [run / "curves.png"], 1000)`
    """
    if not files:
        return
    events = tf.summary.create_file_writer(str(folder))
    with events.as_default(step=step):
        for file in files:
            tf.summary.image(file.stem, tf.io.decode_png(file.read_bytes(), channels=3)[tf.newaxis])
    events.close()


def _place(name: str) -> tuple[str, str]:
    """The folder of a number of an evaluation, and its name there."""
    if name == "train_loss":
        return _AS_VALIDATION, "loss"
    return (_VALIDATION, name.removeprefix("val_")) if name.startswith("val_") else (_TRAINING, name)
