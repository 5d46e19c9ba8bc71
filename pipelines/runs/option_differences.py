"""Which options of two configs of a task differ."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pipelines.runs import option_files, settings
from tfmodels.checked_options import families

_UNSET = "nothing"  # shown for a field that one of the two lacks


def find(config_type: type, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Finds the options that affect training and differ.

    Args:
        config_type: The task's `Config`.
        before: Options of a run, nested, as its file has them.
        now: Other options, nested.

    Returns:
        Full name of an option -> its value before and now.

    Example:
        `find(Config, {"training": {"steps": 20}}, {"training": {"steps": 5}})` -> `{"training.steps": (20, 5)}`
    """
    old, new = option_files.flatten(before), option_files.flatten(now)
    # A field added to the task after the run was created has its default there.
    defaults = option_files.flatten(asdict(config_type()))
    if old.get("model") == new.get("model"):
        old = {name: defaults[name] for name in new if name in defaults} | old
        free = set(settings.after_training(config_type))
    else:
        free = {*settings.after_training(config_type), *families(config_type)}
    pairs = {name: (old.get(name, _UNSET), new.get(name, _UNSET)) for name in {**old, **new}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and name.partition(".")[0] not in free}
