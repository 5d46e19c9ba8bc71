"""TensorFlow without the log messages of its libraries, and without libraries that it does not need here."""

import contextlib
import importlib
import logging
import sys
from collections.abc import Generator

from tfmodels.library_noise import held_back as stderr_held_back

__all__ = ["import_tensorflow", "stderr_held_back"]

# Keras imports these where they are installed. Nothing here uses that, and it is a third of its import time.
_TRACED = ("TensorFlowTrainer.", "<pipelines.", "<tfmodels.", "of pipelines.", "of tfmodels.")
_OPTIONAL = ("matplotlib", "pandas", "sklearn")


def import_tensorflow() -> None:
    """Imports TensorFlow. What its libraries print is shown only if the import fails, see `stderr_held_back`.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    with stderr_held_back(), _hidden(_OPTIONAL):
        importlib.import_module("tensorflow")
    logger = logging.getLogger("tensorflow")
    if logger.level == logging.INFO:  # what TensorFlow sets in a notebook, where it tells each strategy and warm-up
        logger.setLevel(logging.WARNING)
    logger.addFilter(_is_of_users)


def _is_of_users(record: logging.LogRecord) -> bool:
    """Whether a message may concern code of a user: each model that is trained or loaded traces its own."""
    message = record.getMessage()
    return "tf.function retracing" not in message or not any(name in message for name in _TRACED)


@contextlib.contextmanager
def _hidden(packages: tuple[str, ...]) -> Generator[None]:
    """Makes packages that are not imported yet look as if they were not installed, within the block."""
    unloaded = [package for package in packages if package not in sys.modules]
    # pyrefly: ignore[no-matching-overload]  # None stops an import, but the type of sys.modules has modules only
    sys.modules.update(dict.fromkeys(unloaded))
    try:
        yield
    finally:
        for package in unloaded:
            del sys.modules[package]
