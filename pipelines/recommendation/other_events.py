"""Other events than those of a run, to score it on: the last one of each user is predicted from those before it."""

from pathlib import Path

import numpy as np

from pipelines.recommendation import data, prediction_files
from pipelines.recommendation.config import Config
from pipelines.recommendation.data import Cases
from pipelines.recommendation.sides import event_sides, user_sides
from pipelines.recommendation.sides.event_sides import Sides
from pipelines.runs import Run
from pipelines.sources.events import event_filters
from pipelines.sources.events.event_form import Limits
from pipelines.sources.faults import collect_faults
from pipelines.sources.split_names import OTHER
from tfmodels.metrics.next_items.histories import Histories


def cases(config: Config, run: Run, split: str, names: list[str]) -> tuple[Cases, list[str]]:
    """Reads the events that `run.other` names, in the form of the run's own.

    Args:
        config: The options, of which those that say which events count hold here, too, but for rare users and items.
        run: The run, with `other`.
        split: `other`.
        names: The items by their numbers.

    Returns:
        The events to predict, and what is to be said of them.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Another split is asked for, the file is wrong, or no user has two events.
    """
    if split != OTHER:
        raise ValueError(f"Expected no --split with --data: of each user the last event is scored. Received: {split}")
    sides, table = data.sides(run), data.file_table(config, run)
    with collect_faults(config.on_bad) as faults:
        events = prediction_files.read_events(Path(run.other), table, sides or Sides(False, []), faults)
    sequences, notes = event_filters.apply(events, Limits(config.repeats, config.session_gap), config.tie_order or None)
    events, starts = sequences.events, sequences.starts
    user = np.flatnonzero(sequences.lengths >= 2)
    if not len(user):
        raise ValueError(f"Expected a user with at least two events. Received: none in {run.other}")
    if sides is not None and sides.gaps and events.time is None:
        raise ValueError(f"Expected a column of time, which the run reads. Received: none in {run.other}")
    number = {name: place for place, name in enumerate(names)}
    items = np.array([number.get(name, -1) for name in events.items.to_pylist()], np.int32)[events.item]
    target = starts[user + 1] - 1
    cells = None
    if sides is not None:
        known, said = user_sides.of_events(sides.users, events)
        ids = user_sides.numbered(sides.users, known, len(events.users))
        cells = np.concatenate([event_sides.numbered(sides, events), ids[events.user]], axis=1)
        notes += [*said, *user_sides.said(sides.users, known, ids)]
    time = np.zeros(0, np.int64) if events.time is None else events.time
    found = Cases(user, Histories(items, starts[user], target), items[target].astype(np.int64), target, time, cells)
    short, unknown = len(sequences.lengths) - len(user), int((found.targets < 0).sum())
    before = np.concatenate([items[start:end] for start, end in zip(starts[user], target, strict=True)])
    said = (
        f"{len(events):,} events; the last one of each of {len(user):,} users is predicted, {unknown:,} of them of "
        f"items that the model has not, which count as misses; {short:,} users with one event are left out; "
        f"{(before < 0).sum():,} of {len(before):,} items of the histories are unknown to the model and skipped"
    )
    return found, [*notes, said]
