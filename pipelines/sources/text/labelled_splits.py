"""Splits of labelled text: made where there are none, and checked before training."""

import random
import unicodedata
from collections.abc import Sequence

from pipelines.sources.faults import Faults
from pipelines.sources.split_names import SPLITS
from pipelines.sources.text.labelled import Labelled

Splits = dict[str, list[Labelled]]

_HELD_BACK = " (where the data has no validation split, --validation_share 0.5 holds back half of a class of two)"


def stratify(rows: Sequence[Labelled], share: float, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Holds out a random share of each class.

    A row with several labels belongs to the class of all of them together; a text that occurs several times stays on
    one side.

    Args:
        rows: The rows.
        share: Share of each class that is held out, rounded.
        seed: Seed of the choice.

    Returns:
        The rows that remain and those held out, in their order.

    Example:
        `train, validation = stratify(rows, 0.1, seed=0)`
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for text, labels in {_folded(row.text): row.labels for row in rows}.items():
        groups.setdefault(tuple(sorted(labels)), []).append(text)
    draw = random.Random(seed)
    taken = {text for _, group in sorted(groups.items()) for text in draw.sample(group, round(share * len(group)))}
    sides: tuple[list[Labelled], list[Labelled]] = ([], [])
    for row in rows:
        sides[_folded(row.text) in taken].append(row)
    return sides


def classes_of(rows: Sequence[Labelled]) -> list[str]:
    """The labels of rows, sorted: as numbers if all are whole numbers, else as text.

    Example:
        `classes_of(splits["train"])` -> `["negative", "positive"]`
    """
    labels = {label for row in rows for label in row.labels}
    return sorted(labels, key=int) if all(label.isdecimal() for label in labels) else sorted(labels)


def check(splits: Splits, classes: Sequence[str], faults: Faults) -> Splits:
    """Finds unknown labels, texts in two splits and classes without an example.

    Args:
        splits: The rows of each split.
        classes: The labels that they may have.
        faults: Collects rows with other labels and rows whose text is also in a later split, which are left out, and
            classes without an example in some split.

    Returns:
        The rows without those that are left out.

    Raises:
        ValueError: A split has no row left, or a fault is an error.

    Example:
        `check({"train": train, "validation": validation}, classes_of(train), Faults("warn"))`
    """
    of_known = {split: known(splits[split], classes, faults) for split in splits}
    apart = _apart(of_known, faults)
    for split, rows in apart.items():
        remedy = _HELD_BACK if split == "validation" else ""
        if not rows:
            raise ValueError(f"Expected rows in the {split} split. Received: none{remedy}")
        there = {label for row in rows for label in row.labels}
        for missing in (label for label in classes if label not in there):
            faults.found(
                "an example of each class in each split",
                f"none of {missing!r} in {split}{remedy}", "the class stays without one there",
            )  # fmt: skip
    return apart


def known(rows: Sequence[Labelled], classes: Sequence[str], faults: Faults) -> list[Labelled]:
    """The rows whose labels are among some; others are faults."""
    kept, names = [], set(classes)
    for row in rows:
        other = [label for label in row.labels if label not in names]
        if other:
            faults.found(
                "labels of the training data, or of the option classes", f"{other[0]!r}, {row.place}", "it is left out"
            )
        else:
            kept.append(row)
    return kept


def _apart(splits: Splits, faults: Faults) -> Splits:
    """Leaves a text that is in two splits out of the earlier one."""
    seen: dict[str, Labelled] = {}
    apart = {}
    for split in (split for split in reversed(SPLITS) if split in splits):
        kept = []
        for row in splits[split]:
            other = seen.get(_folded(row.text))
            if other:
                faults.found(
                    "different texts in different splits",
                    f"{row.text[:60]!r}, {row.place} and {other.place}", f"it is left out of the {split} split",
                )  # fmt: skip
            else:
                kept.append(row)
        seen |= {_folded(row.text): row for row in kept}
        apart[split] = kept
    return {split: apart[split] for split in splits}


def _folded(text: str) -> str:
    """The text without differences in whitespace, case and form of Unicode, which do not make it another one."""
    return unicodedata.normalize("NFC", " ".join(text.split()).casefold())
