"""The card of a model on its page: scores beside baselines, data, limits; as text, whatever it holds."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from pipelines.app import tables

_SCORES = ["split", "rows", "metric", "this model", "best baseline", "which"]


def place(card: Mapping[str, Any]) -> None:
    """Places the card.

    Args:
        card: Of a run or an export; it may come from anyone.
    """
    for title, text in _texts(card):
        gr.Textbox(text, label=title, lines=1, max_lines=12)
    try:
        rows, further = _scores(card), _tables(card)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        gr.Textbox("The card says them in another form than this version writes.", label="Scores")
        return
    if rows:
        gr.Dataframe(rows, headers=_SCORES, datatype="str", label="Scores", interactive=False, wrap=True,
                     max_height=400)  # fmt: skip
    for title, found in further:
        gr.Dataframe(found, datatype="str", label=title, interactive=False, wrap=True)


def _splits(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    splits = _mapping(card, "scores").get("splits")
    return splits if isinstance(splits, list) else []


def _tables(card: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Further tables of a report, such as that of groups of people."""
    return [
        (f"{split['split']} split, {one['title']}", tables.cells(one["columns"], one["rows"]))
        for split in _splits(card)
        for one in split.get("tables", [])
    ]


def _texts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    data, scores = _mapping(card, "data"), _mapping(card, "scores")
    made_up = " It is made up: the model is for trying things out." if data.get("synthetic") else ""
    found = [
        ("What it does", card.get("description")),
        ("Intended use", card.get("intended_use")),
        ("Scores in words", scores.get("note")),
        ("Trained on", f"{data['name']}.{made_up}" if data.get("name") else ""),
        ("Limits", _lines(card.get("limits"))),
        ("Not measured", _lines(card.get("not_measured"))),
        ("Licence", card.get("license")),
    ]
    return [(title, str(text)) for title, text in found if text]


def _mapping(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = card.get(name)
    return found if isinstance(found, Mapping) else {}


def _lines(sentences: Any) -> str:
    return "\n".join(map(str, sentences)) if isinstance(sentences, list) else ""


def _scores(card: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    for split in _splits(card):
        best = split.get("baseline") or {"name": "", "metrics": {}}
        for name, score in split["metrics"].items():
            beside = best["metrics"].get(name)
            which = "" if beside is None else best["name"]
            rows.append([split["split"], f"{split['rows']:,}", name, _score(score), _score(beside), which])
    return [[str(cell) for cell in row] for row in rows]


def _score(score: Any) -> str:
    return f"{score:.4g}" if isinstance(score, float | int) else ""
