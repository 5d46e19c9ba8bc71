"""The events of a run: read, split, numbered and written into its assets."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.recommendation import cold_items, item_features
from pipelines.recommendation.config import Config
from pipelines.runs import Run
from pipelines.sources.events.event_form import Form, Limits
from pipelines.sources.faults import collect_faults
from pipelines.sources.files import dialect, file_options
from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from pipelines.sources.events.event_sequences import Sequences
    from pipelines.sources.events.event_splits import Split
    from pipelines.sources.events.item_table import ItemTable
    from tfmodels.metrics.next_items.histories import Histories

_CONTENT, _ITEMS, _FURTHER = "events.json", "items.json", "further_items.json"
_ROWS = 1 << 16  # pieces of sequences written at a time
_SAMPLES = 4  # histories that an export is tried with


class Cases(NamedTuple):
    """Events to predict.

    Attributes:
        user: int64 `[cases]`, the number of the user.
        histories: What each user had before; items are numbered from 0 on in the order of `catalogue`.
        targets: int64 `[cases]`, the item to predict; -1 of one that is not in the catalogue.
    """

    user: "np.ndarray"
    histories: "Histories"
    targets: "np.ndarray"


def prepare(config: Config, run: Run) -> None:
    """Reads and splits the events, numbers the items, and writes all splits, each only once.

    Args:
        config: The options.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The data, or an option of it, is wrong.
    """
    if (run.assets / _CONTENT).exists():
        return
    from pipelines.sources.events import event_data

    print(f"Preparing {config.data}")
    with collect_faults(config.on_bad) as faults:
        data = event_data.read(config.data, form(config), _limits(config), faults, config.training.seed, config.users)
    sequences = event_data.reordered(data.sequences, config.tie_order) if config.tie_order else data.sequences
    split, table = _split(config, sequences), None
    if config.item_table:
        table = item_features.table_of(config, config.item_table)
        split = cold_items.held_out(split, table, config.cold_share, config.training.seed)
    then = [] if table is None else ["the latter are told by their features if the item table has them, else misses"]
    notes = [*data.notes, split.said, *(split.unknown(one, *then) for one in split.cases)]
    run.assets.mkdir(parents=True, exist_ok=True)
    notes += _write_arrays(config, run, split, table)
    for note in notes:
        print(note)
    _write_rows(config, run)
    names = catalogue(run)
    validation = cases(run, "validation")
    samples = [
        [names[item] for item in validation.histories.items[start:end].tolist() if item >= 0][-config.max_length :]
        for start, end in zip(validation.histories.starts, validation.histories.ends, strict=True)
    ]
    content = {
        "notes": notes,
        "samples": list(filter(None, samples[: 10 * _SAMPLES]))[:_SAMPLES],
        "dialect": dialect.to_dict(data.dialect),
        "time_form": asdict(data.form) if data.form else None,
    }
    whole_files.write(run.assets / _CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def form(config: Config) -> Form:
    """How the events are written."""
    columns = (config.user_column, config.item_column, config.time_column)
    return Form(*columns, config.time_format, config.keep, file_options.of(config))


def notes(run: Run) -> list[str]:
    """What a report says of the data of a prepared run."""
    return _content(run)["notes"]


def samples(run: Run) -> list[list[str]]:
    """A few histories."""
    return _content(run)["samples"]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the files of a prepared run."""
    content = _content(run)
    return {"form": asdict(form(config)), "dialect": content["dialect"], "time_form": content["time_form"]}


def items(run: Run) -> list[str]:
    """The items that training has, the most popular first."""
    return whole_files.read_json(run.assets / _ITEMS)


def catalogue(run: Run) -> list[str]:
    """All items that may be recommended: behind those of `items` those that only the item table has."""
    file = run.assets / _FURTHER
    return [*items(run), *(whole_files.read_json(file) if file.is_file() else [])]


def counts(run: Run) -> "np.ndarray":
    """How often training has each item, int64 `[items]`."""
    return _array(run, "counts")


def training_histories(run: Run) -> "tuple[Histories, np.ndarray | None]":
    """What all users had in training, and the time of each event; None if there is none."""
    import numpy as np

    from tfmodels.metrics.next_items.histories import Histories

    events, starts, time = (_array(run, name) for name in ("events", "starts", "time"))
    histories = Histories(events, starts[:-1], _array(run, "train_end"))
    known = events < len(items(run))  # the others are held out, or come later
    if known.all():
        return histories, time if len(time) else None
    before = np.concatenate([[0], np.cumsum(known)])
    kept = Histories(events[known], before[histories.starts], before[histories.ends])
    return kept, time[known] if len(time) else None


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
    events, starts = _array(run, "events"), _array(run, "starts")
    user, target, end = (_array(run, f"{split}_{name}") for name in ("user", "target", "end"))
    return Cases(user, Histories(events, starts[user], end), events[target].astype("int64"))


def _split(config: Config, sequences: "Sequences") -> "Split":
    from pipelines.sources.events import event_splits

    if config.split == "date":
        return event_splits.by_date(sequences, config.validation_share, config.test_share)
    return event_splits.leave_one_out(sequences)


def _limits(config: Config) -> Limits:
    return Limits(config.repeats, config.session_gap, config.min_user_events, config.min_item_events)


def _write_arrays(config: Config, run: Run, split: "Split", table: "ItemTable | None") -> list[str]:
    """Numbers the items by their popularity in training, then those of the table; others are -1. Returns notes."""
    import numpy as np

    events = split.sequences.events
    often = np.bincount(events.item[split.is_train], minlength=len(events.items))
    names = events.items.to_pylist()
    order = np.lexsort([np.arange(len(names)), -often])[: int((often > 0).sum())]
    number = np.full(len(names), -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    trained = [names[item] for item in order]
    whole_files.write(run.assets / _ITEMS, json.dumps(trained, ensure_ascii=False).encode())
    further = [] if table is None else item_features.prepare(config, run, table, trained)
    if table is not None:
        whole_files.write(run.assets / _FURTHER, json.dumps(further, ensure_ascii=False).encode())
        place = {name: at for at, name in enumerate(names)}
        for at, name in enumerate(further, start=len(order)):
            if name in place:
                number[place[name]] = at
    arrays = {"events": number[events.item], "starts": split.sequences.starts, "train_end": split.train_end}
    arrays |= {"time": np.zeros(0, np.int64) if events.time is None else events.time, "counts": often[order]}
    for name, of in split.cases.items():
        arrays |= {f"{name}_user": of.user, f"{name}_target": of.target, f"{name}_end": of.end}
    for name, array in arrays.items():
        np.save(run.assets / f"{name}.npy", array)
    return [] if table is None else cold_items.notes(table, trained, further, split)


def _write_rows(config: Config, run: Run) -> None:
    """Writes the rows of training and validation; ids are 1 and up."""
    import numpy as np

    from tfmodels import training

    trained, _ = training_histories(run)
    starts, ends = _pieces(trained.starts, trained.ends, config.max_length)
    if not len(starts):
        raise ValueError("Expected a user with at least two events to train on. Received: none")
    ids = trained.items + 1
    training.TokenRows.write(run.assets / "train", _columns(ids, starts, ends - 1, starts + 1, ends))
    validation, size = cases(run, "validation"), len(items(run))
    # Unknown items are left out of histories, as in the export, and those that the table alone tells: while the network
    # is trained it has none of them.
    ids = np.where(validation.histories.items < size, validation.histories.items, -1) + 1
    known = np.concatenate([[0], np.cumsum(ids > 0)])
    starts, ends = known[validation.histories.starts], known[validation.histories.ends]
    there = np.flatnonzero((ends > starts) & (validation.targets >= 0) & (validation.targets < size))
    if not len(there):
        raise ValueError(
            "Expected an event of the validation split whose user and item training has. Received: none of "
            f"{len(validation.targets):,}; with --split date, is the training part too small?"
        )
    flat = np.concatenate([ids[ids > 0], validation.targets + 1]).astype(np.int32)
    target = int((ids > 0).sum()) + there
    starts, ends = np.maximum(starts, ends - config.max_length)[there], ends[there]
    training.TokenRows.write(run.assets / "validation", _columns(flat, starts, ends, target, target + 1))


def _pieces(starts: "np.ndarray", ends: "np.ndarray", most: int) -> "tuple[np.ndarray, np.ndarray]":
    """Sequences in pieces, from the end on, each event but the first predicted once: `most` steps and the next item."""
    import numpy as np

    count = np.maximum(-(-(ends - starts - 1) // most), 0)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    last = np.repeat(ends, count) - number * most
    return np.maximum(np.repeat(starts, count), last - most - 1), last


def _columns(
    ids: "np.ndarray", starts: "np.ndarray", ends: "np.ndarray", target_starts: "np.ndarray", target_ends: "np.ndarray"
) -> Iterator[dict[str, Any]]:
    import numpy as np

    def joined(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lengths = ends - starts
        places = np.repeat(ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
        return ids[places], lengths

    for first in range(0, len(starts), _ROWS):
        rows = slice(first, first + _ROWS)
        yield {"items": joined(starts[rows], ends[rows]), "targets": joined(target_starts[rows], target_ends[rows])}


def _array(run: Run, name: str) -> "np.ndarray":
    from tfmodels import array_files

    return array_files.read(run.assets / f"{name}.npy")


def _content(run: Run) -> dict[str, Any]:
    return whole_files.read_json(run.assets / _CONTENT)
