"""Synthetic series that resemble electricity load, the data of forecasting without a file.

Ten sites, hourly, for a year. The load of a site is a product of its level (a trend with occasional jumps), the shape
of its day (which depends on the kind of site and of day), a weather factor and noise. Holidays and the weather are
known ahead. A forecast that is linear in the window cannot capture this: how a holiday changes the shape of the day
depends on the kind of site, cold and heat both raise the load, and everything scales with the level. There are gaps.
"""

import numpy as np

from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.table_series import Table
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times.time_form import TimeForm
from tfmodels.training import Series

NAME = "synthetic"
_SITES, _DAYS, _HOUR = 10, 364, 3600
_START = int(np.datetime64("2021-01-04", "s").astype(np.int64))  # a Monday
_HOLIDAYS = ["closed", "festival"]
_KINDS = ["home", "office"]
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")  # of tables to predict from
READING = Reading(
    Columns(time=("time",), target=("load",), series=("site",), known=("temperature", "holiday"), static=("kind",)),
    Categories({"holiday": _HOLIDAYS, "kind": _KINDS}, blank=("holiday",)),
    form=TimeForm(_FORMS),
)


def table(seed: int, sites: int = _SITES, days: int = _DAYS) -> Table:
    """Generates the series.

    Args:
        seed: Seed of the generator.
        sites: Number of series.
        days: Days of each.

    Returns:
        Series of one channel, whose known covariates are the temperature and an indicator for each kind of holiday.

    Example:
        `table(seed=1).series[0].values.shape` -> `(8736, 1)`
    """
    random = np.random.default_rng([seed, 20210104])
    # 0 an ordinary day, 1 closed, 2 festival; the same for all, and not in the first week
    holiday = np.where(np.arange(days) < 7, 0, random.choice(3, days, p=[0.84, 0.10, 0.06]))
    temperature = _temperature(random, days)
    series = [_site(random, number, holiday, temperature) for number in range(sites)]
    return Table(series, READING, Grid(_HOUR), irregular=False)


def _site(random: np.random.Generator, number: int, holiday: np.ndarray, temperature: np.ndarray) -> Series:
    days, kind = len(holiday), number % len(_KINDS)
    steps = 24 * days
    weather = temperature + random.normal(0, 1.5)  # each site has weather of its own
    load = _level(random, steps) * _day_shapes(kind, holiday) * _weather_factor(weather, kind)
    noise = _smooth(random.normal(size=steps), 0.6)
    values = (load * np.exp(0.04 * noise))[:, np.newaxis]
    values[_gaps(random, steps)] = np.nan
    indicators = np.repeat(holiday, 24)[:, np.newaxis] == [1, 2]
    return Series(
        name=f"{_KINDS[kind]} {number + 1}",
        time=_START + _HOUR * np.arange(steps),
        values=values,
        past=np.zeros([steps, 0]),
        known=np.concatenate([weather[:, np.newaxis], indicators], axis=1),
        static=(np.arange(len(_KINDS)) == kind).astype(np.float64),
    )


def _level(random: np.random.Generator, steps: int) -> np.ndarray:
    """The levels of sites differ by up to a factor of 100; each has a trend and jumps a few times a year."""
    level = np.log(10 ** random.uniform(1, 3)) + np.linspace(0, random.uniform(-0.4, 0.4), steps)
    for jump in random.integers(0, steps, 3):
        level[jump:] += random.uniform(-0.3, 0.3)
    return np.exp(level)


def _day_shapes(kind: int, holiday: np.ndarray) -> np.ndarray:
    """Load over each hour of each day, about 1."""
    hours = np.arange(24)

    def peak(middle: float, width: float) -> np.ndarray:
        return np.exp(-(((hours - middle) / width) ** 2))

    work = [0.6 + 0.7 * peak(7, 2) + 1.0 * peak(19, 3), 0.4 + 1.4 * peak(12, 4.5)][kind]
    rest = [0.7 + 0.7 * peak(11, 4) + 0.8 * peak(19, 4), 0.4 + 0.15 * peak(12, 5)][kind]
    feast = [0.6 + 0.3 * peak(10, 4) + 1.8 * peak(21, 2), 0.4 + 0.8 * peak(9, 2.5)][kind]
    weekend = np.arange(len(holiday)) % 7 >= 5
    shape = np.where(weekend[:, np.newaxis], rest, work)
    shape = np.where((holiday == 1)[:, np.newaxis], rest, shape)
    return np.where((holiday == 2)[:, np.newaxis], feast, shape).ravel()


def _temperature(random: np.random.Generator, days: int) -> np.ndarray:
    hours = np.arange(24 * days)
    season = -10 * np.cos(2 * np.pi * (hours / 24 - 15) / 365)
    day = -4 * np.cos(2 * np.pi * (hours - 3) / 24)
    return 13 + season + day + 5 * _smooth(random.normal(size=len(hours)), 0.98)


def _weather_factor(temperature: np.ndarray, kind: int) -> np.ndarray:
    heating, cooling = [(0.03, 0.02), (0.01, 0.05)][kind]
    return 1 + heating * np.maximum(14 - temperature, 0) + cooling * np.maximum(temperature - 20, 0)


def _smooth(noise: np.ndarray, memory: float) -> np.ndarray:
    """A first-order autoregressive process of variance 1."""
    smooth = np.empty_like(noise)
    state = noise[0]
    for step, draw in enumerate(noise):
        state = smooth[step] = memory * state + np.sqrt(1 - memory**2) * draw
    return smooth


def _gaps(random: np.random.Generator, steps: int) -> np.ndarray:
    """Single steps, and occasionally half a day to three days."""
    missing = random.random(steps) < 0.01
    for start in random.integers(0, steps, steps // 1500):
        missing[start : start + random.integers(12, 72)] = True
    return missing
