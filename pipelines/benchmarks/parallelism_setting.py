"""Settings, sweeps and measurements of `tfmodels benchmark parallelism`."""

from collections.abc import Iterator
from typing import NamedTuple

FAMILIES = ("transformer", "lstm")
WORKLOADS = ("training", "generation")
SWEEPS = ("length", "batch", "replicas", "threads")


class Setting(NamedTuple):
    """One measurement, which runs in a separate process.

    Attributes:
        family: `transformer` or `lstm`.
        workload: `training`, a training step on a batch; `generation`, decoding of a batch token by token.
        length: Tokens of each source and of each target.
        batch: Global batch size.
        replicas: Number of replicas that share the batch.
        threads: Threads of TensorFlow's thread pools; 0 for TensorFlow's default.
    """

    family: str
    workload: str
    length: int
    batch: int
    replicas: int
    threads: int


class Shape(NamedTuple):
    """The size of both networks.

    Attributes:
        width: Width of the states; the feed-forward networks of the Transformer are four times as wide.
        layers: Number of layers of the encoder, and of the decoder.
    """

    width: int
    layers: int


class Times(NamedTuple):
    """Time and memory of a setting.

    Attributes:
        seconds: Time of a training step, or of decoding a batch.
        memory_bytes: Peak memory beyond that before the first step.
    """

    seconds: float
    memory_bytes: int


class Ranges(NamedTuple):
    """The values of each sweep; a sweep varies one quantity.

    Attributes:
        workloads: Workloads to measure.
        lengths: Sequence lengths, with a batch of one row.
        batches: Batch sizes, at `length`.
        replicas: Numbers of replicas, at `length` and `batch`, in training only.
        threads: Numbers of threads, at `length` and `batch`.
        length: Sequence length of the other sweeps.
        batch: Batch size of the sweeps over replicas and threads.
    """

    workloads: tuple[str, ...]
    lengths: list[int]
    batches: list[int]
    replicas: list[int]
    threads: list[int]
    length: int
    batch: int

    def settings(self) -> Iterator[tuple[str, Setting]]:
        """Yields the settings of each sweep, both families for each value.

        Yields:
            Name of the sweep, and the setting.
        """
        for workload in self.workloads:
            varied = {
                "length": [(length, 1, 1, 0) for length in self.lengths],
                "batch": [(self.length, batch, 1, 0) for batch in self.batches],
                "replicas": [(self.length, self.batch, count, 0) for count in self.replicas if workload == "training"],
                "threads": [(self.length, self.batch, 1, count) for count in self.threads],
            }
            for sweep in SWEEPS:
                for numbers in varied[sweep]:
                    yield from ((sweep, Setting(family, workload, *numbers)) for family in FAMILIES)
