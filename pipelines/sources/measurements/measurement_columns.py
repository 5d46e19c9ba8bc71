"""The columns of tables about entities: of measurements, labels, notes and static fields."""

from pipelines.sources.events import event_columns

# What the columns are often called, the likeliest first.
_NAMES = {
    "entity": (
        *("subject_id", "entity", "entity_id", "patient_id", "patient", "patientid", "recordid", "record_id"),
        *(
            "stay_id",
            "icustay_id",
            "hadm_id",
            "encounter_id",
            "patientunitstayid",
            "machine_id",
            "machine",
            "machineid",
        ),
        *("device_id", "device", "id"),
    ),
    "time": (
        *("time", "charttime", "timestamp", "datetime", "hours", "hour", "event_time", "minutes", "observationoffset"),
        *("date", "ts"),
    ),
    "variable": (
        *("variable", "parameter", "code", "itemid", "feature", "measurement", "sensor", "channel", "item", "label"),
        "name",
    ),
    "value": ("value", "numeric_value", "valuenum", "val", "reading", "result"),
    "text": ("text_value",),
    "prediction_time": ("prediction_time", "predictiontime", "index_time", "as_of"),
    "note": ("text", "note", "notes", "note_text", "report"),
}
_NEEDED = ("entity", "time", "variable", "value", "note")


def find(names: list[str], given: dict[str, str], source: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Finds columns by their usual names.

    Args:
        names: Names of the table's columns.
        given: Role -> name that the user gives, or an empty one. The roles are those of `_NAMES`.
        source: Name of the table, for messages.
        optional: Roles that need not be there; so are `text` and `prediction_time`.

    Returns:
        Role -> name, without the roles that have no column.

    Raises:
        ValueError: A column is missing, or there are two of a name.

    Example:
        `find(["RecordID", "Age"], {"entity": ""}, "static.csv")` -> `{"entity": "RecordID"}`
    """
    found = {
        role: event_columns.column(names, name, f"{role}_column", _NAMES[role], source) for role, name in given.items()
    }
    missing = [role for role, name in found.items() if not name and role in _NEEDED and role not in optional]
    if missing:
        role = missing[0]
        raise ValueError(
            f"Expected a column of the {role}, such as {_NAMES[role][0]!r}, or its name with --{role}_column. "
            f"Received: {', '.join(names)}, {source}"
        )
    return {role: name for role, name in found.items() if name}
