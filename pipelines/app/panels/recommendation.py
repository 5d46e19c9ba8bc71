"""The panel of a recommender: items picked in order, some left out, and what each contributed."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import pictures, tables, words
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows import input_texts
from pipelines.runs.rows.asked import DEFAULT, Asked

if TYPE_CHECKING:
    from gradio.components import Component

_OPTIONS, _EXCLUDE = "with_options", "exclude"
_ROUNDS = 5  # of asking for popular items
_BETWEEN = ", "


def inputs(model: Model) -> "dict[str, Component]":
    """Items, searched by name; the card does not list them, so that popular ones are offered and others typed."""
    popular = _popular(model)

    def chosen(label: str) -> gr.Dropdown:
        return gr.Dropdown(popular, label=label, multiselect=True, allow_custom_value=True, filterable=True)

    found: dict[str, Component] = {"items": chosen("Items in their order, the newest last; type any name")}
    if _OPTIONS in model.predictor.endpoints:
        found[_EXCLUDE] = chosen("Items to leave out")
    return found


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The history, and what is left out if anything is."""
    endpoint = _OPTIONS if values.get(_EXCLUDE) else DEFAULT
    asked = model.asked(endpoint)
    row = {"items": _padded(asked, "items", values["items"] or [])}
    if endpoint == _OPTIONS:
        row[_EXCLUDE] = _padded(asked, _EXCLUDE, values[_EXCLUDE])
        row |= {"candidates": _padded(asked, "candidates", []), "exclude_seen": True, "k": 0}
    return asked, [{**input_texts.defaults(asked.card, asked.inputs), **row}]


def outputs(model: Model) -> "dict[str, Component]":
    """What is recommended, and the items of the history by what they contributed to the first."""
    found: dict[str, Component] = {
        "recommended": gr.Dataframe(label="Recommended", datatype="str", interactive=False, wrap=True, max_height=420)
    }
    if pictures.explains(model):
        found["words"] = words.component("What each item contributed to the first one", signed=True)
    return found


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The items with their probabilities; of `serving_default` also the contributions."""
    answer = answers[0]
    ranked = list(zip(answer["items"], answer["scores"], strict=True))[: answer["count"]]
    found: dict[str, Any] = {"recommended": tables.cells(("item", "probability"), ranked)}
    history = [item for item in values["items"] or [] if item]
    if pictures.explains(model) and history and ranked and asked.endpoint == DEFAULT:
        numbers = pictures.explained(model, "\n".join(history)).numbers
        found["words"] = _contributions(numbers["history"], numbers["contributions"])
    return found


def _contributions(history: list[str], falls: list[float]) -> list[tuple[str, Any]]:
    starts, ends, place = [], [], 0
    for item in history:
        starts.append(place)
        ends.append(place + len(item.encode(errors="replace")))
        place = ends[-1] + len(_BETWEEN)
    return words.of(_BETWEEN.join(history), starts, ends, falls, signed=True)


def _popular(model: Model) -> list[str]:
    """The items that are recommended to somebody without a history, so many times as they can be left out."""
    found: list[str] = []
    for _ in range(_ROUNDS if _OPTIONS in model.predictor.endpoints else 1):
        asked, rows = request(model, {"items": [], _EXCLUDE: found})
        answer = asked.predict(rows)[0]
        found += [item for item in answer["items"] if item and item not in found]
        if not answer["count"] or len(found) >= _size(asked, _EXCLUDE):
            break
    return found


def _padded(asked: Asked, name: str, items: list[str]) -> list[str]:
    """The last items, padded on the left, as many as an input has."""
    size = _size(asked, name)
    last = items[-size:] if size else []
    return [""] * (size - len(last)) + last


def _size(asked: Asked, name: str) -> int:
    shape = asked.inputs[name].shape if name in asked.inputs else None
    return (shape[1] or 0) if shape and len(shape) > 1 else 0
