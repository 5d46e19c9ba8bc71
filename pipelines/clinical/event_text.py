"""Measurements as text, in the graph and in Python: `hours,variable,value` with semicolons between them."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.runs.rows.card_fields import Fields

if TYPE_CHECKING:
    from pipelines.clinical.static_inputs import StaticInputs

_NUMBER = r"\s*[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*"
FIELD = Fields({"name": str, "input": str, "words": (list[str], None)}, closed=True)  # of a static field in a card
NOTE = r"(?s)\s*([^,]*),\s*note\s*,\s*(.*?)\s*"  # which may have commas
_CELLS = r"(?s)\s*([^,]*),(.*),\s*([^,]*?)\s*"  # a variable may have commas


def parsed(
    text: tf.Tensor, fields: "StaticInputs", table: tf.lookup.StaticHashTable, notes: bool = False
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, dict[str, tf.Tensor]]:
    """Reads measurements. No text raises an error; what cannot be read has the time NaN.

    Args:
        text: string `[batch]`, such as `0,HR,80;1.5,Rhythm,sinus;2,fever,;,Age,54`. What is named as a static field is
            one, at whatever hour.
        fields: The static fields.
        table: From variables to ids; 0 = unknown.
        notes: Whether `3,note,Feels better, slept well.` is a note.

    Returns:
        `time` float32 `[batch, events]`, `variable` string and `value` float32 `[batch, events]`, and the static fields
        by their inputs, NaN or empty where there is none. A word is part of its variable: `Rhythm=sinus`. With `notes`
        also `text` string `[batch, events]` by that name, empty where there is no note.

    Example:
        `parsed(tf.constant(["0,HR,80"]), StaticInputs([]), table)[1]` -> `[["", "HR"]]`
    """
    items = tf.strings.split(text, ";").to_tensor("")
    items = tf.concat([tf.fill([tf.shape(items)[0], 1], ""), items], axis=1)  # so that there is a column
    is_note = tf.strings.regex_full_match(items, NOTE) & notes
    is_item = tf.strings.regex_full_match(items, _CELLS) & ~is_note
    hours, name, last = (
        tf.where(is_item, tf.strings.regex_replace(items, f"^{_CELLS}$", rf"\{part}"), "") for part in (1, 2, 3)
    )
    name = tf.strings.strip(name)
    static: dict[str, tf.Tensor] = {}
    if notes:
        of_note = tf.where(is_note, tf.strings.regex_replace(items, f"^{NOTE}$", r"\1"), "")
        static["text"] = tf.where(is_note, tf.strings.regex_replace(items, f"^{NOTE}$", r"\2"), "")
        hours = tf.where(is_note, of_note, hours)
    time, value = _numbers(hours), _numbers(last)
    is_word = (last != "") & (~tf.math.is_finite(value) | (table.lookup(name) == 0))  # a number may be a word
    variable = tf.where(is_word, tf.strings.join([name, last], "="), name)
    of_event = tf.where(is_word, float("nan"), value)
    for one in fields.fields:
        mine = name == one["name"]
        found = tf.argmax(tf.cast(mine, tf.int32), axis=1)  # the first of several
        given = tf.reduce_any(mine, axis=1)
        cells = value if one["words"] is None else last
        absent = tf.constant(float("nan") if one["words"] is None else "")
        static[one["input"]] = tf.where(given, tf.gather(cells, found, batch_dims=1), absent)
        time = tf.where(mine, float("nan"), time)
    return time, variable, of_event, static


def written(
    events: Iterable[tuple[float, str, float]], static: Mapping[str, Any], notes: Iterable[tuple[float, str]] = ()
) -> str:
    """Writes measurements so that `parsed` reads them.

    Args:
        events: Hours, variable, and value or NaN of each.
        static: Name of a field -> its number or word; NaN and empty ones are left out.
        notes: Hours and text of each note; semicolons become commas.

    Returns:
        The text.

    Example:
        `written([(0.0, "HR", 80.0)], {"Age": 54})` -> `",Age,54;0,HR,80"`
    """
    known = {name: of for name, of in static.items() if of != "" and of == of}
    fields = [f",{name},{of if isinstance(of, str) else f'{of:.9g}'}" for name, of in known.items()]
    rows = [f"{hours:.9g},{name},{'' if value != value else f'{value:.9g}'}" for hours, name, value in events]
    texts = [f"{hours:.9g},note,{text.replace(';', ',')}" for hours, text in notes]
    return ";".join([*fields, *rows, *texts])


def items(text: str, notes: bool = False) -> list[tuple[str, str, str]]:
    """Hours, variable and value of each measurement, as texts; what has another form is left out.

    Args:
        text: As of `parsed`.
        notes: Whether those of the variable `note` are notes, whose texts may have commas.

    Example:
        `items("0,HR,80;x")` -> `[("0", "HR", "80")]`
    """
    found = []
    for item in text.split(";"):
        note = re.fullmatch(NOTE, item) if notes else None
        if note:
            found.append((note[1], "note", note[2]))
        elif one := re.fullmatch(_CELLS, item):
            found.append((one[1], one[2].strip(), one[3]))
    return found


def number(cell: str) -> float:
    """A number, as the graph reads it; NaN of anything else.

    Example:
        `number("1.5")` -> `1.5`
    """
    found = float(cell) if re.fullmatch(_NUMBER, cell, re.ASCII) else float("nan")
    return found if abs(found) < float("inf") else float("nan")


def _numbers(cells: tf.Tensor) -> tf.Tensor:
    is_number = tf.strings.regex_full_match(cells, _NUMBER)
    numbers = tf.strings.to_number(tf.where(is_number, cells, "0"))
    return tf.where(is_number & tf.math.is_finite(numbers), numbers, float("nan"))
