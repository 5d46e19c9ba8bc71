"""Overfitting: the gap between the losses on training and validation data."""

from typing import Any

_NOTABLE = 0.01  # share of the loss
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

    Differences below a hundredth of the loss, or of its whole range, are taken as none.

    Args:
        history: As for `table`, with `learning_rate` where more steps may help.

    Returns:
        The sentence, for `Report.notes`.

    Example:
        `verdict(history)` -> `"best validation loss at step 400 of 1,000; ..."`
    """
    chosen, last = best(history), history[-1]
    start = f"best validation loss at step {chosen['step']:,} of {last['step']:,}"
    losses = [row["val_loss"] for row in history]
    least = _NOTABLE * max(abs(chosen["val_loss"]), max(losses) - min(losses))
    rise, fall = last["val_loss"] - chosen["val_loss"], chosen["train_loss"] - last["train_loss"]
    if rise > least and fall > least:
        return (
            f"{start}; afterwards the training loss fell by {fall:.3g} and the validation loss rose by {rise:.3g}: "
            "the model overfits after its best step"
        )
    if chosen is not last:
        return f"{start}; it did not improve afterwards"
    if len(history) == 1:
        return f"{start}, the only evaluation"
    if history[-2]["val_loss"] - last["val_loss"] > least and _still_learning(history):
        return f"{start}, the last evaluation: more steps may still help"
    return f"{start}, the last evaluation"


def _still_learning(history: list[dict[str, Any]]) -> bool:
    """Whether the learning rate of the last step is more than a tenth of the highest."""
    rates = [row.get("learning_rate", 0.0) for row in history]
    return rates[-1] > max(rates) / 10
