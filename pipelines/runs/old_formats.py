"""Conversion of files of earlier versions to current names; no other file knows those names.

Format 1 (version 0.1.0) wrote runs, reports and the cards of exports without a `format` number, with flat options and
task names such as `pipelines.translation` and `sentiment` (now classification). The tables below list its options with
their defaults in format 1: a run without an option was trained with that default, whatever the current one is.
"""

import math
from collections.abc import Mapping
from typing import Any

from pipelines.runs import option_files

FORMAT = 2

_TASKS = {"sentiment": "classification"}
_LEAST = {"length_penalty": 0, "examples": 1}  # of values that format 1 raised to it
_FAMILIES = {"transformer", "lstm", "hierarchical", "linear", "attention_lstm"}
_VALUES: dict[str, dict[str, dict[str, str]]] = {
    "classification": {
        "data": {"generated": "synthetic"},
        "layout": {"text-tab-label": "text_tab_label", "label-text": "label_text"},
    },
    "forecasting": {
        "data": {"generated": "synthetic"},
        "model": {"attention-lstm": "attention_lstm"},
        "head": {"student-t": "student_t", "negative-binomial": "negative_binomial"},
    },
}

# fmt: off
# Options of format 1 with unchanged names -> their defaults in format 1.
_KEPT: dict[str, dict[str, Any]] = {
    "translation": {
        "data": "cldr", "source": "en", "target": "de", "examples": 30_000, "vocabulary_size": 500,
        "subword_samples": 0, "subword_alpha": 0.1, "start_from": "", "vectors": "", "model": "transformer",
    },
    "classification": {
        "data": "generated", "layout": "columns", "text": "text", "label": "label", "separator": "",
        "encoding": "utf-8", "classes": "", "on_bad": "error", "validation_share": 0.1, "class_weights": "",
        "tokens": "words", "vocabulary_size": 10_000, "start_from": "", "vectors": "", "max_length": 64,
        "model": "transformer", "word_dropout": 0.0, "ngrams": 0, "spelling": False,
    },
    "forecasting": {
        "data": "generated", "time": "", "time_format": "", "target": "", "layout": "channels", "series": "",
        "past": "", "known": "", "static": "", "frequency": "", "calendar": "hour_of_day,day_of_week",
        "on_bad": "error", "split": "0.7,0.1,0.2", "hold_out": "", "stride": 0, "issue": "", "context": 168,
        "horizon": 24, "model": "transformer", "center": "mean", "head": "quantiles", "point_loss": "mse",
        "unit": "spread", "levels": "0.025,0.1,0.25,0.5,0.75,0.9,0.975", "season": 0, "start_from": "",
    },
}
# Renamed option of format 1 -> its default in format 1, and its current names, one for each model family.
_RENAMED: dict[str, dict[str, tuple[Any, tuple[str, ...]]]] = {
    "translation": {
        "keep_subwords": (False, ("keep_tokens",)),
        "max_length": (64, ("max_source_length", "max_target_length")),
        "num_layers": (2, ("transformer.num_layers", "lstm.num_layers")),
        "d_model": (96, ("transformer.d_model", "lstm.d_model")),
        "num_heads": (4, ("transformer.num_heads", "lstm.num_heads")),
        "dropout": (0.0, ("transformer.dropout", "lstm.dropout")),
        "feed_forward_dim": (192, ("transformer.feed_forward_dim",)),
        "activation": ("relu", ("transformer.activation",)),
        "norm_first": (True, ("transformer.norm_first",)),
        "positions": ("rotary", ("transformer.positions",)),
        "attention": ("multi_head", ("lstm.attention",)),
        "attention_dropout": (0.0, ("lstm.attention_dropout",)),
        "recurrent_dropout": (0.0, ("lstm.recurrent_dropout",)),
        "weight_drop": (0.0, ("lstm.weight_drop",)),
        "layer_norm": (False, ("lstm.layer_norm",)),
        "beam_size": (4, ("decoding.beam_size",)),
        "length_penalty": (0.6, ("decoding.length_penalty",)),
        "no_repeat_ngram": (0, ("decoding.no_repeat_ngram",)),
        "coverage_penalty": (0.0, ("decoding.coverage_penalty",)),
    },
    "classification": {
        "keep_subwords": (False, ("keep_tokens",)),
        "max_sentences": (100, ("hierarchical.max_sentences",)),
        "max_words": (40, ("hierarchical.max_words",)),
        "num_layers": (2, ("transformer.num_layers", "lstm.num_layers", "hierarchical.num_layers")),
        "d_model": (64, ("transformer.d_model", "lstm.d_model", "hierarchical.d_model")),
        "num_heads": (4, ("transformer.num_heads", "lstm.num_heads", "hierarchical.num_heads")),
        "dropout": (0.1, ("transformer.dropout", "lstm.dropout", "hierarchical.dropout")),
        "attention": ("additive", ("transformer.attention", "lstm.attention", "hierarchical.attention")),
        "recurrent_dropout": (0.0, ("lstm.recurrent_dropout", "hierarchical.recurrent_dropout")),
        "feed_forward_dim": (128, ("transformer.feed_forward_dim",)),
        "positions": ("rotary", ("transformer.positions",)),
        "query_chunk": (0, ("transformer.query_chunk",)),
    },
    "forecasting": {
        "units": (64, ("lstm.d_model", "attention_lstm.d_model", "transformer.d_model")),
        "num_layers": (2, ("lstm.num_layers", "attention_lstm.num_layers", "transformer.num_layers")),
        "dropout": (0.0, ("lstm.dropout", "attention_lstm.dropout", "transformer.dropout")),
        "patch": (24, ("lstm.patch", "attention_lstm.patch", "transformer.patch")),
        "mix_channels": (False, ("lstm.mix_channels", "attention_lstm.mix_channels", "transformer.mix_channels")),
        "num_heads": (4, ("attention_lstm.num_heads", "transformer.num_heads")),
        "attention_dropout": (0.0, ("attention_lstm.attention_dropout", "transformer.attention_dropout")),
        "patch_stride": (8, ("transformer.stride",)),
        "attention": ("additive", ("attention_lstm.attention",)),
        "plain": (False, ("lstm.plain",)),
    },
}
# Options that format 1 did not have -> the fixed values of its models.
_BUILT_IN: dict[str, dict[str, Any]] = {
    "translation": {"decoding.max_length": 0, "decoding.length_ratio": 2.0, "decoding.length_margin": 10},
    "classification": {
        "transformer.activation": "relu", "transformer.norm_first": True, "decision.threshold": 0.5,
        "lstm.attention_dropout": 0.0, "lstm.weight_drop": 0.0, "lstm.layer_norm": False,
        "hierarchical.attention_dropout": 0.0, "hierarchical.weight_drop": 0.0, "hierarchical.layer_norm": False,
    },
    "forecasting": {
        "transformer.feed_forward_dim": 128, "transformer.activation": "gelu", "transformer.norm_first": False,
        "transformer.head_dropout": 0.0, "linear.kernel": 25, "linear.individual": False,
        "lstm.recurrent_dropout": 0.0, "lstm.weight_drop": 0.0, "lstm.layer_norm": False,
        "attention_lstm.recurrent_dropout": 0.0, "attention_lstm.weight_drop": 0.0,
        "attention_lstm.layer_norm": False, "attention_lstm.linear": True,
    },
}
# Options of a training, with unchanged names -> their defaults in format 1, for all tasks and for each task.
_TRAINING = {
    "epochs": 30, "accumulate": 1, "optimizer": "adamw", "schedule": "cosine", "warmup_steps": 100,
    "plateau_patience": 2, "plateau_factor": 0.5, "weight_decay": 0.0, "beta_2": 0.98, "momentum": 0.9,
    "clip_norm": 1.0, "clip_value": 0.0, "label_smoothing": 0.0, "average_checkpoints": 0, "patience": 0, "seed": 1,
    "replicas": 0, "precision": "float32", "recompute": False, "xla": False,
}
_TASK_TRAINING = {
    "translation": {"steps": 1320, "interval": 440, "batch_tokens": 1024, "learning_rate": 3e-3, "ema_decay": 0.98},
    "classification": {"steps": 900, "interval": 150, "batch_tokens": 2048, "learning_rate": 3e-3, "ema_decay": 0.99},
    "forecasting": {"steps": 900, "interval": 150, "batch_tokens": 10_752, "learning_rate": 4e-3, "ema_decay": 0.99},
}
# fmt: on


def config(values: Mapping[str, Any], config_type: type | None = None) -> dict[str, Any]:
    """Converts the options of a run to the current format.

    Args:
        values: Content of a `config.yaml` of any format, or of another file of options.
        config_type: The dataclass of the task's options, for a user's own task.

    Returns:
        The content with the current `format`, task name and option names; options of a user's own task are unchanged.

    Raises:
        ValueError: If a later version wrote the file.

    Example:
        `config({"task": "pipelines.translation", "d_model": 64})["transformer"]["d_model"]`
    """
    name, number = str(values.get("task", "")), values.get("format", 1)
    task = current_task(name)
    if type(number) is not int and (not name or task in _KEPT):
        raise ValueError(f"Expected `format` to be a whole number. Received: format={number!r}")
    if type(number) is int and number != 1:
        if number != FORMAT:
            raise ValueError(f"Expected a run of format {FORMAT} or earlier. Received: format={number}")
        return option_files.completed(values, config_type)
    if task == name:  # not a task of this package in format 1; a `format` such as csv was an option of the task
        return {**values, "format": FORMAT}
    renamed = _RENAMED[task]
    old = _KEPT[task] | {name: default for name, (default, _) in renamed.items()} | dict(values)
    if task == "forecasting":  # format 1 limited the stride to the patch length
        sizes = old["patch_stride"], old["patch"]  # the check of all options refuses those of other types
        old["patch_stride"] = min(sizes) if all(isinstance(size, int) for size in sizes) else sizes[0]
        old["point_loss"] = old["point_loss"] if old["head"] == "point" else "mse"  # it had no effect
    if task == "classification" and old["layout"] != "columns" and not str(old["data"]).startswith("tfds:"):
        old |= {"text": "text", "label": "label"}  # they had no effect
    if task == "translation" and "attention_dropout" not in values:  # before it was a separate option
        old["attention_dropout"] = old["dropout"]
    flat = dict(_BUILT_IN[task])
    for name, value in old.items():
        names = renamed[name][1] if name in renamed else (name,)
        flat |= dict.fromkeys(names, _accepted(name, current_value(task, name, value)))
    if isinstance(trained := old.get("training", {}), dict):  # else the check of all options refuses it
        trained = {key: _accepted(key, one) for key, one in (_TRAINING | _TASK_TRAINING[task] | trained).items()}
    flat["training"] = trained
    return option_files.completed({"format": FORMAT} | _nested(flat, flat["model"]) | {"task": task})


def current_names(task: str, name: str) -> list[str]:
    """Finds the current names of an option of format 1.

    Args:
        task: Name of the task.
        name: Name of the option in format 1, without leading dashes.

    Returns:
        The current names, several if each model family has its own.

    Example:
        `current_names("translation", "d_model")` -> `["transformer.d_model", "lstm.d_model"]`
    """
    if name == "from":
        return ["start_from"]
    spelt = name.replace("-", "_")
    return list(_RENAMED.get(task, {}).get(spelt, (None, (spelt,)))[1])


def current_value(task: str, name: str, value: Any) -> Any:
    """Finds the current name of a choice of format 1.

    Args:
        task: Name of the task.
        name: Name of the option.
        value: The choice.

    Returns:
        Its current name; any other value unchanged.

    Example:
        `current_value("forecasting", "model", "attention-lstm")` -> `"attention_lstm"`
    """
    return _VALUES.get(task, {}).get(name, {}).get(value, value) if isinstance(value, str) else value


def current_task(name: str) -> str:
    """Finds the current name of a task.

    Args:
        name: Its name in a run or in the card of an export.

    Returns:
        The short name of a task of this package; any other name unchanged.

    Example:
        `current_task("pipelines.sentiment")` -> `"classification"`
    """
    if not name.startswith("pipelines."):
        return name
    short = name.removeprefix("pipelines.")
    task = _TASKS.get(short, short)
    return task if task in _KEPT else name


def renamed_task(name: str) -> str:
    """Says the current name of a renamed task, at the end of an error message.

    Args:
        name: A short name.

    Returns:
        The remark, with a leading space; empty for any other name.

    Example:
        `renamed_task("sentiment")` -> `" (sentiment is now classification)"`
    """
    return f" ({name} is now {_TASKS[name]})" if name in _TASKS else ""


def report(values: Mapping[str, Any]) -> dict[str, Any]:
    """Converts a report to current names.

    Args:
        values: Content of a report file of any format.

    Returns:
        The content with current names, without `format`.

    Example:
        `report({"floors": {}, "beats_floor": None, ...})["baselines"]`
    """
    names = {"floors": "baselines", "beats_floor": "beats_baseline"}
    current = {names.get(name, name): value for name, value in values.items() if name != "format"}
    return current if "format" in values else current | {"task": _TASKS.get(current["task"], current["task"])}


def card(values: Mapping[str, Any]) -> dict[str, Any]:
    """Converts the card of an export to current names.

    Args:
        values: Content of a card of any format.

    Returns:
        The content with current names.

    Example:
        `card({"task": "pipelines.sentiment"})["task"]` -> `"classification"`
    """
    return {**values, "task": current_task(values["task"])} if "task" in values else dict(values)


def _accepted(name: str, value: Any) -> Any:
    """Replaces a value that format 1 accepted by the one that it had the effect of."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if name in _LEAST:
        return max(value, _LEAST[name])
    endless = name in ("clip_norm", "clip_value") and math.isinf(value)
    return 0.0 if endless else value  # 0 does not clip


def _nested(flat: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Nests dotted names and drops the options of other model families, which had no effect."""
    nested: dict[str, Any] = {}
    for full, value in flat.items():
        family, dot, option = full.partition(".")
        if not dot:
            nested[full] = value
        elif family == model or family not in _FAMILIES:
            nested.setdefault(family, {})[option] = value
    return nested
