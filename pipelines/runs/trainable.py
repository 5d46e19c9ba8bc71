"""Tasks that support searches and benchmarks, which train without the task's own `fit`."""

from types import ModuleType
from typing import TYPE_CHECKING, Any

from tfmodels.training import Options

if TYPE_CHECKING:
    from pipelines.runs import Run
    from tfmodels.training import Objective


def check(task: ModuleType, config: Any) -> None:
    """Refuses a task that can be trained only by its own `fit`.

    Args:
        task: The module of the task.
        config: Its `Config`.

    Raises:
        ValueError: If the task lacks `datasets` or `model`, or its config lacks `training`.

    Example:
        `check(registry.find("translation"), translation.Config())`
    """
    has_steps = hasattr(task, "datasets") and hasattr(task, "model")
    if not has_steps or not isinstance(getattr(config, "training", None), Options):
        raise ValueError(
            "Expected a task with functions `datasets` and `model` and a Config whose `training` is a "
            f"tfmodels.training.Options. Received: {task.__name__}"
        )


def objective(task: ModuleType, config: Any, run: "Run") -> "Objective | None":
    """Returns the training objective of a task.

    Args:
        task: The module of the task.
        config: Its `Config`.
        run: A prepared run.

    Returns:
        `objective(config, run)` of the task; None, for the cross-entropy of tokens, if the task has none.

    Example:
        `objective(registry.find("translation"), config, run)` -> `None`
    """
    return task.objective(config, run) if hasattr(task, "objective") else None
