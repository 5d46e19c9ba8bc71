"""Labels and severity scores: a row an entity, or a row for each time at which something is to be predicted."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.sources.events import event_columns
from pipelines.sources.faults import Faults
from pipelines.sources.measurements import measurement_columns, measurement_times, static_fields
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_form import LabelForm
from pipelines.sources.measurements.measurement_times import Reading
from pipelines.sources.tables import table_cells, table_files, table_numbers
from pipelines.sources.tables.table_numbers import Marks

if TYPE_CHECKING:
    import pandas as pd

NO_TIME = "none"
_HOUR = 3_600_000_000
_USUAL = ("label", "boolean_value", "target", "outcome", "y", "class")
_BINARY = (("0", "1"), ("false", "true"), ("no", "yes"), ("n", "y"), ("negative", "positive"), ("alive", "dead"))


@dataclass(frozen=True)
class Cases:
    """What is to be predicted.

    Attributes:
        entity: int32 `[cases]`, number of the entity.
        hour: float64 `[cases]`, up to which its measurements are seen; infinity for all of them.
        labels: Name -> texts, object `[cases]`.
        scores: Name of a severity score -> float64 `[cases]`, NaN where missing.
    """

    entity: np.ndarray
    hour: np.ndarray
    labels: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.entity)


def read(
    path: str | Path, form: LabelForm, known: DistinctTexts, origin: np.ndarray, reading: Reading, faults: Faults
) -> Cases:
    """Reads labels. No column but those of entity, time, labels and scores is looked at.

    Args:
        path: The table.
        form: Its columns.
        known: The entities.
        origin: int64 `[entities]`, microseconds of each one's first row that has a time.
        reading: How the times of the measurements are written, and so those of predictions.
        faults: Receives rows without a label, an entity or a readable time, and entities without measurements.

    Returns:
        The cases in the order of the rows; a row that is there twice once.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, an entity has two labels at one time, nothing is left, or a fault is an error.

    Example:
        `read("labels.csv", LabelForm(labels=("death",)), entities, origin, reading, Faults("error")).labels["death"]`
    """
    frame = table_files.read(path, faults, form.files).frame
    names, source = table_files.names(frame), str(path)
    columns = _columns(names, form, source)
    labels = _labels(form, [name for name in names if name not in columns.values()], source)
    scores = [event_columns.require(names, name, "score_columns", source) for name in form.score_columns]
    if twice := {*labels} & {*scores}:
        raise ValueError(f"Expected a column as a label or as a score. Received: {min(twice)!r} as both")
    number, kept = static_fields.entity_numbers(frame, columns["entity"], known, faults)
    texts = {name: _texts(frame[name]) for name in labels}
    unlabelled = kept & np.any([found == "" for found in texts.values()], axis=0)
    if unlabelled.any():
        row = int(np.argmax(unlabelled))
        faults.found(f"a label in {' and '.join(labels)} of each row", table_files.place(frame, row),
                     "the row is left out", int(unlabelled.sum()))  # fmt: skip
        kept &= ~unlabelled
    hour = np.full(len(frame), np.inf)
    if "prediction_time" in columns:
        time, there = measurement_times.read_alike(frame, columns["prediction_time"], reading, faults)
        kept &= there
        hour[kept] = (time[kept] - origin[number[kept]]) / _HOUR
    kept &= ~_repeated(frame, number, hour, texts, kept)
    if not kept.any():
        raise ValueError(f"Expected a label of an entity that has measurements. Received: none in {path}")
    values = {name: table_numbers.numbers(frame, name, Marks())[kept] for name in scores}
    return Cases(number[kept], hour[kept], {name: found[kept] for name, found in texts.items()}, values)


def binary(labels: np.ndarray, positive: str = "") -> tuple[np.ndarray, tuple[str, str]]:
    """Labels of two classes as 0 and 1.

    Args:
        labels: Texts, object `[cases]`.
        positive: The class that is 1; empty if the words tell it, such as `1`, `True` or `yes`.

    Returns:
        int8 `[cases]`, and the names of 0 and 1.

    Raises:
        ValueError: There are not two classes, or it is not known which is 1.

    Example:
        `binary(np.array(["yes", "no"], object))` -> `(array([1, 0]), ("no", "yes"))`
    """
    classes = sorted({*labels.tolist()})
    if len(classes) != 2:
        shown = ", ".join(map(repr, classes[:5])) + (", ..." if len(classes) > 5 else "")
        raise ValueError(f"Expected labels of two classes. Received: {len(classes):,}: {shown}")
    plain = tuple(text.casefold() for text in classes)
    if positive not in classes:
        known = next((pair for pair in _BINARY if sorted(pair) == sorted(plain)), None)
        if positive or known is None:
            raise ValueError(
                f"Expected --positive, the class whose probability is predicted: {classes[0]!r} or {classes[1]!r}. "
                f"Received: positive={positive!r}"
            )
        positive = classes[plain.index(known[1])]
    negative = classes[1 - classes.index(positive)]
    return (labels == positive).astype(np.int8), (negative, positive)


def _columns(names: list[str], form: LabelForm, source: str) -> dict[str, str]:
    """The columns of the entity and, if there is one, of the time of the prediction."""
    given = {"entity": form.entity, **({} if form.time == NO_TIME else {"prediction_time": form.time})}
    found = measurement_columns.find(names, given, source)
    times = measurement_columns.find(names, {"time": ""}, source, ("time",))
    if "prediction_time" in given and "prediction_time" not in found and times:
        raise ValueError(
            f"Expected --prediction_time_column {times['time']}, after which nothing is seen, or "
            f"--prediction_time_column {NO_TIME}, if all measurements may be seen. "
            f"Received: a column {times['time']!r}, {source}"
        )
    return found


def _labels(form: LabelForm, others: list[str], source: str) -> list[str]:
    if form.labels:
        return [event_columns.require(others, name, "labels", source) for name in form.labels]
    left = [name for name in others if name not in form.score_columns]
    usual = [name for name in left if name.casefold() in _USUAL]
    found = left if len(left) == 1 else usual
    if len(found) != 1:
        raise ValueError(
            f"Expected --labels, the columns to predict, of {', '.join(left)}; the others are never inputs. "
            f"Received: labels='', {source}"
        )
    return found


def _texts(column: "pd.Series") -> np.ndarray:
    """The labels of a column, empty where missing; whole numbers are their digits."""
    found = table_numbers.read(column, Marks()) if not table_cells.is_typed(column) else None
    if found is None:
        values = column.to_numpy(np.float64, na_value=np.nan)
        return np.array(["" if np.isnan(value) else f"{value:.15g}" for value in values.tolist()], object)
    texts = np.array([table_cells.spelt(text) for text in found.cells.texts.to_pylist()], object)
    return np.where(found.missing, "", texts)[found.cells.codes]


def _repeated(
    frame: "pd.DataFrame", entity: np.ndarray, hour: np.ndarray, labels: dict[str, np.ndarray], kept: np.ndarray
) -> np.ndarray:
    """Which rows repeat an earlier one, bool `[rows]`; refuses those with another label."""
    seen: dict[tuple[int, float], int] = {}
    again = np.zeros(len(entity), bool)
    for row in np.flatnonzero(kept).tolist():
        first = seen.setdefault((int(entity[row]), float(hour[row])), row)
        again[row] = first != row
        for name, texts in labels.items():
            if texts[first] != texts[row]:
                raise ValueError(
                    f"Expected one label {name!r} of an entity at a time. Received: {texts[first]!r} in "
                    f"{table_files.place(frame, first)}, and {texts[row]!r} in {table_files.place(frame, row)}"
                )
    return again
