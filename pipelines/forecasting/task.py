"""Forecasting: a linear map, LSTMs, LSTMs with attention or a Transformer, from raw history to calibrated quantiles.

Without options it learns the load of ten generated sites, a day ahead, hourly, holidays and weather known beforehand:

    tfmodels fit forecasting

about a minute and a half on 2 CPU cores; the mean error is some 0.17 standard deviations of a site, that of ridge
regression on the window 0.35. With a table of your own, long or wide, CSV or Parquet, gaps and all:

    tfmodels fit forecasting --data load.csv --time hour --target load --series region --known holiday,temperature
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from tfmodels.training import Options

if TYPE_CHECKING:
    import keras

    from pipelines.forecasting.forecast_endpoints import ServedForecaster
    from tfmodels.training import Objective, WindowBatches


@dataclass(frozen=True)
class Config:
    """Options of forecasting. The defaults suit the generated series.

    Attributes:
        data: `generated` for generated series, a table (.csv, .tsv, .csv.gz, .parquet), a folder of tables (`train`,
            `val` and `test`, perhaps without `val`, or else all that are there, of which each is a series unless
            `series` says otherwise), or `tfds:NAME` for a set of TensorFlow Datasets.
        time: Column of the time stamps (text, dates or seconds since 1970), or several with commas between them (a date
            and a time of day); empty for rows that are in order and `frequency` apart.
        time_format: How stamps are written, as `strptime` has it, such as `%d/%m/%Y %H:%M`; empty to find out.
        target: Columns to forecast, with commas between them: channels of a series. Empty for all that have no other
            role. `*_MW` stands for the one column of each file that fits it.
        layout: `channels`: targets are channels of a series; `columns`: each target column is a series; `rows`: each
            row is one, its values side by side behind the columns `series` and `static`.
        series: Columns that name the series of a row, with commas between them.
        past: Covariate columns that are known up to now. Covariates are numbers, or words, of which each gets an
            indicator.
        known: Covariate columns that are known for the horizon, too, such as holidays.
        static: Covariate columns that do not change within a series.
        frequency: Distance of two steps, such as `15min`, `h`, `D`, `W` or `MS` (calendar months, stamped with their
            first day); empty to find out. Steps without a row are missing. `irregular` takes the rows as they are and
            tells the model the time between them.
        calendar: Calendar features, with commas between them, computed from the time stamps.
        on_bad: What to do about rows whose stamp cannot be read, is out of order, stands there twice or is off the
            grid, about infinite values, and about series that are constant, without values or too short: `error`
            stops, `drop` repairs or leaves out, `warn` does the same and says so.
        split: Shares of training, validation and test in each series, such as `0.7,0.1,0.2`; numbers of steps, such as
            `*,48,48`, `*` being what the others leave; or the two dates at which validation and test begin. Files named
            `train`, `val` and `test` count before shares and numbers; without `val` their ratio divides `train`.
        hold_out: Series that are only evaluated on, not trained on, with commas between them.
        stride: Steps between two forecasts of an evaluation; 0 takes the horizon.
        issue: Time of day, such as 00:00, of the last step that a forecast of an evaluation knows; empty for a forecast
            every `stride` from the start of the split on.
        context: Steps of the history that the model sees.
        horizon: Steps to forecast.
        model: `linear`, `lstm`, `attention-lstm` or `transformer`.
        units: Width of the states; not of `linear`.
        num_layers: Layers of LSTMs or of the Transformer.
        num_heads: Heads of attention.
        patch: Steps that are read at once; not of `linear`.
        patch_stride: Steps from one patch of the Transformer to the next, at most `patch`: less is slower.
        mix_channels: Whether channels see each other; else each is forecast by the same network alone.
        attention: How the attention-LSTM looks at its past: `additive`, `dot`, `general`, `scaled` or `multi_head`.
        plain: The LSTM's last state goes through one affine map, without the covariates of the horizon.
        center: A window is centred on its `mean` or its `last` value, or on `zero`: then it is only scaled. With
            `season` the model sees and forecasts changes from the value a season before; of steps below a day, changes
            from a day or a week before, whichever are smaller in the window.
        dropout: Dropout rate.
        attention_dropout: Dropout rate on attention weights.
        head: `point`, `quantiles`, `student-t`, `negative-binomial` (counts) or `direction`: the probability of a value
            above the last one (`--center last`) or above zero (`--center zero`).
        point_loss: What `point` minimises: `mse`, `mae` or `huber`.
        unit: What errors are divided by in training: `spread`, the standard deviation of a series, or `season`, its
            mean change over a season, the unit of MASE.
        levels: Quantiles that are answered, rising, with commas between them; symmetrical pairs are intervals.
        season: Steps of a season, for the seasonal baseline and MASE; 0 takes a day of hours or less, a week of days,
            else 1.
        start_from: Run whose best weights to start from (its folder, or its name under runs/), for short `--from`.
        training: How to train.
    """

    data: str = "generated"
    time: str = ""
    time_format: str = ""
    target: str = ""
    layout: Literal["channels", "columns", "rows"] = "channels"
    series: str = ""
    past: str = ""
    known: str = ""
    static: str = ""
    frequency: str = ""
    calendar: str = "hour_of_day,day_of_week"
    on_bad: Literal["error", "drop", "warn"] = "error"
    split: str = "0.7,0.1,0.2"
    hold_out: str = ""
    stride: int = 0
    issue: str = ""
    context: int = 168
    horizon: int = 24
    model: Literal["linear", "lstm", "attention-lstm", "transformer"] = "transformer"
    units: int = 64
    num_layers: int = 2
    num_heads: int = 4
    patch: int = 24
    patch_stride: int = 8
    mix_channels: bool = False
    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "additive"
    plain: bool = False
    center: Literal["mean", "last", "zero", "season"] = "mean"
    dropout: float = 0.0
    attention_dropout: float = 0.0
    head: Literal["point", "quantiles", "student-t", "negative-binomial", "direction"] = "quantiles"
    point_loss: Literal["mse", "mae", "huber"] = "mse"
    unit: Literal["spread", "season"] = "spread"
    levels: str = "0.025,0.1,0.25,0.5,0.75,0.9,0.975"
    season: int = 0
    start_from: str = field(default="", metadata={"option": "from"})
    training: Options = field(
        default_factory=lambda: Options(
            steps=900,
            interval=150,
            batch_tokens=64 * 168,
            learning_rate=4e-3,
            schedule="cosine",
            warmup_steps=100,
            label_smoothing=0.0,
            ema_decay=0.99,
        )
    )

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        from pipelines.sources.tables import time_grid, time_splits

        self.training.check_model(self.model)
        if self.training.xla and self.frequency == "irregular":
            raise ValueError(
                "Expected training.xla with steps of one length: loops over others are not compiled. "
                "Received: xla=True, frequency='irregular'"
            )
        for name in ("context", "horizon", "units", "num_layers", "num_heads", "patch", "patch_stride"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} to be at least 1. Received: {name}={getattr(self, name)}")
        for name in ("stride", "season"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} to be at least 0. Received: {name}={getattr(self, name)}")
        for name in ("dropout", "attention_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"Expected {name} in [0, 1). Received: {name}={getattr(self, name)}")
        if self.model != "linear" and self.patch > self.context:
            raise ValueError(f"Expected patch to be at most context, {self.context}. Received: patch={self.patch}")
        if self.head == "direction" and self.center not in ("last", "zero"):
            raise ValueError(f"Expected center=last or center=zero with head=direction. Received: center={self.center}")
        quantile_levels(self)
        time_splits.check(self.split)
        time_splits.seconds_of_day(self.issue)
        time_grid.grid_of(self.frequency)


def quantile_levels(config: Config) -> tuple[float, ...]:
    """The levels of the quantiles.

    Raises:
        ValueError: If they are not levels, or not symmetrical.
    """
    try:
        levels = tuple(float(level) for level in config.levels.split(","))
    except ValueError:
        levels = ()
    mirrored = all(abs(low + high - 1) < 1e-9 for low, high in zip(levels, levels[::-1], strict=True))
    if not levels or list(levels) != sorted(set(levels)) or not levels[0] > 0 or not mirrored:
        raise ValueError(
            f"Expected levels between 0 and 1, rising, symmetrical about 0.5. Received: levels={config.levels!r}"
        )
    return levels


def prepare(config: Config, run: Run) -> None:
    """Reads and checks the series, and learns the scaling of covariates, each only once."""
    from pipelines.forecasting import series_data
    from pipelines.runs import warm_start
    from tfmodels import training

    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    series_data.prepare(config, run)
    warm_start.check_origin(config, run, lambda config, _: model(config, run))


def datasets(config: Config, run: Run) -> "dict[str, WindowBatches]":
    """Batches of `(inputs, {"values", "scale"}, weights)` by split, of those that have a window."""
    from pipelines.forecasting import series_data, window_scores
    from tfmodels import training

    options, scale = config.training, window_scores.training_scale(config, run)
    windows = {split: series_data.windows(config, run, split, scale) for split in ("train", "validation", "test")}
    return {
        split: training.WindowBatches(
            found,
            max(1, options.batch_tokens // max(config.context, config.horizon)),
            training.replicas(options.replicas),
            options.seed,
            series_data.inputs(run),
            options.accumulate if split == "train" else 1,
            shuffle=split == "train",
        )
        for split, found in windows.items()
        if len(found)
    }


def model(config: Config, run: Run) -> "keras.Model":
    """The network that `config` describes, with random weights."""
    from pipelines.forecasting import forecast_objective, series_data
    from tfmodels import models, training

    inputs = series_data.inputs(run)
    by_season = config.center == "season"
    shape = models.ForecastShape(
        channels=len(inputs.channels),
        context=config.context,
        horizon=config.horizon,
        **{**inputs.used, "known": inputs.known_size},
        irregular=inputs.irregular,
        center="mean" if by_season else config.center,
        seasons=tuple(series_data.seasons(config, run)) if by_season else (),
    )
    head = forecast_objective.head(config, quantile_levels(config))
    policy = training.dtype_policy(config.training.precision)
    if config.model == "linear":
        return models.LinearForecaster(shape, head, dtype=policy)
    sizes = {name: getattr(config, name) for name in ("num_layers", "dropout", "mix_channels", "patch")}
    sizes["d_model"] = config.units
    if config.model == "lstm":
        options = models.LSTMForecasterOptions(**sizes, plain=config.plain)
        return models.LSTMForecaster(shape, head, options, dtype=policy)
    sizes |= {"num_heads": config.num_heads, "attention_dropout": config.attention_dropout}
    if config.model == "transformer":
        options = models.TransformerForecasterOptions(**sizes, stride=min(config.patch_stride, config.patch))
        return models.TransformerForecaster(shape, head, options, dtype=policy)
    options = models.AttentionLSTMForecasterOptions(**sizes, attention=config.attention)
    return models.AttentionLSTMForecaster(shape, head, options, dtype=policy)


def objective(config: Config, run: Run) -> "Objective":
    """The head's loss: see `forecast_objective.make`."""
    from pipelines.forecasting import forecast_objective

    return forecast_objective.make(config, quantile_levels(config))


def fit(config: Config, run: Run) -> None:
    """Trains, corrects the quantiles by the validation split, draws the curves and reports."""
    from pipelines.forecasting import conformal
    from pipelines.runs import report, warm_start
    from tfmodels import plots, training

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.rows_per_epoch:,} windows of {len(train.windows.rows):,} series in {train.steps_per_epoch:,} steps an "
        f"epoch; {validation.rows_per_epoch:,} to validate on"
    )
    _, history = training.fit(
        partial(model, config, run),
        train,
        validation.one_epoch(),
        config.training,
        run.path,
        initialise=partial(warm_start.copy_origin, config),
        objective=objective(config, run),
    )
    plots.draw_curves(history, run.path / "curves.png")
    if config.head != "direction":
        conformal.learn(config, run, forecaster(config, run))
    learnt = evaluate(config, run, "validation")
    report.write(learnt, run.path)
    report.show(learnt)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Forecasts every window of a split and scores it, beside naive forecasts and ridge regression on the window."""
    from pipelines.forecasting import direction_report, forecast_report

    kind = direction_report if config.head == "direction" else forecast_report
    return kind.make(config, run, forecaster(config, run), split)


def forecaster(config: Config, run: Run) -> "ServedForecaster":
    """The forecaster with the best weights of the run, and its correction once that is learnt."""
    from pipelines.forecasting import conformal, series_data
    from pipelines.forecasting.forecast_endpoints import ServedForecaster
    from tfmodels import training

    network = model(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    levels = quantile_levels(config)
    return ServedForecaster(network, series_data.inputs(run), levels, conformal.read(run, levels, config.horizon))


def endpoints(config: Config, run: Run) -> Servable:
    """What the forecaster can be asked, once exported: see `ServedForecaster`."""
    import numpy as np

    from pipelines.forecasting import forecast_endpoints, series_data

    served = forecaster(config, run)
    windows = series_data.windows(config, run, "validation")
    picked = np.unique(np.linspace(0, len(windows) - 1, 4, dtype=int))
    names = ", ".join(served.inputs.channels)
    return Servable(
        served.endpoints(),
        [part for part in (served.network, served.correction) if part],
        served.samples(windows.read(picked)),
        {
            "task": run.task,
            "columns": ["values"],
            "table": series_data.card(config, run, served.levels),
            "description": f"Forecasts {config.horizon} steps of {names}: {served.answered}.",
            "limits": [f"It sees {config.context} steps of history.", *forecast_endpoints.LIMITS],
        },
    )


def requests(path: Path, card: dict) -> list[dict]:
    """Reads histories from a table: see `series_files.read_requests`."""
    from pipelines.forecasting import series_files

    return series_files.read_requests(path, card["table"])


def answers(path: Path, rows: list[dict], outputs: list[dict], card: dict) -> None:
    """Writes forecasts as a table: see `series_files.write_answers`."""
    from pipelines.forecasting import series_files

    series_files.write_answers(path, rows, outputs, card["table"])


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws a forecast of a series, and what of the past it looked at.

    Args:
        config: Of the run.
        run: The run.
        row: Name of a series, for its last window; with ` @ 2021-12-01 06:00` behind it the first one that begins then.
    """
    from pipelines.forecasting import forecast_explanation

    return forecast_explanation.make(config, run, forecaster(config, run), row)
