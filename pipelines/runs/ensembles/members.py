"""The members of an ensemble: which runs may be exported together."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.runs import option_files, registry, settings

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.servable import Servable

_SHOWN = 80  # characters of a value in a message


def servable(members: "Sequence[Run]") -> "Servable":
    """What an export of several runs needs, as their task makes it.

    Args:
        members: Trained runs, with the options that are exported.

    Returns:
        What the task's `ensemble(members)` returns.

    Raises:
        ValueError: The runs are of several tasks, the task makes no ensembles, or the members do not fit one another.

    Example:
        `servable([runs.load("trec-0"), runs.load("trec-1")]).endpoints`
    """
    first, *others = members
    for run in others:
        if run.task != first.task:
            raise ValueError(
                f"Expected members of an ensemble of the same task as {first.path}, {first.task}. "
                f"Received: {run.path}, task={run.task!r}"
            )
    task = registry.find(first.task)
    if not hasattr(task, "ensemble"):
        raise ValueError(
            f"Expected one run, since the task {first.task} has no function `ensemble(members)`, which makes one model "
            f"of several. Received: {', '.join(str(run.path) for run in members)}"
        )
    return task.ensemble(members)


def check_same(members: "Sequence[Run]", shared: "Callable[[Run], Mapping[str, Any]]") -> None:
    """Refuses members that differ in what all members of an ensemble must share.

    Args:
        members: The runs.
        shared: Gives what must be the same, by name, perhaps nested.

    Raises:
        ValueError: A run differs from the first; names it and what differs.

    Example:
        `check_same(members, lambda run: {"classes": data.classes(run)})`
    """
    first, *others = members
    expected = option_files.flatten(dict(shared(first)))
    for run in others:
        found = option_files.flatten(dict(shared(run)))
        for name in expected | found:
            if expected.get(name) != found.get(name):
                later = name.partition(".")[0] in settings.after_training(type(run.config))
                raise ValueError(
                    f"Expected members of an ensemble with the same {name} as {first.path}, "
                    f"{_shown(expected.get(name))}. Received: {run.path}, {name}={_shown(found.get(name))}"
                    f"{f'. --{name} sets it for all' if later else ''}"
                )


def digest(folder: Path) -> str:
    """A digest of the files in a folder of prepared data.

    Args:
        folder: Such as that of a split.

    Example:
        `digest(run.assets / "validation")`
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()


def check_same_rows(members: "Sequence[Run]", rows: "Callable[[Run], Any]") -> None:
    """Refuses members with another validation split than the first.

    Args:
        members: The runs.
        rows: Gives the rows of a run's split, or a digest of them.

    Raises:
        ValueError: A run has other rows than the first; names it.

    Example:
        `check_same_rows(members, lambda run: digest(run.assets / "validation"))`
    """
    first, *others = members
    expected = rows(first)
    for run in others:
        if rows(run) != expected:
            raise ValueError(
                f"Expected members of an ensemble with the same validation split as {first.path}: what one member has "
                f"learnt from must not calibrate or score the others. Received: {run.path}, with other rows"
            )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
