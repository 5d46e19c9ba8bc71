"""What baselines read of windows beside values: the calendar, covariates and elapsed time."""

import numpy as np
import tensorflow as tf

from pipelines.forecasting.series_inputs import SeriesInputs
from tfmodels.preprocessing import HOLIDAY_COLUMNS
from tfmodels.preprocessing.clock import Clock

_STEPS = 3  # latest ones whose lengths are read, of irregular series


def expected(inputs: SeriesInputs, read: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Windows with the timestamps of the horizon that the history lets expect, as where a request lacks them.

    Args:
        inputs: Those of the run.
        read: Windows, as `training.Windows.read` gives them.

    Returns:
        The windows.
    """
    seen = read["time"][:, : read["values"].shape[1]]
    ahead = inputs.ahead(tf.constant(seen[:, -1:]), read["targets"].shape[1]).numpy()
    return {**read, "time": np.concatenate([seen, ahead], axis=1)}


def of_models(inputs: SeriesInputs, read: dict[str, np.ndarray]) -> np.ndarray:
    """Known covariates of the horizon as models read them, `[windows, horizon, covariates]`."""
    context = read["values"].shape[1]
    if not inputs.known_size:
        return np.empty([*read["targets"].shape[:2], 0], np.float32)
    return inputs({name: tf.constant(array) for name, array in read.items()})["known"][:, context:].numpy()


def of_trees(inputs: SeriesInputs, read: dict[str, np.ndarray], known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that trees read beside values.

    Args:
        inputs: Those of the run.
        read: Windows, as `expected` gives them.
        known: The same windows, as `of_models` gives them.

    Returns:
        Of each step of the horizon, `[windows, horizon, numbers]`: calendar, known covariates and holidays, without
        harmonics. Of the last step of the history, `[windows, numbers]`: past and static covariates; of irregular
        series the lengths of the latest steps.
    """
    context = read["values"].shape[1]
    holidays = HOLIDAY_COLUMNS * len(inputs.holidays)
    own = [*range(len(inputs.known)), *range(known.shape[2] - holidays, known.shape[2])]
    calendar = _calendar(read["time"][:, context:], inputs.grid.clock)
    latest = [read["past"][:, -1], read["static"]]
    if inputs.irregular:
        latest.append(np.diff(read["time"][:, :context][:, -1 - _STEPS :], axis=1) / inputs.grid.step)
    return np.concatenate([calendar, known[..., own]], axis=2), np.concatenate(latest, axis=1)


def _calendar(time: np.ndarray, clock: Clock) -> np.ndarray:
    """Hour of the day with its fraction, day of the week, of the month and of the year; a new last axis."""
    local = clock.local(time)
    days = local // clock.day
    dates = days.astype("datetime64[D]")
    of_month, of_year = ((dates - dates.astype(f"datetime64[{period}]")).astype(np.int64) for period in "MY")
    return np.stack([24 * (local % clock.day) / clock.day, (days + 3) % 7, of_month, of_year], axis=-1)
