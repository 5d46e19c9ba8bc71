"""The options of `tfmodels fit` that name several machines."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli import option_search
from pipelines.runs import option_names, registry
from pipelines.runs.command_lines import standing_for
from pipelines.runs.machines import job_files, local_workers
from pipelines.runs.machines.local_workers import HOST as _HERE
from tfmodels.training.devices import cluster
from tfmodels.training.devices.cluster import Cluster

if TYPE_CHECKING:
    from jsonargparse import Namespace

_MOST = 64  # processes on one machine
_ALONE = ("seeds", "dry_run", *(switch.lstrip("-") for switch in option_search.SEARCHES))


def join(options: "Namespace", arguments: list[str]) -> int:
    """Makes this process a worker where the options or the platform tell of several machines.

    Args:
        options: Those of the command, with `workers` and `worker`.
        arguments: The command line.

    Returns:
        How many processes on this machine are to train in place of this one; 0 if it trains itself.

    Raises:
        ValueError: They are wrong, or given with what one machine does alone.

    Example:
        `join(options, ["--workers", "train-0:2222,train-1:2222", "--worker", "1"])`
    """
    workers, given = options.workers, option_names.typed(arguments)
    if workers is None and options.worker is not None:
        raise ValueError(f"Expected --worker with --workers. Received: --worker {options.worker}")
    is_number = bool(workers) and workers.isascii() and workers.isdigit()
    count = int(workers) if is_number else 0
    if workers is None:
        together = cluster.from_platform(os.environ)
    elif is_number:
        if not 1 <= count <= _MOST or options.worker is not None:
            raise ValueError(
                f"Expected from 2 to {_MOST} processes on this machine, or addresses with --worker. "
                f"Received: --workers {workers}" + ("" if options.worker is None else f" --worker {options.worker}")
            )
        together = None
    else:
        if options.worker is None:
            raise ValueError(
                "Expected --worker, the place of this machine among --workers, from 0 on. Received: none. "
                "(A number of --workers are processes on this machine.)"
            )
        together = Cluster(tuple(one.strip() for one in workers.split(",")), options.worker)
    if clashing := [name for name in _ALONE if name in given] if together or count > 1 else []:
        raise ValueError(f"Expected --{clashing[0]} on one machine. Received: --{clashing[0]} and several workers")
    if together is not None:
        cluster.join(together)
    return count if count > 1 else 0


def write_job(options: "Namespace", name: str, arguments: list[str]) -> None:
    """Writes the files that start a training on several machines, and prints their names.

    Args:
        options: Those of the command, with `workers`, `run` and `write_job`.
        name: The task, as it was named.
        arguments: The options of `tfmodels fit`.

    Raises:
        ValueError: The number of machines is not given.

    Example:
        `write_job(options, "translation", ["--workers", "4", "--write_job", "job"])`
    """
    count = int(options.workers) if options.workers and options.workers.isdecimal() else 0
    own = ["fit", name, *option_names.without(arguments, ("workers", "worker", "write_job"))]
    for path in job_files.write(Path(options.write_job), options.run or registry.short_name(name), count, own):
        print(path)


def as_typed(options: "Namespace", name: str, arguments: list[str]) -> AbstractContextManager[None]:
    """Context in which reports name the command that started several processes of one machine.

    Args:
        options: Those of the command.
        name: The task, as it was named.
        arguments: The options of `tfmodels fit`.

    Example:
        `with as_typed(options, "translation", arguments): ...`
    """
    together = cluster.joined()
    if together is None or options.workers is None or not all(one.startswith(_HERE) for one in together.workers):
        return nullcontext()
    own = option_names.without(arguments, ("workers", "worker"))
    return standing_for(["tfmodels", "fit", name, *own, "--workers", str(len(together.workers))])


def train_here(count: int, name: str, arguments: list[str]) -> int:
    """Trains in several processes of this machine.

    Args:
        count: How many.
        name: The task, as it was named.
        arguments: The options of `tfmodels fit`.

    Returns:
        The exit status.

    Example:
        `train_here(2, "translation", ["--workers", "2"])`
    """
    return local_workers.run(count, ["fit", name, *option_names.without(arguments, ("workers",))])
