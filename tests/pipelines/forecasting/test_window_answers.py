import numpy as np
import pytest

from pipelines.forecasting import direction_scoring, window_answers, window_scores
from pipelines.forecasting.window_answers import Names
from pipelines.forecasting.window_forecasts import Forecasts, median

LEVELS = (0.1, 0.5, 0.9)
NAMES = Names(["north", "south"], ["load", "price"], lambda time: time)
WINDOWS, HORIZON = 300, 3  # more than are written at a time


def forecasts():
    random = np.random.default_rng(0)
    shape = [WINDOWS, HORIZON, 2]
    targets, mean, last = random.normal(size=shape), random.normal(size=shape), random.normal(size=[WINDOWS, 1, 2])
    targets[random.random(shape) < 0.1] = np.nan
    quantiles = np.sort(random.normal(size=[*shape, 3]))
    series = np.repeat([0, 1], WINDOWS // 2)
    time = np.arange(WINDOWS)[:, np.newaxis] + np.arange(HORIZON)
    scale = 1 + random.random([WINDOWS, 1, 2])
    return Forecasts(series, time, last, targets, scale, mean, median(quantiles), quantiles)


def columns(answers):
    rows = list(answers.rows())
    assert all(len(row) == len(answers.names) for row in rows)
    return {name: [row[place] for row in rows] for place, name in enumerate(answers.names)}


def mean(cells):
    return np.mean([cell for cell in cells if cell is not None])


def test_the_means_of_values_are_the_scores():
    found = forecasts()
    scores = window_scores.scores(found, LEVELS, np.ones([2, 2]), found.mean)
    of = columns(window_answers.of_values(found, NAMES, LEVELS))
    assert mean(of["absolute_error"]) == pytest.approx(scores["mae"])
    assert mean(of["squared_error"]) == pytest.approx(scores["mse"])
    assert mean(of["scaled_error"]) == pytest.approx(scores["scaled_mae"])
    assert 100 * mean(of["inside"]) == pytest.approx(scores["coverage_80"])


def test_rows_are_in_the_order_of_windows_steps_and_channels():
    found = forecasts()
    of = columns(window_answers.of_values(found, NAMES, LEVELS))
    assert of["window"] == np.repeat(np.arange(WINDOWS) + 1, 2 * HORIZON).tolist()
    assert of["series"] == ["north"] * 900 + ["south"] * 900
    assert of["channel"][:4] == ["load", "price"] * 2 and of["step"][:6] == [1, 1, 2, 2, 3, 3]
    assert of["time"] == np.repeat(found.time.ravel(), 2).tolist()
    truth = [np.nan if one is None else one for one in of["truth"]]
    np.testing.assert_array_equal(truth, found.targets.ravel())
    assert of["q0.9"] == found.quantiles[..., 2].ravel().tolist()


def test_the_mean_of_directions_is_their_accuracy():
    found = forecasts()
    found = found._replace(mean=np.abs(found.mean) % 1, quantiles=found.quantiles[..., :0])
    rise = found.targets - found.last
    scores = direction_scoring._scores(rise, np.where(np.isnan(rise), 0, found.mean - 0.5))
    of = columns(window_answers.of_directions(found, rise, NAMES))
    assert 100 * mean(of["right"]) == pytest.approx(scores["direction_accuracy"])


def test_what_is_not_finite_is_missing():
    found = forecasts()
    of = columns(window_answers.of_values(found._replace(mean=np.full_like(found.mean, 1e200)), NAMES, LEVELS))
    assert set(of["squared_error"]) == {None}
