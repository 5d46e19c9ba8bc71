"""The child process of `isolated_findings`: runs the endpoints of one SavedModel and writes what it finds to a pipe."""

import json
import os
import resource
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfmodels.export.checks.finding import Finding

_MEMORY = 2**32  # bytes, of which TensorFlow takes half a GiB to start
_PER_BYTE = 6  # bytes of memory for each byte of the files: loading copies, compact weights expand


def main(version: Path, result: int, alive: int) -> None:
    """Runs the endpoints.

    Args:
        version: The version folder.
        result: Descriptor for the findings, as JSON.
        alive: Descriptor that ends when the parent does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on an interrupt the parent ends this process
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()

    from tfmodels.export.checks.finding import Finding

    try:
        _limit(_size(version))
        _confine(version)
        findings = run(version)
    except MemoryError:
        findings = [Finding("run", "", "endpoints", "run out of memory", "find the request that does it")]
    except Exception as error:
        problem = f"fail with {type(error).__name__}: {error}"
        findings = [Finding("run", "", "endpoints", problem, "find the request that does it")]
    texts = [(found.rule, found.endpoint, found.subject, found.problem, found.advice) for found in findings]
    with os.fdopen(result, "w", encoding="utf-8", errors="replace") as pipe:
        json.dump(texts, pipe)
    os._exit(0)  # what the model started may not end by itself


def run(version: Path) -> "list[Finding]":
    """Loads a SavedModel and runs its endpoints, in this process and without limits.

    Args:
        version: The version folder.

    Returns:
        The findings; a SavedModel that does not load is one of them.
    """
    from tfmodels.export.checks.finding import Finding
    from tfmodels.export.checks.session_check import session_findings
    from tfmodels.export.runners.caching_runner import CachingRunner

    try:
        session = CachingRunner(version)
    except Exception as error:  # whatever fails here fails on the server too
        problem = f"cannot be loaded. Received: {type(error).__name__}: {error}".partition("\n")[0]
        return [Finding("load", "", "SavedModel", problem, "copy or export it again completely")]
    with session:
        return session_findings(version, session)


def _size(version: Path) -> int:
    """The bytes on disk of what is loaded: holes in files hold nothing, and other files raise no limit."""
    loaded = [version / "saved_model.pb", *version.glob("variables/variables.*"), *version.glob("assets/**/*")]
    return sum(512 * file.stat().st_blocks for file in loaded if file.is_file())


def _limit(size: int) -> None:
    """Lets this process take only so much memory more, and write to no file."""
    tempfile.gettempdir()  # finds it by writing a file, which libraries do when they are imported
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statistics = Path("/proc/self/statm")
    if statistics.exists():  # Linux
        used = int(statistics.read_text().split()[5]) * resource.getpagesize()  # data and stack
        limit = used + _MEMORY + _PER_BYTE * size
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _confine(version: Path) -> None:
    """Imports what `run` needs, and lets this process read nothing else but the version."""
    import tensorflow as tf

    from tfmodels.export.checks import sandbox, session_check  # noqa: F401
    from tfmodels.export.runners import caching_runner  # noqa: F401

    sandbox.enter([version, Path(tf.__file__).parent])


def _end_with(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
