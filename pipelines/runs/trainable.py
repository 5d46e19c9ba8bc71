"""Tasks whose training steps others than their own `fit` can take: searches and benchmarks."""

from types import ModuleType
from typing import TYPE_CHECKING, Any

from tfmodels.training import Options

if TYPE_CHECKING:
    from pipelines.runs import Run
    from tfmodels.training import Objective


def check(task: ModuleType, config: Any) -> None:
    """Refuses a task whose steps only its own `fit` can take.

    Args:
        task: The module.
        config: Its `Config`.

    Raises:
        ValueError: If it lacks `datasets`, `model` or the options of a training.

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
    """What the training of a task minimises.

    Args:
        task: The module.
        config: Its `Config`.
        run: Its run, prepared.

    Returns:
        `objective(config, run)` of the task; None, which is the cross-entropy of tokens, where it has none.

    Example:
        `objective(registry.find("translation"), config, run)` -> `None`
    """
    return task.objective(config, run) if hasattr(task, "objective") else None
