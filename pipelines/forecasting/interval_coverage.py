"""Coverage of the prediction intervals, and whether it is off by more than chance explains."""

from typing import Any, NamedTuple

import numpy as np

from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.forecasting.window_scores import sums_and_counts
from tfmodels import metrics


class Coverage(NamedTuple):
    """Share of the targets inside one prediction interval, in percent.

    Attributes:
        nominal: What it should be.
        trained: Before the correction; None if that is not known.
        served: In the answers that are served.
        margin: Half the width of the 95 % confidence interval of `served`; None if there are too few forecasts.
    """

    nominal: float
    trained: float | None
    served: float
    margin: float | None


def measure(
    found: Forecasts, trained: np.ndarray | None, levels: tuple[float, ...], blocks: np.ndarray
) -> list[Coverage]:
    """Measures each interval between two levels.

    Args:
        found: The forecasts.
        trained: Their quantiles before the correction; None if they are not known.
        levels: Levels of the quantiles.
        blocks: See `window_scores.blocks`.

    Returns:
        The coverage of each interval, the widest first.
    """
    measured = []
    for low in range(len(levels) // 2):
        high = len(levels) - 1 - low
        inside = sums_and_counts(_inside(found.targets, found.quantiles, low, high), ~np.isnan(found.targets))
        measured.append(
            Coverage(
                100 * (levels[high] - levels[low]),
                None if trained is None else float(np.nanmean(_inside(found.targets, trained, low, high))),
                float(metrics.ratio(inside.sum(axis=0))),
                metrics.margin_of_error(inside, blocks),
            )
        )
    return measured


def table(measured: list[Coverage]) -> dict[str, Any]:
    """The table of a report; the intervals as trained are shown where they are known."""
    with_trained = any(one.trained is not None for one in measured)
    rows = [
        [f"{one.nominal:g} %", *([one.trained] if with_trained else []), one.served, one.margin] for one in measured
    ]
    return {
        "title": "targets inside the prediction intervals, percent, with the margin of error of those served",
        "columns": ["interval", *(["as trained"] if with_trained else []), "as served", "±"],
        "rows": rows,
    }


def notes(measured: list[Coverage], is_learnt_from: bool, is_corrected: bool) -> list[str]:
    """What a report says of the intervals.

    Args:
        measured: Their coverage.
        is_learnt_from: Whether the forecasts are those that the correction is learnt from.
        is_corrected: Whether there is a correction.

    Returns:
        How they were corrected and, where the coverage tells, which are off.

    Example:
        `notes(measured, is_learnt_from=False, is_corrected=True)`
    """
    if not is_corrected:
        done = "prediction intervals were not corrected: the training has not ended"
    elif is_learnt_from:
        return ["prediction intervals were corrected on this split: their coverage here says nothing of new data"]
    else:
        done = "prediction intervals were corrected on the validation split"
    off = [
        f"intervals too {'wide' if one.served > one.nominal else 'narrow'} on this split: that of {one.nominal:g} % "
        f"holds {one.served:.1f} ± {one.margin:.1f} % of the targets"
        for one in measured
        if one.margin is not None and abs(one.served - one.nominal) > one.margin
    ]
    return [done, *off]


def _inside(targets: np.ndarray, quantiles: np.ndarray, low: int, high: int) -> np.ndarray:
    """100 where a target lies in the interval between two levels, else 0; NaN without a target."""
    inside = (quantiles[..., low] <= targets) & (targets <= quantiles[..., high])
    return np.where(np.isnan(targets), np.nan, 100.0 * inside)
