"""Which devices train: one `tf.distribute.MirroredStrategy` per process."""

import contextlib
import functools
import os

import tensorflow as tf


@functools.lru_cache(maxsize=1)
def _strategy(replicas: int) -> tf.distribute.Strategy:
    """The process's strategy. A second one with another model fails inside TensorFlow, so there is never a second."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus and replicas > len(gpus):
        raise ValueError(f"Expected training.replicas to be at most the {len(gpus)} GPUs here. Received: {replicas=}")
    if gpus:
        devices = [f"GPU:{index}" for index in range(replicas or len(gpus))]
        return tf.distribute.MirroredStrategy(devices)
    devices = [f"CPU:{index}" for index in range(_logical_cpus(replicas or 1))]
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.ReductionToOneDevice())


def _logical_cpus(count: int) -> int:
    """Splits the CPU into `count` logical devices, which is only possible before TensorFlow uses it."""
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
    """The strategy to build and compile a model under.

    Args:
        replicas: Number of devices; 0 takes every GPU, or the CPU where there is none. On a machine without GPUs
            a larger number splits the CPU into logical devices.

    Raises:
        ValueError: There are not so many GPUs; several machines were asked for; or TensorFlow runs already with
            another number of logical CPUs.
    """
    if "TF_CONFIG" in os.environ:
        raise ValueError(
            "Expected a single machine: Keras' fit cannot train on several workers or with parameter servers. "
            "Received: the environment variable TF_CONFIG. Unset it."
        )
    return _strategy(replicas)


@contextlib.contextmanager
def scope(replicas: int = 0):  # noqa: ANN201
    """`with scope(replicas):` builds what is inside under the process's strategy."""
    with strategy(replicas).scope():
        yield


def replicas(requested: int = 0) -> int:
    """How many replicas `scope(requested)` trains on."""
    return strategy(requested).num_replicas_in_sync
