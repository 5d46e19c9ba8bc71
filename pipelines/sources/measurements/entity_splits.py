"""Splits by entity, with the labels spread alike over them."""

from collections.abc import Sequence

import numpy as np

from pipelines.sources.measurements.label_table import Cases
from pipelines.sources.split_names import SPLITS

_GROUPS = 10  # of entities by their number, where labels are numbers


def strata(cases: Cases, label: str, entities: int) -> np.ndarray:
    """What entities are spread by: the label that is rarest among all, of those that an entity has.

    Args:
        cases: The cases.
        label: Name of the label. Its texts are classes, or numbers where they are many different ones.
        entities: Number of entities.

    Returns:
        int64 `[entities]`; -1 of an entity without a case.

    Example:
        `strata(data.cases, "death", 4000)`
    """
    texts, place, counts = np.unique(cases.labels[label].astype(str), return_inverse=True, return_counts=True)
    if len(texts) > _GROUPS and (numbers := _numbers(texts)) is not None:
        values = numbers[place]
        rank = np.searchsorted(np.quantile(values, np.linspace(0, 1, _GROUPS + 1)[1:-1]), values)
    else:
        rank = np.argsort(np.argsort(-counts, kind="stable"))[place]
    found = np.full(entities, -1)
    np.maximum.at(found, cases.entity, rank)
    return found


def folds(groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Parts of about equal size, each with about the same labels.

    Args:
        groups: What `strata` returned.
        count: Number of parts.
        seed: Seed of the draw.

    Returns:
        int64 `[entities]`, the part of each entity; -1 of one without a case.

    Raises:
        ValueError: There are fewer entities than parts.

    Example:
        `folds(strata(data.cases, "death", 4000), 5, seed=1)`
    """
    from sklearn.model_selection import StratifiedKFold

    labelled = np.flatnonzero(groups >= 0)
    if count < 2 or len(labelled) < count:
        raise ValueError(f"Expected at least two folds, and an entity for each. Received: {len(labelled):,} entities")
    sizes = np.bincount(groups[labelled])
    rare = sizes[groups[labelled]] < count  # too few to be in each part: they count as the most frequent ones
    common = np.where(rare, sizes.argmax() if sizes.max() >= count else -1, groups[labelled])
    found = np.full(len(groups), -1)
    splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
    for number, (_, part) in enumerate(splitter.split(labelled, common)):
        found[labelled[part]] = number
    return found


def shares(groups: np.ndarray, validation: float, test: float, seed: int) -> np.ndarray:
    """A split by shares of the entities.

    Args:
        groups: What `strata` returned.
        validation: Share of the validation part.
        test: Share of the test part.
        seed: Seed of the draw.

    Returns:
        Texts, object `[entities]`: `train`, `validation`, `test`, or empty of one without a case.

    Raises:
        ValueError: A part has no entity.

    Example:
        `shares(strata(data.cases, "death", 4000), 0.1, 0.1, seed=1)`
    """
    random = np.random.default_rng([seed, 32])
    found = np.where(groups >= 0, "train", "").astype(object)
    for group in np.unique(groups[groups >= 0]):
        members = random.permutation(np.flatnonzero(groups == group))
        ends = np.cumsum(_rounded(np.array([test, validation]) * len(members), random))
        found[members[: ends[0]]] = "test"
        found[members[ends[0] : ends[1]]] = "validation"
    empty = [
        name for name, share in zip(SPLITS, (1.0, validation, test), strict=True) if share and not (found == name).any()
    ]
    if empty:
        raise ValueError(
            f"Expected entities in each split. Received: none for {' and '.join(empty)} with validation_share="
            f"{validation:g}, test_share={test:g} and {(groups >= 0).sum():,} entities"
        )
    return found


def check(split: np.ndarray, cases: Cases, names: Sequence[str]) -> None:
    """Refuses a split that the files name and that leaves labelled entities out, or a part without any.

    Args:
        split: Split of each entity, object `[entities]`.
        cases: The cases.
        names: Ids of the entities.

    Raises:
        ValueError: An entity with a label has no split, or training or test has none with a label.

    Example:
        `check(data.split, data.cases, data.histories.entities.to_pylist())`
    """
    mine = split[cases.entity]
    if (mine == "").any():
        raise ValueError(
            "Expected the files to name the split of each entity with a label. Received: none for "
            f"{names[cases.entity[np.argmax(mine == '')]]!r}"
        )
    empty = [name for name in ("train", "test") if not (mine == name).any()]
    if empty:
        raise ValueError(f"Expected entities with labels in training and test. Received: none in {' and '.join(empty)}")


def _rounded(sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Whole sizes, whose mean over many groups is right."""
    whole = np.floor(sizes)
    return (whole + (random.random(len(sizes)) < sizes - whole)).astype(int)


def _numbers(texts: np.ndarray) -> np.ndarray | None:
    try:
        return texts.astype(np.float64)
    except ValueError:
        return None
