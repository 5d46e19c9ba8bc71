"""The batch search: how many tokens a batch may have on this machine, and how many make it fast."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tfmodels.training.devices.memory import available_memory

FIRST = 512  # tokens
_SAFE_SHARE = 0.9  # of the available memory


@dataclass(frozen=True)
class BatchMeasurement:
    """What a token budget takes and gives, as `measure_batches` measures it.

    Attributes:
        rows: Mean number of rows of a batch.
        all_in_one: Whether a batch has all the data already: see `TokenBatches`.
        tokens_per_second: Real tokens, source and target, of typical batches.
        peak_memory: Bytes: of the process, or of a GPU where one trains.
        on_gpu: Whether it is the memory of a GPU.
    """

    rows: float
    all_in_one: bool
    tokens_per_second: float
    peak_memory: int
    on_gpu: bool = False


@dataclass(frozen=True)
class BatchTrial:
    """One token budget that was tried.

    Attributes:
        batch_tokens: The budget: `Options.batch_tokens`.
        measurement: None if it does not fit.
        reason: Why it does not fit; empty if it does.
    """

    batch_tokens: int
    measurement: BatchMeasurement | None
    reason: str = ""


def try_batch_budgets(
    measure: Callable[[int], BatchMeasurement],
    room: Callable[[], int | None] = available_memory,
    first: int = FIRST,
) -> Iterator[BatchTrial]:
    """Tries token budgets, each twice as large as the one before.

    The last is the first that does not fit, that would take more than nine tenths of the memory there is (it is not
    measured then), or that makes one batch of all the data.

    Args:
        measure: Measures a budget, raising MemoryError if it does not fit: `measure_batches` in a process of its own.
        room: Bytes of memory that are left, None if that is not known.
        first: The smallest budget.

    Yields:
        The trials, each as soon as it is known.

    Example:
        ```python
        for trial in try_batch_budgets(partial(run_in_child, measure)):
            print(trial)
        ```
    """
    measured: list[tuple[int, int]] = []  # budget, peak memory
    budget = first
    while True:
        needed, left = expected_memory(measured, budget), room()
        if left is not None and needed > _SAFE_SHARE * left:
            yield BatchTrial(budget, None, f"not tried: it would take some {gib(needed)} of the {gib(left)} left")
            return
        try:
            measurement = measure(budget)
        except MemoryError as error:
            yield BatchTrial(budget, None, str(error) or "out of memory")
            return
        yield BatchTrial(budget, measurement)
        if measurement.all_in_one:
            return
        if not measurement.on_gpu:  # whose memory is not the one that `room` tells of
            measured.append((budget, measurement.peak_memory))
        budget *= 2


def expected_memory(measured: Sequence[tuple[int, int]], budget: int) -> float:
    """Peak memory of a larger budget, in bytes.

    The line through the last two measurements goes on, but never falls; one alone is taken as a line through the
    origin, which is too much rather than too little.

    Args:
        measured: Budgets and the peak memory of each, in bytes, rising.
        budget: The larger budget.

    Example:
        `expected_memory([(512, 1_000), (1024, 1_200)], 2048)` is 1,600.
    """
    if not measured:
        return 0.0
    (before, memory_before), (last, memory) = [(0, 0), *measured][-2:]
    return memory + max(memory - memory_before, 0) * (budget - last) / (last - before)


def largest(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """The largest budget that fits; None if none does."""
    return max((trial for trial in trials if trial.measurement), key=lambda trial: trial.batch_tokens, default=None)


def fastest(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """The budget with the most real tokens per second; None if none fits."""
    fitting = (trial for trial in trials if trial.measurement)
    return max(fitting, key=lambda trial: trial.measurement.tokens_per_second, default=None)


def gib(size: float) -> str:
    """Bytes as people read them.

    Example:
        `gib(3 * 2**29)` is `"1.5 GiB"`.
    """
    return f"{size / 2**30:.1f} GiB"
