"""Labels as what a head predicts, and which parts need which of them."""

from typing import Any, Literal

import numpy as np

from pipelines.runs.rows import class_weights
from pipelines.sources.measurements import label_table
from pipelines.sources.split_names import SPLITS

Head = Literal["binary", "classes", "numbers"]
BINARY, CLASSES, NUMBERS = "binary", "classes", "numbers"
_MOST = 100  # classes
_QUARTILES = 1.349  # deviations of a normal distribution between its quartiles


def read(head: Head, texts: np.ndarray, positive: str = "") -> tuple[np.ndarray, list[str]]:
    """Reads the labels.

    Args:
        head: What is predicted.
        texts: Labels, object `[cases]`.
        positive: See `label_table.binary`.

    Returns:
        0 or 1, the number of the class, or float64 `[cases]`; and the names of the classes, none of numbers.

    Raises:
        ValueError: The labels do not suit the head.

    Example:
        `read("classes", np.array(["home", "ward", "home"], object))` -> `(array([0, 1, 0]), ["home", "ward"])`
    """
    names = sorted({*texts.tolist()})
    if head == BINARY:
        if len(names) > 2:
            raise ValueError(
                f"Expected labels of two classes, or --head classes, or --head numbers. Received: {len(names):,}: "
                f"{', '.join(map(repr, names[:5]))}"
            )
        labels, pair = label_table.binary(texts, positive)
        return labels, list(pair)
    if head == CLASSES:
        if not 2 <= len(names) <= _MOST:
            raise ValueError(
                f"Expected labels of 2 to {_MOST} classes, or --head numbers. Received: {len(names):,} different ones, "
                f"such as {names[0]!r}"
            )
        place = {name: number for number, name in enumerate(names)}
        return np.array([place[text] for text in texts.tolist()], np.int32), names
    numbers = np.array([_number(text) for text in texts.tolist()])
    if (faulty := ~np.isfinite(numbers)).any():
        wrong = texts[np.argmax(faulty)]
        raise ValueError(
            f"Expected numbers as labels, or --head classes. Received: {wrong!r}, and {faulty.sum() - 1:,} more"
        )
    return numbers, []


def check(labels: np.ndarray, split: np.ndarray, classes: list[str]) -> None:
    """Refuses a training or validation part that lacks a class or is of one number: nothing could be learnt."""
    for name in SPLITS[:2]:
        mine = labels[split == name]
        counts = np.bincount(mine, minlength=len(classes)) if classes else np.unique(mine, return_counts=True)[1]
        if not counts.all() or len(counts) < 2:
            given = zip(classes, counts.tolist(), strict=True) if classes else []
            found = " and ".join(f"{count:,} of {of!r}" for of, count in given) or f"{len(mine):,} cases, all alike"
            expected = "both classes" if len(classes) == 2 else "all classes" if classes else "different numbers"
            raise ValueError(f"Expected cases of {expected} in the {name} part. Received: {found}")


def said(labels: np.ndarray, split: np.ndarray, classes: list[str]) -> str:
    """How many cases each split has, and of which labels."""
    parts = []
    for name in (name for name in SPLITS if (split == name).any()):
        mine = labels[split == name]
        told = (
            f"median {np.median(mine):g}" if not classes else f"{int((mine == 1).sum()):,}" if len(classes) == 2 else ""
        )
        told = told or " ".join(f"{count:,}" for count in np.bincount(mine, minlength=len(classes)).tolist())
        parts.append(f"{len(mine):,} {name} ({told})")
    of = f", of which {classes[1]!r}" if len(classes) == 2 else f", of {', '.join(classes)}" if classes else ""
    return f"cases by split{of}: {', '.join(parts)}"


def known(labels: np.ndarray, classes: list[str], weights: str) -> dict[str, Any]:
    """What the labels of the training part decide: weights of classes, or centre and spread of numbers.

    Args:
        labels: Of the training part.
        classes: The names of the classes.
        weights: The option `class_weights`.

    Returns:
        `class_weights`, or `number`, centre and spread.

    Example:
        `known(np.array([0, 1, 1]), ["no", "yes"], "balanced")["class_weights"]` -> `[1.5, 0.75]`
    """
    if classes:
        counts = np.bincount(labels, minlength=len(classes)).tolist()
        return {"class_weights": class_weights.parse(weights, classes, counts)}
    low, center, high = np.quantile(labels, [0.25, 0.5, 0.75]).tolist()
    return {"number": [center, (high - low) / _QUARTILES or float(labels.std()) or 1.0]}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
