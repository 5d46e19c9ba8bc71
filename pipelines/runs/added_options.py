"""Options that were added after runs of the current format had been made: such a run lacks them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

# Option, dotted if it is nested -> the fixed value of the time before it was an option, whatever its default is today.
_OF_TEXT = {"normalize": "none"}
_ADDED: dict[str, dict[str, Any]] = {
    "translation": _OF_TEXT,
    "classification": {**_OF_TEXT, "quotes": "by_ending"},
}


def completed(values: Mapping[str, Any], config_type: type | None = None) -> dict[str, Any]:
    """Gives the options of a run those that it lacks, with the values of its time.

    Args:
        values: Content of a `config.yaml` of the current format.
        config_type: The dataclass of the task's options; a user's own task may have inherited some of the added ones.

    Returns:
        The content with all options that were added.

    Example:
        `completed({"task": "translation"})["normalize"]` -> `"none"`
    """
    inherited = {field.name for field in fields(config_type)} if config_type else set()
    shared = {name: value for name, value in _OF_TEXT.items() if name in inherited}
    found = dict(values)
    for name, value in _ADDED.get(str(values.get("task")), shared).items():
        group, dot, option = name.rpartition(".")
        if not dot:
            found.setdefault(option, value)
        elif group in found:  # the options of another model family are left out
            found[group] = {option: value} | found[group]
    return found
