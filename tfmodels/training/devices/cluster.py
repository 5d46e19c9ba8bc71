"""The machines that train one model together, and which of them this process is."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_WORKER = re.compile(r"[A-Za-z0-9_.\-\[\]:]{1,253}:\d{1,5}")
_joined: "Cluster | None" = None  # a process is in one for all of its life


@dataclass(frozen=True)
class Cluster:
    """Machines that train together. The first is the chief: it alone prepares data, writes files and reports.

    Args:
        workers: The address of each, `host:port`; each machine has the same list.
        index: Which of them this process is, from 0 on.

    Raises:
        ValueError: An address is none or named twice, or there is no such worker.

    Example:
        `Cluster(("train-0:2222", "train-1:2222"), index=1).is_chief` -> `False`
    """

    workers: tuple[str, ...]
    index: int

    def __post_init__(self) -> None:
        """Refuses what would only fail once the machines wait for each other."""
        wrong = [one for one in self.workers if not _WORKER.fullmatch(one)]
        if wrong or len(self.workers) < 2 or len({*self.workers}) < len(self.workers):
            raise ValueError(
                "Expected at least two workers, each `host:port`, once. "
                f"Received: workers={','.join(self.workers)[:200]!r}"
            )
        if not 0 <= self.index < len(self.workers):
            raise ValueError(
                f"Expected a worker from 0 to {len(self.workers) - 1}, the place of this machine among "
                f"{','.join(self.workers)[:200]}. Received: worker={self.index}"
            )

    @property
    def is_chief(self) -> bool:
        """Whether this process prepares, writes and reports."""
        return self.index == 0


def join(cluster: Cluster) -> None:
    """Makes this process one of a cluster; to be called before TensorFlow computes anything.

    Args:
        cluster: The machines.

    Raises:
        ValueError: The process is in another one.

    Example:
        `join(from_platform(os.environ))`
    """
    global _joined
    if _joined not in (None, cluster):
        raise ValueError(f"Expected a process to be in one cluster. Received: {cluster}, and before {_joined}")
    _joined = cluster


def joined() -> Cluster | None:
    """The cluster that this process is in; None if it trains alone."""
    return _joined


def is_chief() -> bool:
    """Whether this process writes and reports; one that trains alone does, too."""
    return _joined is None or _joined.is_chief


def from_platform(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that a platform tells in `TF_CONFIG`, as Kubernetes and Vertex AI can, or in the variables of Slurm.

    Args:
        environment: Variables of the process.

    Returns:
        The cluster; None if they tell of none, or of this machine alone.

    Raises:
        ValueError: It has machines that train in other ways, or is no cluster.

    Example:
        `from_platform(os.environ)`
    """
    if environment.get("TF_CONFIG", "").strip():
        return _from_tf_config(environment["TF_CONFIG"])
    if _number(environment.get("SLURM_STEP_NUM_TASKS")) > 1:
        return _from_slurm()
    return None


def refuse_unjoined() -> None:
    """Refuses to train alone on a machine that was started as one of several.

    Raises:
        ValueError: The environment tells of a cluster that the process has not joined.
    """
    if _joined is None and from_platform(os.environ) is not None:
        raise ValueError(
            "Expected a process of a cluster to join it before it trains: `tfmodels fit` does, and in Python "
            "`training.join(training.from_platform(os.environ))`. Received: TF_CONFIG or the variables of Slurm, which "
            "tell of several machines. Unset them to train on this one alone."
        )


def _from_tf_config(text: str) -> Cluster | None:
    try:
        content = json.loads(text)
        jobs = {name: [str(one) for one in machines] for name, machines in content.get("cluster", {}).items()}
        task = content.get("task", {})
        kind, index = str(task.get("type", "worker")), int(task.get("index", 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            'Expected TF_CONFIG as {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}.'
            f" Received: TF_CONFIG={text[:200]!r} ({error})"
        ) from None
    if others := sorted({*jobs, kind} - {"chief", "worker"}):
        raise ValueError(
            "Expected a cluster of workers, and a chief if wanted: all machines train alike. "
            f"Received: TF_CONFIG with {', '.join(others)}"
        )
    chiefs, workers = jobs.get("chief", []), jobs.get("worker", [])
    if len(chiefs) + len(workers) < 2:
        return None
    return Cluster((*chiefs, *workers), index + (len(chiefs) if kind == "worker" else 0))


def _from_slurm() -> Cluster:
    import tensorflow as tf

    resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(gpus_per_node=0, auto_set_gpu=False)
    jobs = resolver.cluster_spec().as_dict()
    workers = tuple(address for name in sorted(jobs) for address in jobs[name])
    return Cluster(workers, int(os.environ["SLURM_PROCID"]))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
