"""The requests that ask for events whose next item is known, to score the answers."""

from collections.abc import Iterator

import numpy as np

from pipelines.recommendation import data
from pipelines.recommendation.data import Cases
from pipelines.recommendation.packed_histories import padded
from pipelines.recommendation.sides import user_sides
from pipelines.runs import Run

_HOUR = 3_600_000_000  # microseconds


def columns(run: Run, cases: Cases, names: list[str], context: int) -> dict[str, list]:
    """The requests of the events of a split, asked when the events were.

    Args:
        run: The run.
        cases: The events to predict.
        names: The items by their numbers.
        context: Length of the inputs.

    Returns:
        Name of an input -> a value for each event.

    Example:
        `columns(run, data.cases(run, "test"), data.catalogue(run), 50)["items"]`
    """
    found: dict[str, list] = {"items": [padded(one, context) for one in histories(cases, names)]}
    sides = data.sides(run)
    if sides is None:
        return found
    assert cases.cells is not None
    for places, event in zip(_places(cases), cases.events.tolist(), strict=True):
        hours = ((cases.time[event] - cases.time[places]) / _HOUR).tolist() if sides.gaps else []
        words = [
            [["", *one["words"]][place] for place in cases.cells[places, number].tolist()]
            for number, one in enumerate(sides.columns)
        ]
        of_user = user_sides.inputs_of(sides.users, cases.cells[event, len(sides.columns) :])
        for name, values in (sides.request(hours, words, context) | of_user).items():
            found.setdefault(name, []).append(values)
    return found


def histories(cases: Cases, names: list[str]) -> Iterator[list[str]]:
    """The known items that each user had before."""
    for places in _places(cases):
        yield [names[item] for item in cases.histories.items[places].tolist()]


def _places(cases: Cases) -> Iterator[np.ndarray]:
    """The places of the events before each, of those with a known item."""
    of = cases.histories
    for start, end in zip(of.starts.tolist(), of.ends.tolist(), strict=True):
        yield start + np.flatnonzero(of.items[start:end] >= 0)
