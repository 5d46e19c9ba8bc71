"""The columns of labels and their probabilities in a table of answers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.sources.files.answer_files import ANSWER

SEVERAL = {"labels", "probabilities"}  # outputs with a value for each label


def are_in(outputs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether outputs are those of a classifier with one list of labels.

    Args:
        outputs: Of an endpoint for each row.

    Example:
        `are_in([{"label": "good", "labels": ["bad", "good"], "probabilities": [0.2, 0.8]}])` -> `True`
    """
    return bool(outputs) and all(
        output.keys() >= SEVERAL and list(output["labels"]) == list(outputs[0]["labels"]) for output in outputs
    )


def of(outputs: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The columns of outputs: each output with one value, and in place of the others `p(LABEL)` of each label.

    Args:
        outputs: For each row, such as `are_in` accepts; or none.

    Returns:
        Name of a column -> its cells.

    Example:
        `of([{"label": "good", "labels": ["bad", "good"], "probabilities": [0.2, 0.8]}])["p(good)"]` -> `[0.8]`
    """
    names = [name for name in ("label", "probability") if not outputs or name in outputs[0]]
    columns = {name: [output[name] for output in outputs] for name in names}
    for place, label in enumerate(outputs[0]["labels"] if outputs else []):
        columns[f"p({label})"] = [output["probabilities"][place] for output in outputs]
    others = outputs[0].keys() - columns.keys() - SEVERAL if outputs else ()
    return columns | {name: [output[name] for output in outputs] for name in sorted(others)}


def may_replace(name: str, outputs: Iterable[str]) -> bool:
    """Whether an answer may have the name of a column, which it replaces in a file then.

    Args:
        name: The name of the column.
        outputs: The names of the outputs of an endpoint.

    Example:
        `may_replace("p(good)", ["labels", "probabilities"])` -> `True`
    """
    base = re.sub(r"_\d+$", "", name.removeprefix(ANSWER))
    return base in {"label", "probability", *outputs} or name in outputs or name.startswith("p(")
