"""The measurements, notes and cases of a prepared run."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.clinical import static_inputs
from pipelines.clinical.config import Config
from pipelines.runs import Run
from pipelines.sources.files import file_options
from pipelines.sources.measurements.measurement_form import Form, LabelForm
from pipelines.sources.split_names import SPLITS
from tfmodels import array_files, option_lists, whole_files

if TYPE_CHECKING:
    from pipelines.clinical.notes.note_rows import NoteRows
    from pipelines.clinical.static_inputs import StaticInputs
    from pipelines.sources.measurements.histories import Histories
    from pipelines.sources.measurements.static_fields import Statics

SYNTHETIC = "synthetic"
NOTE = "note"  # the variable of notes, in tables and texts of requests
CONTENT = "measurements.json"
HISTORIES = ("starts", "hours", "variable", "value")
CASES = ("entity", "hour", "label", "split")


class Cases(NamedTuple):
    """What is predicted.

    Attributes:
        entity: int `[cases]`, number of the entity.
        hour: float64 `[cases]`, up to which its measurements are seen; infinity for all of them.
        label: 0 or 1, the number of the class, or a number `[cases]`.
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
        notes: The notes, None of a model that reads none.
    """

    histories: "Histories"
    statics: "Statics"
    cases: dict[str, Cases]
    content: dict[str, Any]
    notes: "NoteRows | None" = None

    @property
    def variables(self) -> list[str]:
        """The variables, in the order of their numbers from 1 on."""
        return self.content["variables"]

    def of_split(self, split: str) -> Cases:
        """The cases of a split.

        Raises:
            ValueError: There is no such split to score.
        """
        there = [name for name, cases in self.cases.items() if len(cases.entity)]
        if split not in there:
            raise ValueError(f"Expected a split that has cases: {', '.join(there)}. Received: split={split!r}")
        return self.cases[split]


def form(config: Config) -> Form:
    """How the measurements are written."""
    columns = (
        *(config.entity_column, config.time_column, config.variable_column, config.value_column),
        *(config.text_column, config.time_format, config.decimal, config.thousands),
    )
    lists = (config.missing, config.missing_variables, config.static_variables, config.categories)
    note_variables = names(config.note_variables) if config.read_notes else ()
    return Form(
        *columns, *map(names, lists), note=config.note_column, note_variables=note_variables,
        files=file_options.of(config),
    )  # fmt: skip


def label_form(config: Config, label: str = "") -> LabelForm:
    """How the labels are written; `label` is the column that was found where no option names it."""
    columns = (names(config.labels) or (label,) * bool(label), names(config.score_columns), config.entity_column)
    return LabelForm(*columns, config.prediction_time_column, file_options.of(config))


def files(config: Config) -> list[Path]:
    """The files and folders that the data is read from; none of synthetic stays."""
    if config.data == SYNTHETIC:
        return []
    notes = config.notes if config.read_notes else ""
    return [Path(one) for one in (config.data, config.labels_file, config.static, notes, config.limits) if one]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the tables: how they are written, and the types of the variables."""
    return {"form": asdict(served_form(config, run)), "kinds": content(run)["kinds"]}


def served_form(config: Config, run: Run) -> Form:
    """How tables of new measurements are written.

    A variable that is a static field is one at predict, too, whatever table training had it in; so are notes, where the
    table has them as the variable `note`.
    """
    read_form, known = form(config), content(run)
    fields = [one["name"] for one in known["static_inputs"]]
    static = tuple(dict.fromkeys([*read_form.static_variables, *fields]))
    notes = tuple(dict.fromkeys([*read_form.note_variables, NOTE])) if known.get("notes") else ()
    return replace(read_form, static_variables=static, note_variables=notes)


def content(run: Run) -> dict[str, Any]:
    """What the preparation of a run decided, as JSON."""
    return whole_files.read_json(run.assets / CONTENT)


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

    from pipelines.clinical.notes import note_rows
    from pipelines.sources.measurements.histories import Histories
    from pipelines.sources.measurements.static_fields import Statics

    known = content(run)
    arrays = (array_files.read(run.assets / f"{name}.npy") for name in HISTORIES)
    texts = (pa.array(known[name], pa.large_string()) for name in ("entities", "variables"))
    histories = Histories(*arrays, *texts)
    numbers = dict(zip(known["static_numbers"], array_files.read(run.assets / "statics.npy"), strict=True))
    statics = Statics(numbers, {name: np.array(of, object) for name, of in known["static_words"].items()})
    entity, hour, label, split = (array_files.read(run.assets / f"case_{name}.npy") for name in CASES)
    scores = dict(zip(known["scores"], array_files.read(run.assets / "scores.npy"), strict=True))
    every = Cases(entity, hour, label, scores)
    cases = {name: every.chosen(np.flatnonzero(split == number)) for number, name in enumerate(SPLITS)}
    notes = note_rows.read(run) if known.get("notes") else None
    return Prepared(histories, statics, cases, known, notes)


def names(option: str) -> tuple[str, ...]:
    """The names of an option with commas between them."""
    return tuple(option_lists.split(option))
