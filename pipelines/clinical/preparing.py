"""Reads the data of clinical series, numbers it, and writes it into the assets of a run."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.clinical import data, static_inputs
from pipelines.clinical.config import Config
from pipelines.clinical.heads import head_labels
from pipelines.runs import Run
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.measurements import (
    entity_splits,
    known_variables,
    padded_events,
    value_limits,
)
from pipelines.sources.split_names import SPLITS
from tfmodels import whole_files

if TYPE_CHECKING:
    from pipelines.sources.measurements.histories import Histories
    from pipelines.sources.measurements.measurement_data import MeasurementData


def prepare(config: Config, run: Run) -> None:
    """Reads, checks and splits the data, numbers the variables, and writes all into the run, only once.

    Args:
        config: The options.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The data, or an option of it, is wrong.
    """
    if (run.assets / data.CONTENT).exists():
        return
    from pipelines.sources.measurements import measurement_data

    print(f"Preparing {config.data}")
    if config.data == data.SYNTHETIC:
        found = measurement_data.synthetic(config.training.seed, config.stays)
    else:
        sources = measurement_data.Sources(
            config.data, config.labels_file, config.static, config.notes if config.read_notes else "", config.limits
        )
        with collect_faults(config.on_bad) as faults:
            found = measurement_data.read(sources, data.form(config), data.label_form(config), faults)
    strata = entity_splits.strata(found.cases, next(iter(found.cases.labels)), len(found.split))
    write(config, run, found, _split(config, found, strata))


def write(config: Config, run: Run, found: "MeasurementData", split_of: np.ndarray) -> None:
    """Numbers the variables, and writes a data set into a run.

    Args:
        config: The options.
        run: Whose assets are written.
        found: The data.
        split_of: Split of each entity, object `[entities]`.

    Raises:
        ValueError: An option does not fit the data, or a part has no case of a class.
    """
    from pipelines.sources.measurements import static_groups

    static_groups.members(static_groups.parse(config.groups), found.statics)  # refuses what there is not
    name = next(iter(found.cases.labels))
    labels, classes = head_labels.read(config.head, found.cases.labels[name], config.positive)
    split = split_of[found.cases.entity]
    head_labels.check(labels, split, classes)
    train = np.unique(found.cases.entity[split == "train"])
    histories = _numbered(config, found, train)
    content = {"label": name, "classes": classes}
    content |= head_labels.known(labels[split == "train"], classes, config.class_weights)
    content |= _content(config, found, histories, train, split == "train")
    said = [*found.said, head_labels.said(labels, split, classes)]
    cases = (found.cases.entity, found.cases.hour, labels, np.array([SPLITS.index(one) for one in split], np.int8))
    arrays = {of: getattr(histories, of) for of in data.HISTORIES}
    arrays |= {f"case_{of}": column for of, column in zip(data.CASES, cases, strict=True)}
    arrays["statics"] = _stacked(found.statics.numbers, len(found.split))
    arrays["scores"] = _stacked(found.cases.scores, len(labels))
    run.assets.mkdir(parents=True, exist_ok=True)
    for of, array in arrays.items():
        np.save(run.assets / f"{of}.npy", array)
    if content["notes"] and found.notes is not None:
        from pipelines.clinical.notes import note_rows

        said += note_rows.write(config, run, found.notes, train)
    for note in said:
        print(note)
    content["said"] = said
    whole_files.write(run.assets / data.CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def _numbered(config: Config, found: "MeasurementData", train: np.ndarray) -> "Histories":
    """The measurements of variables that enough training entities have."""
    variables = known_variables.of_training(found.histories, train, config.min_entities)
    if not variables:
        raise ValueError(
            f"Expected a variable that at least {config.min_entities:,} entities of the training part have "
            f"(--min_entities). Received: none of {len(found.histories.variables):,}"
        )
    # A rare variable may lie outside of the training part by chance: that is no fault of the data.
    unseen = Faults("drop" if config.on_bad == "drop" else "warn")
    aligned = known_variables.aligned(found.histories, variables, unseen)
    unseen.report()
    return aligned


def _content(
    config: Config, found: "MeasurementData", histories: "Histories", train: np.ndarray, of_train: np.ndarray
) -> dict[str, Any]:
    """What the training part decides: variables, width, hours, limits and inputs."""
    variables = histories.variables.to_pylist()
    ends = histories.end(found.cases.entity, found.cases.hour)
    lengths = (ends - histories.starts[found.cases.entity])[of_train]
    if not lengths.any():
        raise ValueError("Expected measurements before the predictions of the training part. Received: none")
    has_notes = config.read_notes and found.notes is not None
    if has_notes and data.NOTE in variables:
        raise ValueError(
            f"Expected no measured variable named {data.NOTE!r} beside notes: requests have notes by that name. Rename "
            f"it, or read it as notes by --note_variables {data.NOTE}. Received: {', '.join(variables[:10])}"
        )
    limits = value_limits.read(config.limits) if config.limits else {}
    statics = found.statics
    return {
        "variables": variables,
        "kinds": found.kinds,
        "width": config.max_events or padded_events.usual_width(lengths),
        "max_hours": max(float(np.quantile(histories.hours[np.isin(histories.entity, train)], 0.99)), 1.0),
        "limits": {name: [*map(_or_none, limits[name])] for name in variables if name in limits},
        "entities": found.histories.entities.to_pylist(),
        "static_numbers": list(statics.numbers),
        "static_words": {name: words.tolist() for name, words in statics.words.items()},
        "static_inputs": static_inputs.learn(statics, train, config.static_inputs),
        "scores": list(found.cases.scores),
        "notes": has_notes,
    }


def _split(config: Config, found: "MeasurementData", strata: np.ndarray) -> np.ndarray:
    """The split of each entity: that of the files, else by shares."""
    seed = config.training.seed
    if not (found.split != "").any():
        return entity_splits.shares(strata, config.validation_share, config.test_share, seed)
    entity_splits.check(found.split, found.cases, found.histories.entities.to_pylist())
    split = found.split.copy()
    if not (split[found.cases.entity] == "validation").any():  # held back of the training part
        of_train = np.where(split == "train", strata, -1)
        split = np.where(split == "train", entity_splits.shares(of_train, config.validation_share, 0.0, seed), split)
    return split


def _stacked(columns: dict[str, np.ndarray], rows: int) -> np.ndarray:
    return np.array([*columns.values()], np.float64).reshape(len(columns), rows)


def _or_none(bound: float) -> float | None:
    return bound if np.isfinite(bound) else None
