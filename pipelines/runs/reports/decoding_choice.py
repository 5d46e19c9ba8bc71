"""The choice of options of decoding: kept in the runs, and as a table."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

from pipelines.progress.consoles import console
from pipelines.runs import registry, run_folders
from pipelines.runs.reports import terminal
from pipelines.runs.run_folders import Run
from pipelines.runs.starting import chosen_options, run_lock
from tfmodels import whole_files

_SHOWN = ("beam_size", "length_penalty", "no_repeat_phrase")


def choose(models: Sequence[Run]) -> list[Run]:
    """Chooses options of decoding on the validation split, keeps them in the runs and prints what was tried.

    A report of other options than the chosen ones is deleted before these are written.

    Args:
        models: Trained runs of one task.

    Returns:
        The runs, with the chosen options.

    Raises:
        ValueError: The task chooses none, one of them is an export, or a process trains one of them.

    Example:
        `choose([runs.load("multi30k")])[0].config.decoding.length_penalty`
    """
    task = registry.find(models[0].task)
    if served := [run.served.name for run in models if run.served]:
        raise ValueError(
            f"Expected runs with --choose_decoding: the options of an export are fixed. Received: {served[0]}"
        )
    if not hasattr(task, "choose_decoding"):
        raise ValueError(
            f"Expected a task with a function `choose_decoding`, such as translation. Received: {models[0].task}"
        )
    with ExitStack() as locks:
        for run in models:
            locks.enter_context(run_lock.held(run.path))
        # Those of before: where it was killed between two runs, one of them has its choice and the other not.
        choice = task.choose_decoding([chosen_options.original(run) for run in models])
        chosen = [replace(run, config=replace(run.config, decoding=choice.options)) for run in models]
        _show(choice, models)
        for before, after in zip(models, chosen, strict=True):
            _keep(before, after)
    return chosen


def _keep(before: Run, after: Run) -> None:
    chosen_options.keep(before, after)
    if before.config.decoding == after.config.decoding:
        return
    whole_files.remove(before.path / "report.json")
    run_folders.write(after)
    if (tested := before.path / "report.test.json").is_file():
        print(f"note: {tested} is of the options before")


def _show(choice: Any, models: Sequence[Run]) -> None:
    metrics = list(choice.trials[0].metrics)
    rows = [
        [
            ", ".join(f"{asdict(one.options)[name]:g}" for name in _SHOWN),
            *one.metrics.values(),
            one.seconds,
            _mark(one, choice, models),
        ]
        for one in choice.trials
    ]
    of = f", means of {len(models)} runs" if len(models) > 1 else ""
    # One column: a wide table is shown in parts, each with the first.
    columns = [", ".join(_SHOWN), *metrics, "seconds", ""]
    terminal.show_table(console(), f"options of decoding on the validation split{of}", columns, rows)
    if choice.is_tie:
        print("chosen: nothing, all score the same; the options of the run are kept")
        return
    print(
        f"chosen: of those within 0.1 of the best {metrics[0]}, the fewest repeated phrases, then the smallest beam, "
        "then the best"
    )


def _mark(trial: Any, choice: Any, models: Sequence[Run]) -> str:
    words = ["before"] if trial.options == models[0].config.decoding else []
    return ", ".join([*words, *(["chosen"] if trial.options == choice.options else [])])
