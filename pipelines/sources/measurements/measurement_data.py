"""Irregular measurements of entities from files: histories, static fields, notes and labels."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import (
    given_splits,
    histories,
    label_table,
    measurement_files,
    note_table,
    static_fields,
    value_limits,
    variable_types,
)
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.histories import Histories, Ordered
from pipelines.sources.measurements.label_table import Cases
from pipelines.sources.measurements.measurement_form import Form, LabelForm
from pipelines.sources.measurements.measurement_rows import RowReader, Rows, is_number
from pipelines.sources.measurements.measurement_times import Reading
from pipelines.sources.measurements.note_table import Notes
from pipelines.sources.measurements.static_fields import Statics
from pipelines.sources.measurements.variable_types import NUMBERS, OCCURRENCES
from pipelines.sources.synthetic import synthetic_patients
from pipelines.sources.tables.table_numbers import Marks

_HOUR = 3_600_000_000
_YEAR = _HOUR * 24 * 365.25
BIRTH, AGE = "MEDS_BIRTH", "age"  # an event of MEDS, and the static field that it becomes, in years


@dataclass(frozen=True)
class Sources:
    """Where the tables lie.

    Attributes:
        data: See `measurement_files.files`.
        labels: Table of labels.
        static: Table of static fields; empty = none.
        notes: Table of notes; empty = none.
        limits: Table of possible values; empty = none.
    """

    data: str
    labels: str
    static: str = ""
    notes: str = ""
    limits: str = ""


@dataclass(frozen=True)
class MeasurementData:
    """A data set.

    Attributes:
        histories: The measurements of each entity in order.
        statics: Static fields of the entities.
        cases: What is to be predicted.
        notes: Notes on the entities; None if there is no table of them.
        kinds: Variable of the table -> `numbers`, `words` or `occurrences`.
        split: Split of each entity, object `[entities]`, where the files say it, else empty.
        said: What is to be said.
    """

    histories: Histories
    statics: Statics
    cases: Cases
    notes: Notes | None
    kinds: dict[str, str]
    split: np.ndarray
    said: list[str]


class Measured(NamedTuple):
    """A data set without labels.

    Attributes:
        ordered: The measurements of each entity in order, and what was left out of them.
        statics: See `MeasurementData`, as `notes`, `kinds` and `split`.
        notes: See there.
        kinds: See there.
        split: See there.
        known: The entities.
        origin: int64 `[entities]`, microseconds of each one's first row that has a time, or of its first note if it has
            no such row.
        reading: How times are written.
        said: What is to be said.
    """

    ordered: Ordered
    statics: Statics
    notes: Notes | None
    kinds: dict[str, str]
    split: np.ndarray
    known: DistinctTexts
    origin: np.ndarray
    reading: Reading
    said: list[str]


def read(
    sources: Sources, form: Form, label_form: LabelForm, faults: Faults, known: dict[str, str] | None = None
) -> MeasurementData:
    """Reads a data set. Texts are in memory one file at a time, all else as numbers.

    Args:
        sources: Where the tables lie.
        form: How measurements are written.
        label_form: How labels are written.
        faults: Collects faulty rows.
        known: Types of the variables that training decided.

    Returns:
        The data set.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A table cannot be read, an entity is in two splits, nothing is left, or a fault is an error.

    Example:
        `read(Sources("set-a.csv.gz", "Outcomes-a.csv.gz"), form, label_form, Faults("warn")).histories.lengths`
    """
    found = measured(sources, form, faults, known)
    cases = label_table.read(sources.labels, label_form, found.known, found.origin, found.reading, faults)
    _check_no_label_is_seen(cases, found.statics, found.ordered.histories)
    said = [*found.said, *_counted(found.ordered, cases)]
    return MeasurementData(found.ordered.histories, found.statics, cases, found.notes, found.kinds, found.split, said)


def measured(sources: Sources, form: Form, faults: Faults, known: dict[str, str] | None = None) -> Measured:
    """Reads a data set without labels.

    Args and errors are those of `read`. With `known`, the form may name variables that are not there.

    Example:
        `measured(Sources("new.csv", ""), form, Faults("warn"), kinds).ordered.histories.lengths`
    """
    files = measurement_files.files(sources.data)
    reader = RowReader(form, faults, many_files=len(files) > 1)
    rows = _rows(sources, form, reader, faults, files)
    if known is not None:
        form = _of_what_is_there(form, reader)
    split = given_splits.read(sources.data, rows, reader, files)
    is_note = np.isin(rows.variable, reader.variables.known(form.note_variables))
    note_rows, rows = rows.chosen(is_note), rows.chosen(~is_note)
    origin = _origin(rows, reader)
    found = variable_types.typed(rows, reader, form, faults, known)
    del rows
    possible = _possible(found.rows, sources.limits, reader, faults)
    is_static = ~possible.timed | np.isin(possible.variable, reader.variables.known([*form.static_variables, BIRTH]))
    said = [_columns_of(reader), *found.notes, *_units(possible, found.kinds, reader)]
    statics, more = _statics(possible.chosen(is_static), found.kinds, reader, origin)
    events, variables = variable_types.events(possible.chosen(~is_static), found.kinds, reader)
    kinds = found.kinds
    del found, possible
    if sources.static:
        marks = Marks(form.decimal or ".", form.thousands)
        table = static_fields.read(sources.static, form.entity, reader.entities, form.files, marks, faults)
        new = len(reader.entities) - len(origin)  # entities that only the table has
        statics, origin = statics.longer(new).joined(table), np.append(origin, np.full(new, note_table.NEVER))
        split = np.append(split, np.full(new, "", object))
    hours = (events.time - origin[events.entity]) / _HOUR
    columns = (events.entity, hours, events.variable, events.value)
    ordered = histories.in_order(*columns, reader.entities.to_list(), variables.to_list())
    reading = reader.reading or Reading()
    written = [note_table.of_rows(note_rows, reader)] if form.note_variables else []
    if sources.notes:
        written.append(note_table.read(sources.notes, reader.entities, form, reading, faults))
    origin = note_table.begun(written, origin)
    notes = note_table.in_order(written, origin) if written else None
    return Measured(ordered, statics, notes, kinds, split, reader.entities, origin, reading, [*said, *more])


def synthetic(seed: int = 1, stays: int = 2_000) -> MeasurementData:
    """The embedded data set.

    Args:
        seed: Seed of the generator.
        stays: Number of stays.

    Returns:
        See `synthetic_patients`.

    Example:
        `synthetic().histories.variables`
    """
    found = synthetic_patients.stays(seed, stays)
    names, numbers = found.histories.variables.to_pylist(), np.isfinite(found.histories.value)
    measured = {names[number] for number in np.unique(found.histories.variable[numbers])}
    kinds = {name: NUMBERS if name in measured else OCCURRENCES for name in names}
    said = ["synthetic stays", f"{stays:,} cases of {stays:,} entities; {len(found.histories):,} measurements"]
    split = np.full(stays, "", object)
    return MeasurementData(found.histories, found.statics, found.cases, found.notes, kinds, split, said)


def _rows(sources: Sources, form: Form, reader: RowReader, faults: Faults, files: dict[Path, str]) -> Rows:
    parts = [reader.rows(frame) for frame in measurement_files.frames(list(files), form.files, faults)]
    rows = Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    if not len(rows.entity):
        raise ValueError(f"Expected measurements. Received: no row of {sources.data} that can be used")
    return rows


def _of_what_is_there(form: Form, reader: RowReader) -> Form:
    """The form without variables that no row has, as training may have had them."""
    there = set(reader.variables.to_list())
    of, static, words, notes = (
        tuple(name for name in names if name in there)
        for names in (form.missing_variables, form.static_variables, form.categories, form.note_variables)
    )
    missing = form.missing if of else tuple(one for one in form.missing if not is_number(one))
    return replace(form, missing=missing, missing_variables=of, static_variables=static, categories=words,
                   note_variables=notes)  # fmt: skip


def _origin(rows: Rows, reader: RowReader) -> np.ndarray:
    """Microseconds of each entity's first row that has a time, int64 `[entities]`; `note_table.NEVER` without any."""
    rows = rows.chosen(rows.timed & (rows.variable != reader.variables.known([BIRTH])[0]))
    origin = np.full(len(reader.entities), note_table.NEVER, np.int64)
    np.minimum.at(origin, rows.entity, rows.time)
    return origin


def _possible(rows: Rows, limits: str, reader: RowReader, faults: Faults) -> Rows:
    return value_limits.within(rows, value_limits.read(limits), reader, faults) if limits else rows


def _units(rows: Rows, kinds: dict[str, str], reader: RowReader) -> list[str]:
    names = reader.variables.to_list()
    numeric = np.array([kinds[name] == NUMBERS for name in names])[rows.variable]
    return value_limits.mixed_units(rows.chosen(numeric), names)


def _statics(rows: Rows, kinds: dict[str, str], reader: RowReader, origin: np.ndarray) -> tuple[Statics, list[str]]:
    """The static fields among the rows; a birth becomes the age at the first measurement."""
    is_birth = rows.timed & (rows.variable == reader.variables.known([BIRTH])[0])
    found, said = static_fields.of_rows(rows.chosen(~is_birth), kinds, reader, len(origin))
    if is_birth.any():
        births = rows.chosen(is_birth)
        found.numbers[AGE] = np.full(len(origin), np.nan)
        begin = np.where(origin == note_table.NEVER, np.nan, origin)
        found.numbers[AGE][births.entity] = (begin[births.entity] - births.time) / _YEAR
    return found, said


def _check_no_label_is_seen(cases: Cases, statics: Statics, found: Histories) -> None:
    inputs = {*statics.numbers, *statics.words, *found.variables.to_pylist()}
    if seen := inputs & {*cases.labels, *cases.scores}:
        raise ValueError(
            "Expected labels and scores that are no inputs; leave them out of the measurements and static fields, or "
            f"rename those if they are something else. Received: {min(seen)!r} as both"
        )


def _columns_of(reader: RowReader) -> str:
    columns = ", ".join(f"{role} {name!r}" for role, name in reader.columns.items())
    return f"columns: {columns}; times written as {reader.reading.words if reader.reading else 'nothing'}"


def _counted(ordered: Ordered, cases: Cases) -> list[str]:
    found = ordered.histories
    lengths = found.lengths[cases.entity]
    said = [
        f"{len(cases):,} cases of {len(np.unique(cases.entity)):,} entities; {len(found):,} measurements of "
        f"{len(np.unique(found.variable)):,} variables"
    ]
    if ordered.repeated:
        said.append(f"{ordered.repeated:,} rows are equal to another in all and left out")
    if ordered.at_once:
        said.append(f"{ordered.at_once:,} measurements are of the time and variable of another, and kept")
    if (lengths == 0).any():
        said.append(f"{(lengths == 0).sum():,} cases have no measurement, and are predicted from static fields alone")
    if unlabelled := len(found.lengths) - len(np.unique(cases.entity)):
        said.append(f"{unlabelled:,} entities have no label")
    return said
