"""`tfmodels fit --dry_run`: what a training would read, decide, need and take."""

import contextlib
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines import runs
from pipelines.progress.consoles import console
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import registry, trainable
from pipelines.runs.starting import first_checks, preparation, run_lock

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from pipelines.runs import Run
    from tfmodels.training import Batches, BatchMeasurement

_PREFIX = ".dry_run."  # of folders beside the runs
_FORWARD = 3  # times as fast as a training step: an evaluation without the backward pass


class _Measured(NamedTuple):
    parameters: int
    notes: list[str]
    speed: "BatchMeasurement"


def show(task: ModuleType, name: str, config: Any, options: "Namespace") -> None:
    """Prepares the data of a run in a folder that is deleted again, and prints what the training would be.

    The data is read, checked and prepared as for the training; a teacher is asked about some rows alone. Memory and
    time are estimates from a child process that takes some steps on that data: the largest batches, then up to 40
    typical ones.

    Args:
        task: The task.
        name: Its name.
        config: Its `Config`.
        options: Options of the command.

    Raises:
        ValueError: What `fit` would refuse.
    """
    found = runs.check(name, config, options.run, options.overwrite)
    first_checks.check(task, found)
    import_tensorflow()
    with _scratch(name, found.config, options.allow_code) as run:
        run = preparation.prepare(task, run)
        config = run.config
        try:
            trainable.check(task, config)
        except ValueError:
            print("Nothing more is known of a task without `datasets` and `model`.")
            return
        batches = task.datasets(config, run)
        columns = ("split", "rows", "steps", batches["train"].unit, "values")
        rows = [(split, *map(_count, _sizes(of))) for split, of in batches.items()]
        _print_table(columns, rows)
        from tfmodels import training

        try:
            measured = training.run_in_child(_measure, run.path, run.task)
        except MemoryError as error:
            raise ValueError(
                f"Expected the largest batches to fit in memory. Received: {error}. A smaller --training.batch_tokens "
                "or a smaller network needs less."
            ) from None
        for line in _lines(config.training, batches, measured):
            print(line)
    does = "resumes" if runs.is_trained(found.path) else "makes"
    print(f"Nothing was trained or kept. The same command without --dry_run {does} the run {found.path}.")


@contextmanager
def _scratch(name: str, config: Any, allow_code: bool) -> "Generator[Run]":
    """A run that is deleted at the end, in a folder beside the runs, whose data cache it shares."""
    root_is_new = not runs.ROOT.exists()
    for left in runs.ROOT.glob(f"{_PREFIX}*"):  # by killed processes
        with contextlib.suppress(ValueError), run_lock.held(left):
            shutil.rmtree(left, ignore_errors=True)
    path = runs.ROOT / f"{_PREFIX}{os.getpid()}"
    with run_lock.held(path):
        try:
            run = runs.Run(path, name, config, allow_code=allow_code, rehearsal=True)
            runs.write(run)
            yield run
        finally:
            shutil.rmtree(runs.ROOT if root_is_new else path)


def _sizes(batches: "Batches") -> tuple[int, ...]:
    return batches.rows_per_epoch, batches.steps_per_epoch, batches.units_per_epoch, batches.values


def _measure(path: Path, name: str) -> _Measured:
    """Takes some steps with a new network, in a child process."""
    with stderr_held_back():
        import keras

        from pipelines.runs.starting import proportions
        from tfmodels import training

        run = runs.load(path, name)
        task, made = registry.find(run.task), []

        def make() -> keras.Model:
            made.append(task.model(run.config, run))
            return made[-1]

        batches = task.datasets(run.config, run)["train"]
        objective = trainable.objective(task, run.config, run)
        speed = training.measure_batches(make, batches, run.config.training, objective)
        return _Measured(made[-1].count_params(), proportions.notes(made[-1], batches), speed)


def _lines(options: Any, batches: "dict[str, Batches]", measured: _Measured) -> Sequence[str]:
    """What the training is, with estimates from what was measured."""
    from tfmodels import training
    from tfmodels.training.search.batch_budget import gib

    train = batches["train"]
    interval, evaluations = training.plan(options, train)
    steps, speed = interval * evaluations, measured.speed
    tokens = train.tokens_per_epoch / train.steps_per_epoch
    evaluated = min(batches["validation"].tokens_per_epoch, train.tokens_per_epoch) if "validation" in batches else 0
    seconds = (steps * tokens + evaluations * 2 * evaluated / _FORWARD) / speed.tokens_per_second
    device = "of the GPU" if speed.on_gpu else "of the process"
    return [
        *(f"note: {note}" for note in measured.notes),
        f"network: {measured.parameters:,} parameters",
        f"training: {steps:,} steps, {steps / train.steps_per_epoch:,.1f} epochs of {train.steps_per_epoch:,}; an "
        f"evaluation every {interval:,} steps, {evaluations:,} in all",
        f"memory, an estimate: {gib(speed.peak_memory)}, the peak {device} in some steps with the largest batches",
        f"time of the steps and evaluations: about {timedelta(seconds=round(seconds))}, at "
        f"{speed.tokens_per_second / tokens:,.1f} steps a second as measured now; starting, the baselines and the "
        "report come on top, and are most of the time of a small training",
    ]


def _count(number: int) -> str:
    return f"{number:,}"


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(column, justify="left" if column == "split" else "right")
    for row in rows:
        table.add_row(*row)
    console().print(table)
