"""Explains a risk by integrated gradients and attention, of a run and of an export."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.clinical import event_text
from pipelines.clinical.explaining import explained_history
from pipelines.clinical.explaining.explained_history import History
from pipelines.clinical.static_inputs import StaticInputs
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

    from pipelines.clinical.heads.decisions import Decision

    whole = history.latest({*answerer.variables}, answerer.columns)
    cut = len(history.latest({*answerer.variables}, len(history.time) or 1).time) - len(whole.time)
    kinds = {"time": tf.float32, "variable": tf.string, "value": tf.float32}
    kinds |= {"text": tf.string} | {one.name: one.dtype for one in answerer.fields.specs()}
    padded = whole.padded(max(len(whole.time), 1), answerer.notes is not None)
    row = {name: tf.constant([of], kinds[name]) for name, of in padded.items()}
    found = {name: of.numpy()[0] for name, of in answerer.explain(**row).items()}
    found["cut"] = cut
    shown = slice(len(found["contribution"]) - len(whole.time), None)
    weights = {name: np.sum([found[one][shown] for one in of if one in found], axis=0) for name, of in _OUTPUTS.items()}
    names = answerer.fields.names, [f"{name}, aggregates" for name in answerer.variables]
    others = dict(zip(names[0], found["field"].tolist(), strict=False))
    others |= dict(zip(names[1], found["aggregate"].tolist(), strict=True)) if answerer.network.aggregates else {}
    is_risk = isinstance(answerer.decision, Decision)
    measured = (
        _faithfulness(answerer, row, weights, float(found["probability"])) if is_risk and len(whole.time) > 1 else None
    )
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
    if "," not in text:
        raise ValueError(f"Expected measurements, 'hours,variable,value;...'. Received: {text[:80]!r}")
    notes = "text" in predictor.endpoints["explain"].inputs
    return _of_history(predictor, explained_history.read(text, _fields(predictor), None, notes))


def of_row(predictor: "Predictor", row: Mapping[str, Any]) -> Explanation:
    """The same of a row of a table.

    Args:
        predictor: The export.
        row: The inputs of its endpoint `explain`, as `requests` reads them.

    Returns:
        As of `of_export`.

    Raises:
        ValueError: The row has no measurement, or the export or its card has another form.

    Example:
        `of_row(predictor, task.requests(Path("events.csv"), predictor.card)[0])`
    """
    static = {one["input"]: row[one["input"]] for one in _fields(predictor).fields}
    columns = (row["time"], row["variable"], row["value"], row.get("text", [""] * len(row["time"])))
    there = [event for event in zip(*columns, strict=True) if event[1] or event[3]]
    if not there:
        raise ValueError("Expected a measurement. Received: none")
    time, variable, value, text = map(list, zip(*there, strict=True))
    return _of_history(predictor, History(time, variable, value, text, static))


def _fields(predictor: "Predictor") -> StaticInputs:
    card_fields.check(predictor.card, Fields({"static": list[Any], "context": int}))
    for one in predictor.card["static"]:
        card_fields.check({"static": one}, Fields({"static": event_text.FIELD}))
    return StaticInputs(predictor.card["static"])


def _of_history(predictor: "Predictor", whole: History) -> Explanation:
    width = _width(predictor)
    notes = "text" in predictor.endpoints["explain"].inputs
    history = whole.latest(None, width)
    answer = predictor.predict([history.padded(width, notes)], "explain")[0]
    shown = slice(width - len(history.time), None)
    weights = {
        name: np.sum(
            [output_columns.numbers(answer, one, (width,))[shown] for one in (of if notes else of[:1])], axis=0
        )
        for name, of in _OUTPUTS.items()
    }
    main = "mean" if "mean" in answer else "probability"
    found = {name: output_columns.numbers(answer, name, ()) for name in (main, "base", "observed", "cut")}
    names = _fields(predictor).names
    others = dict(zip(names, output_columns.numbers(answer, "field", (max(len(names), 1),)).tolist(), strict=False))
    caption = captions.of_export(predictor.card)
    found |= {"label": str(answer["label"])} if "label" in answer else {}
    return _explanation(history, found, weights, others, caption, None)


def _width(predictor: "Predictor") -> int:
    """How many measurements the endpoint `explain` takes."""
    shape = predictor.endpoints["explain"].inputs["time"].shape
    if not shape or len(shape) < _AXES or not shape[1] or shape[1] > _LONGEST:
        raise ValueError(
            f"Expected an endpoint `explain` of 1 to {_LONGEST:,} measurements. Received: `time` of shape {shape}"
        )
    return shape[1]


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

    answered, title = _answered(found)
    told = {name: of for name, of in others.items() if abs(of) > _SMALLEST}
    columns = (history.time, history.variable, history.value, history.text)
    rows = zip(*columns, *(of.tolist() for of in weights.values()), strict=True)
    numbers: dict[str, Any] = {
        **answered,
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
    events = partial(plots.draw_event_contributions, history.time, history.variable, weights, others, title=title,
                     caption=caption)  # fmt: skip
    page = partial(plots.draw_words, "".join(lines), starts, ends, weights, title=title, caption=caption)
    return Explanation(numbers, {"events": events, "events.html": page}, [_NOTE])


def _answered(found: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The answer, and the title of its figures."""
    if "mean" in found:
        mean = float(found["mean"])
        return {"mean": mean}, f"mean {mean:.4g}"
    label = found["label"].decode() if isinstance(found["label"], bytes) else str(found["label"])
    probability = float(found["probability"])
    return {"label": label, "probability": probability}, f"probability {probability:.2f}, answered {label!r}"
