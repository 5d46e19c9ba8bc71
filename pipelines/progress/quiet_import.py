"""Loading and using TensorFlow without the remarks of its libraries, and without those that nobody needs."""

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Generator

# Keras takes these along where they are installed, for what has no use here, and a third of the time of its import.
_OPTIONAL = ("matplotlib", "pandas", "sklearn")


def import_tensorflow() -> None:
    """Imports TensorFlow; what its libraries print meanwhile is shown only if that fails: see `held_back`.

    Raises:
        ImportError: TensorFlow cannot be loaded.
    """
    with held_back(), _hidden(_OPTIONAL):
        importlib.import_module("tensorflow")


@contextlib.contextmanager
def held_back() -> Generator[None]:
    """Shows what is printed to standard error inside only if that fails.

    Libraries print before their logs can be configured, and past Python, straight to the process' standard error. With
    `TF_CPP_MIN_LOG_LEVEL` below 3 in the environment nothing is held back.

    Example:
        `with held_back(): importlib.import_module("tensorflow")`
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
    """Lets packages that are not loaded yet look as if they were not installed; afterwards they can be imported."""
    unloaded = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(unloaded))  # None, as Python has it for what must not be imported
    try:
        yield
    finally:
        for package in unloaded:
            del sys.modules[package]
