import numpy as np
import pytest

from pipelines.forecasting import interval_coverage, window_scores
from pipelines.forecasting.task import Config
from pipelines.forecasting.window_forecasts import Forecasts
from tfmodels.metrics.bootstrap import FEWEST_BLOCKS
from tfmodels.training import Series, SeriesRows

LEVELS = (0.1, 0.5, 0.9)


def forecasts(series, start, horizon=4, share_inside=0.8):
    """Forecasts of one channel that begin at these hours, with so many targets between the outer quantiles."""
    random = np.random.default_rng(0)
    shape = [len(series), horizon, 1]
    time = 3600 * (np.asarray(start)[:, np.newaxis] + np.arange(horizon))
    targets = np.where(random.random(shape) < share_inside, 0.0, 9.0)
    zeros, quantiles = np.zeros(shape), np.broadcast_to([-1.0, 0.0, 1.0], [*shape, 3])
    one = np.ones([len(series), 1, 1])
    return Forecasts(np.asarray(series), time, 0 * one, targets, one, zeros, zeros, quantiles)


@pytest.mark.parametrize(
    ("options", "metric"),
    [
        ({}, "scaled_mae"),
        ({"unit": "season"}, "mase"),
        ({"head": "point"}, "scaled_mse"),
        ({"head": "point", "point_loss": "mae"}, "scaled_mae"),
        ({"head": "point", "point_loss": "huber", "unit": "season"}, "mase"),
        ({"head": "point", "unit": "season"}, "msse"),
        ({"head": "student_t"}, "scaled_mae"),
    ],
)
def test_a_model_is_judged_by_what_it_is_trained_for(options, metric):
    assert window_scores.primary(Config(**options)) == metric


@pytest.mark.parametrize("metric", ["scaled_mae", "scaled_mse", "mase", "msse"])
def test_the_errors_of_windows_are_those_of_the_score(metric):
    found = forecasts(np.repeat([0, 1], 50), np.tile(np.arange(0, 200, 4), 2))
    found.targets[3, 1] = np.nan
    seasonal_error = np.array([[2.0], [np.nan]])
    scores = window_scores.scores(found, LEVELS, seasonal_error, found.mean + 1)
    sums = window_scores.errors(found, metric, seasonal_error).sum(axis=0)
    assert sums[0] / sums[1] == pytest.approx(scores[metric], rel=1e-12)
    found.mean[0, 0] = found.median[0, 0] = np.nan  # no forecast of a value that there is
    scores = window_scores.scores(found, LEVELS, seasonal_error, found.mean + 1)
    assert np.isnan(scores[metric]) and np.isnan(window_scores.errors(found, metric, seasonal_error)).any()


def test_a_block_holds_all_series_of_a_stretch_of_time():
    start = np.tile(np.arange(0, 400, 2), 3)  # overlapping windows of three series
    blocks = window_scores.blocks(forecasts(np.repeat([0, 1, 2], 200), start)).reshape(3, 200)
    assert (blocks == blocks[0]).all() and (np.diff(blocks[0]) >= 0).all()
    lengths = np.unique(blocks[0], return_counts=True)[1]
    assert len(lengths) == 25 and lengths.max() == 8  # 100 forecasts without overlap: four of them to a block


def test_one_forecast_of_each_of_many_series_makes_a_block_of_each():
    assert window_scores.blocks(forecasts(np.arange(30), np.zeros(30))).tolist() == list(range(30))


def test_a_short_split_has_few_blocks():
    assert len(np.unique(window_scores.blocks(forecasts(np.zeros(3, int), [0, 4, 8])))) == 3 < FEWEST_BLOCKS


@pytest.mark.parametrize(("share", "words"), [(0.8, ""), (0.6, "too narrow"), (0.95, "too wide")])
def test_intervals_whose_coverage_is_off_by_more_than_its_error_are_named(share, words):
    found = forecasts(np.zeros(200, int), np.arange(0, 800, 4), share_inside=share)
    measured = interval_coverage.measure(found, None, LEVELS, window_scores.blocks(found))
    _, *off = interval_coverage.notes(measured, is_learnt_from=False, is_corrected=True)
    assert [words in note for note in off] == ([True] if words else [])
    (note,) = interval_coverage.notes(measured, is_learnt_from=True, is_corrected=True)  # which contradicts no other
    assert "says nothing of new data" in note
    assert "as trained" not in interval_coverage.table(measured)["columns"]


def test_few_forecasts_say_nothing_of_the_coverage():
    found = forecasts(np.zeros(3, int), [0, 4, 8], share_inside=0)
    measured = interval_coverage.measure(found, found.quantiles, LEVELS, window_scores.blocks(found))
    assert measured[0].margin is None and measured[0].trained == 0
    assert len(interval_coverage.notes(measured, is_learnt_from=False, is_corrected=True)) == 1


@pytest.mark.parametrize(
    ("split", "place", "scale", "before"),
    [
        ("validation", 0, "training part", "training part"),
        ("test", 1, "training part", "training and validation parts"),
        ("other", 1, "steps before the first forecast", "steps before the first forecast"),
    ],
)
def test_units_are_said_once_and_as_they_are(tmp_path, split, place, scale, before):
    bounds = (8, 8, 16) if split == "other" else (6, 10, 16)
    values = np.arange(16.0)[:, np.newaxis] ** 2
    none = np.zeros([16, 0])
    series = Series("a", np.arange(16), values, none, none, np.zeros(0), bounds)
    rows = SeriesRows.write(tmp_path / "rows", [series])
    text = window_scores.units(split, 3)
    assert f"standard deviation of its {scale};" in text and text.endswith(f"season of 3 steps in its {before}")
    np.testing.assert_allclose(rows.scale[0], np.std(values[: bounds[0]]))
    unit = window_scores.seasonal_errors(rows, 3, "test" if split == "other" else split)
    part = values[: bounds[place]]
    np.testing.assert_allclose(unit[0], np.abs(part[3:] - part[:-3]).mean())
