"""What the comparison of Transformer and LSTM measures: settings, the sweeps they belong to, what one of them took."""

from collections.abc import Iterator
from typing import NamedTuple

FAMILIES = ("transformer", "lstm")
WORKS = ("training", "generation")
SWEEPS = ("length", "batch", "replicas", "threads")


class Setting(NamedTuple):
    """What is measured in a process of its own.

    Attributes:
        family: `transformer` or `lstm`.
        work: `training`, a step on a batch; `generation`, a batch of answers token by token.
        length: Tokens of a source, and of its target.
        batch: Rows of the global batch.
        replicas: Devices that share it.
        threads: Of TensorFlow's pools; 0 leaves their number to it.
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
        width: Of the states; the Transformer's feed-forward networks are four times as wide.
        layers: Of the encoder, and of the decoder.
    """

    width: int
    layers: int


class Times(NamedTuple):
    """What a setting took.

    Attributes:
        seconds: Of a step of training, or of a batch of answers.
        memory_bytes: More at its peak than before the first step.
    """

    seconds: float
    memory_bytes: int


class Ranges(NamedTuple):
    """What is varied, one at a time.

    Attributes:
        works: What is measured.
        lengths: Varied with one row.
        batches: Varied at `length`.
        replicas: Varied at `length` with `batch` rows, in training.
        threads: Varied likewise, for both works.
        length: Where others vary.
        batch: Where replicas or threads vary.
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
