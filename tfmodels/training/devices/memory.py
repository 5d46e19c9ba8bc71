"""Available memory, and peak memory of this process."""

from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
# Limit, usage and the reclaimable part of the usage; version 2, then version 1.
_LIMITS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)


def available_memory() -> int | None:
    """Returns how many bytes can be allocated without swapping, within the limit of the container.

    Returns:
        Bytes by the kernel's estimate; None where it is unknown (everywhere but on Linux).

    Example:
        `available_memory() / 2**30` is in GiB
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


def kills_for_memory() -> int | None:
    """Returns how many processes the kernel has killed since it started because memory ran out; None if unknown."""
    try:
        return _number(Path("/proc/vmstat"), "oom_kill")
    except (OSError, StopIteration):  # not Linux, or before 4.13
        return None


def peak_memory() -> int:
    """Returns the peak memory of this process in bytes."""
    try:
        return 1024 * _number(Path("/proc/self/status"), "VmHWM:")  # getrusage includes memory from before `exec`
    except OSError:
        import resource
        import sys

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_device_memory() -> int:
    """Returns the peak memory of the first GPU in bytes (not tested on one); without a GPU, that of this process."""
    import tensorflow as tf

    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return peak_memory()


def _number(path: Path, name: str) -> int:
    """The number after a name in a file with lines `name number`."""
    lines = (line.split() for line in path.read_text().splitlines())
    return next(int(line[1]) for line in lines if line and line[0] == name)
