"""The sections of a model card that tell of a training: scores, data, options."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tfmodels.export.card_text import code, fenced, row, sentence, text


def scores(card: Mapping[str, Any]) -> list[str]:
    """What was measured, beside the best baseline, and what was not.

    Args:
        card: See `model_card`.

    Returns:
        The parts of the page.

    Example:
        `scores({"scores": {"note": "Not measured."}})` -> `["## Scores", "Not measured."]`
    """
    found = card.get("scores", {})
    parts = [sentence(found["note"])] if found else []
    if found.get("splits"):
        about, rows = card.get("data", {}), [row for one in found["splits"] for row in _rows_of(one)]
        titles = ["split", "rows", "metric", "this model", "best baseline", "which"]
        parts += [
            f"Data: {_data_in_words(about)}.",
            _table(titles, rows),
            *(part for one in found["splits"] for table in one.get("tables", []) for part in _further(one, table)),
            f"{code(found['command'])} measures them again.",
        ]
    if card.get("not_measured"):
        parts += ["Not measured:", listed(card["not_measured"])]
    return ["## Scores", *parts] if parts else []


def data(card: Mapping[str, Any]) -> list[str]:
    """What the model was trained on: name, digest, files.

    Args:
        card: See `model_card`.

    Returns:
        The parts of the page.

    Example:
        `data({"data": {"name": "my/texts", "prepared": "", "files": [], "synthetic": False}})[1]`
    """
    about = card.get("data")
    if not about:
        return []
    rows = [[code(one["name"]), f"{one['bytes']:,}", code(one["sha256"])] for one in about["files"]]
    made_up = "The data is made up by this package: the model is for trying things out." if about["synthetic"] else ""
    of_ensemble = "Data and options are those of the first member." if card.get("members") else ""
    said = [f"Trained on {_data_in_words(about)}.", made_up, of_ensemble]
    return ["## Data", " ".join(filter(None, said)), *([_table(["file", "bytes", "SHA-256"], rows)] if rows else [])]


def options(card: Mapping[str, Any]) -> list[str]:
    """The options: those with another value than by default first, then all.

    Args:
        card: See `model_card`.

    Returns:
        The parts of the page.

    Example:
        `options({"config": {"seed": 1}, "changed": ["seed"]})[1]`
    """
    config, changed = card.get("config"), card.get("changed", [])
    if not config:
        return []
    first = ["Other than by default:", _lines(config, changed)] if changed else ["All are as by default."]
    return ["## Options", *first, "All:", _lines(config, list(config))]


def listed(sentences: Sequence[str]) -> str:
    """Sentences as a list.

    Args:
        sentences: The sentences.

    Returns:
        The list in Markdown.

    Example:
        `listed(["Other data."])` -> `"- Other data."`
    """
    return "\n".join(f"- {sentence(one)}" for one in sentences)


def _rows_of(scored: Mapping[str, Any]) -> list[list[str]]:
    best = scored["baseline"] or {"name": "", "metrics": {}}
    count = f"{scored['rows']:,}" if scored["rows"] else "not counted"
    measured = {name: score for name, score in best["metrics"].items() if score is not None}
    compared = {name: [_score(score), text(best["name"])] for name, score in measured.items()}
    return [
        [text(scored["split"]), count, text(name), _score(score), *compared.get(name, ["", ""])]
        for name, score in scored["metrics"].items()
    ]


def _further(scored: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    """A table of a report, such as that of groups of people, below its title."""
    rows = [
        [f"{cell:.4g}" if isinstance(cell, float) else "" if cell is None else text(str(cell)) for cell in one]
        for one in table["rows"]
    ]
    title = f"{scored['split']} split, {table['title']}"
    return [f"{text(title)}:", _table([text(column) for column in table["columns"]], rows)]


def _data_in_words(about: Mapping[str, Any]) -> str:
    name = code(about["name"]) if about.get("name") else "data without a name"
    return f"{name}, as prepared with SHA-256 {code(about['prepared'])}" if about.get("prepared") else name


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.4g}"


def _lines(config: Mapping[str, Any], names: Sequence[str]) -> str:
    lines = [f"{name}: {json.dumps(config[name], ensure_ascii=False)}" for name in names]
    return fenced("yaml", "\n".join(lines))


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(row(line) for line in lines)
