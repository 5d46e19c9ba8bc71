"""Forecasting: a linear map, LSTMs, LSTMs with attention or a Transformer, from raw history to calibrated quantiles.

Without options it learns the hourly load of ten synthetic sites a day ahead, with holidays and weather known ahead:

    tfmodels fit forecasting

in about a minute and a half on 2 CPU cores. With a table of your own, long or wide, CSV or Parquet, perhaps with gaps:

    tfmodels fit forecasting --data load.csv --time hour --target load --series region --known holiday,temperature
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.forecasting.decisions.first_checks import check as check
from pipelines.forecasting.decisions.first_checks import data_files as data_files
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.frames.answer_figures import answer_figures as answer_figures
from pipelines.forecasting.frames.series_frames import answer_frame as answer_frame
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from tfmodels.checked_options import AUTO, OptionError, check_family
from tfmodels.models.forecasters.linear_options import LinearForecasterOptions
from tfmodels.models.lstm_options import AttentionLSTMForecasterOptions, LSTMForecasterOptions
from tfmodels.models.transformer_options import TransformerForecasterOptions

if TYPE_CHECKING:
    from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
    from tfmodels.models import Forecaster
    from tfmodels.training import Objective, WindowBatches

WRITES_TABLES = True  # files of answers have several columns


@dataclass(frozen=True)
class Config(ForecastOptions):
    """Options of forecasting. What is left open, the data decides; for the synthetic series a Transformer is trained.

    Attributes:
        model: `linear`, `lstm`, `attention_lstm` or `transformer`. `auto` = `linear` where there are fewer than 20,000
            values to learn from, else `transformer`.
        linear: Options of `--model linear`.
        lstm: Options of `--model lstm`.
        attention_lstm: Options of `--model attention_lstm`.
        transformer: Options of `--model transformer`.
    """

    model: Literal["auto", "linear", "lstm", "attention_lstm", "transformer"] = AUTO
    linear: LinearForecasterOptions = field(default_factory=LinearForecasterOptions)
    lstm: LSTMForecasterOptions = field(default_factory=lambda: LSTMForecasterOptions(dropout=0.0, patch=24))
    attention_lstm: AttentionLSTMForecasterOptions = field(
        default_factory=lambda: AttentionLSTMForecasterOptions(attention="additive", dropout=0.0, patch=24)
    )
    transformer: TransformerForecasterOptions = field(
        default_factory=lambda: TransformerForecasterOptions(num_layers=2, d_model=64, dropout=0.0, patch=24)
    )

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        super().__post_init__()
        check_family(self)
        self.training.check_model(self.model)
        if (patch := getattr(getattr(self, self.model, None), "patch", 1)) > self.context > 0:
            raise OptionError(f"{self.model}.patch", f"to be at most context, {self.context}", patch)


def prepare(config: Config, run: Run) -> Config:
    """Reads and checks the series, and learns the scaling of covariates, each only once; returns complete options."""
    from pipelines.forecasting import series_data
    from pipelines.forecasting.decisions import early_checks
    from pipelines.forecasting.teachers import teacher_forecasts
    from pipelines.runs import data_fingerprints, warm_start
    from tfmodels import training

    data_fingerprints.record(run, data_files)
    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    config = series_data.prepare(config, run)
    for note in early_checks.check(config, run):
        print(f"note: {note}")
    warm_start.check_origin(config, run, lambda config, _: model(config, run))
    teacher_forecasts.prepare(config, run)
    return config


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The tables that are read of data that `evaluate --data` names."""
    from pipelines.sources.tables import table_files

    return list(table_files.files(data))


def datasets(config: Config, run: Run) -> "dict[str, WindowBatches]":
    """Batches of windows by split: see `series_batches.make`."""
    from pipelines.forecasting import series_batches

    return series_batches.make(config, run)


def model(config: Config, run: Run) -> "Forecaster":
    """The network that `config` describes, with random weights."""
    from pipelines.forecasting import forecast_objective, series_data
    from tfmodels import models, training

    family: type[models.Forecaster] = {
        "linear": models.LinearForecaster,
        "lstm": models.LSTMForecaster,
        "attention_lstm": models.AttentionLSTMForecaster,
        "transformer": models.TransformerForecaster,
    }[config.model]
    shape, head = series_data.shape(config, run), forecast_objective.head(config)
    return family(shape, head, getattr(config, config.model), dtype=training.dtype_policy(config.training.precision))


def objective(config: Config, run: Run) -> "Objective":
    """The head's loss: see `forecast_objective.make`."""
    from pipelines.forecasting import forecast_objective

    return forecast_objective.make(config)


def fit(config: Config, run: Run) -> None:
    """Trains, corrects the quantiles on the validation split, draws the curves and reports."""
    from pipelines.forecasting import conformal
    from pipelines.runs import fitting, warm_start

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.rows_per_epoch:,} windows of {len(train.windows.rows):,} series in {train.steps_per_epoch:,} steps an "
        f"epoch; {validation.rows_per_epoch:,} to validate on"
    )
    start = partial(warm_start.copy_origin, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, start, objective(config, run))
    conformal.learn(config, run, forecaster(config, run, corrected=False))
    fitting.publish(evaluate(config, run, "validation"), run)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Forecasts every window of a split and scores it beside the baselines."""
    from pipelines.forecasting import forecast_report

    return forecast_report.make(config, run, forecaster(config, run), split)


def forecaster(config: Config, run: Run, corrected: bool = True) -> "ForecastEndpoints":
    """The forecaster with the best weights of the run, and its correction unless that is yet to be learnt."""
    from pipelines.forecasting import conformal

    return conformal.corrected(config, run, model(config, run), corrected)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export needs: see `ForecastEndpoints`."""
    from pipelines.forecasting import forecast_endpoints

    return forecast_endpoints.servable(config, run, forecaster(config, run))


def ensemble(members: Sequence[Run]) -> Servable:
    """What an export of several runs needs: see `ForecastEnsemble`."""
    from pipelines.forecasting.ensembles import forecast_ensemble

    return forecast_ensemble.servable(members, forecaster)


def requests(path: Path, card: dict) -> list[dict]:
    """Reads histories from a table: see `series_files.read_requests`."""
    from pipelines.forecasting import series_files
    from pipelines.runs.rows import table_card

    return series_files.read_requests(path, table_card.table_of(card))


def answers(path: Path, rows: list[dict], outputs: list[dict], card: dict) -> None:
    """Writes forecasts as a table: see `forecast_tables.write_answers`."""
    from pipelines.forecasting.frames import forecast_tables

    forecast_tables.write_answers(path, rows, outputs, card["table"])


def shown(rows: list[dict], outputs: list[dict], card: dict) -> tuple[int, list[str], list[list]]:
    """What the terminal shows of forecasts: see `forecast_tables.shown`."""
    from pipelines.forecasting.frames import forecast_tables

    return forecast_tables.shown(rows, outputs, card["table"])


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws a forecast of a series, with attention: see `forecast_explanation.make`."""
    from pipelines.forecasting import forecast_explanation

    return forecast_explanation.make(config, run, forecaster(config, run), row)
