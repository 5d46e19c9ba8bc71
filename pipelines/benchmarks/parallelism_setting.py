"""Settings, sweeps and measurements of the comparison of Transformer and LSTM."""

from collections.abc import Iterator
from typing import NamedTuple

FAMILIES = ("transformer", "lstm")
WORKS = ("training", "generation")
SWEEPS = ("length", "batch", "replicas", "threads")


class Setting(NamedTuple):
    """One measurement, which has a process of its own.

    Attributes:
        family: `transformer` or `lstm`.
        work: `training`, a step on a batch; `generation`, a batch of answers token by token.
        length: Tokens of a source, and of its target.
        batch: Rows of the global batch.
        replicas: Devices that share it.
        threads: Threads of TensorFlow's pools; 0 leaves their number to TensorFlow.
    """

    family: str
    work: str
    length: int
    batch: int
    replicas: int
    threads: int


class Shape(NamedTuple):
    """The size of both networks.

    Attributes:
        width: Width of the states; the Transformer's feed-forward networks are four times as wide.
        layers: Layers of the encoder, and of the decoder.
    """

    width: int
    layers: int


class Times(NamedTuple):
    """Time and memory of a setting.

    Attributes:
        seconds: Time of a training step, or of a batch of answers.
        memory_bytes: Peak memory, minus that before the first step.
    """

    seconds: float
    memory_bytes: int


class Ranges(NamedTuple):
    """The values of what is varied, one at a time.

    Attributes:
        works: What is measured.
        lengths: Lengths, with a batch of one row.
        batches: Batches, at `length`.
        replicas: Numbers of replicas, at `length` with `batch` rows, in training only.
        threads: Numbers of threads, at `length` with `batch` rows.
        length: The length while others vary.
        batch: The batch while replicas or threads vary.
    """

    works: tuple[str, ...]
    lengths: list[int]
    batches: list[int]
    replicas: list[int]
    threads: list[int]
    length: int
    batch: int

    def settings(self) -> Iterator[tuple[str, Setting]]:
        """Each sweep's settings, the two families one after the other.

        Yields:
            What is varied, and the setting.
        """
        for work in self.works:
            varied = {
                "length": [(length, 1, 1, 0) for length in self.lengths],
                "batch": [(self.length, batch, 1, 0) for batch in self.batches],
                "replicas": [(self.length, self.batch, count, 0) for count in self.replicas if work == "training"],
                "threads": [(self.length, self.batch, 1, count) for count in self.threads],
            }
            for sweep in SWEEPS:
                for numbers in varied[sweep]:
                    yield from ((sweep, Setting(family, work, *numbers)) for family in FAMILIES)
