"""A trained forecaster as functions from raw history to a finished forecast, in the graph."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.forecasting import series_data
from pipelines.forecasting.calendars import served_times
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.runs import Run
from pipelines.runs.servable import Servable
from tfmodels.export import Endpoint, hard_texts
from tfmodels.export.batch_sizes import ANY_LENGTH
from tfmodels.layers import ConformalCorrection, DirectionHead
from tfmodels.models import Forecaster
from tfmodels.preprocessing import parse_series, parse_timestamps

LIMITS = (
    "values: oldest step first; NaN = missing. A history shorter than the context is padded on the left, with NaN, and "
    "timestamps with 0. Of a longer one the client sends the newest steps.",
    "csv: commas between steps, semicolons between channels, nothing between two commas = missing; histories of any "
    "length, of which the newest steps count. time: whole numbers with commas between them.",
    f"{ANY_LENGTH}: histories of any length as numbers; its requests cannot be batched with others.",
)
_KNOWN = "known: covers the history and the horizon, `context + horizon` steps."
_MONDAY = 19_723  # days from 1970 to January 1, 2024
_WAVE = 24  # steps
_DAILY = "said at any step of a day, counts for all its steps in the history and the horizon."


class ForecastEndpoints:
    """Raw history in, mean and quantiles in the history's own units out.

    Args:
        network: The network, built.
        inputs: The function from windows to its inputs.
        levels: Levels of the quantiles.
        correction: Correction of the quantiles; None leaves them as they are.

    Example:
        `ForecastEndpoints(network, inputs, (0.1, 0.5, 0.9)).answer(values, time)["quantiles"]`
    """

    def __init__(
        self,
        network: Forecaster,
        inputs: SeriesInputs,
        levels: Sequence[float],
        correction: ConformalCorrection | None = None,
    ) -> None:
        self.network = network
        self.inputs = inputs
        self.levels = tuple(levels)
        self.correction = correction
        self.context, self.horizon = network.shape.context, network.shape.horizon
        self.predicts_direction = isinstance(network.head, DirectionHead)

    @property
    def outputs(self) -> str:
        """The outputs, in words."""
        if self.predicts_direction:
            return "the probability of up"
        return f"mean, and quantiles at the levels {', '.join(f'{level:g}' for level in self.levels)}"

    def answer(self, values: tf.Tensor, time: tf.Tensor, **covariates: tf.Tensor) -> dict[str, tf.Tensor]:
        """Forecasts from raw histories.

        Args:
            values: `[batch, context, channels]`, NaN = missing; float64, in runs of earlier versions float32.
            time: int64 `[batch, context]`, since 1970 in UTC, in the unit of the series; 0 at padding.
            **covariates: Those that the model uses of `past` `[batch, context, n]`, `known`
                `[batch, context + horizon, n]` and `static` `[batch, n]`.

        Returns:
            `mean` `[batch, horizon, channels]`, `quantiles` `[batch, horizon, channels, levels]` and `time` int64
            `[batch, horizon]`; a forecaster of directions gives the probability `up` `[batch, horizon, channels]` and
            `time`. All but `up`, which is float32, have the type of `values`.
        """
        trained = self.as_trained(values, time, **covariates)
        if self.predicts_direction:
            return {"up": tf.cast(trained["mean"], tf.float32), "time": trained["time"]}
        quantiles = self.corrected(trained["quantiles"], trained["scale"])
        return {"mean": trained["mean"], "quantiles": quantiles, "time": trained["time"]}

    def as_trained(self, values: tf.Tensor, time: tf.Tensor, **covariates: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, before any correction; of a forecaster of directions `mean` is the probability.

        Returns:
            `mean`, `quantiles`, `time`, and `scale` `[batch, 1, channels]`, the spread of the histories.
        """
        ahead = self.inputs.ahead(time[:, -1:], self.horizon)
        window = {"values": values, "time": tf.concat([time, ahead], axis=1), **covariates}
        parameters, intermediates = self.network(self.inputs(window), intermediates=True, training=False)
        head = self.network.head
        quantiles = head.quantiles(parameters, self.levels)
        return {"mean": head.mean(parameters), "quantiles": quantiles, "scale": intermediates["scale"], "time": ahead}

    def tracked(self) -> list[Any]:
        """What holds the variables of the endpoints."""
        return [part for part in (self.network, self.correction) if part]

    @property
    def holidays(self) -> list[HolidayDates]:
        """The holidays that its answers depend on."""
        return self.inputs.holidays

    def about_members(self) -> list[str]:
        """What an ensemble says of itself, in sentences; nothing of one model."""
        return []

    def corrected(self, quantiles: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Quantiles `[batch, horizon, channels, levels]` after the correction, of windows of that scale."""
        return self.correction(quantiles, scale) if self.correction else quantiles

    def answer_csv(self, **texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, each input a string `[batch]`: see `parse_series`."""
        steps, sizes = self._sizes()
        parsed = {
            name: parse_series(texts[name], sizes[name], steps[name], tf.as_dtype(self.inputs.dtype(name)))
            for name in steps
        }
        if "static" in parsed:
            parsed["static"] = parsed["static"][:, 0]
        return self.answer(time=parse_timestamps(texts["time"], self.context), **parsed)

    def answer_any_length(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `answer`, for histories of any length: of a longer one the newest steps count."""
        steps, _ = self._sizes()
        fitted = {
            name: inputs[name] if name == "static" else _fitted(inputs[name], steps[name], float("nan"))
            for name in steps
        }
        return self.answer(time=_fitted(inputs["time"], self.context, 0), **fitted)

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export: `serving_default`, `csv` and one for histories of any length."""
        steps, sizes = self._sizes()

        def numbers(open_time: bool) -> tuple[tf.TensorSpec, ...]:
            lengths = {name: None if open_time else count for name, count in steps.items()}
            shapes = {name: [None, lengths[name], sizes[name]] for name in steps}
            if "static" in shapes:
                shapes["static"] = [None, sizes["static"]]
            specs = {name: tf.TensorSpec(shape, self.inputs.dtype(name), name) for name, shape in shapes.items()}
            time = tf.TensorSpec([None, None if open_time else self.context], tf.int64, "time")
            return specs.pop("values"), time, *specs.values()

        texts = tuple(tf.TensorSpec([None], tf.string, spec.name) for spec in numbers(False))
        return [
            Endpoint("serving_default", numbers(False), self.answer),
            Endpoint("csv", texts, self.answer_csv),
            Endpoint(ANY_LENGTH, numbers(True), self.answer_any_length),
        ]

    def samples(self, windows: Mapping[str, np.ndarray]) -> Mapping[str, Mapping[str, np.ndarray | Sequence[Any]]]:
        """A batch for each endpoint, made of windows as `training.Windows.read` gives them.

        Each window appears three times: complete, with the first half of its history missing, and without any value.
        """
        steps, _ = self._sizes()
        rows = {name: np.concatenate([windows[name]] * 3) for name in steps}
        rows["time"] = np.concatenate([windows["time"][:, : self.context]] * 3)
        count = len(windows["values"])
        rows["values"][count : 2 * count, : self.context // 2] = np.nan
        rows["values"][2 * count :] = np.nan
        texts = {name: [_text(row, name) for row in array] for name, array in rows.items()}
        hard = [text.decode("utf-8", "replace") for text in hard_texts()]
        texts = {
            name: [*written, *(hard if name == "values" else written[:1] * len(hard))]
            for name, written in texts.items()
        }
        return {"serving_default": rows, "csv": texts, ANY_LENGTH: rows}

    def example(self) -> dict[str, list]:
        """A made-up row for `serving_default`: a wave that begins a step after January 1, 2024; covariates are 0."""
        steps, sizes = self._sizes()
        start = tf.constant([[_MONDAY * self.inputs.grid.clock.day]], tf.int64)
        wave = np.round(10 + 3 * np.sin(2 * np.pi * np.arange(self.context) / _WAVE), 2)
        rows: dict[str, np.ndarray] = {name: np.zeros([steps[name], size]) for name, size in sizes.items()}
        rows["values"] = np.repeat(wave[:, np.newaxis], sizes["values"], axis=1)
        if "static" in rows:
            rows["static"] = rows["static"][0]
        return {name: row.tolist() for name, row in rows.items()} | {
            "time": self.inputs.ahead(start, self.context)[0].numpy().tolist()
        }

    def _sizes(self) -> tuple[dict[str, int], dict[str, int]]:
        """Steps and columns of each input of numbers."""
        steps = {"values": self.context, "past": self.context, "known": self.context + self.horizon, "static": 1}
        sizes = {"values": len(self.inputs.channels), **self.inputs.used}
        return {name: steps[name] for name in sizes}, sizes


def servable(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints) -> Servable:
    """What an export of a run needs.

    Args:
        config: Options of the run.
        run: The run.
        forecaster: Its forecaster.

    Returns:
        The endpoints, samples of four windows of the validation split, and the card.
    """
    windows = series_data.windows(config, run, "validation")
    picked = np.unique(np.linspace(0, len(windows) - 1, 4, dtype=int))
    names = ", ".join(forecaster.inputs.channels)
    return Servable(
        forecaster.endpoints(),
        forecaster.tracked(),
        forecaster.samples(windows.read(picked)),
        {
            "task": run.task,
            "columns": ["values"],
            "example": forecaster.example(),
            "table": series_data.card(config, run, forecaster.levels)
            | served_times.described(forecaster.holidays, config.issue, config.issued_only),
            "description": f"Forecasts {config.horizon} steps of {names}: {forecaster.outputs}.",
            "limits": [
                f"It reads {config.context} steps of history.",
                *([f"It was trained on forecasts made at {config.issue} alone."] if config.issued_only else []),
                series_data.about_time(run),
                *forecaster.about_members(),
                *LIMITS,
                *([_KNOWN] if "known" in forecaster.inputs.used else []),
                *([f"{', '.join(daily)}: {_DAILY}"] if (daily := forecaster.inputs.daily) else []),
                *(f"holidays: {one.words}; other days are none." for one in forecaster.holidays),
            ],
        },
    )


def _fitted(rows: tf.Tensor, steps: int, padding: float) -> tf.Tensor:
    """The newest steps of `[batch, time, ...]`, padded on the left where there are fewer."""
    rows = rows[:, -steps:]
    missing = steps - tf.shape(rows)[1]
    padded = tf.pad(rows, [[0, 0], [missing, 0], *[[0, 0]] * (rows.shape.rank - 2)], constant_values=padding)
    return tf.ensure_shape(padded, [None, steps, *rows.shape[2:]])


def _text(row: np.ndarray, name: str) -> str:
    """A row of an input as the endpoint `csv` takes it."""
    columns = row[np.newaxis] if name == "time" else row[:, np.newaxis] if name == "static" else row.T
    return ";".join(",".join("" if np.isnan(cell) else str(cell) for cell in column) for column in columns)
