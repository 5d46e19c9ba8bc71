"""Labels that are none, or that are one label written in two ways: found before training."""

import unicodedata
from collections.abc import Sequence

from pipelines.sources.text.labelled import Labelled

_FEWEST_ROWS = 10  # to judge labels by their number
_MANY = 1000  # labels
_REMEDIES = {
    "columns": "--label names the column of the labels",
    "text_tab_label": "type --layout label_tab_text if the label comes first",
    "label_tab_text": "type --layout text_tab_label if the label comes last",
    "label_text": "the first word of a line is taken for its label; see --layout",
}


def check(rows: Sequence[Labelled], layout: str) -> list[str]:
    """Refuses labels that cannot be meant.

    Args:
        rows: The training data.
        layout: Its layout, for the remedy.

    Returns:
        What a report says of the labels.

    Raises:
        ValueError: There are more labels than half of the rows, so that they are texts; or two labels differ only in
            case, in the form of Unicode or as 1, 01 and 1.0.

    Example:
        `check(splits["train"], "columns")`
    """
    first: dict[str, Labelled] = {}
    for row in rows:
        for label in row.labels:
            first.setdefault(label, row)
    if len(rows) >= _FEWEST_ROWS and len(first) > len(rows) / 2:
        label, row = max(first.items(), key=lambda one: len(one[0]))
        raise ValueError(
            f"Expected labels that many texts share; {_REMEDIES[layout]}. Received: {len(first):,} different labels in "
            f"{len(rows):,} rows, such as {label[:60]!r}, {row.place}"
        )
    _refuse_alike(first)
    return [f"{len(first):,} different labels"] if len(first) > _MANY else []


def _refuse_alike(first: dict[str, Labelled]) -> None:
    written: dict[str, str] = {}
    for label, row in first.items():
        other = written.setdefault(_plain(label), label)
        if other != label:
            raise ValueError(
                f"Expected each label to be written alike everywhere; correct the data, or give all labels by "
                f"--classes if these are two. Received: {other!r}, {first[other].place}, and {label!r}, {row.place}"
            )


def _plain(label: str) -> str:
    """A label without what may differ by accident."""
    folded = unicodedata.normalize("NFC", label.casefold())
    whole, _, digits = folded.partition(".")
    return whole.lstrip("0") or "0" if whole.isdecimal() and not digits.strip("0") else folded
