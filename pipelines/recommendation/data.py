"""What is prepared of the events of a run, read from its assets."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.recommendation.config import Config
from pipelines.recommendation.sides import event_sides
from pipelines.runs import Run
from pipelines.sources.events.event_form import Form
from pipelines.sources.files import file_options
from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from pipelines.recommendation.sides.event_sides import Sides
    from tfmodels.metrics.next_items.histories import Histories

CONTENT, ITEMS, FURTHER = "events.json", "items.json", "further_items.json"  # files of the assets
CELLS = "cells"  # array of the ids of further columns and of users', where events have any sides


class Cases(NamedTuple):
    """Events to predict.

    Attributes:
        user: int64 `[cases]`, the number of the user.
        histories: What each user had before; items are numbered from 0 on in the order of `catalogue`.
        targets: int64 `[cases]`, the item to predict; -1 of one that is not in the catalogue.
        events: int64 `[cases]`, the place of the event to predict among all.
        time: int64 `[events]`, microseconds; empty where there is none.
        cells: int16 `[events, columns]`, ids of further columns and of those of users, from 1 on; None where there are
            none.
    """

    user: "np.ndarray"
    histories: "Histories"
    targets: "np.ndarray"
    events: "np.ndarray"
    time: "np.ndarray"
    cells: "np.ndarray | None"


def form(config: Config) -> Form:
    """How the events are written."""
    columns = (config.user_column, config.item_column, config.time_column)
    further = event_sides.parse(config.context_columns)
    return Form(*columns, config.time_format, config.keep, further, file_options.of(config))


def notes(run: Run) -> list[str]:
    """What a report says of the data of a prepared run."""
    return _content(run)["notes"]


def samples(run: Run) -> list[list[str]]:
    """A few histories."""
    return _content(run)["samples"]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the files of a prepared run."""
    content = _content(run)
    limits = {"repeats": config.repeats, "session_gap": config.session_gap}
    said = {"dialect": content["dialect"], "time_form": content["time_form"], "limits": limits}
    return {"form": asdict(form(config)), **said}


def items(run: Run) -> list[str]:
    """The items that training has, the most popular first."""
    return whole_files.read_json(run.assets / ITEMS)


def catalogue(run: Run) -> list[str]:
    """All items that may be recommended: behind those of `items` those that only the item table has."""
    file = run.assets / FURTHER
    return [*items(run), *(whole_files.read_json(file) if file.is_file() else [])]


def sides(run: Run) -> "Sides | None":
    """What is read of events beside their items; None if nothing is."""
    content = _content(run).get("sides")
    return event_sides.Sides(content["gaps"], content["columns"], content.get("users", [])) if content else None


def counts(run: Run) -> "np.ndarray":
    """How often training has each item, int64 `[items]`."""
    return array(run, "counts")


def training_histories(run: Run) -> "tuple[Histories, np.ndarray | None]":
    """What all users had in training, and the time of each event; None if there is none."""
    histories, places = trained(run)
    time = array(run, "time")
    return histories, time[places] if len(time) else None


def trained(run: Run) -> "tuple[Histories, np.ndarray]":
    """What all users had in training, and the place of each of its events among all."""
    import numpy as np

    from tfmodels.metrics.next_items.histories import Histories

    events, starts = array(run, "events"), array(run, "starts")
    histories = Histories(events, starts[:-1], array(run, "train_end"))
    known = events < len(items(run))  # the others are held out, or come later
    if known.all():
        return histories, np.arange(len(events))
    before = np.concatenate([[0], np.cumsum(known)])
    return Histories(events[known], before[histories.starts], before[histories.ends]), np.flatnonzero(known)


def cases(run: Run, split: str) -> Cases:
    """The events to predict.

    Args:
        run: The prepared run.
        split: `validation` or `test`.

    Returns:
        The events.

    Raises:
        ValueError: There is no such split.
    """
    from tfmodels.metrics.next_items.histories import Histories

    if split not in ("validation", "test"):
        raise ValueError(f"Expected the split validation or test. Received: split={split!r}")
    events, starts = array(run, "events"), array(run, "starts")
    user, target, end = (array(run, f"{split}_{name}") for name in ("user", "target", "end"))
    histories, targets = Histories(events, starts[user], end), events[target].astype("int64")
    cells = array(run, CELLS) if (run.assets / f"{CELLS}.npy").is_file() else None
    return Cases(user, histories, targets, target, array(run, "time"), cells)


def array(run: Run, name: str) -> "np.ndarray":
    """An array of a prepared run."""
    from tfmodels import array_files

    return array_files.read(run.assets / f"{name}.npy")


def _content(run: Run) -> dict[str, Any]:
    return whole_files.read_json(run.assets / CONTENT)
