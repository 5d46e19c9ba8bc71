"""Training of runs that differ in their seed alone, one after the other, each in a process of its own."""

import json
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from pipelines.runs import data_fingerprints, report, run_creation, run_folders
from pipelines.runs.reports import several
from pipelines.runs.run_folders import Run
from tfmodels import parent_process, whole_files

_DIVERGED, _USER_ERROR = 1, 2  # exit status of `tfmodels fit`; where it diverges another seed may do better
_FORM = "whole numbers from 0 to 4294967295 with commas between them, such as 0,1,2"


class Planned(NamedTuple):
    """A run to train.

    Attributes:
        run: With the options that it has or will have.
        seed: Its seed.
        overwrite: Whether it replaces one of other options.
    """

    run: Run
    seed: int
    overwrite: bool


def numbers(text: str) -> list[int]:
    """The seeds that a command line names.

    Args:
        text: Such as `0,1,2`.

    Returns:
        The seeds.

    Raises:
        ValueError: One is no number, out of range or named twice.

    Example:
        `numbers("0,1,2")` -> `[0, 1, 2]`
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) <= 10 and int(word) < 2**32 for word in words):
        raise ValueError(f"Expected --seeds to be {_FORM}. Received: --seeds {text}")
    seeds = [int(word) for word in words]
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"Expected each seed once. Received: --seeds {text}")
    return seeds


def plan(of_all: Run, seeds: Iterable[int], overwrite: bool, data_changed: bool) -> list[Planned]:
    """Refuses what cannot be trained before anything is; changes nothing.

    Args:
        of_all: The options of the runs, with any seed; its name is what theirs begin with.
        seeds: The seeds.
        overwrite: Whether runs of these names that have other options, or data that has changed, are replaced.
        data_changed: Whether trained runs go on although their data files have changed.

    Returns:
        The runs, in the order of the seeds.

    Raises:
        ValueError: The task has no `training.seed`, or a run is of other options or data and not to be replaced.

    Example:
        `plan(Run(Path("runs/mine"), "translation", config), [0, 1], False, False)[0].run.name` -> `"mine-seed-0"`
    """
    config = of_all.config
    if not hasattr(getattr(config, "training", None), "seed"):
        raise ValueError(f"Expected a task whose Config has `training.seed`. Received: --seeds, task={of_all.task!r}")
    found = []
    for seed in seeds:
        name = f"{of_all.name}-seed-{seed}"
        wanted = of_all.task, replace(config, training=replace(config.training, seed=seed)), name
        try:
            run = run_creation.check(*wanted)
            allowed = data_changed and run_folders.is_trained(run.path)
            data_fingerprints.check_unchanged(run, allowed, data_fingerprints.can_go_on(run))
            found.append(Planned(run, seed, overwrite=False))
        except ValueError as error:
            if not overwrite:
                raise ValueError(f"{error}\nWith --seeds, --run is what the names of all runs begin with.") from None
            found.append(Planned(run_creation.check(*wanted, overwrite=True), seed, overwrite=True))
    return found


def train(planned: Sequence[Planned], command: Sequence[str], group: str) -> Path:
    """Trains the runs that are not finished, and writes the mean and the spread of their reports.

    Args:
        planned: The result of `plan`.
        command: The words after `tfmodels` that train a run, but for `--run`, `--training.seed` and `--overwrite`.
        group: What the names of the runs begin with.

    Returns:
        The file of what `several.summary` tells, in the folder of the runs.

    Raises:
        ChildProcessError: A training ended without its report.
        ValueError: It refused its options or data.

    Example:
        `train(plan(run, [0, 1], False, False), ["fit", "translation"], "mine")`
    """
    file, took, diverged = summary_file(group), [], []
    for place, one in enumerate(planned):
        print(f"Run {place + 1} of {len(planned)}: {one.run.path}", end="", flush=True)
        if not one.overwrite and _is_finished(one.run, file):
            print(", finished before", flush=True)
            continue
        print(_time_left(took, len(planned) - place), flush=True)
        start = time.monotonic()
        status = _status([*command, *_own_options(one)])
        if status == _DIVERGED:
            diverged.append(one)
            continue
        if status:
            kind = ValueError if status == _USER_ERROR else ChildProcessError
            raise kind(
                f"{one.run.path} was not trained to its end: exit status {status}, see above. The same command goes on."
            )
        took.append(time.monotonic() - start)
        _write(file, [other.run for other in planned[: place + 1] if other not in diverged])
    if finished := [one.run for one in planned if one not in diverged]:
        _write(file, finished)
    if diverged:
        raise ChildProcessError(
            f"{', '.join(str(one.run.path) for one in diverged)} diverged, see above"
            + (f"; {file} is of the others" if finished else "")
        )
    return file


def summary_file(group: str) -> Path:
    """The file that `train` writes.

    Args:
        group: What the names of the runs begin with.

    Example:
        `summary_file("mine")` -> `runs/mine-seeds.json`
    """
    return run_folders.ROOT / f"{group}-seeds.json"


def _own_options(one: Planned) -> list[str]:
    overwrite = ["--overwrite"] if one.overwrite else []
    return ["--run", one.run.name, "--training.seed", str(one.seed), *overwrite]


def _status(command: Sequence[str]) -> int:
    """The exit status of a `tfmodels` command in a process of its own, whose memory is freed when it ends.

    It is in a session of its own: an interrupt reaches this process alone, which ends that one.
    """
    return subprocess.call(parent_process.command("tfmodels", *command), start_new_session=True)


def _is_finished(run: Run, file: Path) -> bool:
    """Whether the last report of a run is of the end of its training, and of the options that it is to have."""
    try:
        recorded = {one["run"]: one["weights"] for one in whole_files.read_json(file)["runs"]}
        reported = whole_files.read_json(run.path / "report.json")["weights"]
        options = run_folders.kept(run.path)
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # it is trained, or reported, anew
        return False
    now = run.weights_digest
    return bool(now) and recorded.get(run.name) == reported == now and options == run_folders.content(run)


def _time_left(took: Sequence[float], left: int) -> str:
    if not took:
        return ""
    return f", about {timedelta(seconds=round(left * sum(took) / len(took)))} left for {left}"


def _write(file: Path, runs: Sequence[Run]) -> None:
    reports = {run.name: report.read(run.path / "report.json") for run in runs}
    found = several.summary(reports)
    for one, run in zip(found["runs"], runs, strict=True):
        one["weights"] = run.weights_digest
    whole_files.write(file, json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
