"""The number of CPU cores that this process may use."""

import os


def usable_cores() -> int:
    """Counts the CPU cores that this process may run on, which may be fewer than the machine has.

    Returns:
        At least 1.

    Example:
        `ThreadPoolExecutor(usable_cores())`
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
