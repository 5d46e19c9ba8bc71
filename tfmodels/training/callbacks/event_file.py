"""The history of a training as TensorBoard event files."""

from pathlib import Path

import tensorflow as tf


class EventFile:
    """Writes numbers for TensorBoard.

    Args:
        folder: Folder of the event files.

    Example:
        `EventFile(run / "tensorboard").write({"step": 100, "val_loss": 3.2})`
    """

    def __init__(self, folder: Path) -> None:
        self._events = tf.summary.create_file_writer(str(folder))

    def write(self, row: dict) -> None:
        """Writes each number of an evaluation at its `step`."""
        with self._events.as_default(step=row["step"]):
            for name, value in row.items():
                tf.summary.scalar(name, float(value))
        self._events.flush()
