"""What keeps a training from starting, found before its data is read."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.runs import Run

if TYPE_CHECKING:
    import keras


def check(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]") -> None:
    """Refuses devices that are not there, runs that cannot be started from, and word vectors of another width.

    Args:
        config: With `start_from`, `vectors`, `training` and `family`, the options of the chosen model.
        run: The run that is to start. One that has been trained already needs neither the other run nor the file.
        model: Makes the network of a config and of the run whose tokens it has.

    Raises:
        FileNotFoundError: There is no such run or file, or the run has no checkpoint or no tokens.
        ValueError: The networks have no weight in common, the word vectors have another width, or the machine has not
            the devices or the precision.

    Example:
        `check(config, run, network.of_run)`
    """
    from pipelines.text import token_vectors
    from tfmodels import training

    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    token_vectors.check(config, run, model, config.family.d_model)
