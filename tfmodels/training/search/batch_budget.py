"""Batch-size search: how many tokens per batch fit into memory, and how many are the fastest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tfmodels.training.devices.memory import available_memory

FIRST = 512  # tokens
_SAFE_SHARE = 0.9  # of the available memory


@dataclass(frozen=True)
class BatchMeasurement:
    """Memory and speed with a token budget, measured by `measure_batches`.

    Attributes:
        rows: Mean number of rows in a batch.
        all_in_one: Whether a single batch holds all the data.
        tokens_per_second: Tokens per second, without padding, in typical batches.
        peak_memory: Peak memory in bytes, of the process or, where a GPU trains, of the GPU.
        on_gpu: Whether the memory is that of a GPU.
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
        measurement: The measurement; None if there is none.
        reason: Why there is none; empty if there is one.
    """

    batch_tokens: int
    measurement: BatchMeasurement | None
    reason: str = ""


def try_batch_budgets(
    measure: Callable[[int], BatchMeasurement],
    available: Callable[[], int | None] = available_memory,
    first: int = FIRST,
) -> Iterator[BatchTrial]:
    """Tries token budgets, each twice as large as the one before.

    It stops at the first budget that does not fit, whose process crashes, that is expected to need more than 90 % of
    the available memory (such a budget is not measured), or that puts all the data into one batch.

    Args:
        measure: Measures a budget: `measure_batches` in a child process. Raises MemoryError if it does not fit,
            ChildProcessError if that is not known.
        available: Returns the available memory in bytes, None if unknown.
        first: The smallest budget.

    Yields:
        Each trial as soon as it is finished.

    Example:
        ```python
        for trial in try_batch_budgets(partial(run_in_child, measure)):
            print(trial)
        ```
    """
    measured: list[tuple[int, int]] = []  # budget, peak memory
    budget = first
    while True:
        needed, left = expected_memory(measured, budget), available()
        if left is not None and needed > _SAFE_SHARE * left:
            yield BatchTrial(budget, None, f"not tried: it would need about {gib(needed)} of the {gib(left)} available")
            return
        try:
            measurement = measure(budget)
        except (MemoryError, ChildProcessError) as error:
            yield BatchTrial(budget, None, str(error) or "out of memory")
            return
        yield BatchTrial(budget, measurement)
        if measurement.all_in_one:
            return
        if not measurement.on_gpu:  # `available` is not about the memory of a GPU
            measured.append((budget, measurement.peak_memory))
        budget *= 2


def expected_memory(measured: Sequence[tuple[int, int]], budget: int) -> float:
    """Extrapolates the peak memory of a larger budget, in bytes.

    The last two measurements are extrapolated linearly, without decrease. A single one is extrapolated in proportion to
    the budget, which overestimates.

    Args:
        measured: Budgets and their peak memory in bytes, ascending.
        budget: The larger budget.

    Returns:
        Bytes; 0 without a measurement.

    Example:
        `expected_memory([(512, 1_000), (1024, 1_200)], 2048)` is 1,600.
    """
    if not measured:
        return 0.0
    (before, memory_before), (last, memory) = [(0, 0), *measured][-2:]
    return memory + max(memory - memory_before, 0) * (budget - last) / (last - before)


def largest(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """Returns the largest budget that fits; None if none does."""
    return max((trial for trial in trials if trial.measurement), key=lambda trial: trial.batch_tokens, default=None)


def fastest(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """Returns the budget with the most tokens per second; None if none fits."""
    speeds = ((trial.measurement.tokens_per_second, trial) for trial in trials if trial.measurement)
    return max(speeds, key=lambda pair: pair[0], default=(0.0, None))[1]


def gib(size: float) -> str:
    """Formats bytes as GiB.

    Example:
        `gib(3 * 2**29)` is `"1.5 GiB"`.
    """
    return f"{size / 2**30:.1f} GiB"
