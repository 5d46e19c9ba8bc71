"""What a training is refused for before its data is read; TensorFlow is not needed."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.forecasting.forecast_options import ForecastOptions


def check(config: "ForecastOptions") -> None:
    """Refuses regions whose holidays are not known.

    Args:
        config: Options of the run.

    Raises:
        OptionError: One is not known, or the package of holidays is missing.

    Example:
        `check(Config(holidays="DE"))`
    """
    from pipelines.forecasting.calendars import holiday_dates

    holiday_dates.check(config.holidays)


def data_files(config: "ForecastOptions") -> list[Path]:
    """The tables that the data is read from; none of synthetic series and of TensorFlow Datasets.

    Args:
        config: Options of the run.

    Raises:
        FileNotFoundError: There is no such file or folder.

    Example:
        `data_files(Config(data="load.csv"))` -> `[Path("load.csv")]`
    """
    from pipelines.sources.synthetic import synthetic_series
    from pipelines.sources.tables import table_files

    in_files = config.data != synthetic_series.NAME and not config.data.startswith("tfds:")
    return list(table_files.files(config.data)) if in_files else []
