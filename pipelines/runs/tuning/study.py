"""A study: trials one after the other, or several at once, by this process and by others that share its storage."""

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.runs import run_folders
from pipelines.runs.starting import run_lock
from pipelines.runs.tuning import search_space, trial_run
from pipelines.runs.tuning.search_space import Dimension
from pipelines.runs.tuning.trial_run import Outcome

if TYPE_CHECKING:
    import optuna

_RUN, _OPTIONS, _FAILURE = "run", "options", "failure"  # attributes of a trial
_MOST_FAILED = 5  # trials of a study, if it has no more; failed ones are made up for
_SEARCH = "search"  # attribute of the study
_INSTALL = "Expected the package optuna: pip install 'tfmodels[tune]'. Received: none"


class Plan(NamedTuple):
    """What is searched, and how.

    Attributes:
        name: Of the study; the runs are NAME-trial-0 and so on.
        task: Name of the task.
        config_type: Its `Config`.
        dimensions: What varies.
        command: The words after `tfmodels` of a training, but for `--run` and what varies.
        trials: How many are to be finished, pruned ones included.
        prune: Whether trials that are worse than the median at an evaluation are ended.
    """

    name: str
    task: str
    config_type: type
    dimensions: Sequence[Dimension]
    command: Sequence[str]
    trials: int
    prune: bool


def open_study(plan: Plan, storage: str) -> "optuna.Study":
    """Opens a study, or begins it.

    Args:
        plan: The plan.
        storage: File of a journal, or the URL of a database; processes with the same one share the study.

    Returns:
        The study.

    Raises:
        ValueError: Optuna is not installed, or the study searches something else.

    Example:
        `open_study(plan, "runs/mine.journal").trials`
    """
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise ValueError(_INSTALL) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    kept: Any = storage
    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
        kept = optuna.storages.JournalStorage(JournalFileBackend(storage))
    found = optuna.create_study(
        storage=kept,
        study_name=plan.name,
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5) if plan.prune else optuna.pruners.NopPruner(),
    )
    wanted = [list(one) for one in map(_described, plan.dimensions)]
    searched = found.user_attrs.get(_SEARCH)
    if searched is None:
        found.set_user_attr(_SEARCH, wanted)
    elif searched != wanted:
        raise ValueError(
            f"Expected the search of the study {plan.name} in {storage}: {'; '.join(map(' '.join, searched))}. "
            f"Received: {'; '.join(map(' '.join, wanted))}. Choose another --run NAME."
        )
    return found


def run(study: "optuna.Study", plan: Plan, jobs: int, said: Callable[[str], None]) -> None:
    """Trains until the study has as many finished trials as planned; trials whose process died go on first.

    Args:
        study: The study.
        plan: The plan.
        jobs: How many trials at once.
        said: Takes a line for each trial that begins or ends.

    Raises:
        ValueError: A training refused its options or its data.
        ChildProcessError: As many trials failed as are planned, five at least.

    Example:
        `run(study, plan, 1, print)`
    """
    beginning, stopped = threading.Lock(), threading.Event()

    def work() -> None:
        while not stopped.is_set():
            with ExitStack() as held:
                with beginning:
                    begun = _resumed(study, held) or _begun(study, plan, held)
                if begun is None:
                    return
                try:
                    _trained(study, plan, *begun, said)
                except BaseException:
                    stopped.set()
                    raise

    with ThreadPoolExecutor(jobs) as pool:
        for job in [pool.submit(work) for _ in range(jobs)]:
            job.result()


def finished(study: "optuna.Study") -> "list[optuna.trial.FrozenTrial]":
    """The trials that were trained to their end, the best first.

    Example:
        `finished(study)[0].user_attrs["run"]`
    """
    found = [trial for trial in study.trials if trial.state.name == "COMPLETE" and trial.value is not None]
    return sorted(found, key=lambda trial: trial.value or 0.0)


def path_of(name: str) -> Path:
    """The folder of the run of a trial."""
    return run_folders.ROOT / name


def _described(one: Dimension) -> tuple[str, str]:
    values = "|".join(one.choices) or f"{'..'.join(one.ends)}{':log' if one.log else ''}"
    return one.name, values


def _resumed(study: "optuna.Study", held: ExitStack) -> "tuple[optuna.trial.FrozenTrial, None] | None":
    """A trial that has begun and that no process trains, now held by this one."""
    for number in [trial.number for trial in study.get_trials(deepcopy=False) if _has_begun(trial)]:
        with ExitStack() as own:
            if _is_held(study.trials[number].user_attrs[_RUN], own) and _has_begun(study.trials[number]):
                held.push(own.pop_all())  # it has not ended between the list and the lock
                return study.trials[number], None
    return None


def _has_begun(trial: "optuna.trial.FrozenTrial") -> bool:
    return trial.state.name == "RUNNING" and _RUN in trial.user_attrs


def _begun(
    study: "optuna.Study", plan: Plan, held: ExitStack
) -> "tuple[optuna.trial.FrozenTrial, optuna.Trial] | None":
    """A new trial, held by this process; None if there are enough."""
    failed = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "FAIL"]
    if len(failed) >= max(plan.trials, _MOST_FAILED):
        raise ChildProcessError(f"{len(failed)} trials failed, see {run_folders.ROOT}/{plan.name}-trial-*.log")
    if len(study.trials) - len(failed) >= plan.trials:
        return None
    trial = study.ask()
    name = f"{plan.name}-trial-{trial.number}"
    _is_held(name, held)
    trial.set_user_attr(_OPTIONS, search_space.suggest(trial, plan.dimensions, plan.config_type))
    trial.set_user_attr(_RUN, name)
    return study.trials[trial.number], trial


def _is_held(name: str, held: ExitStack) -> bool:
    """Whether this process now holds a trial; the system releases it however the process ends."""
    try:
        held.enter_context(run_lock.held(path_of(f"{name}.trial")))
    except ValueError:
        return False
    return True


def _trained(
    study: "optuna.Study",
    plan: Plan,
    trial: "optuna.trial.FrozenTrial",
    live: "optuna.Trial | None",
    said: Callable[[str], None],
) -> None:
    name, options = trial.user_attrs[_RUN], trial.user_attrs[_OPTIONS]
    said(f"{name}{'' if live else ', begun before'}: {' '.join(search_space.typed(options))}")

    def evaluated(step: int, loss: float) -> bool:
        if live is None:  # another process reported the evaluations before; this one only ends the trial
            return False
        live.report(loss, step)
        return live.should_prune()

    command = [*plan.command, "--run", name, *search_space.typed(options)]
    outcome = trial_run.train(path_of(name), command, evaluated)
    said(f"{name}: {_ended(study, trial.number, outcome)}")
    if outcome.pruned or outcome.failure:
        shutil.rmtree(path_of(name) / "checkpoints", ignore_errors=True)  # nobody exports it


def _ended(study: "optuna.Study", number: int, outcome: Outcome) -> str:
    """Tells the study how a trial ended, and says it."""
    import optuna

    state = optuna.trial.TrialState
    if outcome.failure or outcome.loss is None:
        study.tell(number, state=state.FAIL)
        return outcome.failure or "it has no finite validation loss"
    if outcome.pruned:
        study.tell(number, state=state.PRUNED)
        return f"ended early, validation loss {outcome.loss:.4f}"
    study.tell(number, outcome.loss)
    return f"validation loss {outcome.loss:.4f}"
