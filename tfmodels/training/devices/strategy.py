"""The devices that train: one strategy per process, for the devices of one machine or of several."""

import contextlib
from collections.abc import Generator
from typing import Any

import tensorflow as tf

from tfmodels.training.devices import cluster
from tfmodels.training.devices.cluster import Cluster

_strategy: tf.distribute.Strategy | None = None  # TensorFlow fails with a second one


def _new_strategy(replicas: int) -> tf.distribute.Strategy:
    together = cluster.joined()
    if together is not None:
        return _of_cluster(together, replicas)
    gpus = tf.config.list_physical_devices("GPU")
    if gpus and replicas > len(gpus):
        raise ValueError(f"Expected training.replicas to be at most the {len(gpus)} GPUs here. Received: {replicas=}")
    if gpus:
        devices = [f"GPU:{index}" for index in range(replicas or len(gpus))]
        return tf.distribute.MirroredStrategy(devices)
    devices = [f"CPU:{index}" for index in range(_logical_cpus(replicas or 1))]
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.ReductionToOneDevice())


def _of_cluster(together: Cluster, replicas: int) -> tf.distribute.Strategy:
    here = len(tf.config.list_physical_devices("GPU")) or 1
    if replicas not in (0, here):
        raise ValueError(
            f"Expected training.replicas to be 0 or {here}, what this machine has: with several machines each trains "
            f"on all its GPUs, or on its CPU. Received: {replicas=}"
        )
    machines = tf.train.ClusterSpec({"worker": list(together.workers)})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        machines, task_type="worker", task_id=together.index, rpc_layer="grpc"
    )
    return tf.distribute.MultiWorkerMirroredStrategy(resolver)


def _logical_cpus(count: int) -> int:
    """Splits the CPU into `count` logical devices, which is possible only before TensorFlow uses it."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    if count > len(tf.config.get_logical_device_configuration(cpu) or [None]):
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
        except RuntimeError as error:
            raise ValueError(
                "Expected training.replicas to be set before TensorFlow uses the CPU. "
                f"Received: replicas={count}; start a new process."
            ) from error
    return count


def strategy(replicas: int = 0) -> tf.distribute.Strategy:
    """Returns the strategy to build and compile a model under.

    Args:
        replicas: Number of devices of this machine; 0 uses the strategy that the process already has, else all GPUs,
            else the CPU. Without GPUs a number above 1 splits the CPU into logical devices.

    Returns:
        The strategy, the same one in each call.

    Raises:
        ValueError: There are fewer GPUs; the process has a strategy with another number of devices; or TensorFlow
            already uses the CPU as fewer logical devices.

    Example:
        `with strategy(replicas=2).scope(): ...`
    """
    global _strategy
    if _strategy is None:
        _strategy = _new_strategy(replicas)
    together = cluster.joined()
    there = _strategy.num_replicas_in_sync // (1 if together is None else len(together.workers))
    if replicas not in (0, there):
        raise ValueError(
            f"Expected training.replicas to be {there} or 0, as before: a process has only one strategy. "
            f"Received: replicas={replicas}; start a new process."
        )
    return _strategy


@contextlib.contextmanager
def scope(replicas: int = 0) -> Generator[None]:
    """Context in which layers and optimizers are made under the process's strategy: `with scope(replicas): ...`."""
    with strategy(replicas).scope():
        yield


def replicas(requested: int = 0) -> int:
    """Returns the number of replicas that `scope(requested)` trains on."""
    return strategy(requested).num_replicas_in_sync


def barrier(number: float = 0.0) -> float:
    """Waits until all machines are here; returns at once if there is only this one.

    Args:
        number: Of this machine.

    Returns:
        The sum of the numbers of all machines, as float32 has it.

    Raises:
        tf.errors.OpError: A machine was lost.

    Example:
        `barrier()`
    """
    together = cluster.joined()
    if together is None:
        return number
    everywhere = strategy()
    here = everywhere.num_replicas_in_sync // len(together.workers)

    def meet() -> tf.Tensor:
        context: Any = tf.distribute.get_replica_context()
        counts = tf.cast(tf.equal(context.replica_id_in_sync_group % here, 0), tf.float32)  # one replica a machine
        return context.all_reduce(tf.distribute.ReduceOp.SUM, counts * number)

    sums = tf.function(lambda: everywhere.run(meet), autograph=False)()
    return float(everywhere.experimental_local_results(sums)[0])
