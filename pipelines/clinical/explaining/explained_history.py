"""The measurements and notes of an entity, from a run or a text."""

from typing import Any, NamedTuple

import numpy as np

from pipelines.clinical import data, event_text
from pipelines.clinical.static_inputs import StaticInputs
from pipelines.runs import Run


class History(NamedTuple):
    """The measurements and notes of an entity.

    Attributes:
        time: Hours of each.
        variable: Variable of each, `note` of a note.
        value: Value of each, NaN where there is none.
        text: Text of each note, empty of a measurement.
        static: Input of a static field -> its value.
    """

    time: list[float]
    variable: list[str]
    value: list[float]
    text: list[str]
    static: dict[str, Any]

    def latest(self, known: "set[str] | None", width: int) -> "History":
        """The latest notes, and measurements of known variables; None = all are."""
        kept = [
            row
            for row, (time, name, text) in enumerate(zip(self.time, self.variable, self.text, strict=True))
            if np.isfinite(time) and (known is None or text or name in known)
        ]
        kept = sorted(kept, key=lambda row: (self.time[row], self.variable[row], np.nan_to_num(self.value[row])))
        kept = kept[-width:]
        columns: list[list[Any]] = [
            [of[row] for row in kept] for of in (self.time, self.variable, self.value, self.text)
        ]
        time, variable, value, text = columns
        return History(time, variable, value, text, self.static)

    def padded(self, width: int, notes: bool) -> dict[str, Any]:
        """A row of an endpoint, padded on the left to a width."""
        missing = width - len(self.time)
        names = ["" if text else name for name, text in zip(self.variable, self.text, strict=True)]
        events = {"time": [0.0] * missing + self.time, "variable": [""] * missing + names}
        events |= {"value": [float("nan")] * missing + self.value}
        return events | ({"text": [""] * missing + self.text} if notes else {}) | self.static


def history_of(run: Run, row: str) -> History:
    """The measurements that a text names.

    Args:
        run: The run.
        row: Id of an entity of the run; or measurements, `hours,variable,value` with semicolons between them.

    Returns:
        The measurements.

    Raises:
        ValueError: It is neither.

    Example:
        `history_of(run, "0,HR,80;1.5,HR,95;,Age,54")`
    """
    fields = data.inputs_of(run)
    if "," in row:
        return read(row, fields, {*data.content(run)["variables"]}, bool(data.content(run).get("notes")))
    prepared = data.read(run)
    entities = prepared.content["entities"]
    if row not in entities:
        raise ValueError(
            f"Expected the id of an entity of the run, such as {entities[0]!r}, or measurements, "
            f"'hours,variable,value;...'. Received: {row[:80]!r}"
        )
    entity, histories = entities.index(row), prepared.histories
    hours = [of.hour[of.entity == entity] for of in prepared.cases.values()]
    until = max((float(one.max()) for one in hours if len(one)), default=np.inf)
    part = slice(int(histories.starts[entity]), int(histories.end(np.array([entity]), np.array([until]))[0]))
    names = [prepared.variables[number] for number in histories.variable[part].tolist()]
    static = {name: of[0] for name, of in fields.values(prepared.statics, np.array([entity])).items()}
    time, value, text = histories.hours[part].tolist(), histories.value[part].tolist(), [""] * len(names)
    if prepared.notes is not None:
        for note in prepared.notes.numbers(np.array([entity]), np.array([until]), run.config.max_notes)[0]:
            time.append(float(prepared.notes.hours[note]))
            text.append(prepared.notes.text(note))
            names.append(data.NOTE)
            value.append(float("nan"))
    return History(time, names, value, text, static)


def read(text: str, fields: StaticInputs, known: "set[str] | None", notes: bool = False) -> History:
    """Reads measurements and notes from a text.

    Args:
        text: `hours,variable,value` with semicolons between them.
        fields: The static fields.
        known: Variables that are known; None = all are.
        notes: Whether those of the variable `note` are notes.

    Example:
        `read("0,HR,80", StaticInputs([]), None).time` -> `[0.0]`
    """
    time: list[float] = []
    variable: list[str] = []
    values: list[float] = []
    texts: list[str] = []
    static = {one["input"]: float("nan") if one["words"] is None else "" for one in fields.fields}
    of_name = {one["name"]: one for one in fields.fields}
    for hours, name, last in reversed(event_text.items(text, notes)):  # the first of several static values counts
        value = event_text.number(last)
        if name in of_name:
            static[of_name[name]["input"]] = value if of_name[name]["words"] is None else last
            continue
        is_note = notes and name == data.NOTE
        is_word = not is_note and bool(last) and (value != value or (known is not None and name not in known))
        time.append(event_text.number(hours))
        variable.append(f"{name}={last}" if is_word else name)
        values.append(float("nan") if is_word or is_note else value)
        texts.append(last if is_note else "")
    return History(time, variable, values, texts, static)
