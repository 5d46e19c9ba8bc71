"""Options of forecasting that hold whatever network forecasts, without TensorFlow."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.forecasting.decisions import open_options
from pipelines.runs.rows import quantile_levels
from pipelines.runs.teachers import teacher_options
from pipelines.sources.tables import table_options
from pipelines.sources.tables.table_options import TableOptions
from tfmodels import option_lists
from tfmodels.checked_options import AUTO, OptionError, check, option
from tfmodels.preprocessing.calendar_names import calendar_feature
from tfmodels.suggestions import did_you_mean
from tfmodels.training import Options


@dataclass(frozen=True)
class ForecastOptions(TableOptions):
    """Options of forecasting without those of its networks.

    What is left open, the data decides; `fit` prints it and the run keeps it. Of the synthetic series it is an hourly
    season of 24 steps, a context of 168, a horizon of 24 and the calendar features `hour_of_day,day_of_week`.

    Attributes:
        data: `synthetic` for synthetic series; a table (.csv, .tsv, both plain or .gz, .parquet); a folder of tables,
            named `train`, `val` (optional) and `test`, or else all that it holds, each a series unless `series` says
            otherwise; or `tfds:NAME`, a data set of TensorFlow Datasets.
        time: Column of the timestamps (texts, dates or numbers), or several with commas between them, such as a date
            and a time of day, or year, month and day. Empty = the one column of dates; without one the rows are in
            order and `frequency` apart.
        time_format: Format of the timestamps as in `strptime`, such as `%d/%m/%Y %H:%M`; for numbers also `s`, `ms`,
            `us`, `ns` or `days` since 1970, or `excel`. Empty = found from all timestamps together.
        time_zone: Time zone that the series live in, such as `Europe/Berlin`: days, months and calendar features are
            those of its local time. Empty = that of the timestamps, if they say so.
        ambiguous: Which hour is meant where the clock is put back and the order of the rows does not tell: `earlier` or
            `later`. Empty = such rows are refused.
        target: Columns to forecast, with commas between them: the channels of a series. Empty = all without another
            role; without `time` too, `y` or the one column of numbers. `*_MW` stands for the one matching column of
            each file. In this and other lists a name with a comma stands in double quotes: '"Sales, units",price'.
        layout: `channels`: the targets are channels of one series; `columns`: each target column is a series; `rows`:
            each row is a series, with its values to the right of the columns `series` and `static`.
        series: Columns that name the series of a row, with commas between them. Empty = `unique_id`, `series_id`,
            `item_id` or `series`; without one the table is one series.
        series_name: Name of the one series of a table without such a column, in reports, figures and forecasts. Empty =
            it has none.
        past: Covariate columns known up to now. A covariate is numbers, or words: each distinct word becomes an
            indicator. Empty = none.
        known: Covariate columns known for the horizon too, such as holidays. Empty = none.
        daily: Those of `known` that hold for a day and are named at one of its steps, such as holidays in the row of
            midnight: each step gets the largest value that its day has. Empty = none.
        static: Covariate columns that are constant within a series. Empty = none.
        frequency: Distance of two steps, such as `100ms`, `15min`, `h`, `D`, `W`, `B` (business days), `MS`, `QS`, `YS`
            (calendar months, quarters, years) or `ME`, `QE`, `YE` (their last days). Steps without a row are missing.
            Empty = found. `irregular` takes the rows as they are and gives the model the time between them.
        calendar: Calendar features computed from the timestamps, with commas between them: `minute_of_hour`,
            `hour_of_day`, `day_of_week`, `day_of_month`, `month_of_year`, `day_of_year` are places in a cycle, hours
            with their minutes, weeks with their hours. `hour_of_day:12` has 12 harmonics, which follow a rush hour;
            half as many as a cycle has steps tell any function of its steps (of days `day_of_week:3` tells weekends).
            `month_end:3` tells the last three days of months. Empty = none. `auto` = those that change from step to
            step and repeat at least twice in the training part, with a few harmonics.
        holidays: Countries, perhaps with a subdivision, whose public holidays are features, such as `US-MN,DE`: of each
            whether the local date is a holiday, the day before one and the day after one, from the first year of the
            series to ten years after the last; later days are none. Needs the package `holidays`. Empty = none.
        on_bad: What to do with rows of another length than the header, without a name of the series, whose timestamp
            cannot be read, is out of order, duplicated or off the grid, with infinite values, and with series that are
            constant, empty or too short: `error` stops, `drop` repairs or leaves out and says how many, `warn` says
            which, too. `predict` does the same, unless it is given another `--on_bad`.
        split: Training, validation and test of each series: shares such as `0.7,0.1,0.2`; numbers of steps such as
            `*,48,48`, where `*` is the rest; or the two dates at which validation and test begin. Shares and numbers
            give way to files named `train`, `val` and `test`; without `val`, their ratio divides `train`.
        hold_out: Series to evaluate on without training on them, with commas between them. Empty = none.
        stride: Steps between two forecasts of an evaluation. 0 = the horizon; 1 if the horizon is left to the data and
            would leave fewer than three to validate on.
        issue: Time of day, such as 00:00, at which each evaluated forecast is made (its last known step). Empty = a
            forecast every `stride` steps from the start of the split.
        issued_only: With `issue`: train on forecasts made at that time of day only. The model is better at them and
            unfit for others.
        context: Steps of the history that the model reads. 0 = two seasons, or a week if that is longer; at least two
            horizons, and at most half of the training part; a default `patch` is then at most a season.
        horizon: Steps to forecast. 0 = a season, 13 of weeks; at most the validation or the test part.
        center: What each window is centred on: its `mean`, its `last` value, or `zero` (scaled only). With `season` the
            model reads and forecasts changes from the value one season earlier; with steps shorter than a day, changes
            from a day or a week earlier, whichever are smaller in the window. With `training` all windows are centred
            and scaled alike, by mean and spread of the training part: better where the level of a window tells much of
            what follows; for one series, or several of like values. `auto` = `mean`; if the model is left to
            the data and linear, `mean` or `season`, whichever ridge regression does better with on the validation part.
        head: `point`, `quantiles`, `student_t`, `negative_binomial` (counts) or `direction`: the probability of a value
            above the last one (`--center last`) or above zero (`--center zero`).
        point_loss: Loss, with `--head point` only: `mse`, `mae` or `huber`.
        unit: Unit of the errors in training: `spread`, the standard deviation of a series, or `season`, its mean change
            over a season, as in MASE.
        levels: Levels of the forecast quantiles, rising and symmetrical about 0.5, with commas between them.
        season: Steps of a season, for the seasonal baseline and MASE. 0 = a day of steps shorter than it (hours 24,
            15min 96; an hour where the day has more than 300), a week of days (7; of business days 5), a year of weeks
            (52), months (12) and quarters (4), else 1.
        baselines: `all`, or `fast`: without boosted trees, which take up to a minute; may be changed after training.
        start_from: Run whose best weights to start from: its folder, or its name under `runs/`. Empty = none.
        teacher: Export whose forecasts of the training windows are learnt beside the data, such as an ensemble. It is
            asked once, when the run is prepared. Empty = none.
        teacher_weight: Share of the distance to the teacher's forecasts in the loss; the rest is the data's.
        training: How to train.
    """

    data: str = "synthetic"
    time: str = ""
    time_format: str = ""
    time_zone: str = ""
    ambiguous: Literal["", "earlier", "later"] = ""
    target: str = ""
    layout: Literal["channels", "columns", "rows"] = "channels"
    series: str = ""
    series_name: str = ""
    past: str = ""
    known: str = ""
    daily: str = ""
    static: str = ""
    frequency: str = ""
    calendar: str = AUTO
    holidays: str = ""
    on_bad: Literal["error", "drop", "warn"] = "error"
    split: str = "0.7,0.1,0.2"
    hold_out: str = ""
    stride: int = option(0, least=0)
    issue: str = ""
    issued_only: bool = False
    context: int = option(0, least=0)
    horizon: int = option(0, least=0)
    center: Literal["auto", "mean", "last", "zero", "training", "season"] = AUTO
    head: Literal["point", "quantiles", "student_t", "negative_binomial", "direction"] = "quantiles"
    point_loss: Literal["mse", "mae", "huber"] = "mse"
    unit: Literal["spread", "season"] = "spread"
    levels: str = "0.025,0.1,0.25,0.5,0.75,0.9,0.975"
    season: int = option(0, least=0)
    baselines: Literal["all", "fast"] = field(default="all", metadata={"after_training": True})
    start_from: str = ""
    teacher: str = ""
    teacher_weight: float = option(0.5, least=0, most=1)
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
        from pipelines.sources.times import stamp_formats, stamp_numbers, time_zones

        check(self)
        table_options.check(self)
        for name in (
            "time",
            "target",
            "series",
            "past",
            "known",
            "daily",
            "static",
            "hold_out",
            "calendar",
            "holidays",
        ):
            table_options.check_list(self, name)
        if not self.data.strip():
            raise OptionError("data", "to be a table, a folder of tables, synthetic or tfds:NAME", self.data)
        open_options.close(self)
        for name in option_lists.split(self.calendar) if self.calendar != AUTO else ():
            calendar_feature(name)
        known = option_lists.split(self.known)
        for name in option_lists.split(self.daily):
            if name not in known:
                names = f"to name known covariates, of {', '.join(known) or 'which there are none'}"
                raise OptionError("daily", f"{names}{did_you_mean(name, known)}", name)
        quantile_levels.parse(self.levels)
        time_splits.check(self.split)
        time_splits.seconds_of_day(self.issue)
        if self.issued_only and not self.issue:
            raise OptionError("issued_only", "to be false without issue, a time of day such as 00:00", True)
        time_grid.grid_of(self.frequency)
        time_zones.check(self.time_zone)
        if self.time_format and self.time_format not in stamp_numbers.COUNTS:
            stamp_formats.check(self.time_format)
        if self.head != "point" and self.point_loss != "mse":
            raise OptionError(
                "point_loss", f"to be left out with head={self.head} (it is for head=point)", self.point_loss
            )
        if self.head == "direction" and self.center not in (AUTO, "last", "zero"):
            raise OptionError("center", "to be last or zero with head=direction", self.center)
        teacher_options.check(self, "teacher_weight")
        if self.teacher and self.head == "negative_binomial":
            expected = "to be left out with head=negative_binomial, whose quantiles are whole numbers"
            raise OptionError("teacher", expected, self.teacher)
        if self.center == "season" and self.season > self.context > 0:
            raise OptionError("season", f"to be at most context, {self.context}, with center=season", self.season)
        if self.training.r_drop:
            expected = "to be 0 in forecasting (R-Drop compares the probabilities of tokens or classes)"
            raise OptionError("training.r_drop", expected, self.training.r_drop)
        if self.training.xla and self.frequency == "irregular":
            raise OptionError("training.xla", "to be False with frequency=irregular, which XLA does not compile", True)

    def taken_from(self, decided: "ForecastOptions") -> "ForecastOptions":
        """Takes what these options leave open from those of the same run, which are complete."""
        return open_options.taken_from(self, decided)
