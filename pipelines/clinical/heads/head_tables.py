"""What the reports of classes and of numbers share: cases as texts, baselines' tables, groups."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.risk_answerer import RiskAnswerer
from pipelines.runs.reports import row_scores
from pipelines.sources.measurements import risk_columns, static_groups

_UNCLEAR = 10  # cases, below which a group is not scored


def joined(prepared: Prepared, splits: Sequence[str]) -> Cases:
    """The cases of several splits.

    Example:
        `joined(prepared, ["train", "validation"])`
    """
    parts = [prepared.of_split(split) for split in splits]
    entity, hour, label = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("entity", "hour", "label")
    )
    scores = {name: np.concatenate([part.scores[name] for part in parts]) for name in parts[0].scores}
    return Cases(entity, hour, label, scores)


def aggregates(prepared: Prepared, cases: Cases, hours: float = np.inf) -> np.ndarray:
    """Aggregates and static fields of cases, `[cases, columns]`, with measurements up to an hour.

    Example:
        `aggregates(prepared, prepared.of_split("train")).shape`
    """
    return risk_columns.make(prepared.histories, prepared.statics, cases.entity, cases.hour, hours)[0]


def named(prepared: Prepared, cases: Cases) -> list[tuple[str, float | None]]:
    """Entity and hour of each case, None for all of its measurements.

    Example:
        `named(prepared, cases)[0]` -> `("stay 12", None)`
    """
    names = prepared.histories.entities.take(cases.entity).to_pylist()
    hours = [hour if np.isfinite(hour) else None for hour in cases.hour.tolist()]
    return [*zip(names, hours, strict=True)]


def told(prepared: Prepared, cases: Cases) -> list[str]:
    """Cases as texts of examples: of their measurements only the number is told.

    Example:
        `told(prepared, cases)[0]` -> `"stay 12: 80 measurements"`
    """
    histories = prepared.histories
    counts = histories.end(cases.entity, cases.hour) - histories.starts[cases.entity]
    names = histories.entities.take(cases.entity).to_pylist()
    return [f"{name}: {count:,} measurements" for name, count in zip(names, counts.tolist(), strict=True)]


def digest(prepared: Prepared, cases: Cases) -> str:
    """A digest of cases with their labels, see `row_scores.digest`.

    Example:
        `digest(prepared, prepared.of_split("test"))`
    """
    return row_scores.digest([*named(prepared, cases), cases.label])


def of_groups(
    groups: str, prepared: Prepared, cases: Cases, columns: Mapping[str, Callable[[np.ndarray], float]]
) -> list[dict[str, Any]]:
    """Scores by group of entities; no table without groups.

    Args:
        groups: The option.
        prepared: The data.
        cases: The cases.
        columns: Name of a score -> the score of some cases, bool `[cases]`.

    Returns:
        The table; a group of fewer than 10 cases has no scores.

    Example:
        `of_groups("sex", prepared, cases, {"MAE": lambda mine: errors[mine].mean()})`
    """
    fields = static_groups.members(static_groups.parse(groups), prepared.statics)
    rows: list[list[Any]] = []
    for name, of in fields.items():
        mine = of[cases.entity]
        for group in sorted({*mine.tolist()} - {""}):
            chosen = mine == group
            few = chosen.sum() < _UNCLEAR
            rows.append([f"{name} {group}", int(chosen.sum()),
                         *("" if few else score(chosen) for score in columns.values())])  # fmt: skip
    title = "by group, without intervals: a small group is judged by few cases"
    return [{"title": title, "columns": ["group", "cases", *columns], "rows": rows, "card": True}] if rows else []


def notes(prepared: Prepared, answerer: RiskAnswerer, learnt: str) -> list[str]:
    """What a report says of the data, the inputs, and what was learnt on the validation split.

    Example:
        `notes(prepared, answerer, "calibrated on the validation split")`
    """
    read = ["measurements", *(["static fields"] if answerer.fields.count else [])]
    read += ["aggregates"] if answerer.network.aggregates else []
    read += ["notes"] if answerer.notes else []
    read += ["and starts from models fitted to static fields and aggregates"] if answerer.network.wide else []
    others = ", no notes" if answerer.notes else ""
    return [
        *prepared.content["said"],
        f"the model reads {', '.join(read)}; the baselines of aggregates read all static fields{others}",
        learnt,
    ]
