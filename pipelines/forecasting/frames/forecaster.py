"""A forecaster as a class, for Python and notebooks: data frames in, data frames out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from pipelines.runs.frames import frame_kinds, indexed_frames, python_runs
from pipelines.runs.frames.task_model import TaskModel
from pipelines.runs.predictor import Predictor
from tfmodels import option_lists

if TYPE_CHECKING:
    from pipelines.forecasting.frames.backtest import Backtest
    from pipelines.runs.explanation import Explanation


class Forecaster(TaskModel):
    """Forecasts series: trained on a data frame, with calibrated prediction intervals.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `forecasting`.
        config: File or name of a recipe, such as `i94_traffic`, whose options the others replace.
        **options: Options of `tfmodels fit forecasting`; those of a group as a dict: `training={"steps": 500}`. What is
            left open is decided by the data.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        forecaster = tfmodels.Forecaster(horizon=24, run="load").fit(frame)
        forecaster.predict(frame)
        forecaster.evaluate(split="test")
        ```
    """

    _task = "forecasting"

    def fit(self, data: Any = None, *, overwrite: bool = False) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: A DataFrame, long or wide, of which time and series may be the index; a Series whose index is the
                time; a table of Arrow or polars. They are written once, beside the runs. Or a path, or what `--data`
                takes. Default: the option `data`.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The forecaster.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        self._train(data, self.options, overwrite)
        return self

    def predict(self, data: Any, *, on_bad: str = "") -> Any:
        """Forecasts what follows the histories of series.

        Args:
            data: As of `fit`: with the columns of training, and known covariates for the horizon after the last value.
            on_bad: What to do about faults of the data: `error`, `drop` or `warn`. Default: as in training.

        Returns:
            A frame: series, time, mean and quantiles of each target; see `Predictor.predict`.

        Raises:
            ValueError: It is not trained, or the data is wrong, by row.
        """
        if on_bad not in (known := ("error", "drop", "warn")) and on_bad:
            raise ValueError(f"Expected on_bad to be one of {', '.join(known)}. Received: on_bad={on_bad!r:.80}")
        if isinstance(data, str | bytes | dict) or not isinstance(data, Iterable):
            raise ValueError(f"Expected a data frame of series, such as that of fit. Received: {data!r:.80}")
        model = self._model
        card = {**model.card, "on_bad": on_bad} if on_bad else model.card
        return Predictor(card, model.endpoints, model.call).predict(data)

    def backtest(self, data: Any = None, *, split: str = "") -> "Backtest":
        """Forecasts from many origins, beside what came.

        Args:
            data: Other data, as of `fit`. Default: that of the run.
            split: As of `evaluate`.

        Returns:
            `forecasts`, a row for each series, origin and step, and `report`, their scores.
        """
        from pipelines.forecasting.frames import backtest

        run = self._fitted
        other = "" if data is None else self._named(data)
        report = python_runs.evaluate(run, other, split)  # which refuses what is wrong
        return backtest.Backtest(backtest.forecasts(run, other, split), report)

    def explain(self, row: str = "") -> "Explanation":
        """Draws a forecast of the validation split, with what the model looked at.

        Args:
            row: Name of a series, perhaps with a time: `north @ 2024-03-01 06:00`. Default: the only series.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        return super().explain(row)

    def _named(self, data: Any) -> str:
        if frame_kinds.of(data) in ("frame", "series"):
            names = {}
            for role, name in (("time", "time"), ("series", "series"), ("target", "y")):
                chosen = str(getattr(self.run_.config if self.run_ else None, role, "") or self.options.get(role, ""))
                names[role] = [*option_lists.split(chosen), name][0]
            data = indexed_frames.flat(data, names["time"], names["series"], names["target"]).frame
        return super()._named(data)
