"""Preparation of a run: events are read, split, numbered and written into its assets."""

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from pipelines.recommendation import data, training_rows
from pipelines.recommendation.config import Config
from pipelines.recommendation.items import cold_items, item_features
from pipelines.recommendation.sides import event_sides, user_sides
from pipelines.runs import Run
from pipelines.sources.events import event_filters, feature_table
from pipelines.sources.events.event_form import Limits
from pipelines.sources.faults import collect_faults
from pipelines.sources.files import dialect, file_options
from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from pipelines.recommendation.sides.event_sides import Sides
    from pipelines.sources.events.event_sequences import Sequences
    from pipelines.sources.events.event_splits import Split
    from pipelines.sources.events.feature_table import FeatureTable

_SAMPLES = 4  # histories that an export is tried with


def prepare(config: Config, run: Run) -> None:
    """Reads and splits the events, numbers the items, and writes all splits, each only once.

    Args:
        config: The options.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The data, or an option of it, is wrong.
    """
    if (run.assets / data.CONTENT).exists():
        return
    import numpy as np

    from pipelines.sources.events import event_data

    print(f"Preparing {config.data}")
    with collect_faults(config.on_bad) as faults:
        found = event_data.read(
            config.data, data.form(config), _limits(config), faults, config.training.seed, config.users
        )
    sequences = event_data.reordered(found.sequences, config.tie_order) if config.tie_order else found.sequences
    split, table = _split(config, sequences), None
    if config.item_table:
        table = item_features.table_of(config, config.item_table)
        split = cold_items.held_out(split, table, config.cold_share)
    then = [] if table is None else ["the latter are told by their features if the item table has them, else misses"]
    notes = [*found.notes, split.said, *(split.unknown(one, *then) for one in split.cases)]
    run.assets.mkdir(parents=True, exist_ok=True)
    notes += _write_arrays(config, run, split, table)
    read, cells, said = _sides(config, split)
    if read.sizes:
        np.save(run.assets / f"{data.CELLS}.npy", cells)
    notes += said
    for note in notes:
        print(note)
    validation, names = data.cases(run, "validation"), data.catalogue(run)
    training_rows.write(config, run, validation, read)
    samples = [
        [names[item] for item in validation.histories.items[start:end].tolist() if item >= 0][-config.max_length :]
        for start, end in zip(validation.histories.starts, validation.histories.ends, strict=True)
    ]
    content = {
        "notes": notes,
        "sides": asdict(read) if read.sizes else None,
        "samples": list(filter(None, samples[: 10 * _SAMPLES]))[:_SAMPLES],
        "dialect": dialect.to_dict(found.dialect),
        "time_form": asdict(found.form) if found.form else None,
    }
    whole_files.write(run.assets / data.CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def _sides(config: Config, split: "Split") -> "tuple[Sides, np.ndarray, list[str]]":
    """What is read of events beside their items, its ids `[events, columns]`, and what is to be said of it."""
    import numpy as np

    events = split.sequences.events
    found, notes = event_sides.learn(config.time_gaps, config.context_columns, events, split.is_train)
    cells = event_sides.numbered(found, events)
    if not config.user_table:
        return found, cells, notes
    with collect_faults(config.on_bad) as faults:
        wanted = feature_table.parse(config.user_features, "user")
        files = file_options.of(config)
        table = feature_table.read(config.user_table, "user", config.user_column, wanted, files, faults)
    names = events.users.to_pylist()
    users = [event_filters.owner(name) for name in names] if config.session_gap else names
    taken = (*event_sides.TAKEN, *found.inputs)
    found = replace(found, users=user_sides.learn(table, users, split.known()[0], taken))
    known = user_sides.of_table(table, users)
    ids = user_sides.numbered(found.users, known, len(users))
    notes += [*table.notes, *user_sides.said(found.users, known, ids), user_sides.counted(table, users)]
    return found, np.concatenate([cells, ids[events.user]], axis=1), notes


def _split(config: Config, sequences: "Sequences") -> "Split":
    from pipelines.sources.events import event_splits

    if config.split == "date":
        return event_splits.by_date(sequences, config.validation_share, config.test_share)
    return event_splits.leave_one_out(sequences)


def _limits(config: Config) -> Limits:
    return Limits(config.repeats, config.session_gap, config.min_user_events, config.min_item_events)


def _write_arrays(config: Config, run: Run, split: "Split", table: "FeatureTable | None") -> list[str]:
    """Numbers the items by their popularity in training, then those of the table; others are -1. Returns notes."""
    import numpy as np

    events = split.sequences.events
    often = np.bincount(events.item[split.is_train], minlength=len(events.items))
    names = events.items.to_pylist()
    order = np.lexsort([np.arange(len(names)), -often])[: int((often > 0).sum())]
    number = np.full(len(names), -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    trained = [names[item] for item in order]
    whole_files.write(run.assets / data.ITEMS, json.dumps(trained, ensure_ascii=False).encode())
    further = [] if table is None else item_features.prepare(config, run, table, trained)
    if table is not None:
        whole_files.write(run.assets / data.FURTHER, json.dumps(further, ensure_ascii=False).encode())
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
