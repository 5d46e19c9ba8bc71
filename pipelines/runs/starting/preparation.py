"""Preparation of a run's data, which may decide options that are left open."""

from dataclasses import replace
from types import ModuleType

from pipelines.runs import run_folders
from pipelines.runs.run_folders import Run
from pipelines.runs.starting import asset_digests, prepared_options


def prepare(task: ModuleType, run: Run) -> Run:
    """Prepares the data of a run, and keeps in its options what the data decides.

    Args:
        task: The task. Its `prepare` returns None, or the options with what the data decided of them.
        run: The run.

    Returns:
        The run, with those options.

    Example:
        `prepare(registry.find(run.task), run).config`
    """
    asset_digests.check(run.assets)
    prepared_options.check(run.assets, type(run.config), run_folders.content(run))
    decided = task.prepare(run.config, run)
    if decided is not None and decided != run.config:
        run = replace(run, config=decided)
        run_folders.write(run)
    record(run)
    return run


def record(run: Run) -> None:
    """Keeps what a run was prepared with, and the digests of what was prepared; only once.

    Args:
        run: The run, prepared.

    Example:
        `record(run)`
    """
    if not asset_digests.are_kept(run.assets):
        prepared_options.record(run.assets, run_folders.content(run))
        asset_digests.record(run.assets)


def bind(run: Run) -> None:
    """Keeps with the checkpoints of a training that begins what it was prepared with.

    Args:
        run: The run, prepared.

    Raises:
        ValueError: Its checkpoints are of a run that was prepared otherwise.

    Example:
        `bind(run)`
    """
    if run_folders.is_trained(run.path):
        asset_digests.check_bound(run.assets, run.checkpoints)
    else:
        asset_digests.bind(run.assets, run.checkpoints)
