"""What the report of an ensemble may say of the training of its members."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.runs import overfitting
from pipelines.runs.report import Report

if TYPE_CHECKING:
    from pipelines import runs

_OF_FIRST = "time of training, seed, and what is said of temperatures, shares, corrections and teachers"


def without_training(scored: Report, first: "runs.Run") -> Report:
    """Leaves out what is of the training of the first member alone, and says whose time and seed it has.

    Args:
        scored: What the task reports of the first member, with the ensemble in its place.
        first: The first member.

    Returns:
        The report; the same of a task that keeps no history of a training.

    Example:
        `without_training(scored, runs.load("load-seed-0")).notes[-1]`
    """
    if not (first.path / "history.json").is_file():
        return scored
    table, verdict = overfitting.table(first.history), overfitting.verdict(first.history)
    notes = [note for note in scored.notes if note != verdict]
    return replace(
        scored,
        tables=[one for one in scored.tables if one != table],
        notes=[*notes, f"{_OF_FIRST} are those of {first.name}, the first member"],
    )
