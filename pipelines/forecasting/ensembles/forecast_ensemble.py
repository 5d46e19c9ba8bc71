"""Several trained forecasters as one: their forecasts averaged, in the graph."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.forecasting import conformal, forecast_endpoints, series_data
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.runs.ensembles import members as ensemble_members
from pipelines.runs.rows import quantile_levels

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.servable import Servable

_SERIES = "series"  # the folder of a run's series, and with them of their splits


class ForecastEnsemble(ForecastEndpoints):
    """The mean of what the members answer: means, quantiles level by level, probabilities of directions.

    Averaging quantiles keeps their spread, unlike averaging distributions (Vincentization; Lichtendahl et al., 2013,
    "Is It Better to Average Probabilities or Quantiles?"). Each member's quantiles are corrected as its own export
    has them; as the mean of intervals that each cover 80 % covers more or less than that, the mean is corrected once
    more. Of one member, or of the same one several times, that changes nothing.

    Args:
        members: The forecasters, of the same series, levels and horizon; of the first the context is the longest, and
            the others read the newest steps of it.

    Example:
        `ForecastEnsemble([linear, lstm]).answer(values, time)["quantiles"]`
    """

    def __init__(self, members: Sequence[ForecastEndpoints]) -> None:
        first = members[0]
        super().__init__(first.network, first.inputs, first.levels)
        self.members = list(members)

    def as_trained(self, values: tf.Tensor, time: tf.Tensor, **covariates: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `ForecastEndpoints.as_trained`: the mean of the members' answers, before the correction of the mean."""
        window = {"values": values, "time": time, **covariates}
        found = [_answered(member, window) for member in self.members]
        means = {name: _mean([one[name] for one in found]) for name in ("mean", "quantiles", "scale")}
        return means | {"time": found[0]["time"]}

    def tracked(self) -> list[Any]:
        """What holds the variables of the endpoints."""
        own = [part for member in self.members for part in member.tracked()]
        return [*own, *([self.correction] if self.correction else [])]

    @property
    def holidays(self) -> list[HolidayDates]:
        """Those of all members."""
        found = {one.region: one for member in self.members for one in member.inputs.holidays}
        return list(found.values())

    def about_members(self) -> list[str]:
        """What an ensemble says of itself, in sentences."""
        count = len(self.members)
        if self.predicts_direction:
            return [f"An ensemble: up is the mean of the probabilities of {count} models."]
        return [
            f"An ensemble: mean and quantiles are the means of those of {count} models, each with its own conformal "
            "correction; the mean of the quantiles is corrected once more on the validation split."
        ]


def of_runs(members: "Sequence[Run]", load: "Callable[[Any, Run], ForecastEndpoints]") -> ForecastEnsemble:
    """Makes the ensemble of runs and fits its correction on their validation split.

    Args:
        members: Trained runs, with their options.
        load: From options and run to its forecaster.

    Returns:
        The ensemble.

    Raises:
        ValueError: The members differ in series, columns, horizon, levels or kind of answer, or the context of another
            one is longer than that of the first.
        FileNotFoundError: A run has no checkpoint.

    Example:
        `of_runs([runs.load("load-0"), runs.load("load-1")], task.forecaster)`
    """
    first, *others = members
    ensemble_members.check_same(members, _shared)
    for run in others:
        if run.config.context > first.config.context:
            raise ValueError(
                f"Expected the run of the longest context first, which the request has: name {run.name} before "
                f"{first.name}. Received: {first.path}, context={first.config.context}; {run.path}, "
                f"context={run.config.context}"
            )
    ensemble_members.check_same_rows(members, lambda run: ensemble_members.digest(run.assets / _SERIES))
    ensemble = ForecastEnsemble([load(run.config, run) for run in members])
    if not ensemble.predicts_direction:
        ensemble.correction = conformal.fitted(first.config, first, ensemble)
    return ensemble


def servable(members: "Sequence[Run]", load: "Callable[[Any, Run], ForecastEndpoints]") -> "Servable":
    """What an export of several runs needs; the arguments of `of_runs`."""
    first = members[0]
    issued_only = any(run.config.issued_only for run in members)
    config = replace(first.config, issued_only=issued_only)
    return forecast_endpoints.servable(config, first, of_runs(members, load))


def _answered(member: ForecastEndpoints, window: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """What a member answers to a window, of whose history it may read less; of directions `quantiles` are not used."""
    steps = {"values": member.context, "time": member.context, "past": member.context}
    steps["known"] = member.context + member.horizon
    read = {name: rows[:, -steps[name] :] if name in steps else rows for name, rows in window.items()}
    found = member.as_trained(**read)
    if member.predicts_direction:
        return found
    return found | {"quantiles": member.corrected(found["quantiles"], found["scale"])}


def _mean(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    return tensors[0] if len(tensors) == 1 else tf.add_n(list(tensors)) / len(tensors)


def _shared(run: "Run") -> dict[str, Any]:
    config = run.config
    card = series_data.card(config, run, quantile_levels.parse(config.levels))
    table = {name: value for name, value in card.items() if name != "context"}
    return {
        "answer": "directions" if config.head == "direction" else "values",
        **({"center": config.center} if config.head == "direction" else {}),  # what up is above
        "hold_out": config.hold_out,
        "issue": config.issue,
        "stride": config.stride,
        **table,
    }
