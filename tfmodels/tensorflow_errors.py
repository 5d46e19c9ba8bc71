"""What TensorFlow says of disks, as the errors of the system that it is."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from tfmodels import whole_files

_CODES = (("No space left", errno.ENOSPC), ("quota", errno.EDQUOT), ("File too large", errno.EFBIG))
_CODES += (("ermission denied", errno.EACCES), ("Read-only file system", errno.EROFS))


def of_system(error: tf.errors.OpError, place: Path) -> OSError | None:
    """The error of the system that a message of TensorFlow tells of; None if it tells of none.

    Args:
        error: TensorFlow's.
        place: What the error names.

    Example:
        `of_system(tf.errors.ResourceExhaustedError(None, None, "No space left on device"), Path("runs/a"))`
    """
    message = error.message or ""
    code = next((code for words, code in _CODES if words in message), None)
    return None if code is None else OSError(code, os.strerror(code), str(place))


@contextmanager
def named(place: Path) -> Generator[None]:
    """Context in which a full disk or a missing permission is an `OSError` that names a file or folder.

    Args:
        place: What errors name that name nothing themselves.

    Raises:
        OSError: In place of TensorFlow's errors about disks.

    Example:
        `with named(version): tf.saved_model.save(module, str(version))`
    """
    with whole_files.naming(place):
        try:
            yield
        except tf.errors.OpError as error:
            found = of_system(error, place)
            if found is None:
                raise
            raise found from error
