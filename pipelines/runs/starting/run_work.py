"""Work on a run: create or open it, prepare its data, train it; with wrong options or data it is rolled back."""

import contextlib
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from types import ModuleType
from typing import Any

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import data_fingerprints, registry
from pipelines.runs.starting import first_checks, preparation, run_lock
from pipelines.runs.starting.user_errors import USER_ERRORS
from tfmodels.training.devices import cluster


def do(
    task: str,
    config: Any,
    name: str | None = None,
    overwrite: bool = False,
    data_changed: bool = False,
    allow_code: bool = False,
    work: "Callable[[Any, Any, runs.Run], None] | None" = None,
) -> "runs.Run":
    """Prepares a run and trains it, or resumes its training, while no other process does.

    Args:
        task: Full name of the task, see `registry.full_name`.
        config: The task's `Config`.
        name: Name of the folder under `runs/`. Default: the short name of the task.
        overwrite: Whether to replace an existing run.
        data_changed: Whether to go on although data files have changed since the run was prepared.
        allow_code: Whether the code of the task that the run in `start_from` names may run.
        work: Takes task, config and run in place of the task's `fit`.

    Returns:
        The run, trained, with what its data decided of the options.

    Raises:
        ValueError: See `runs.create`; data files have changed, or the data is wrong.

    Example:
        `do("translation", Config(), "deep").path`
    """
    module = registry.find(task)
    if not cluster.is_chief():
        return _follow(module, task, config, name, allow_code)
    with run_lock.held(runs.folder(task, name)):
        run = replace(runs.create(task, config, name, overwrite), allow_code=allow_code)
        remedy = data_fingerprints.can_go_on(run)
        data_fingerprints.check_unchanged(run, data_changed and runs.is_trained(run.path), remedy)
        for note in data_fingerprints.notes(run):
            print(f"warning: {note}", file=sys.stderr)
        try:
            first_checks.check(module, run)
            import_tensorflow()
            with _together(config):
                run = preparation.prepare(module, run)
                runs.commit(run)
                _announce(run)
                work(module, run.config, run) if work else module.fit(run.config, run)
        except USER_ERRORS:
            runs.rollback(run)
            raise
        return run


@contextlib.contextmanager
def _together(config: Any) -> Generator[None]:
    """Context of the work on a run, for which other machines may be waited for."""
    if cluster.joined() is None:
        yield
        return
    from pipelines.runs.machines import meeting

    with meeting.losses_named():
        meeting.arrive(config.training.replicas)
        yield


def _announce(run: "runs.Run") -> None:
    if cluster.joined() is not None:
        from pipelines.runs.machines import meeting

        meeting.announce(run)


def _follow(module: ModuleType, task: str, config: Any, name: str | None, allow_code: bool) -> "runs.Run":
    """Trains, on a machine that is not the chief, the run that the chief prepares."""
    import_tensorflow()
    from pipelines.runs.machines import meeting

    with _together(config):
        run = meeting.opened(runs.folder(task, name), task, allow_code)
        with meeting.silent(), contextlib.suppress(meeting.TrainedTogetherError):
            module.fit(run.config, run)
    return run
