"""Loading and using TensorFlow without the remarks of its libraries."""

import contextlib
import importlib
import os
import sys
import tempfile


def import_tensorflow() -> None:
    """Imports TensorFlow; what its libraries print meanwhile is shown only if that fails: see `held_back`.

    Raises:
        ImportError: TensorFlow cannot be loaded.
    """
    with held_back():
        importlib.import_module("tensorflow")


@contextlib.contextmanager
def held_back():  # noqa: ANN201
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
