"""Small tables of measurements, for the tests of this folder."""

from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files
from pipelines.sources.measurements import measurement_data
from pipelines.sources.measurements.measurement_data import Sources
from pipelines.sources.measurements.measurement_form import Form, LabelForm

NAMES = ["stay_id", "time", "variable", "value"]
ROWS = [
    ["007", "00:00", "Age", "54"],
    ["007", "00:30", "HR", "80.5"],
    ["007", "01:00", "HR", "90"],
    ["007", "01:00", "Rhythm", "sinus"],
    ["b", "47:15", "HR", "70"],
    ["b", "48:45", "Rhythm", "af"],
]
LABELS = [["007", "yes", 3], ["b", "no", 9]]


def table(folder, rows, names=NAMES, name="events.csv"):
    path = folder / name
    row_files.write(path, names, rows)
    return str(path)


def read(folder, rows=ROWS, form=None, label_form=None, on_bad="error", labels=None, ending="csv", **others):
    """The data set of rows; `labels` are names of columns and rows."""
    label_names, label_rows = labels or (["stay_id", "died", "score"], LABELS)
    data = others.pop("data", None) or table(folder, rows, name=f"events.{ending}")
    sources = Sources(data, table(folder, label_rows, label_names, "labels.csv"), **others)
    return measurement_data.read(
        sources, form or Form(), label_form or LabelForm(("died",), ("score",)), Faults(on_bad)
    )


def events(data):
    """Entity -> its measurements as (hour, variable, value or None), in order."""
    found, names = data.histories, data.histories.variables.to_pylist()
    rows = [
        (hour, names[variable], None if value != value else value)
        for hour, variable, value in zip(found.hours.tolist(), found.variable, found.value.tolist(), strict=True)
    ]
    return {
        entity: rows[found.starts[number] : found.starts[number + 1]]
        for number, entity in enumerate(found.entities.to_pylist())
    }
