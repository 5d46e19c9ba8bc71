"""How much memory there is, and how much of it this process has taken."""

from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
# Limit, usage and the reclaimable part of the usage; version 2, then version 1.
_LIMITS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)


def available_memory() -> int | None:
    """Bytes that can be taken without swapping, by the kernel's estimate and the limit of the container.

    Returns:
        The number; None where the system does not tell (it does on Linux).
    """
    try:
        free = 1024 * _number(Path("/proc/meminfo"), "MemAvailable:")
    except OSError:
        return None
    for limit, usage, details in _LIMITS:
        try:
            allowed = int((_CGROUPS / limit).read_text())
            used = int((_CGROUPS / usage).read_text()) - _number(_CGROUPS / details, "inactive_file")
        except (OSError, ValueError):  # no such version, or the limit is "max"
            continue
        free = min(free, max(allowed - used, 0))
    return free


def peak_memory() -> int:
    """Most bytes that this process has held at once."""
    try:
        return 1024 * _number(Path("/proc/self/status"), "VmHWM:")  # getrusage counts what was held before `exec`
    except OSError:
        import resource
        import sys

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_device_memory() -> int:
    """Most bytes that were held at once on the first GPU, which has not been tried; without one, by this process."""
    import tensorflow as tf

    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return peak_memory()


def _number(path: Path, name: str) -> int:
    """The number behind a name in a file of lines `name number`."""
    lines = (line.split() for line in path.read_text().splitlines())
    return next(int(line[1]) for line in lines if line and line[0] == name)
