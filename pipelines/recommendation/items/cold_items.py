"""Items that training has no event of: which they are, and how well they are recommended."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.sources.events.event_splits import Split
from pipelines.sources.events.feature_table import FeatureTable
from tfmodels.metrics.next_items import item_ranking

if TYPE_CHECKING:
    import numpy as np

    from pipelines.recommendation.data import Cases
    from pipelines.runs.predictor import Predictor
    from tfmodels.metrics.next_items.item_ranking import Ranking, Scorer

_FIRST = 10
_SEED = 1  # not the run's: runs with different seeds are scored on the same items
_MOST = 1 << 22  # pairs of an event and a candidate that are asked for


def held_out(split: Split, table: FeatureTable, share: float) -> Split:
    """The split without the events of some items in its training part.

    Args:
        split: The split.
        table: The item table.
        share: Share of the items that both training and the table have.

    Returns:
        The split; as it is if the share is 0.

    Raises:
        ValueError: No item is left to train on, or none is held out.
    """
    import numpy as np

    if not share:
        return split
    told, names = set(table.ids), split.sequences.events.items.to_pylist()
    known = split.known()[1]
    both = np.flatnonzero([is_known and name in told for is_known, name in zip(known, names, strict=True)])
    count = round(share * len(both))
    if not 0 < count < known.sum():
        raise ValueError(
            f"Expected a cold_share that leaves items out and others to train on. Received: cold_share={share:g}, "
            f"{count:,} of {int(known.sum()):,} items"
        )
    out = np.zeros(len(names), bool)
    out[np.random.default_rng([_SEED, 41]).choice(both, count, replace=False)] = True
    return replace(split, held_out=out)


def notes(table: FeatureTable, trained: list[str], further: list[str], split: Split) -> list[str]:
    """What a report says of the items and their table."""
    told = set(table.ids)
    absent = sum(item not in told for item in trained)
    found = [
        *table.notes,
        f"{len(trained) + len(further):,} items may be recommended: {len(trained):,} of the training, {absent:,} of "
        f"which are not in the item table, and {len(further):,} that only the table has",
    ]
    if split.held_out is not None:
        found.append(f"the events of {int(split.held_out.sum()):,} items are kept out of training (cold_share)")
    return found


def table(
    answering: "Predictor",
    asked: dict[str, list],
    names: list[str],
    first: int,
    cases: "Cases",
    rankings: "dict[str, Ranking]",
    scorers: "dict[str, Scorer]",
) -> list[dict[str, Any]]:
    """A table of the hit rate of events whose item training has not: among such items alone, and among all.

    Args:
        answering: What is scored; its endpoint `score` ranks such items among themselves.
        asked: What is asked for the events, see `case_requests.columns`.
        names: All items that may be recommended.
        first: How many of them training has, which come first.
        cases: The events.
        rankings: Name -> ranking among all items, of them `model`.
        scorers: Those baselines that tell such items apart.

    Returns:
        The table; none without such an event.
    """
    import numpy as np

    cold, rows = len(names) - first, np.flatnonzero(cases.targets >= first)
    if not len(rows):
        return []
    rows, whole = rows[: max(1, _MOST // cold)], len(rows)
    some = {name: [values[row] for row in rows] for name, values in asked.items()}
    among = {"model": _among_cold(answering, some, names[first:], cases.targets[rows] - first)}
    among |= {name: _ranks_alone(scorer, cases, rows, first, cold) for name, scorer in scorers.items()}
    hits = {name: float((ranks <= _FIRST).mean()) for name, ranks in among.items()}
    chance = [min(_FIRST, size) / size for size in (cold, len(names))]
    found = [
        [name, hits.get(name, chance[0]), float((one.ranks[rows] <= _FIRST).mean())] for name, one in rankings.items()
    ]
    title = (
        f"HR@{_FIRST} of {'the' if whole == len(rows) else 'the first'} {len(rows):,} events whose item training has "
        f"not: among these {cold:,} items alone, where most baselines see no difference, and among all {len(names):,}"
    )
    return [{"title": title, "columns": ["", "among these", "among all"], "rows": [*found, ["chance", *chance]]}]


def _ranks_alone(scorer: "Scorer", cases: "Cases", rows: "np.ndarray", first: int, cold: int) -> "np.ndarray":
    """The ranks of targets among the cold items, by a scorer of all items."""
    import numpy as np

    of = cases.histories
    items = np.where(of.items >= first, of.items - first, -1)
    return item_ranking.rank(
        lambda piece: scorer(of._replace(starts=piece.starts, ends=piece.ends))[:, first:],
        of._replace(items=items, starts=of.starts[rows], ends=of.ends[rows]),
        cases.targets[rows] - first,
        cold,
    ).ranks


def _among_cold(
    answering: "Predictor", asked: dict[str, list], names: list[str], targets: "np.ndarray"
) -> "np.ndarray":
    """The rank of each target among the cold items that its history has not; ties at their mean."""
    import numpy as np

    shape = answering.endpoints["score"].inputs["candidates"].shape
    most = shape[1] if shape and len(shape) > 1 and shape[1] else 1
    pieces = []
    for start in range(0, len(names), most):
        some = names[start : start + most]
        candidates = [[*some, *[""] * (most - len(some))]] * len(targets)
        answered = answering.predict_columns({**asked, "candidates": candidates}, ["scores"], "score")
        pieces.append(answered["scores"][:, : len(some)])
    scores = np.concatenate(pieces, axis=1).astype(np.float64)
    place = {name: number for number, name in enumerate(names)}
    for row, history in zip(scores, asked["items"], strict=True):
        row[[place[item] for item in history if item in place]] = -np.inf
    own = np.take_along_axis(scores, targets[:, np.newaxis], axis=1)
    return (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) + 1) / 2
