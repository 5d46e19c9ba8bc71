"""Synthetic stays of patients who do not exist: the data of clinical series without any file.

Four things decide about the outcome, each half of the stays has one of them, and aggregates see none:

- order: fever before the antibiotic is worse than after it. Both only occur, once each.
- trend: the pressure goes up and down four times; slow rises and sudden falls are worse than the reverse, of the same
  lowest, highest and mean values. A drift hides what the slope would tell.
- interaction: the drug is harmful while potassium is high. It is high in one half of the stay and low in the other.
- notes: what the nurse writes.

What aggregates do see tells little: the age, and that lactate is measured more often in those who get worse.
"""

from typing import NamedTuple

import numpy as np

from pipelines.sources.measurements import histories
from pipelines.sources.measurements.histories import Histories
from pipelines.sources.measurements.label_table import Cases
from pipelines.sources.measurements.note_table import Notes
from pipelines.sources.measurements.static_fields import Statics

LABEL = "died"
VARIABLES = ("antibiotic", "drug", "fever", "lactate", "potassium", "pressure")
FACTORS = ("order", "trend", "interaction", "notes")
_STAY = 48.0  # hours
_WEIGHT = 3.5  # of each factor, in the logarithm of the odds
_CYCLES = 4  # of the pressure
_SLOW = 0.85  # part of a cycle that the slow side takes
_BAD = (
    *("Confused and pale this evening.", "Skin cold, answers slowly.", "Does not recognise the family."),
    *("Restless, sweating, short of breath.", "Complains of chest pain again."),
)
_GOOD = (
    *("Alert and in good spirits.", "Skin warm, answers at once.", "Talked with the family for an hour."),
    *("Slept well, breathes calmly.", "Walked to the window without help."),
)


class Patients(NamedTuple):
    """Synthetic stays.

    Attributes:
        histories: The measurements.
        statics: `age` in years, `sex`, and `ward`.
        notes: A note on each stay.
        cases: Whether each patient died, `1` or `0`.
        factors: Which of `FACTORS` each stay has, bool `[stays, 4]`; no model is to see them.
        risk: The true risk of each, float64 `[stays]`.
    """

    histories: Histories
    statics: Statics
    notes: Notes
    cases: Cases
    factors: np.ndarray
    risk: np.ndarray


def stays(seed: int, count: int) -> Patients:
    """Generates stays.

    Args:
        seed: Seed of the generator.
        count: Number of stays.

    Returns:
        The stays.

    Example:
        `stays(seed=1, count=2000).risk.mean()`
    """
    random = np.random.default_rng([seed, 20240201])
    factors = random.random((count, len(FACTORS))) < 0.5
    age = np.round(random.normal(65, 12, count))
    odds = _WEIGHT * (factors.sum(axis=1) - 2.6) + 0.02 * (age - 65)
    risk = 1 / (1 + np.exp(-odds))
    died = random.random(count) < risk
    rows = [
        *_one_after_the_other(random, ~factors[:, 0]),
        _pressure(random, factors[:, 1]),
        *_drug_and_potassium(random, factors[:, 2]),
        _lactate(random, died),
    ]
    stay, hours, variable, value = (np.concatenate(column) for column in zip(*rows, strict=True))
    first = np.full(count, np.inf)
    np.minimum.at(first, stay, hours)
    ids = [f"stay {number}" for number in range(count)]
    ordered = histories.in_order(stay, hours - first[stay], variable, value, ids, list(VARIABLES))
    texts = np.array([_BAD, _GOOD], object)[(~factors[:, 3]).astype(int), random.integers(len(_BAD), size=count)]
    notes = Notes(np.arange(count + 1), random.uniform(0, _STAY, count) - first, texts)
    words = {"sex": np.array(["F", "M"], object)[random.integers(2, size=count)],
             "ward": np.array(["A", "B", "C"], object)[random.integers(3, size=count)]}  # fmt: skip
    label = {LABEL: died.astype(int).astype(str).astype(object)}
    cases = Cases(np.arange(count, dtype=np.int32), np.full(count, np.inf), label, {})
    return Patients(ordered.histories, Statics({"age": age}, words), notes, cases, factors, risk)


_Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _rows(stay: np.ndarray, hours: np.ndarray, name: str, value: np.ndarray | None = None) -> _Rows:
    """Rows of a variable: number of the stay, hour to the minute, number of the variable, value."""
    hours = np.round(hours * 60) / 60
    value = np.full(len(stay), np.nan) if value is None else value
    return stay, hours, np.full(len(stay), VARIABLES.index(name), np.int32), value


def _one_after_the_other(random: np.random.Generator, antibiotic_first: np.ndarray) -> list[_Rows]:
    count = len(antibiotic_first)
    times = np.sort(random.uniform(0, _STAY, (count, 2)), axis=1)
    times[:, 1] += 0.1  # never in the same minute
    stay = np.arange(count)
    antibiotic = np.where(antibiotic_first, times[:, 0], times[:, 1])
    return [_rows(stay, antibiotic, "antibiotic"), _rows(stay, times.sum(axis=1) - antibiotic, "fever")]


def _pressure(random: np.random.Generator, slow_rise: np.ndarray) -> _Rows:
    stay = np.repeat(np.arange(len(slow_rise)), random.integers(32, 45, len(slow_rise)))
    hours = random.uniform(0, _STAY, len(stay))
    phase = (hours / _STAY * _CYCLES + random.random(len(slow_rise))[stay]) % 1
    up = np.where(slow_rise, _SLOW, 1 - _SLOW)[stay]
    level = np.where(phase < up, phase / up, (1 - phase) / (1 - up))
    middle, drift = random.normal([80, 0], [5, 20], (len(slow_rise), 2)).T
    value = middle[stay] + drift[stay] * (hours / _STAY - 0.5) + 30 * (level - 0.5) + random.normal(0, 1, len(stay))
    return _rows(stay, hours, "pressure", np.round(value, 1))


def _drug_and_potassium(random: np.random.Generator, is_harmful: np.ndarray) -> list[_Rows]:
    count = len(is_harmful)
    high_first = random.random(count) < 0.5
    stay = np.repeat(np.arange(count), random.integers(10, 17, count))
    hours = random.uniform(0, _STAY, len(stay))
    is_high = (hours < _STAY / 2) == high_first[stay]
    value = np.round(np.where(is_high, 5.6, 3.8) + random.normal(0, 0.25, len(stay)), 2)
    given = random.uniform(2, _STAY / 2 - 2, count) + np.where(high_first == is_harmful, 0, _STAY / 2)
    return [_rows(stay, hours, "potassium", value), _rows(np.arange(count), given, "drug")]


def _lactate(random: np.random.Generator, died: np.ndarray) -> _Rows:
    stay = np.repeat(np.arange(len(died)), random.poisson(1.5 + 0.5 * died))
    value = np.round(random.lognormal(0.5, 0.4, len(stay)), 1)
    return _rows(stay, random.uniform(0, _STAY, len(stay)), "lactate", value)
