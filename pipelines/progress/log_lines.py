"""Lines of our loggers on standard error, as other notes of the command are written."""

import contextlib
import logging
import sys
from collections.abc import Generator

_OURS = "tfmodels"


class _Lines(logging.Handler):
    """Prints to what is standard error at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        with contextlib.suppress(OSError, ValueError):  # a log that cannot be written ends no work
            print(f"{level}{self.format(record)}", file=sys.stderr)


@contextlib.contextmanager
def plain() -> Generator[None]:
    """Prints what our loggers say within the block without the names of modules.

    Example:
        `with plain(): export.save(folder, endpoints, tracked, samples, card)` prints `warning: serving_default: ...`
    """
    logger, handler = logging.getLogger(_OURS), _Lines()
    kept, logger.propagate = logger.propagate, False  # to the handler that absl gives the root
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = kept
