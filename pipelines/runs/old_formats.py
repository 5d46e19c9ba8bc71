"""What earlier versions wrote, in today's names: the one file that knows them.

Format 1 (version 0.1.0) wrote runs, reports and the cards of exports without a `format` number: flat options, tasks as
`pipelines.translation`, `sentiment` for classification. The tables hold each of its options with the default of its
time, which an older run that lacks the option was trained with, whatever the default is today.
"""

from collections.abc import Mapping
from typing import Any

FORMAT = 2

_TASKS = {"sentiment": "classification"}
_FAMILIES = {"transformer", "lstm", "hierarchical", "linear", "attention_lstm"}
_VALUES: dict[str, dict[str, str]] = {}

# Option of format 1: its default, and its names today where they differ, with blanks between them. Of names with a
# family of models the chosen family's counts.
_TRANSFORMER_AND_LSTM = {
    "num_layers": (2, "transformer.num_layers lstm.num_layers"),
    "num_heads": (4, "transformer.num_heads lstm.num_heads"),
    "feed_forward_dim": (192, "transformer.feed_forward_dim"),
    "positions": ("rotary", "transformer.positions"),
    "attention_dropout": (0.0, "lstm.attention_dropout"),
    "recurrent_dropout": (0.0, "lstm.recurrent_dropout"),
}
_VOCABULARY = {
    "start_from": ("", "start_from"),
    "keep_subwords": (False, "keep_tokens"),
    "vectors": ("", "vectors"),
}
_FIELDS: dict[str, dict[str, tuple[Any, str]]] = {
    "translation": {
        "data": ("cldr", "data"),
        "source": ("en", "source"),
        "target": ("de", "target"),
        "examples": (30_000, "examples"),
        "vocabulary_size": (500, "vocabulary_size"),
        "subword_samples": (0, "subword_samples"),
        "subword_alpha": (0.1, "subword_alpha"),
        **_VOCABULARY,
        "max_length": (64, "max_length"),
        "model": ("transformer", "model"),
        **_TRANSFORMER_AND_LSTM,
        "d_model": (96, "transformer.d_model lstm.d_model"),
        "dropout": (0.0, "transformer.dropout lstm.dropout"),
        "activation": ("relu", "transformer.activation"),
        "norm_first": (True, "transformer.norm_first"),
        "attention": ("multi_head", "lstm.attention"),
        "weight_drop": (0.0, "lstm.weight_drop"),
        "layer_norm": (False, "lstm.layer_norm"),
        "beam_size": (4, "decoding.beam_size"),
        "length_penalty": (0.6, "decoding.length_penalty"),
        "no_repeat_ngram": (0, "decoding.no_repeat_ngram"),
        "coverage_penalty": (0.0, "decoding.coverage_penalty"),
    },
    "classification": {
        "data": ("generated", "data"),
        "layout": ("columns", "layout"),
        "text": ("text", "text"),
        "label": ("label", "label"),
        "separator": ("", "separator"),
        "encoding": ("utf-8", "encoding"),
        "classes": ("", "classes"),
        "on_bad": ("error", "on_bad"),
        "validation_share": (0.1, "validation_share"),
        "class_weights": ("", "class_weights"),
        "tokens": ("words", "tokens"),
        "vocabulary_size": (10_000, "vocabulary_size"),
        **_VOCABULARY,
        "max_length": (64, "max_length"),
        "max_sentences": (100, "hierarchical.max_sentences"),
        "max_words": (40, "hierarchical.max_words"),
        "model": ("transformer", "model"),
        "num_layers": (2, "transformer.num_layers lstm.num_layers hierarchical.num_layers"),
        "d_model": (64, "transformer.d_model lstm.d_model hierarchical.d_model"),
        "num_heads": (4, "transformer.num_heads lstm.num_heads hierarchical.num_heads"),
        "dropout": (0.1, "transformer.dropout lstm.dropout hierarchical.dropout"),
        "word_dropout": (0.0, "word_dropout"),
        "feed_forward_dim": (128, "transformer.feed_forward_dim"),
        "positions": ("rotary", "transformer.positions"),
        "query_chunk": (0, "transformer.query_chunk"),
        "recurrent_dropout": (0.0, "lstm.recurrent_dropout hierarchical.recurrent_dropout"),
        "attention": ("additive", "transformer.attention lstm.attention hierarchical.attention"),
        "ngrams": (0, "ngrams"),
        "spelling": (False, "spelling"),
    },
    "forecasting": {
        "data": ("generated", "data"),
        **{name: ("", name) for name in ("time", "time_format", "target")},
        "layout": ("channels", "layout"),
        **{name: ("", name) for name in ("series", "past", "known", "static", "frequency")},
        "calendar": ("hour_of_day,day_of_week", "calendar"),
        "on_bad": ("error", "on_bad"),
        "split": ("0.7,0.1,0.2", "split"),
        "hold_out": ("", "hold_out"),
        "stride": (0, "stride"),
        "issue": ("", "issue"),
        "context": (168, "context"),
        "horizon": (24, "horizon"),
        "model": ("transformer", "model"),
        "units": (64, "lstm.d_model attention_lstm.d_model transformer.d_model"),
        "num_layers": (2, "lstm.num_layers attention_lstm.num_layers transformer.num_layers"),
        "num_heads": (4, "attention_lstm.num_heads transformer.num_heads"),
        "patch": (24, "lstm.patch attention_lstm.patch transformer.patch"),
        "patch_stride": (8, "transformer.stride"),
        "mix_channels": (False, "lstm.mix_channels attention_lstm.mix_channels transformer.mix_channels"),
        "attention": ("additive", "attention_lstm.attention"),
        "plain": (False, "lstm.plain"),
        "center": ("mean", "center"),
        "dropout": (0.0, "lstm.dropout attention_lstm.dropout transformer.dropout"),
        "attention_dropout": (0.0, "attention_lstm.attention_dropout transformer.attention_dropout"),
        "head": ("quantiles", "head"),
        "point_loss": ("mse", "point_loss"),
        "unit": ("spread", "unit"),
        "levels": ("0.025,0.1,0.25,0.5,0.75,0.9,0.975", "levels"),
        "season": (0, "season"),
        "start_from": ("", "start_from"),
    },
}
# Options of a training, likewise; their names have not changed.
_TRAINING = {
    "epochs": 30,
    "interval": 0,
    "accumulate": 1,
    "optimizer": "adamw",
    "schedule": "cosine",
    "warmup_steps": 100,
    "plateau_patience": 2,
    "plateau_factor": 0.5,
    "weight_decay": 0.0,
    "beta_2": 0.98,
    "momentum": 0.9,
    "clip_norm": 1.0,
    "clip_value": 0.0,
    "label_smoothing": 0.0,
    "average_checkpoints": 0,
    "patience": 0,
    "seed": 1,
    "replicas": 0,
    "precision": "float32",
    "recompute": False,
    "xla": False,
}
_TRAINING_OF = {
    "translation": {"steps": 1320, "interval": 440, "batch_tokens": 1024, "learning_rate": 3e-3, "ema_decay": 0.98},
    "classification": {"steps": 900, "interval": 150, "batch_tokens": 2048, "learning_rate": 3e-3, "ema_decay": 0.99},
    "forecasting": {"steps": 900, "interval": 150, "batch_tokens": 10_752, "learning_rate": 4e-3, "ema_decay": 0.99},
}


def config(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run in today's names.

    Args:
        values: What its `config.yaml` holds, of any format.

    Returns:
        The same with `format`, `task` and options of today; those of a user's own task as they are.

    Raises:
        ValueError: A later version wrote them.

    Example:
        `config({"task": "pipelines.translation", "d_model": 64})["transformer"]["d_model"]`
    """
    if values.get("format", 1) != 1:
        if values["format"] != FORMAT:
            raise ValueError(f"Expected a run of format {FORMAT} or earlier. Received: format={values['format']}")
        return dict(values)
    task = task_today(str(values["task"])) if "task" in values else ""
    if task not in _FIELDS:
        return {"format": FORMAT, **values}
    old = {name: default for name, (default, _) in _FIELDS[task].items()} | dict(values)
    if task == "forecasting":  # a stride beyond the patch was the patch
        old["patch_stride"] = min(old["patch_stride"], old["patch"])
    today: dict[str, Any] = {"format": FORMAT, "task": task}
    model = value_today(task, "model", old["model"])
    for name, value in old.items():
        for full in _FIELDS[task].get(name, (None, name))[1].split():
            family, dot, option = full.partition(".")
            if not dot:
                today[full] = value_today(task, name, value)
            elif family == model or family not in _FAMILIES:
                today.setdefault(family, {})[option] = value
    return today | {"task": task, "training": _TRAINING | _TRAINING_OF[task] | dict(old.get("training", {}))}


def names_today(task: str, name: str) -> list[str]:
    """What an option of format 1 is called today.

    Args:
        task: The task's name.
        name: The option, without dashes.

    Returns:
        Its names: several where each family of models has its own; none if it was no option.

    Example:
        `names_today("translation", "d_model")` -> `["transformer.d_model", "lstm.d_model"]`
    """
    if name == "from":
        return ["start_from"]
    spelt = name.replace("-", "_")
    today = _FIELDS.get(task, {}).get(spelt, (None, spelt))[1].split()
    return [] if today == [name] else today


def value_today(task: str, name: str, value: Any) -> Any:
    """What a choice of format 1 is called today.

    Args:
        task: The task's name.
        name: The option.
        value: The choice.

    Returns:
        Its name today; any other value as it is.

    Example:
        `value_today("forecasting", "model", "attention-lstm")` -> `"attention_lstm"`
    """
    if task not in _FIELDS or not isinstance(value, str):
        return value
    return _VALUES.get(name, {}).get(value, value)


def task_today(name: str) -> str:
    """What a task is called today.

    Args:
        name: Its name in a run or in the card of an export.

    Returns:
        The short name of a task of this package; any other name as it is.

    Example:
        `task_today("pipelines.sentiment")` -> `"classification"`
    """
    if not name.startswith("pipelines."):
        return name
    short = name.removeprefix("pipelines.")
    task = _TASKS.get(short, short)
    return task if task in _FIELDS else name


def report(values: Mapping[str, Any]) -> dict[str, Any]:
    """A report in today's names.

    Args:
        values: What its file holds, of any format.

    Returns:
        The same, without `format`.

    Example:
        `report({"floors": {}, "beats_floor": None, ...})["baselines"]`
    """
    names = {"floors": "baselines", "beats_floor": "beats_baseline"}
    today = {names.get(name, name): value for name, value in values.items() if name != "format"}
    return today if "format" in values else today | {"task": _TASKS.get(today["task"], today["task"])}


def card(values: Mapping[str, Any]) -> dict[str, Any]:
    """The card of an export in today's names.

    Args:
        values: What its file holds, of any format.

    Returns:
        The same.

    Example:
        `card({"task": "pipelines.sentiment"})["task"]` -> `"classification"`
    """
    return {**values, "task": task_today(values["task"])} if "task" in values else dict(values)
