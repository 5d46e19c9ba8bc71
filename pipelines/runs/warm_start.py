"""Initialisation of a network with the weights of another run (warm start), for inputs of any kind."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.runs import registry
from pipelines.runs.run_folders import Run, load

if TYPE_CHECKING:
    import keras

    from tfmodels.training.copy_weights_by_name import Copied


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
    origin = load(config.start_from)
    network = model(config, origin)
    network.build()
    training.copy_weights(best_network(origin), network)


def copy_origin(config: Any, network: "keras.Model") -> None:
    """Copies the weights that a network shares with the run in `start_from`, and prints which.

    Args:
        config: A config with `start_from`, which may be empty.
        network: The network, built.

    Example:
        `training.fit(..., initialise=partial(warm_start.copy_origin, config))`
    """
    from tfmodels import training

    if config.start_from:
        origin = load(config.start_from)
        print_copied(origin, training.copy_weights(best_network(origin), network))


def best_network(run: Run) -> "keras.Model":
    """Builds the network of a run with its best weights.

    Args:
        run: A trained run.

    Returns:
        The network, built.

    Raises:
        FileNotFoundError: If the run has no checkpoint.

    Example:
        `best_network(runs.load("translation")).count_params()`
    """
    from tfmodels import training

    network = registry.find(run.task).model(run.config, run)
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
