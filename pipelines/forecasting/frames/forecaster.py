"""A forecaster as a class, for Python and notebooks: data frames in, data frames out."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipelines.forecasting.task import Config
from pipelines.runs.frames import frame_kinds, indexed_frames, python_options, python_runs
from pipelines.runs.predictor import Predictor
from tfmodels import option_lists

if TYPE_CHECKING:
    from pipelines.forecasting.frames.backtest import Backtest
    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.report import Report
    from pipelines.runs.reports.pictures import Pictures

_TASK = "forecasting"


class Forecaster:
    """Forecasts series: trained on a data frame, with calibrated prediction intervals.

    Args:
        run: Name of the run, a folder under `runs/`.
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

    def __init__(self, *, run: str = _TASK, config: str = "", **options: Any) -> None:
        python_options.check(Config, options, "Forecaster", _TASK)
        self.run = run
        self.config = config
        self.options = options
        self.run_: Run | None = None
        self._predictor: Predictor | None = None

    @classmethod
    def load(cls, run: str | Path) -> Self:
        """Opens a run that was trained before, by the command or from Python.

        Args:
            run: Its folder, or its name under `runs/`.

        Returns:
            The forecaster.

        Example:
            `tfmodels.Forecaster.load("load").predict(frame)`
        """
        found = python_runs.opened(run, _TASK)
        forecaster = cls(run=found.name)
        forecaster.run_ = found
        return forecaster

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
        options = self.options if data is None else {**self.options, "data": self._data(data)}
        self.run_ = python_runs.fit(_TASK, self.run, options, self.config, overwrite)
        self._predictor = None
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
        self._predictor = self._predictor or python_runs.predictor_of(python_runs.fitted(self.run_, "Forecaster"))
        model = self._predictor
        card = {**model.card, "on_bad": on_bad} if on_bad else model.card
        return Predictor(card, model.endpoints, model.call).predict(data)

    @property
    def report(self) -> "Report":
        """The report of the training, on the validation split."""
        from pipelines.runs import report

        return report.read(python_runs.fitted(self.run_, "Forecaster").path / "report.json")

    def evaluate(self, data: Any = None, *, split: str = "") -> "Report":
        """Scores forecasts beside those of the baselines.

        Args:
            data: Other data, as of `fit`. Default: that of the run.
            split: `validation` or `test`. Default: validation; of other data all of it.

        Returns:
            The report, which is kept beside the run, too.
        """
        run = python_runs.fitted(self.run_, "Forecaster")
        return python_runs.evaluate(run, "" if data is None else self._data(data), split)

    def backtest(self, data: Any = None, *, split: str = "") -> "Backtest":
        """Forecasts from many origins, beside what came.

        Args:
            data: Other data, as of `fit`. Default: that of the run.
            split: As of `evaluate`.

        Returns:
            `forecasts`, a row for each series, origin and step, and `report`, their scores.
        """
        from pipelines.forecasting.frames import backtest

        run = python_runs.fitted(self.run_, "Forecaster")
        other = "" if data is None else self._data(data)
        report = python_runs.evaluate(run, other, split)  # which refuses what is wrong
        return backtest.Backtest(backtest.forecasts(run, other, split), report)

    def plot(self) -> "Pictures":
        """The figures of the run: learning curves, forecasts, errors by step, coverage of intervals."""
        from pipelines.runs.reports import pictures

        return pictures.of_run(python_runs.fitted(self.run_, "Forecaster"))

    def explain(self, row: str = "") -> "Explanation":
        """Draws a forecast of the validation split, with what the model looked at.

        Args:
            row: Name of a series, perhaps with a time: `north @ 2024-03-01 06:00`. Default: the only series.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        return python_runs.explain(python_runs.fitted(self.run_, "Forecaster"), row)

    def export(self, folder: str | Path = "", *, keep: int | None = None, weights: str = "float32") -> Path:
        """Exports the model for TensorFlow Serving: see `tfmodels export --help`.

        Args:
            folder: Folder of versions. Default: `saved_models/NAME`.
            keep: How many of the newest versions are kept. Default: all.
            weights: `float32`, `bfloat16` or `int8`.

        Returns:
            The folder of the new version, which `tfmodels.load` opens.
        """
        return python_runs.export(python_runs.fitted(self.run_, "Forecaster"), folder, keep, weights)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments that it was made with, as scikit-learn wants them."""
        return {"run": self.run, "config": self.config, **self.options}

    def set_params(self, **params: Any) -> Self:
        """Changes arguments, as scikit-learn does; what was trained is no longer opened."""
        self.__init__(**{**self.get_params(), **params})
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_predictor": None}  # which holds a graph; it is loaded again

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items() if value != "")
        return f"Forecaster({given}){'' if self.run_ else ', not trained'}"

    def _repr_html_(self) -> str:
        return python_runs.shown(repr(self), self.run_)

    def _data(self, data: Any) -> str:
        if frame_kinds.of(data) in ("frame", "series"):
            names = {}
            for role, name in (("time", "time"), ("series", "series"), ("target", "y")):
                chosen = str(getattr(self.run_.config if self.run_ else None, role, "") or self.options.get(role, ""))
                names[role] = [*option_lists.split(chosen), name][0]
            data = indexed_frames.flat(data, names["time"], names["series"], names["target"]).frame
        return python_runs.data_of(data)
