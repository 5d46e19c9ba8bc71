"""Running the endpoints of a SavedModel in a child process, which may crash, hang or run out of memory."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

from tfmodels.export.checks.finding import Finding

_CHILD = "tfmodels.export.checks.run_child"
_MOST_SECONDS = 600.0
# All that the child inherits of the environment, which may hold secrets: where programs and packages lie, and how many
# threads compute how. Names that begin with TF_ are of other programs, too.
_INHERITED = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUSERBASE"),
    *("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"),
)


def isolated_findings(version: Path, seconds: float = _MOST_SECONDS) -> list[Finding]:
    """Runs the endpoints of a SavedModel in a child process; see `session_findings`.

    The child has limits of memory and time, can write no byte to a file, sees no GPU and nothing of the environment but
    what it needs, and ends with this process. It is confined where the system can do so; see `sandbox`.

    Args:
        version: The version folder, without errors in its files.
        seconds: Time limit.

    Returns:
        The findings; an early end of the child is one of them.

    Example:
        `isolated_findings(Path("saved_models/translation/1"))`
    """
    try:
        answer, status = _run_child(version, seconds)
    except TimeoutError:
        return [_ended(f"did not end within {seconds:g} seconds")]
    if status < 0:
        return [_ended(f"ended their process by {signal.Signals(-status).name}")]
    if status:
        return [_ended(f"ended their process with status {status}")]
    return [Finding(*texts) for texts in json.loads(answer)]


def _run_child(version: Path, seconds: float) -> tuple[bytes, int]:
    """What the child writes to its pipe, and its exit status; raises `TimeoutError` if it does not end in time."""
    result, give_result = os.pipe()
    alive, keep_alive = os.pipe()  # its end tells the child that this process has ended
    # Not what lies in the working directory: -P, and no relative part of PYTHONPATH; an empty one means it, too.
    command = [sys.executable, "-P", "-m", _CHILD, str(version.resolve()), str(give_result), str(alive)]
    package = str(Path(__file__).parents[3])  # this very package, installed or not
    paths = os.pathsep.join([package, *filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(give_result, alive),
                env={**inherited, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            )
        finally:
            os.close(give_result)
        try:
            return _read(result, seconds), child.wait()
        finally:  # also on an interrupt; a child that has ended is not harmed
            child.kill()
            child.wait()
    finally:
        for descriptor in (result, alive, keep_alive):
            os.close(descriptor)


def _ended(how: str) -> Finding:
    return Finding("run", "", "endpoints", how, "find the request that does it, with the warm-up requests first")


def _read(descriptor: int, seconds: float) -> bytes:
    """Reads to the end; raises `TimeoutError` if it does not come in time."""
    deadline = time.monotonic() + seconds
    parts = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            if not (part := os.read(descriptor, 2**16)):
                return b"".join(parts)
            parts.append(part)
    raise TimeoutError
