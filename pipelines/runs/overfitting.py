"""Overfitting: the gap between the losses on training and validation data."""

from typing import Any

_TITLE = "loss on training and validation data, without dropout and label smoothing"


def best(history: list[dict[str, Any]]) -> dict[str, Any]:
    """Finds the evaluation with the lowest validation loss, whose weights are kept.

    Args:
        history: The evaluations, as `Run.history` and `training.fit` return them.

    Returns:
        The evaluation.

    Example:
        `best([{"step": 10, "val_loss": 3.0}, {"step": 20, "val_loss": 3.5}])["step"]` is 10.
    """
    return min(history, key=lambda row: row["val_loss"])


def table(history: list[dict[str, Any]]) -> dict[str, Any]:
    """Tabulates the gap at the best and at the last evaluation, for `Report.tables`.

    Both losses are measured with the same weights, without dropout and label smoothing.

    Args:
        history: The evaluations, each with `step`, `epoch`, `train_loss` and `val_loss`.

    Returns:
        The table.

    Example:
        `table(run.history)`
    """
    rows = [
        [name, row["step"], row["epoch"], row["train_loss"], row["val_loss"], row["val_loss"] - row["train_loss"]]
        for name, row in (("best", best(history)), ("last", history[-1]))
    ]
    return {"title": _TITLE, "columns": ["evaluation", "step", "epoch", "training", "validation", "gap"], "rows": rows}


def verdict(history: list[dict[str, Any]]) -> str:
    """Says in a sentence whether the model overfitted, was still improving, or neither.

    Args:
        history: As for `table`.

    Returns:
        The sentence, for `Report.notes`.

    Example:
        `verdict(history)` -> `"best validation loss at step 400 of 1,000; ..."`
    """
    chosen, last = best(history), history[-1]
    start = f"best validation loss at step {chosen['step']:,} of {last['step']:,}"
    rise = last["val_loss"] - chosen["val_loss"]
    if rise > 0 and last["train_loss"] < chosen["train_loss"]:
        return (
            f"{start}; afterwards the training loss fell by {chosen['train_loss'] - last['train_loss']:.3f} and the "
            f"validation loss rose by {rise:.3f}: the model overfits after its best step"
        )
    if chosen is last:
        return f"{start}, the last evaluation: more steps may still help"
    return f"{start}; it did not improve afterwards"
