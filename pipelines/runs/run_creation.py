"""Creation of runs: a new folder, an existing one with the same options, or one in place of another."""

import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from pipelines.runs import old_formats, option_differences, option_files, registry, run_folders
from pipelines.runs.run_folders import Run, has_results, is_run, locate
from pipelines.runs.starting import chosen_options, replaced_runs
from pipelines.runs.starting.prepared_options import FREE_UNTIL_TRAINED
from tfmodels.export.versions import RESERVED

_LONGEST = 200  # bytes of a name, to which files beside a run and its export add


def create(task: str, config: Any, name: str | None = None, overwrite: bool = False) -> Run:
    """Creates a run, or opens an existing one with the same options.

    Until a run has results, other options replace its own; what was prepared for those is deleted, unless only the
    learning rate or the number of tokens per batch differ. Options that do not affect training may always differ.

    Args:
        task: Name of the task, see `registry.find`.
        config: The task's `Config`.
        name: Name of the folder under `runs/`. Default: the short name of the task.
        overwrite: Whether to replace an existing run; it is kept aside until `commit` or `rollback`.

    Returns:
        The run, with its `config.yaml` written. What killed processes left beside its files is deleted.

    Raises:
        ValueError: If a run of that name has results of other options, the name is not valid for a folder, or it is
            that of the run in `start_from`.

    Example:
        `create("translation", translation.Config(), "translation-deep")`
    """
    replaced_runs.tidy(folder(task, name))
    run = check(task, config, name, overwrite)
    if is_run(run.path):
        if overwrite:
            replaced_runs.set_aside(run.path)
        elif not has_results(run.path) and _differences(run).keys() - FREE_UNTIL_TRAINED:
            replaced_runs.discard(run.assets)
    run_folders.write(run)
    return run


def folder(task: str, name: str | None = None) -> Path:
    """Returns the folder of a run, which may not exist yet.

    Args:
        task: Name of the task.
        name: Name of the folder under `runs/`. Default: the short name of the task.

    Raises:
        ValueError: If the name is not valid for a folder.

    Example:
        `folder("translation")` -> `runs/translation`
    """
    name = registry.short_name(task) if name is None else name
    _check_name(name)
    return run_folders.ROOT / name


def check(task: str, config: Any, name: str | None = None, overwrite: bool = False) -> Run:
    """Refuses what `create` would refuse, and changes nothing; takes and returns the same.

    Example:
        `check("translation", translation.Config()).path`
    """
    run = Run(folder(task, name), task, config)
    if not is_run(run.path):
        return run
    _refuse_itself_as_origin(run)
    if overwrite:
        return run
    kept = _as_decided(run)
    if has_results(run.path):
        _refuse_other_settings(kept)
        return kept
    return run if _differences(kept).keys() - FREE_UNTIL_TRAINED else kept


def _check_name(name: str) -> None:
    is_name = isinstance(name, str) and name.isprintable() and len(os.fsencode(name)) <= _LONGEST
    if not is_name or name.startswith(".") or not name or Path(name).name != name:
        raise ValueError(
            f"Expected the name of a folder under {run_folders.ROOT}/, without a leading dot, without control "
            f"characters and of at most {_LONGEST} bytes. Received: run={name!r:.80}"
        )
    if name == RESERVED:
        raise ValueError(
            f"Expected another name, since `{name}` holds the server's files among exports. Received: run={name!r}"
        )


def _as_decided(run: Run) -> Run:
    """The run with what its options leave open as its data, or its time, decided it, and what was chosen since."""
    kept = run_folders.kept(run.path)
    config = option_files.of_its_time(run.config, run.task, kept)
    if registry.is_same(kept, run.task):
        registry.trusted(kept, run.path, run.task, allow_code=False)  # says that the code has changed
        if hasattr(config, "taken_from"):
            config = config.taken_from(run_folders.load(run.path, run.task).config)
        return chosen_options.instead(replace(run, config=config))
    return replace(run, config=config)


def _refuse_other_settings(run: Run) -> None:
    differences = [f"  {name}: {old} in the run, {new} now" for name, (old, new) in _differences(run).items()]
    if differences:
        raise ValueError(
            f"Expected the options of the existing run {run.path}. Received different options:\n"
            + "\n".join(differences)
            + f"\nChoose another name, such as --run {free_name(run.name)}, or delete that run with --overwrite."
        )


def _differences(run: Run) -> dict[str, tuple[Any, Any]]:
    before, now = old_formats.config(run_folders.kept(run.path), type(run.config)), run_folders.content(run)
    digests = [options.pop(registry.DIGEST, "") for options in (before, now)]
    if digests[0] and digests[0] == digests[1]:  # the file of the task was moved
        before["task"] = run.task
    return option_differences.find(type(run.config), before, now)


def _refuse_itself_as_origin(run: Run) -> None:
    """Refuses a run that would start from itself, before its weights are deleted."""
    origin = getattr(run.config, "start_from", "") and locate(run.config.start_from)
    if origin and origin.samefile(run.path):
        raise ValueError(
            f"Expected another run to start from. Received: start_from={run.config.start_from!r}, which is {run.path} "
            f"itself. Choose another name, such as --run {free_name(run.name)}."
        )


def free_name(name: str) -> str:
    """A name that no run has.

    Args:
        name: The beginning.

    Example:
        `free_name("translation")` -> `"translation-2"`
    """
    return next(free for free in (f"{name}-{number}" for number in count(2)) if not (run_folders.ROOT / free).exists())
