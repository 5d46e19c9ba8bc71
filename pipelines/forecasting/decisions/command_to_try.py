"""What to try where a baseline is better than the model."""

import shlex
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from pipelines import runs
from tfmodels.checked_options import default_of

_DECAY = "--training.weight_decay 0.1"
_TREES = "boosted trees"
_OF_NETWORKS = ("--training.xla", "--training.recompute")  # which a linear model refuses
# Baseline -> options that bring the model nearer to it, the first that is not in use; regressions see windows each
# normalised by itself, without which no model comes near them on series of different levels
_NEARER = {
    **dict.fromkeys(("ridge", "least absolute errors"), (("model", "linear"), ("center", "mean"))),
    "seasonal naive": (("center", "season"), ("model", "linear")),
}


def notes(
    config: Any,
    name: str,
    primary: str,
    metrics: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    comparisons: Mapping[str, Mapping[str, float] | None],
) -> list[str]:
    """Names the command to try where a regression, boosted trees or the seasonal naive forecast have a better score.

    Args:
        config: Options of the run.
        name: Name of the run.
        primary: The metric, lower is better.
        metrics: Scores of the model on the validation split.
        baselines: Those of the baselines.
        comparisons: How the model differs from each, see `Judgement`.

    Returns:
        A sentence, which says whether the difference is shown; none where the model is at least as good.

    Example:
        `notes(config, "load", "mase", {"mase": 1.2}, {"ridge": {"mase": 1.1}}, {"ridge": None})`
    """
    nearer = _NEARER | {_TREES: ((f"{config.model}.decoder", "steps"),)}
    scores = {baseline: baselines[baseline][primary] for baseline in nearer if baseline in baselines}
    best = min(scores, key=scores.__getitem__, default=None)
    if best is None or not scores[best] < metrics[primary]:
        return []
    can_change = _can_change_model(config)
    options_of = sorted(nearer[best], key=lambda one: one[0] == "model" and config.center == "training")
    unused = [
        f"--{option} {value}"
        for option, value in options_of
        if attrgetter(option)(config) != value and (option != "model" or can_change)
    ]
    longer = f"--training.steps {2 * config.training.steps}" if config.training.steps else _DECAY
    options = next(iter(unused), longer if best == _TREES else _DECAY)
    if options == "--center season" and config.context < config.season:
        options += f" --context {2 * config.season}"
    found = comparisons.get(best)
    is_shown = found is not None and found["low"] > 0
    words = "is better here" if is_shown else "has a better score here, which may be chance"
    return [f"{best} {words}: {primary} {scores[best]:.4g}. To try: {_command(options, name, config)}"]


def _can_change_model(config: Any) -> bool:
    """Whether the command takes another model: a file with options of this one may refuse it."""
    in_file = any(word.partition("=")[0] == "--config" for word in shlex.split(runs.command_line()))
    return not in_file or getattr(config, config.model) == default_of(type(config), config.model)


def _command(options: str, name: str, config: Any) -> str:
    """The command that trained the run, with other options and under another name."""
    words = shlex.split(runs.command_line())
    replaced = {"--run", *(word for word in options.split() if word.startswith("--"))}
    dropped = (f"--{config.model}.", *_OF_NETWORKS) if "--model" in replaced else ()
    if words[1:2] != ["fit"]:
        without = f" and without --{config.model}.*" if dropped else ""
        return f"the command that trained {name}, with {options} --run {runs.free_name(name)}{without}"
    kept, rest = [], iter(words)
    for word in rest:
        option, is_joined, _ = word.partition("=")
        if option in replaced or option.startswith(dropped):
            next(rest if not is_joined else iter(()), None)
        elif option != "--overwrite":
            kept.append(word)
    return f"{shlex.join(kept)} {options} --run {runs.free_name(name)}"
