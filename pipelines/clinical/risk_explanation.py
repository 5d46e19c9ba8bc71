"""Explains a risk by integrated gradients and attention, of a run and of an export."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.clinical import data, event_text
from pipelines.clinical.static_inputs import StaticInputs
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.reports import captions
from pipelines.runs.rows import card_fields, output_columns
from pipelines.runs.rows.card_fields import Fields

if TYPE_CHECKING:
    from pipelines.clinical.risk_answerer import RiskAnswerer
    from pipelines.runs.predictor import Predictor
    from tfmodels.explain import Faithfulness

_GRADIENTS, _ATTENTION = "integrated gradients", "attention"
_OUTPUTS = {_GRADIENTS: ("contribution", "note"), _ATTENTION: ("attention", "note_attention")}
_NOTE = "a contribution says what the model made of a measurement, not what caused the outcome"
_AXES, _LONGEST = 2, 100_000
_SMALLEST = 1e-6  # contribution that is told


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
        columns = ([of[row] for row in kept] for of in (self.time, self.variable, self.value, self.text))
        return History(*columns, self.static)

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
        return _read(row, fields, {*data.content(run)["variables"]}, bool(data.content(run).get("notes")))
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


def make(answerer: "RiskAnswerer", history: History, caption: str = "") -> Explanation:
    """Explains the risk of an entity.

    Args:
        answerer: What answers.
        history: Its measurements.
        caption: Of the figures.

    Returns:
        Probability and label; for each measurement what it adds to the log-odds and its attention; the same of static
        fields and aggregates; how far the probability falls without the measurements that each ranks highest; a figure
        and a page.

    Example:
        `make(answerer, history_of(run, "stay 12"), captions.of_run(run)).write(Path("pictures"))`
    """
    import tensorflow as tf

    whole = history.latest({*answerer.variables}, answerer.columns)
    cut = len(history.latest({*answerer.variables}, len(history.time) or 1).time) - len(whole.time)
    kinds = {"time": tf.float32, "variable": tf.string, "value": tf.float32}
    kinds |= {"text": tf.string} | {one.name: one.dtype for one in answerer.fields.specs()}
    padded = whole.padded(max(len(whole.time), 1), answerer.notes is not None)
    row = {name: tf.constant([of], kinds[name]) for name, of in padded.items()}
    found = {name: of.numpy()[0] for name, of in answerer.explain(**row).items()}
    found["cut"] = cut
    shown = slice(len(found["contribution"]) - len(whole.time), None)
    weights = {name: sum(found[one][shown] for one in of if one in found) for name, of in _OUTPUTS.items()}
    names = answerer.fields.names, [f"{name}, aggregates" for name in answerer.variables]
    others = dict(zip(names[0], found["field"].tolist(), strict=False))
    others |= dict(zip(names[1], found["aggregate"].tolist(), strict=True)) if answerer.network.aggregates else {}
    measured = _faithfulness(answerer, row, weights, float(found["probability"])) if len(whole.time) > 1 else None
    return _explanation(whole, found, weights, others, caption, measured)


def of_export(predictor: "Predictor", text: str) -> Explanation:
    """Explains what an export answers, by its endpoint `explain`.

    Args:
        predictor: The export. What it answers may be anything.
        text: Measurements, `hours,variable,value` with semicolons between them.

    Returns:
        See `make`; what deleting shows needs the run.

    Raises:
        ValueError: The text has no measurement, or the export or its card has another form.

    Example:
        `of_export(pipelines.load("saved_models/clinical"), "0,HR,80;1.5,HR,95;,Age,54")`
    """
    card_fields.check(predictor.card, Fields({"static": list[Any], "context": int}))
    for one in predictor.card["static"]:
        card_fields.check({"static": one}, Fields({"static": event_text.FIELD}))
    if "," not in text:
        raise ValueError(f"Expected measurements, 'hours,variable,value;...'. Received: {text[:80]!r}")
    width = _width(predictor)
    notes = "text" in predictor.endpoints["explain"].inputs
    history = _read(text, StaticInputs(predictor.card["static"]), None, notes).latest(None, width)
    answer = predictor.predict([history.padded(width, notes)], "explain")[0]
    shown = slice(width - len(history.time), None)
    weights = {
        name: sum(output_columns.numbers(answer, one, (width,))[shown] for one in (of if notes else of[:1]))
        for name, of in _OUTPUTS.items()
    }
    found = {name: output_columns.numbers(answer, name, ()) for name in ("probability", "base", "observed", "cut")}
    names = StaticInputs(predictor.card["static"]).names
    others = dict(zip(names, output_columns.numbers(answer, "field", (max(len(names), 1),)).tolist(), strict=False))
    caption = captions.of_export(predictor.card)
    return _explanation(history, found | {"label": str(answer.get("label"))}, weights, others, caption, None)


def _width(predictor: "Predictor") -> int:
    """How many measurements the endpoint `explain` takes."""
    shape = predictor.endpoints["explain"].inputs["time"].shape
    if not shape or len(shape) < _AXES or not shape[1] or shape[1] > _LONGEST:
        raise ValueError(
            f"Expected an endpoint `explain` of 1 to {_LONGEST:,} measurements. Received: `time` of shape {shape}"
        )
    return shape[1]


def _read(text: str, fields: StaticInputs, known: "set[str] | None", notes: bool = False) -> History:
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


def _faithfulness(
    answerer: "RiskAnswerer", row: dict[str, Any], weights: dict[str, np.ndarray], probability: float
) -> "Faithfulness":
    """How far the more probable label's probability falls without the measurements that are ranked highest."""
    import tensorflow as tf

    from tfmodels import explain, token_ids

    count, first = len(weights[_ATTENTION]), token_ids.END + 1
    sign = 1 if probability >= 0.5 else -1
    ranked = {_GRADIENTS: sign * weights[_GRADIENTS][np.newaxis], _ATTENTION: weights[_ATTENTION][np.newaxis]}

    @tf.function(autograph=False, reduce_retracing=True)
    def risks(places: tf.Tensor) -> tf.Tensor:
        there = places >= first
        events = {name: tf.gather(row[name][0], tf.where(there, places - first, 0)) for name in ("time", "value")}
        words = {
            name: tf.where(there, tf.gather(row[name][0], tf.where(there, places - first, 0)), "")
            for name in ("variable", "text")
            if name in row
        }
        return answerer.answer(**(row | events | words))["probability"]

    def probabilities(ids: np.ndarray) -> np.ndarray:
        found = risks(tf.constant(ids, tf.int32)).numpy()
        return np.stack([1 - found, found], axis=1)

    return explain.faithfulness(probabilities, np.arange(first, first + count, dtype=np.int32)[np.newaxis], ranked)


def _explanation(
    history: History,
    found: dict[str, Any],
    weights: dict[str, np.ndarray],
    others: dict[str, float],
    caption: str,
    measured: "Faithfulness | None",
) -> Explanation:
    from tfmodels import plots

    label = found["label"].decode() if isinstance(found["label"], bytes) else str(found["label"])
    told = {name: of for name, of in others.items() if abs(of) > _SMALLEST}
    columns = (history.time, history.variable, history.value, history.text)
    rows = zip(*columns, *(of.tolist() for of in weights.values()), strict=True)
    numbers: dict[str, Any] = {
        "label": label,
        "probability": float(found["probability"]),
        "observed": int(found["observed"]),
        "cut": int(found["cut"]),
        "base": float(found["base"]),
        "events": [
            {"hours": hours, "variable": name, "value": None if value != value else value, "contribution": of,
             "attention": attention} | ({"text": text} if text else {})
            for hours, name, value, text, of, attention in rows
        ],
        "others": dict(sorted(told.items(), key=lambda one: -abs(one[1]))),
    }  # fmt: skip
    if measured is not None:
        drops = {name: of.tolist() for name, of in measured.drops.items()}
        numbers["faithfulness"] = {"deleted": list(measured.shares), "drop": drops}
    lines = [
        f"{hours:8.2f} h  {name} {text if value != value else f'{value:g}'}".rstrip() + "\n"
        for hours, name, value, text in zip(*columns, strict=True)
    ]
    ends = np.cumsum([len(line.encode(errors="replace")) for line in lines]).tolist()
    starts = [0, *ends][: len(lines)]
    title = f"risk {float(found['probability']):.2f}, answered {label!r}"
    events = partial(plots.draw_event_contributions, history.time, history.variable, weights, others, title=title,
                     caption=caption)  # fmt: skip
    page = partial(plots.draw_words, "".join(lines), starts, ends, weights, title=title, caption=caption)
    return Explanation(numbers, {"events": events, "events.html": page}, [_NOTE])
