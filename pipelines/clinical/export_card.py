"""What an export of a risk holds: endpoints, made-up samples, and its card."""

from typing import Any

import numpy as np

from pipelines.clinical import data, event_text
from pipelines.clinical.config import Config
from pipelines.clinical.heads import head_labels
from pipelines.clinical.notes.note_inputs import NoteInputs
from pipelines.clinical.risk_answerer import RiskAnswerer
from pipelines.runs import Run
from pipelines.runs.servable import Servable
from pipelines.text import vocabulary
from tfmodels import export

_LIMITS = (
    "time: hours since the first measurement; variable: '' at padding, on the left; value: NaN = none. A word is part "
    "of its variable, VARIABLE=WORD. Neither order nor padding changes an answer.",
    "observed: measurements that were understood; the others, of unknown variables, without a time, impossible by "
    "--limits or after now, are skipped. cut: older ones that had no room.",
    "csv: hours,variable,value with semicolons between measurements, of any number; a static field has no hours: "
    ",Age,54.",
    "with_options: now, hours since the first measurement, when the risk is asked; below 0 = at the last one.",
    "explain: contribution and attention of each measurement, field and aggregate, in log-odds (of several classes in "
    "the logit of the label, of numbers in their unit); what a model looks at is no cause.",
    "It was trained to rank and weigh cases like those of its data. It must not decide about a person alone, not be "
    "used for other outcomes, places or times than it was measured on, and is no medical device.",
)


def servable(config: Config, run: Run, answerer: RiskAnswerer) -> Servable:
    """What an export of a run serves.

    Args:
        config: The options.
        run: The run.
        answerer: Its graph functions.

    Returns:
        The endpoints, and samples of made-up measurements: neither warm-up nor card holds a patient's.
    """
    known, fields = data.content(run), answerer.fields
    words = [one["input"] for one in fields.fields if one["words"] is not None]
    inputs = {one["input"]: one["name"] for one in fields.fields}
    renamed = [f"{given} is {name!r}" for given, name in inputs.items() if given != name]
    return Servable(
        answerer.endpoints(),
        answerer.tracked(),
        samples(answerer),
        {
            "task": run.task,
            "columns": ["time", "variable", "value", *(["text"] if answerer.notes else []), *inputs],
            "context": answerer.width,
            "notes": answerer.notes.most if answerer.notes else 0,
            "static": [{name: one[name] for name in ("name", "input", "words")} for one in fields.fields],
            "defaults": {"now": -1.0, **dict.fromkeys(words, "")},
            **_of_head(config, answerer.decision),
            "table": data.file_table(config, run),
            "description": f"Predicts {_predicted(config, known)} from "
            f"measurements {'and notes ' if answerer.notes else ''}at irregular times.",
            "limits": [
                f"At most the latest {answerer.width:,} measurements are read, of {len(answerer.variables):,} "
                "variables.",
                *(_of_notes(answerer.notes, config) if answerer.notes else []),
                *([f"Inputs of static fields: {'; '.join(renamed)}."] if renamed else []),
                *_LIMITS,
            ],
        },
    )


def _predicted(config: Config, known: dict[str, Any]) -> str:
    if config.head == head_labels.BINARY:
        return f"the probability of {known['label']} = {known['classes'][1]}"
    if config.head == head_labels.CLASSES:
        return f"the probabilities of {known['label']} = {', '.join(known['classes'])}"
    return f"{known['label']}, mean and quantiles at {config.levels},"


def _of_head(config: Config, decision: Any) -> dict[str, Any]:
    if config.head == head_labels.BINARY:
        return {"decoding": {"threshold": round(decision.threshold, 6)}}
    if config.head == head_labels.CLASSES:
        return {"classes": list(decision.classes)}
    return {"levels": list(decision.levels)}


def _of_notes(notes: NoteInputs, config: Config) -> list[str]:
    return [
        "text: a note of that time, beside a measurement or in a place of its own; '' = none. At most the latest "
        f"{notes.most:,} are read, each to {notes.length:,} tokens, its end included. In csv and in tables a note is "
        "the value of the variable note, in csv without semicolons.",
        *vocabulary.limits(config),
    ]


def samples(answerer: RiskAnswerer) -> dict[str, dict[str, Any]]:
    """Made-up requests for each endpoint: a wave of each of a few variables, unknown ones, one event, and none."""
    names = answerer.variables
    few = names[:: max(len(names) // 5, 1)][:5]
    wave = [(hour * 1.5, few[hour % len(few)], round(50 + 10 * float(np.sin(hour)), 2)) for hour in range(12)]
    odd = [(0.0, "nobody measures it", 1.0), (2.5, few[0], float("nan")), (2.5, few[-1], -3.0)]
    histories = [wave, odd, [(0.0, few[0], 1.0)], []]
    events = {name: [] for name in ("time", "variable", "value")}
    for history in histories:
        padding = answerer.columns - len(history[-answerer.width :])
        columns = [*zip(*history[-answerer.width :], strict=True)] or [(), (), ()]
        for name, empty, column in zip(events, (0.0, "", float("nan")), columns, strict=True):
            events[name].append([empty] * padding + list(column))
    if answerer.notes:
        events["text"] = [
            [""] * (answerer.columns - 1) + [note] for note in ("Sleeps well.", "", " ", "Nobody wrote it.")
        ]
    static: dict[str, list[Any]] = {
        one["input"]: ([50.0, -1.0] if one["words"] is None else [*one["words"][:1], "a word of nobody"])[:2]
        for one in answerer.fields.fields
    }
    for one in answerer.fields.fields:
        empty = float("nan") if one["words"] is None else ""
        static[one["input"]] = (static[one["input"]] + [empty] * len(histories))[: len(histories)]
    texts = [event_text.written(history, {}) for history in histories]
    fields = {one["name"]: static[one["input"]][0] for one in answerer.fields.fields}
    texts += [
        event_text.written(wave, fields, [(3.0, "Sleeps well, eats little.")]),
        "x,y,z;;;1,,2;,,",
        *(one.decode("utf-8", "replace") for one in export.hard_texts()),
    ]
    now = [-1.0, 2.0, 48.0, float("nan")]
    return {
        "serving_default": events | static,
        "csv": {"events": texts},
        "with_options": events | {"now": now} | static,
        "explain": events | static,
    }
