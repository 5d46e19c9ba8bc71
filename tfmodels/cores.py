"""How many processor cores there are for this process."""

import os


def usable_cores() -> int:
    """Counts the cores that this process may run on, which may be fewer than the machine has.

    Example:
        `ThreadPoolExecutor(usable_cores())`
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
