"""TensorFlow without the log messages of its libraries, and without libraries that it does not need here."""

import contextlib
import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Generator

# Keras imports these where they are installed. Nothing here uses that, and it is a third of its import time.
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


@contextlib.contextmanager
def stderr_held_back() -> Generator[None]:
    """Holds back what the block prints to standard error, and shows it only if the block fails.

    Libraries print before their logs can be configured, and directly to the standard error of the process. Nothing is
    held back if the environment has a `TF_CPP_MIN_LOG_LEVEL` other than 3.

    Example:
        `with stderr_held_back(): importlib.import_module("tensorflow")`
    """
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        yield
        return
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(shown, held.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)


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
