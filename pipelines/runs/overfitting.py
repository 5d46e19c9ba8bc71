"""What a model knows of its training data that it cannot use elsewhere: the gap between two losses measured alike."""

from typing import Any

_TITLE = "loss on training and validation data, measured alike"


def best(history: list[dict[str, Any]]) -> dict[str, Any]:
    """The interval with the lowest validation loss, whose weights are kept.

    Args:
        history: One dict for each interval, as `Run.history` and `training.fit` give them.

    Returns:
        The interval.

    Example:
        `best([{"step": 10, "val_loss": 3.0}, {"step": 20, "val_loss": 3.5}])["step"]` is 10.
    """
    return min(history, key=lambda row: row["val_loss"])


def table(history: list[dict[str, Any]]) -> dict[str, Any]:
    """The gap where the validation was best and at the end, for `Report.tables`.

    Both losses are measured without dropout and label smoothing, with the same weights.

    Args:
        history: One dict for each interval, with `step`, `epoch`, `train_loss` and `val_loss`.

    Returns:
        The table.

    Example:
        `table(run.history)`
    """
    rows = [
        [name, row["step"], row["epoch"], row["train_loss"], row["val_loss"], row["val_loss"] - row["train_loss"]]
        for name, row in (("best", best(history)), ("last", history[-1]))
    ]
    return {"title": _TITLE, "columns": ["interval", "step", "epoch", "training", "validation", "gap"], "rows": rows}


def verdict(history: list[dict[str, Any]]) -> str:
    """One sentence: whether the training went on for too long, ended too early, or neither.

    Args:
        history: As for `table`.

    Returns:
        The sentence, for `Report.notes`.

    Example:
        `verdict(history)` -> `"best validation at step 400 of 1,000; ..."`
    """
    chosen, last = best(history), history[-1]
    start = f"best validation at step {chosen['step']:,} of {last['step']:,}"
    lost = last["val_loss"] - chosen["val_loss"]
    if lost > 0 and last["train_loss"] < chosen["train_loss"]:
        return (
            f"{start}; after it the training loss fell by {chosen['train_loss'] - last['train_loss']:.3f} and the "
            f"validation loss rose by {lost:.3f}: the model overfits after its best step"
        )
    if chosen is last:
        return f"{start}, the last one: more steps may still help"
    return f"{start}; it was not better since"
