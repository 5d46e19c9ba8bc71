"""The measurements and cases of a run: read, split, numbered and written into its assets."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.clinical import static_inputs
from pipelines.clinical.config import Config
from pipelines.runs import Run
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files import file_options
from pipelines.sources.measurements.measurement_form import Form, LabelForm
from pipelines.sources.split_names import SPLITS
from tfmodels import array_files, option_lists, whole_files

if TYPE_CHECKING:
    from pipelines.clinical.static_inputs import StaticInputs
    from pipelines.sources.measurements.histories import Histories
    from pipelines.sources.measurements.measurement_data import MeasurementData
    from pipelines.sources.measurements.static_fields import Statics

SYNTHETIC = "synthetic"
_CONTENT = "measurements.json"
_HISTORIES = ("starts", "hours", "variable", "value")
_CASES = ("entity", "hour", "label", "split")


class Cases(NamedTuple):
    """What is predicted.

    Attributes:
        entity: int `[cases]`, number of the entity.
        hour: float64 `[cases]`, up to which its measurements are seen; infinity for all of them.
        label: 0 or 1 `[cases]`.
        scores: Name of a severity score -> float64 `[cases]`, NaN where missing.
    """

    entity: np.ndarray
    hour: np.ndarray
    label: np.ndarray
    scores: dict[str, np.ndarray]

    def chosen(self, of: np.ndarray) -> "Cases":
        """Some of the cases, bool or int `[cases]`."""
        columns = (self.entity[of], self.hour[of], self.label[of])
        return Cases(*columns, {name: scores[of] for name, scores in self.scores.items()})


class Prepared(NamedTuple):
    """The prepared data of a run.

    Attributes:
        histories: Measurements of variables that training has.
        statics: Static fields, inputs or not.
        cases: Split -> its cases.
        content: What else was decided: `variables`, `kinds`, `classes`, `width`, `max_hours`, `limits`, `said`.
    """

    histories: "Histories"
    statics: "Statics"
    cases: dict[str, Cases]
    content: dict[str, Any]

    @property
    def variables(self) -> list[str]:
        """The variables, in the order of their numbers from 1 on."""
        return self.content["variables"]

    def of_split(self, split: str) -> Cases:
        """The cases of a split.

        Raises:
            ValueError: There is no such split to score.
        """
        if split not in SPLITS or not len(self.cases[split].entity):
            there = [name for name in SPLITS if len(self.cases[name].entity)]
            raise ValueError(f"Expected a split that has cases: {', '.join(there)}. Received: split={split!r}")
        return self.cases[split]


def prepare(config: Config, run: Run) -> None:
    """Reads, checks and splits the data, numbers the variables, and writes all into the run, only once.

    Args:
        config: The options.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The data, or an option of it, is wrong.
    """
    if (run.assets / _CONTENT).exists():
        return
    from pipelines.sources.measurements import entity_splits, measurement_data

    print(f"Preparing {config.data}")
    label_form = LabelForm(
        _names(config.labels), _names(config.score_columns), config.entity_column, config.prediction_time_column,
        file_options.of(config),
    )  # fmt: skip
    if config.data == SYNTHETIC:
        found = measurement_data.synthetic(config.training.seed, config.stays)
    else:
        sources = measurement_data.Sources(config.data, config.labels_file, config.static, "", config.limits)
        with collect_faults(config.on_bad) as faults:
            found = measurement_data.read(sources, form(config), label_form, faults)
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
    from pipelines.sources.measurements import (
        known_variables,
        label_table,
        padded_events,
        static_groups,
        value_limits,
    )

    label = next(iter(found.cases.labels))
    labels, classes = label_table.binary(found.cases.labels[label], config.positive)
    split = split_of[found.cases.entity]
    static_groups.members(static_groups.parse(config.groups), found.statics)  # refuses what there is not
    train = np.unique(found.cases.entity[split == "train"])
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
    _check_both(labels, split, classes)
    ends = aligned.end(found.cases.entity, found.cases.hour)
    lengths = (ends - aligned.starts[found.cases.entity])[split == "train"]
    if not lengths.any():
        raise ValueError("Expected measurements before the predictions of the training part. Received: none")
    seen = np.isin(aligned.entity, train)
    limits = value_limits.read(config.limits) if config.limits else {}
    statics = found.statics
    content = {
        "said": [*found.said, _said(split, labels, classes)],
        "label": label,
        "classes": classes,
        "variables": variables,
        "kinds": found.kinds,
        "width": config.max_events or padded_events.usual_width(lengths),
        "max_hours": max(float(np.quantile(aligned.hours[seen], 0.99)), 1.0),
        "limits": {name: [*map(_or_none, limits[name])] for name in variables if name in limits},
        "entities": found.histories.entities.to_pylist(),
        "static_numbers": list(statics.numbers),
        "static_words": {name: words.tolist() for name, words in statics.words.items()},
        "static_inputs": static_inputs.learn(statics, train, config.static_inputs),
        "scores": list(found.cases.scores),
    }
    cases = (found.cases.entity, found.cases.hour, labels, np.array([SPLITS.index(one) for one in split], np.int8))
    arrays = {name: getattr(aligned, name) for name in _HISTORIES}
    arrays |= {f"case_{name}": of for name, of in zip(_CASES, cases, strict=True)}
    arrays["statics"] = _stacked(statics.numbers, len(found.split))
    arrays["scores"] = _stacked(found.cases.scores, len(labels))
    for note in content["said"]:
        print(note)
    run.assets.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(run.assets / f"{name}.npy", array)
    whole_files.write(run.assets / _CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def form(config: Config) -> Form:
    """How the measurements are written."""
    columns = (
        *(config.entity_column, config.time_column, config.variable_column, config.value_column),
        *(config.text_column, config.time_format, config.decimal, config.thousands),
    )
    lists = (config.missing, config.missing_variables, config.static_variables, config.categories)
    return Form(*columns, *map(_names, lists), files=file_options.of(config))


def files(config: Config) -> list[Path]:
    """The files and folders that the data is read from; none of synthetic stays."""
    if config.data == SYNTHETIC:
        return []
    return [Path(one) for one in (config.data, config.labels_file, config.static, config.limits) if one]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the tables: how they are written, and the types of the variables.

    A variable that is a static field is one at predict, too, whatever table training had it in.
    """
    read_form, kinds = form(config), content(run)["kinds"]
    fields = [one["name"] for one in content(run)["static_inputs"]]
    static = tuple(dict.fromkeys([*read_form.static_variables, *fields]))
    return {"form": asdict(replace(read_form, static_variables=static)), "kinds": kinds}


def content(run: Run) -> dict[str, Any]:
    """What the preparation of a run decided, as JSON."""
    return whole_files.read_json(run.assets / _CONTENT)


def inputs_of(run: Run) -> "StaticInputs":
    """The static fields that the model of a run reads."""
    return static_inputs.StaticInputs(content(run)["static_inputs"])


def read(run: Run) -> Prepared:
    """Opens the prepared data of a run.

    Args:
        run: The run, prepared.

    Returns:
        The data; arrays are mapped.

    Example:
        `read(run).of_split("validation").label.mean()`
    """
    import pyarrow as pa

    from pipelines.sources.measurements.histories import Histories
    from pipelines.sources.measurements.static_fields import Statics

    known = content(run)
    arrays = (array_files.read(run.assets / f"{name}.npy") for name in _HISTORIES)
    texts = (pa.array(known[name], pa.large_string()) for name in ("entities", "variables"))
    histories = Histories(*arrays, *texts)
    numbers = dict(zip(known["static_numbers"], array_files.read(run.assets / "statics.npy"), strict=True))
    statics = Statics(numbers, {name: np.array(of, object) for name, of in known["static_words"].items()})
    entity, hour, label, split = (array_files.read(run.assets / f"case_{name}.npy") for name in _CASES)
    scores = dict(zip(known["scores"], array_files.read(run.assets / "scores.npy"), strict=True))
    every = Cases(entity, hour, label, scores)
    cases = {name: every.chosen(np.flatnonzero(split == number)) for number, name in enumerate(SPLITS)}
    return Prepared(histories, statics, cases, known)


def _split(config: Config, found: "MeasurementData", strata: np.ndarray) -> np.ndarray:
    """The split of each entity: that of the files, else by shares."""
    from pipelines.sources.measurements import entity_splits

    seed = config.training.seed
    if not (found.split != "").any():
        return entity_splits.shares(strata, config.validation_share, config.test_share, seed)
    entity_splits.check(found.split, found.cases, found.histories.entities.to_pylist())
    split = found.split.copy()
    if not (split[found.cases.entity] == "validation").any():  # held back of the training part
        of_train = np.where(split == "train", strata, -1)
        split = np.where(split == "train", entity_splits.shares(of_train, config.validation_share, 0.0, seed), split)
    return split


def _check_both(labels: np.ndarray, split: np.ndarray, classes: tuple[str, str]) -> None:
    """Refuses a training or validation part of one class: nothing could be learnt, nor a threshold chosen."""
    for name in SPLITS[:2]:
        counts = np.bincount(labels[split == name], minlength=2)
        if not counts.all():
            raise ValueError(
                f"Expected cases of both classes in the {name} part. Received: {counts[0]:,} of {classes[0]!r} and "
                f"{counts[1]:,} of {classes[1]!r}"
            )


def _said(split: np.ndarray, labels: np.ndarray, classes: tuple[str, str]) -> str:
    parts = [f"{(split == name).sum():,} {name} ({labels[split == name].sum():,})" for name in SPLITS
             if (split == name).any()]  # fmt: skip
    return f"cases by split, of which {classes[1]!r}: {', '.join(parts)}"


def _stacked(columns: dict[str, np.ndarray], rows: int) -> np.ndarray:
    return np.array([*columns.values()], np.float64).reshape(len(columns), rows)


def _or_none(bound: float) -> float | None:
    return bound if np.isfinite(bound) else None


def _names(option: str) -> tuple[str, ...]:
    return tuple(option_lists.split(option))
