"""The devices that train: one `tf.distribute.MirroredStrategy` per process."""

import contextlib
import os
from collections.abc import Generator

import tensorflow as tf

_strategy: tf.distribute.Strategy | None = None  # TensorFlow fails with a second one


def _new_strategy(replicas: int) -> tf.distribute.Strategy:
    gpus = tf.config.list_physical_devices("GPU")
    if gpus and replicas > len(gpus):
        raise ValueError(f"Expected training.replicas to be at most the {len(gpus)} GPUs here. Received: {replicas=}")
    if gpus:
        devices = [f"GPU:{index}" for index in range(replicas or len(gpus))]
        return tf.distribute.MirroredStrategy(devices)
    devices = [f"CPU:{index}" for index in range(_logical_cpus(replicas or 1))]
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.ReductionToOneDevice())


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
        replicas: Number of devices; 0 uses the strategy that the process already has, else all GPUs, else the CPU. On a
            machine without GPUs a number above 1 splits the CPU into logical devices.

    Returns:
        The strategy, the same one in each call.

    Raises:
        ValueError: There are fewer GPUs; several machines are configured; the process has a strategy with another
            number of devices; or TensorFlow already uses the CPU as fewer logical devices.

    Example:
        `with strategy(replicas=2).scope(): ...`
    """
    global _strategy
    if "TF_CONFIG" in os.environ:
        raise ValueError(
            "Expected a single machine: Keras' fit cannot train on several workers or with parameter servers. "
            "Received: the environment variable TF_CONFIG. Unset it."
        )
    if _strategy is None:
        _strategy = _new_strategy(replicas)
    there = _strategy.num_replicas_in_sync
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
