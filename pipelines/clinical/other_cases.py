"""Other measurements than those of a run, to score it on: all of their labelled cases."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from pipelines.clinical import data
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.heads import head_labels
from pipelines.runs import Run
from pipelines.sources.faults import collect_faults
from pipelines.sources.measurements import known_variables, measurement_data
from pipelines.sources.measurements.histories import Histories
from pipelines.sources.measurements.measurement_data import Sources
from pipelines.sources.measurements.static_fields import Statics
from pipelines.sources.split_names import OTHER


def sources(config: Config, events: str) -> Sources:
    """The tables that are read of other data; those that no option names are the run's own.

    Args:
        config: The options.
        events: The table of measurements.

    Raises:
        ValueError: There is no table of labels.

    Example:
        `sources(config, "later.csv").labels`
    """
    labels = config.other.labels_file or config.labels_file
    if not labels:
        raise ValueError(
            f"Expected --other.labels_file FILE, the labels of the other data. Received: data={events!r} alone"
        )
    notes = (config.other.notes or config.notes) if config.read_notes else ""
    return Sources(events, labels, config.other.static or config.static, notes)


def files(config: Config, events: str) -> list[Path]:
    """The files and folders that are read of other data."""
    found = sources(config, events)
    return [Path(one) for one in (found.data, found.labels, found.static, found.notes) if one]


def scored(config: Config, run: Run) -> Prepared:
    """The data of a run, and where `run.other` names other measurements, these behind them as a split of their own.

    So the baselines are fitted to what the run was trained on, and all are asked for the same cases.

    Args:
        config: The options.
        run: The run.

    Returns:
        The data, perhaps with the split `other`.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A table is wrong, or does not fit what the run was trained on.

    Example:
        `scored(config, replace(run, other="later.csv")).of_split("other")`
    """
    own = data.read(run)
    if not run.other:
        return own
    tables, known = sources(config, run.other), own.content
    with collect_faults(config.on_bad) as faults:
        form, label_form = data.served_form(config, run), data.label_form(config, known["label"])
        found = measurement_data.read(tables, form, label_form, faults, known["kinds"])
        histories = known_variables.aligned(found.histories, own.variables, faults)
    histories = histories.chosen(_possible(histories, known["limits"]))
    labels = _labels(config, found.cases.labels[known["label"]], known["classes"])
    entities = len(own.histories.entities)
    cases = Cases(found.cases.entity + entities, found.cases.hour, labels, found.cases.scores)
    notes = None
    if own.notes is not None:
        notes = own.notes.joined(found.notes, len(histories.entities))
    said = [*found.said, *_said(own, found.statics, histories, found.cases.entity)]
    statics = _joined_statics(own.statics, found.statics, entities, len(histories.entities))
    return Prepared(
        _joined(own.histories, histories), statics, {**own.cases, OTHER: cases}, {**known, "said": said}, notes
    )


def _labels(config: Config, texts: np.ndarray, classes: list[str]) -> np.ndarray:
    """The labels as the run has them."""
    if config.head == head_labels.NUMBERS:
        return head_labels.read(config.head, texts)[0]
    if strange := {*texts.tolist()} - {*classes}:
        raise ValueError(
            f"Expected the labels of training, {', '.join(map(repr, classes))}. Received: {min(strange)!r} in the "
            "other data"
        )
    if config.head == head_labels.BINARY and len({*texts.tolist()}) < 2:
        raise ValueError(f"Expected cases of both classes in the other data. Received: {texts[0]!r} alone")
    place = {name: number for number, name in enumerate(classes)}
    return np.array([place[text] for text in texts.tolist()], np.int32)


def _possible(histories: Histories, limits: dict[str, list[float | None]]) -> np.ndarray:
    """Which measurements are possible by the limits of training, bool `[measurements]`; an unknown value is."""
    low, high = np.full(len(histories.variables), -np.inf), np.full(len(histories.variables), np.inf)
    for number, name in enumerate(histories.variables.to_pylist()):
        least, most = limits.get(name, (None, None))
        low[number], high[number] = -np.inf if least is None else least, np.inf if most is None else most
    impossible = (histories.value < low[histories.variable]) | (histories.value > high[histories.variable])
    return ~impossible


def _joined(own: Histories, more: Histories) -> Histories:
    import pyarrow as pa

    columns = {
        name: np.concatenate([getattr(of, name) for of in (own, more)]) for name in ("hours", "variable", "value")
    }
    starts = np.concatenate([own.starts, more.starts[1:] + own.starts[-1]])
    return replace(own, starts=starts, entities=pa.concat_arrays([own.entities, more.entities]), **columns)


def _joined_statics(own: Statics, more: Statics, entities: int, others: int) -> Statics:
    """The fields of training for both; one that the other data lacks is unknown there."""
    for here, there, kind in ((own.numbers, more.words, "numbers"), (own.words, more.numbers, "words")):
        if wrong := {*here} & {*there}:
            raise ValueError(f"Expected {kind} in the static field {min(wrong)!r}, as in training. Received: others")
    longer = own.longer(others)
    for mine, theirs in ((longer.numbers, more.numbers), (longer.words, more.words)):
        for name in {*mine} & {*theirs}:
            mine[name][entities:] = theirs[name]
    return longer


def _said(own: Prepared, statics: Statics, histories: Histories, entity: np.ndarray) -> list[str]:
    """What may make scores doubtful: entities that training had, fields and measurements that are not there."""
    said = []
    trained = np.concatenate([own.cases[split].entity for split in ("train", "validation")])
    seen = {*own.histories.entities.take(np.unique(trained)).to_pylist()}
    entities = np.unique(entity)
    if same := seen & {*histories.entities.take(entities).to_pylist()}:
        said.append(
            f"{len(same):,} entities are named as some that training or validation had, such as {min(same)!r}: if they "
            "are the same, these scores are too good"
        )
    known = np.zeros(len(histories.entities), bool)
    fields = {one["name"] for one in own.content["static_inputs"]}
    for name, values in statics.numbers.items():
        known |= np.isfinite(values) & (name in fields)
    for name, values in statics.words.items():
        known |= (values != "") & (name in fields)
    if fields and (unknown := (~known[entities]).sum()):
        said.append(f"{unknown:,} of {len(entities):,} entities have none of the static fields that the model reads")
    return [*said, f"all {len(entity):,} cases are scored; baselines are fitted to the run's own data"]
