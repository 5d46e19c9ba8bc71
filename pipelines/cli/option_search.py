"""Searches for the learning rate and for the number of tokens per batch before a training.

They work for every task whose `Config` has a field `training` of type `tfmodels.training.Options` and that has the
functions `datasets` and `model`, where `datasets(config, run)["train"]` is a `tfmodels.training.TokenBatches` or
`WindowBatches`. They minimise `objective(config, run)` if the task has it, else the cross-entropy of tokens.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.progress.consoles import console
from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import registry, trainable
from tfmodels import whole_files

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from pipelines.runs import Run
    from tfmodels.training import BatchMeasurement, BatchTrial

Search = Callable[[ModuleType, Any, "Run"], None]


def chosen(options: "Namespace", task: ModuleType, config: Any, overwritten: Path | None) -> Search | None:
    """Returns the requested search.

    Args:
        options: Options of the command, including the switches of `SEARCHES`.
        task: The task.
        config: Its `Config`.
        overwritten: Folder of the run to be replaced, if any.

    Returns:
        The search; None if none is requested.

    Raises:
        ValueError: If both searches are requested, a trained run would be deleted, or the task does not support
            searches.
    """
    searches = [search for switch, search in SEARCHES.items() if options[switch.lstrip("-")]]
    if not searches:
        return None
    if len(searches) > 1:
        raise ValueError(
            "Expected one search at a time: the best learning rate depends on the batch. "
            f"Received: {' and '.join(SEARCHES)}. Begin with --find_batch."
        )
    if overwritten and runs.is_trained(overwritten):
        raise ValueError(
            f"Expected a search that keeps the trained run. Received: --overwrite, which would delete {overwritten}. "
            "Remove --overwrite, or choose another name with --run."
        )
    trainable.check(task, config)
    return searches[0]


def find_learning_rate(task: ModuleType, config: Any, run: "Run") -> None:
    """Search for a learning rate instead of training; writes find_lr.png into the run.

    The learning rate grows from 1e-6 to 1 in about 200 steps from newly initialised weights. Writes `find_lr.json` and
    `find_lr.png`.

    Args:
        task: The task.
        config: Its `Config`.
        run: A prepared run; nothing else in it is changed.
    """
    from pipelines.runs.reports import captions
    from tfmodels import plots, training
    from tfmodels.training.optimization.objective import next_token

    batches = task.datasets(config, run)["train"]
    objective = trainable.objective(task, config, run)
    found = training.find_learning_rate(partial(task.model, config, run), batches, config.training, objective)
    rates = {name: getattr(found, name) for name in ("suggestion", "minimum", "divergence")}
    option = None if found.suggestion is None else f"--training.learning_rate {found.suggestion:.1e}"
    curves = {"rates": found.rates, "losses": found.losses, "smoothed": found.smoothed}
    content = {**rates, "option": option, "command": runs.command_line(), **curves}
    _write(run.path / "find_lr.json", content)
    unit = (objective or next_token(config.training)).unit
    plots.draw_learning_rate_range(content, run.path / "find_lr.png", captions.of_run(run, "train"), unit)

    losses = dict(zip(found.rates, found.smoothed, strict=True))
    rows = [
        (name, f"{rate:.1e}", f"{losses[rate]:.3f}" if rate in losses else "not finite")
        for name, rate in rates.items()
        if rate is not None
    ]
    _print_table(("", "learning rate", "smoothed loss"), rows)
    print(f"Figure: {run.path / 'find_lr.png'}")
    if option is None:
        print("No learning rate is suggested because the loss never fell: check the data and the model.")
    else:
        _print_next(run, option)


def find_batch_tokens(task: ModuleType, config: Any, run: "Run") -> None:
    """Search for training.batch_tokens instead of training: the largest that fits in memory, and the fastest.

    The number of tokens doubles from 512 on; each is measured in a separate process. Writes `find_batch.json`.

    Args:
        task: The task; unused, since the child processes find it by the run.
        config: Its `Config`.
        run: A prepared run; nothing else in it is changed.
    """
    from rich.console import Console

    from tfmodels import training
    from tfmodels.training.search import batch_budget

    console = Console()
    trials: list[BatchTrial] = []
    print(f"{'tokens':>9} {'rows':>8} {'tokens/s':>9} {'memory':>10}  fits")

    def measure(batch_tokens: int) -> "BatchMeasurement":
        with console.status(f"{batch_tokens:,} tokens"):
            return training.run_in_child(_measure, run.path, run.task, batch_tokens)

    for trial in training.try_batch_budgets(measure):
        trials.append(trial)
        console.print(_line(trial), highlight=False, soft_wrap=True)
    largest, fastest = batch_budget.largest(trials), batch_budget.fastest(trials)
    option = f"--training.batch_tokens {fastest.batch_tokens}" if fastest else None
    content = {
        "largest": largest and largest.batch_tokens,
        "fastest": fastest and fastest.batch_tokens,
        "option": option,
        "command": runs.command_line(),
        "trials": [asdict(trial) for trial in trials],
    }
    _write(run.path / "find_batch.json", content)
    if largest is None or fastest is None or option is None:
        print(
            f"Even the smallest batch was not measured ({trials[0].reason}). If it does not fit: use a smaller model."
        )
        return
    rows = [
        (name, f"{trial.batch_tokens:,}", f"{trial.measurement.tokens_per_second:,.0f}" if trial.measurement else "")
        for name, trial in (("largest", largest), ("fastest", fastest))
    ]
    _print_table(("", "tokens", "tokens/s"), rows)
    _print_next(run, option)
    print("The best learning rate depends on the batch size: search for it next, with --find_lr.")


def _measure(path: Path, name: str, batch_tokens: int) -> "BatchMeasurement":
    """Measures a number of tokens per batch, in a child process."""
    with stderr_held_back():
        from tfmodels import training

        run = runs.load(path, name)
        task = registry.find(run.task)
        config = replace(run.config, training=replace(run.config.training, batch_tokens=batch_tokens))
        batches = task.datasets(config, run)["train"]
        objective = trainable.objective(task, config, run)
        return training.measure_batches(partial(task.model, config, run), batches, config.training, objective)


def _line(trial: "BatchTrial") -> str:
    from tfmodels.training.search.batch_budget import gib

    if trial.measurement is None:
        return f"{trial.batch_tokens:9,} {'-':>8} {'-':>9} {'-':>10}  no: {trial.reason}"
    measured = trial.measurement
    return (
        f"{trial.batch_tokens:9,} {measured.rows:8,.1f} {measured.tokens_per_second:9,.0f} "
        f"{gib(measured.peak_memory):>10}  yes{', all data in one batch' if measured.all_in_one else ''}"
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    whole_files.write(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _print_table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(column, justify="right" if column else "left")
    for row in rows:
        table.add_row(*row)
    console().print(table)


def _print_next(run: "Run", option: str) -> None:
    name = ", under another name since this run is trained," if runs.is_trained(run.path) else ""
    print(f"To train, repeat the command{name} without the search and with\n  {option}")


SEARCHES: dict[str, Search] = {"--find_lr": find_learning_rate, "--find_batch": find_batch_tokens}
