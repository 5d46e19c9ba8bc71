"""Initialisation of a network with the weights of another run (warm start), for inputs of any kind."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.runs import registry, run_folders
from pipelines.runs.run_folders import Run

if TYPE_CHECKING:
    import keras

    from tfmodels.training.copy_weights_by_name import Copied


def origin(config: Any, run: Run) -> Run:
    """Opens the run that another starts from.

    Its task is of this package, or the same one of the user's own, or the user allows the code that it names.

    Args:
        config: A config with `start_from`, the name or the folder of a run.
        run: The run that starts.

    Returns:
        The run in `start_from`.

    Raises:
        FileNotFoundError: If there is no such run.
        ValueError: If it is of another task of the user's own, whose code is not allowed.

    Example:
        `origin(config, run).assets`
    """
    path = run_folders.locate(config.start_from)
    own = path and not registry.is_of_package(run.task) and registry.is_same(run_folders.kept(path), run.task)
    task = run.task if own and not run.allow_code else ""
    return run_folders.load(config.start_from, task, run.allow_code)


def check_origin(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]") -> None:
    """Checks, before any data is prepared, whether a run can start from another.

    Args:
        config: A config with `start_from`.
        run: The new run; if its training has begun, the other run is not needed.
        model: Makes the network from the config and the other run.

    Raises:
        FileNotFoundError: If the other run does not exist or has no checkpoint.
        ValueError: If the networks have no weight in common.

    Example:
        `check_origin(config, run, model)`
    """
    from tfmodels import training

    if not config.start_from or training.is_started(run.checkpoints):
        return
    other = origin(config, run)
    network = model(config, other)
    network.build()
    training.copy_weights(best_network(other), network)


def copy_origin(config: Any, run: Run, network: "keras.Model") -> None:
    """Copies the weights that a network shares with the run in `start_from`, and prints which.

    Args:
        config: A config with `start_from`, which may be empty.
        run: The run that starts.
        network: The network, built.

    Example:
        `training.fit(..., initialise=partial(warm_start.copy_origin, config, run))`
    """
    from tfmodels import training

    if config.start_from:
        other = origin(config, run)
        print_copied(other, training.copy_weights(best_network(other), network))


def best_network(run: Run) -> "keras.Model":
    """Builds the network of a run with its best weights.

    Args:
        run: A trained run.

    Returns:
        The network, built.

    Raises:
        FileNotFoundError: If the run has no checkpoint.
        ValueError: If its task has no function that makes a network.

    Example:
        `best_network(runs.load("translation")).count_params()`
    """
    from tfmodels import training

    task = registry.find(run.task)
    if not hasattr(task, "model"):
        raise ValueError(f"Expected a run of a task with a function `model`. Received: {run.path}, of {run.task}")
    network = task.model(run.config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network


def print_copied(origin: Run, copied: "Copied", *lines: str) -> None:
    """Prints which weights were copied, and why the others were not.

    Args:
        origin: The run of the copied weights.
        copied: The result of `training.copy_weights`.
        *lines: Lines to print first.

    Example:
        `print_copied(origin, training.copy_weights(best_network(origin), network))`
    """
    fresh = copied.fresh
    print(f"Starting from {origin.path}:", *lines, sep="\n")
    print(f"  variables: {len(copied.variables):,} copied, {len(fresh):,} newly initialised")
    for reason in dict.fromkeys(fresh.values()):
        print(f"    {reason}: {', '.join(name for name in fresh if fresh[name] == reason)}")
