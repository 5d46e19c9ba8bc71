"""The exports in a folder, by the run that each card names."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tfmodels.export.card_file import read_card
from tfmodels.export.versions import versions

ROOT = Path("saved_models")  # in the working directory


class Made(NamedTuple):
    """An export of a run.

    Attributes:
        name: Its folder and version, such as `demo/1`.
        training: Digest of the training that it came from, see `export_card.training`; empty where the card has none.
    """

    name: str
    training: str


def by_run(root: Path = ROOT) -> dict[str, list[Made]]:
    """Finds the exports of each run. An ensemble is one of all its members.

    Args:
        root: The folder of exports; need not exist. Exports elsewhere are not found.

    Returns:
        Name of a run -> its exports, by name; those whose card cannot be read, or names no run, are left out.

    Example:
        `by_run()["demo"]` -> `[Made("demo/1", "3f0c9a1b2c4d5e6f")]`
    """
    found: dict[str, list[Made]] = {}
    folders = sorted(root.iterdir()) if root.is_dir() else []
    for folder in folders:
        for number, version in versions(folder).items():
            for run, training in _named(version):
                found.setdefault(run, []).append(Made(f"{folder.name}/{number}", training))
    return found


def _named(version: Path) -> Iterator[tuple[str, str]]:
    """The runs that a card names, each with the digest of its training; a card may come from anyone."""
    with suppress(ValueError, OSError):
        card = read_card(version)
        members = card.get("members")
        for one in members if isinstance(members, list) and members else [card.get("run")]:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"], str(one.get("training", ""))
