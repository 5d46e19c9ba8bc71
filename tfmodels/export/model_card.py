"""The model card: a page that describes an export and shows how to call it."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
import tensorflow_text

from tfmodels.export import card_sections
from tfmodels.export.card_text import code, quoted, row, text
from tfmodels.export.checks.op_rules import TEXT_OPS
from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.reached_ops import used_ops
from tfmodels.export.graph.signature import Signature

_ROWS = "The first axis of every input and output is the batch; rows do not affect each other."


def model_card(name: str, card: Mapping[str, Any], meta_graph: Any, example: str = "") -> str:
    """Writes the model card.

    Args:
        name: The name under which the model is served.
        card: `task` and, optionally, `description`, `intended_use`, `limits` and `not_measured` (lists of sentences),
            `scores` with a `note`, a `command` and the scores of its `splits`, `data`, `config` (option -> value) with
            the names of those `changed`, and `license`.
        meta_graph: The graph of the SavedModel.
        example: How to call it, in Markdown.

    Returns:
        The page in Markdown.
    """
    signatures = read_signatures(meta_graph)
    versions = {"TensorFlow": tf, "TensorFlow Text": tensorflow_text, "Keras": keras}
    sections = [
        f"# {text(name)}",
        *([example] if example else []),
        f"Task: {text(card['task'])}. {text(card.get('description', ''))}".strip(),
        "## Intended use",
        quoted(card.get("intended_use") or "")
        or "Not stated by who exported it (`tfmodels export --intended_use TEXT`).",
        "## Limits",
        card_sections.listed([_ROWS, *card.get("limits", [])]),
        *card_sections.scores(card),
        *card_sections.data(card),
        *card_sections.options(card),
        "## Licence",
        text(card.get("license") or "") or "Not stated (`tfmodels export --license TEXT`).",
        "## Endpoints",
        *(_endpoint(endpoint, signature) for endpoint, signature in signatures.items()),
        "## Servers",
        _servers(meta_graph),
        "## Made with",
        ", ".join(f"{title} {module.__version__}" for title, module in versions.items()),
    ]
    return "\n\n".join(sections) + "\n"


def _endpoint(endpoint: str, signature: Signature) -> str:
    lines = [f"### {code(endpoint)}", "", "| | name | type | shape |", "| --- | --- | --- | --- |"]
    for kind, fields in (("input", signature.inputs), ("output", signature.outputs)):
        lines += [row([kind, code(name), field.dtype, _shape(field)]) for name, field in fields.items()]
    return "\n".join(lines)


def _shape(field: Field) -> str:
    axes = ["any" if size is None else str(size) for size in (field.shape or ())[1:]]
    return f"[{', '.join(['batch', *axes])}]"


def _servers(meta_graph: Any) -> str:
    used = used_ops(meta_graph)
    text, core = used.intersection(TEXT_OPS), used.difference(TEXT_OPS)
    written_by = meta_graph.meta_info_def.tensorflow_version
    return "\n".join(
        [
            f"Written by TensorFlow {written_by}. TensorFlow Serving of that version or a newer one can load it. An",
            "older one needs these operations with the same attributes, which a comparison of names does not show.",
            "A stock server has the operations of TensorFlow and TensorFlow Text; this export uses no others.",
            "",
            f"- TensorFlow: {_names(core)}",
            f"- TensorFlow Text: {_names(text)}",
            "",
            "This export was checked in a TF1 session, which is how a server runs it, but on no server. On TensorFlow",
            "Serving 2.20 (library 2.21) the exchanges of `tests/tfmodels/serving` of this package gave the answers",
            "recorded there. To run them on a server of your own, in a checkout of the package:",
            "",
            "```sh",
            "TFMODELS_MODEL_SERVER=/path/to/tensorflow_model_server make test",
            "```",
        ]
    )


def _names(ops: set[str]) -> str:
    return ", ".join(map(code, sorted(ops))) or "none"
