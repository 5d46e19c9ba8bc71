"""Aggregates of irregular measurements: what models of tables know of a history."""

from typing import NamedTuple

import numpy as np

STATISTICS = ("first", "last", "mean", "min", "max", "count", "slope", "deviation", "recent")
RECENT = 0.125  # share of the time of a history: an eighth is its last part
_MOST = 4_000_000  # measurements that are looked at together


class IrregularEvents(NamedTuple):
    """Measurements, those of a case beside each other and in the order of time.

    Attributes:
        hours: float64 `[measurements]`.
        variable: int `[measurements]`.
        value: float64 `[measurements]`, NaN of what only occurs.
    """

    hours: np.ndarray
    variable: np.ndarray
    value: np.ndarray


def event_aggregates(events: IrregularEvents, begin: np.ndarray, end: np.ndarray, variables: int) -> np.ndarray:
    """First, last, mean, least and largest value, number, slope, deviation and recent mean of each variable.

    Args:
        events: Measurements of all cases.
        begin: int `[cases]`, where the measurements of each case begin.
        end: int `[cases]`, where they end; those of two cases may overlap.
        variables: Number of variables.

    Returns:
        float32 `[cases, variables * 9]`, in the order of `STATISTICS` for the first variable, then the next. What has
        no value is NaN; a count is 0. The slope is that of the least squares per hour, NaN at fewer than two times; the
        deviation is that of a sample, NaN of one value; the recent mean is that of the last eighth of the time between
        the first measurement of a case and its last.

    Example:
        >>> events = IrregularEvents(np.array([0.0, 2.0]), np.array([0, 0]), np.array([5.0, 9.0]))
        >>> event_aggregates(events, np.array([0]), np.array([2]), 1).round(2)
        array([[5.  , 9.  , 7.  , 5.  , 9.  , 2.  , 2.  , 2.83, 9.  ]], dtype=float32)
    """
    found = np.full((len(begin), variables, len(STATISTICS)), np.nan, np.float32)
    found[:, :, STATISTICS.index("count")] = 0
    lengths = np.asarray(end) - np.asarray(begin)
    part = np.cumsum(lengths) // _MOST
    for number in np.unique(part):
        chosen = np.flatnonzero(part == number)
        _fill(found, chosen, events, np.asarray(begin)[chosen], lengths[chosen])
    return found.reshape(len(begin), -1)


def aggregate_names(variables: list[str]) -> list[str]:
    """The names of the columns of `event_aggregates`.

    Example:
        `aggregate_names(["HR"])[:2]` -> `["HR first", "HR last"]`
    """
    return [f"{name} {statistic}" for name in variables for statistic in STATISTICS]


def _fill(
    found: np.ndarray, cases: np.ndarray, events: IrregularEvents, begin: np.ndarray, lengths: np.ndarray
) -> None:
    offset = np.cumsum(lengths) - lengths
    rows = np.arange(lengths.sum()) + np.repeat(begin - offset, lengths)
    case = np.repeat(cases, lengths)
    is_recent = _recent(events.hours, rows, offset, lengths)
    variable = events.variable[rows].astype(np.int64)
    key = case * found.shape[1] + variable
    order = np.argsort(key, kind="stable")  # within a key the order of time stays
    key, rows, is_recent = key[order], rows[order], is_recent[order]
    _count(found, key)
    there = np.isfinite(events.value[rows])
    key, rows, is_recent = key[there], rows[there], is_recent[there]
    if not len(key):
        return
    starts = np.flatnonzero(np.r_[True, np.diff(key) > 0])
    ends = np.r_[starts[1:], len(key)]
    hours, value = events.hours[rows], events.value[rows]
    size = ends - starts
    mean = np.add.reduceat(value, starts) / size
    away = value - np.repeat(mean, size)
    from_mean = hours - np.repeat(np.add.reduceat(hours, starts) / size, size)
    spread = np.add.reduceat(from_mean**2, starts)
    together = np.add.reduceat(from_mean * away, starts)
    slope = np.divide(together, spread, out=np.full(len(starts), np.nan), where=spread > 1e-9)
    deviation = np.sqrt(np.add.reduceat(away**2, starts) / np.where(size > 1, size - 1, np.nan))
    recent = np.add.reduceat(is_recent * value, starts)
    recent /= np.where(known := np.add.reduceat(is_recent.astype(float), starts), known, np.nan)
    columns = {
        "first": value[starts], "last": value[ends - 1], "mean": mean,
        "min": np.minimum.reduceat(value, starts), "max": np.maximum.reduceat(value, starts), "slope": slope,
        "deviation": deviation, "recent": recent,
    }  # fmt: skip
    place = divmod(key[starts], found.shape[1])
    for statistic, values in columns.items():
        found[(*place, STATISTICS.index(statistic))] = values


def _count(found: np.ndarray, key: np.ndarray) -> None:
    distinct, counts = np.unique(key, return_counts=True)
    found[(*divmod(distinct, found.shape[1]), STATISTICS.index("count"))] = counts


def _recent(hours: np.ndarray, rows: np.ndarray, offset: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Which measurements are of the last part of their case's time; in float32, so that a graph finds the same."""
    some = lengths > 0
    first, last = offset[some], (offset + lengths - 1)[some]
    hour = hours[rows].astype(np.float32)
    begin = hour[last] - np.float32(RECENT) * (hour[last] - hour[first])
    return hour >= np.repeat(begin, lengths[some])
