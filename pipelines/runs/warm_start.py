"""Starting a network from the weights of another run, whatever its inputs are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.runs import registry
from pipelines.runs.run_folders import Run, load

if TYPE_CHECKING:
    import keras

    from tfmodels.training.copy_weights_by_name import Copied


def check_origin(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]") -> None:
    """Finds, before any work, what would keep a run from starting from another.

    Args:
        config: With `start_from`.
        run: The run that is to start. One that has been trained already does not need the other run.
        model: Makes the network of a config and of the run that is started from.

    Raises:
        FileNotFoundError: There is no such run, or it has no checkpoint.
        ValueError: The networks have no weight in common.

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
    """Copies the weights that a network shares with the run to start from, and prints which.

    Args:
        config: With `start_from`, which may be empty.
        network: Built.

    Example:
        `training.fit(..., initialise=partial(warm_start.copy_origin, config))`
    """
    from tfmodels import training

    if config.start_from:
        origin = load(config.start_from)
        print_copied(origin, training.copy_weights(best_network(origin), network))


def best_network(run: Run) -> "keras.Model":
    """The network of a run, with its best weights.

    Args:
        run: The run, trained.

    Returns:
        The network, built.

    Raises:
        FileNotFoundError: It has no checkpoint.

    Example:
        `best_network(runs.load("translation")).count_params()`
    """
    from tfmodels import training

    network = registry.find(run.task).model(run.config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network


def print_copied(origin: Run, copied: "Copied", *lines: str) -> None:
    """Prints which weights were copied and why the others were not.

    Args:
        origin: The run that they come from.
        copied: What `training.copy_weights` returned.
        *lines: To print before that.

    Example:
        `print_copied(origin, training.copy_weights(best_network(origin), network))`
    """
    fresh = copied.fresh
    print(f"Starting from {origin.path}:", *lines, sep="\n")
    print(f"  variables: {len(copied.variables):,} copied, {len(fresh):,} left fresh")
    for reason in dict.fromkeys(fresh.values()):
        print(f"    {reason}: {', '.join(name for name in fresh if fresh[name] == reason)}")
