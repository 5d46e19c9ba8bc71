"""What a teacher forecasts of the training windows."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.forecasting import series_data, window_forecasts
from pipelines.runs import option_files
from pipelines.runs.rows import quantile_levels, table_card
from pipelines.runs.teachers import teacher
from tfmodels import array_files, whole_files

if TYPE_CHECKING:
    from pipelines.forecasting.forecast_options import ForecastOptions
    from pipelines.runs import Run
    from pipelines.runs.predictor import Predictor

_FILE = "teacher_forecasts.npy"
_MOST_BYTES = 8 << 30
_DEFAULT = "serving_default"
_ASKED = ("values", "time", "past", "known", "static")  # never the targets
_HOW_WRITTEN = ("columns.files", "columns.dialect", "columns.numbers")  # the run reads its own files
_SHARED = ("frequency", "horizon", "channels", "levels", "columns")


def prepare(config: "ForecastOptions", run: "Run") -> None:
    """Asks the teacher of a run about its training windows, once, and keeps the answers in the run.

    Args:
        config: The options, complete.
        run: The run, whose series are prepared.

    Raises:
        FileNotFoundError: There is no such teacher.
        ValueError: It forecasts something else, its answers would take too much space or are not finite.
    """
    if not config.teacher or teacher.is_kept(run):
        return
    taught_by, output = teacher.load(run), _output(config)
    model, most = taught_by.model, teacher.rows_to_ask(run)
    teacher.check_fields(run, taught_by, _ASKED, [output])
    _check(config, run, model)
    windows = series_data.windows(config, run, "train").with_context(model.card["table"]["context"])
    inputs, about = model.endpoints[_DEFAULT].inputs, series_data.inputs(run)
    levels = [len(quantile_levels.parse(config.levels))] if output == "quantiles" else []
    shape, dtype = (len(windows), config.horizon, len(about.channels), *levels), np.dtype(about.dtype("values"))
    if (size := dtype.itemsize * math.prod(shape)) > _MOST_BYTES:
        raise ValueError(
            f"Expected answers of a teacher of at most {_MOST_BYTES >> 30} GiB. Received: {size / (1 << 30):.1f} GiB, "
            f"of {len(windows):,} windows. Forecast fewer levels or steps, or train on fewer windows with --issued_only"
        )
    with whole_files.replacing(run.assets / _FILE) as unfinished:
        found = np.lib.format.open_memmap(unfinished, mode="w+", dtype=dtype, shape=shape)
        with teacher.asking(run, "windows", len(windows)) as count:
            for piece, histories in window_forecasts.histories(windows):
                answered = model.call(_DEFAULT, **{name: histories[name] for name in inputs})[output]
                found[piece] = _checked(answered, shape[1:], dtype, config)
                count(len(piece))
                if most and piece[-1] + 1 >= most:
                    break
        found.flush()  # of a rehearsal the rest is zero
    teacher.keep(run, taught_by)


def read(config: "ForecastOptions", run: "Run") -> np.ndarray | None:
    """The answers to the training windows, in their order; None without a teacher.

    Args:
        config: The options.
        run: The run, prepared.

    Returns:
        Quantiles `[windows, horizon, channels, levels]`; of points the means and of directions the probabilities,
        `[windows, horizon, channels]`.
    """
    return array_files.read(run.assets / _FILE) if config.teacher else None


def notes(config: "ForecastOptions", run: "Run") -> list[str]:
    """What a report says of the teacher."""
    return teacher.notes(run, f"the distance to its forecasts is {config.teacher_weight:g} of the loss")


def _output(config: "ForecastOptions") -> str:
    """The output of the teacher that is learnt."""
    return {"point": "mean", "direction": "up"}.get(config.head, "quantiles")


def _checked(answered: np.ndarray, shape: tuple[int, ...], dtype: np.dtype, config: "ForecastOptions") -> np.ndarray:
    """The answers in the type that the run has them in; refuses what are no forecasts, or no probabilities."""
    is_right = answered.dtype.kind == "f" and answered.shape[1:] == shape
    with np.errstate(over="ignore"):
        values = answered.astype(dtype) if is_right else answered
    if not is_right or not np.isfinite(values).all():
        raise ValueError(
            f"Expected finite forecasts of the shape {list(shape)} from the teacher. Received: "
            f"teacher={config.teacher!r}, {answered.dtype} of shape={list(answered.shape[1:])}; export its run again, "
            "or see `tfmodels check`"
        )
    if config.head == "direction" and not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"Expected probabilities from 0 to 1 from the teacher. Received: teacher={config.teacher!r}, which answers "
            f"from {values.min():g} to {values.max():g}; export its run again, or see `tfmodels check`"
        )
    return values


def _check(config: "ForecastOptions", run: "Run", model: "Predictor") -> None:
    longest, context = int(np.diff(series_data.rows(run).offsets).max()), table_card.table_of(model.card)["context"]
    if not 0 < context <= longest:
        raise ValueError(
            f"Expected a teacher that reads at most {longest:,} steps, those of the longest series. Received: "
            f"teacher={config.teacher!r}, context={context}"
        )
    own = series_data.card(config, run, quantile_levels.parse(config.levels))
    expected, found = _compared(own), _compared(table_card.table_of(model.card))
    for name in expected:
        if expected[name] != found.get(name):
            raise ValueError(
                f"Expected a teacher with the same {name} as this run, {expected[name]!r}. Received: "
                f"teacher={config.teacher!r}, {name}={found.get(name)!r}"
            )


def _compared(table: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same of two tables, as JSON has it."""
    flat = option_files.flatten(json.loads(json.dumps({name: table[name] for name in _SHARED})))
    return {name: value for name, value in flat.items() if not name.startswith(_HOW_WRITTEN)}
