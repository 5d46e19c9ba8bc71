"""The card of an export: what it is and how its inputs map to files, as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfmodels.export.json_file import read_object

FORMAT = 2  # of the cards that this version writes; cards of format 1 do not state it
_FIRST_FORMAT = 1
_TYPES = {"format": int, "task": str}


def write_card(version: Path, card: Mapping[str, Any]) -> None:
    """Writes the card of a version, with its format.

    Args:
        version: The version folder.
        card: The content, as JSON values.
    """
    file = _path(version)
    file.parent.mkdir(exist_ok=True)
    text = json.dumps({**card, "format": FORMAT}, indent=2, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def read_card(version: Path) -> dict[str, Any]:
    """Reads the card of a version.

    Args:
        version: The version folder.

    Returns:
        The content; `format` is 1 where the card does not state it.

    Raises:
        FileNotFoundError: If there is no card.
        ValueError: If a newer version of this package wrote it, or it is no card.
    """
    file = _path(version)
    if not file.is_file():
        raise FileNotFoundError(f"Expected an export of tfmodels, with assets.extra/tfmodels.json. Received: {version}")
    card = {"format": _FIRST_FORMAT, **read_object(file)}
    for name, kind in _TYPES.items():
        if not isinstance(card.get(name, kind()), kind):
            raise ValueError(f"Expected a card with {name} of type {kind.__name__}. Received: {card[name]!r} in {file}")
    if card["format"] > FORMAT:
        raise ValueError(
            f"Expected a card of format {FORMAT} or older; update tfmodels to load this export. "
            f"Received: format={card['format']} in {file}"
        )
    return card


def _path(version: Path) -> Path:
    return version / "assets.extra" / "tfmodels.json"
