"""Options that the data decides where the user does not: which they are, and what an earlier decision makes of them."""

import shlex
from dataclasses import replace
from typing import Any

from tfmodels.checked_options import AUTO, default_of, families

# Option -> the value that leaves it to the data
OPEN: dict[str, Any] = {
    **dict.fromkeys(("time", "target", "series"), ""),
    **dict.fromkeys(("context", "horizon", "season", "stride"), 0),
    **dict.fromkeys(("model", "calendar", "center"), AUTO),
}
# The values of the synthetic series, for which the defaults of the networks are made
SYNTHETIC = {
    "model": "transformer",
    "context": 168,
    "horizon": 24,
    "calendar": "hour_of_day,day_of_week",
    "center": "mean",
}
_USUAL = (("center", "mean"),)  # what no data decides, but a model that is not linear, or the other choice for one
_OF_PATCHES = ("patch", "stride")


def close(config: Any) -> None:
    """Decides at once what needs no table: everything of synthetic series, and the model whose options are given.

    Args:
        config: A config that is being made; it is changed.
    """
    synthetic = config.data == default_of(type(config), "data")
    changed = [name for name in families(type(config)) if getattr(config, name) != default_of(type(config), name)]
    found = {"model": changed[0]} if len(changed) == 1 else {}
    for name, value in ((SYNTHETIC if synthetic else {}) | found).items():
        if getattr(config, name) == OPEN[name]:
            object.__setattr__(config, name, value)


def taken_from(config: Any, decided: Any) -> Any:
    """Takes what a config leaves open from a config of the same run that is complete.

    Args:
        config: As the user gives it.
        decided: As the run keeps it.

    Returns:
        The config, complete.

    Example:
        `taken_from(Config(data="load.csv"), run.config).context`
    """
    taken = {name: getattr(decided, name) for name, left in OPEN.items() if getattr(config, name) == left}
    found = replace(config, **taken)
    if config.context == OPEN["context"] and found.model == decided.model:
        return with_patches(found, getattr(decided, decided.model))
    return found


def with_patches(config: Any, like: Any) -> Any:
    """Gives a network the patches of other options, where its own are the defaults."""
    own, default = getattr(config, config.model), default_of(type(config), config.model)
    names = [name for name in _OF_PATCHES if hasattr(own, name)]
    if any(getattr(own, name) != getattr(default, name) for name in names):
        return config
    return replace(config, **{config.model: replace(own, **{name: getattr(like, name) for name in names})})


def said(given: Any, found: Any) -> str:
    """What was decided, as options; empty for nothing.

    Example:
        `said(Config(data="sales.csv"), run.config)` -> `"--season 12 --horizon 12 ..."`
    """
    pairs = {name: (getattr(given, name), getattr(found, name)) for name in OPEN}
    options = {name: new for name, (old, new) in pairs.items() if old != new and (name, new) not in _USUAL}
    old, new = (getattr(getattr(one, found.model), "patch", 0) for one in (given, found))
    options |= {f"{found.model}.patch": new} if old != new else {}
    return " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in options.items())
