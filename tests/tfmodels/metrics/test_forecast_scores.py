import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import metrics

sklearn_metrics = pytest.importorskip("sklearn.metrics")

ROWS, HORIZON, CHANNELS = 6, 5, 2
LEVELS = [0.1, 0.5, 0.8]


@pytest.fixture
def targets():
    values = np.random.default_rng(0).normal(3, 2, [ROWS, HORIZON, CHANNELS])
    values[::2, 1] = np.nan
    return values


@pytest.fixture
def forecasts():
    return np.random.default_rng(1).normal(3, 2, [ROWS, HORIZON, CHANNELS])


@pytest.fixture
def quantiles(forecasts):
    return forecasts[..., np.newaxis] + np.array([-1.0, 0.0, 1.5])


def test_equal_those_of_scikit_learn(targets, forecasts, quantiles):
    there = ~np.isnan(targets)
    flat = targets[there], forecasts[there]
    assert metrics.mae(targets, forecasts) == pytest.approx(sklearn_metrics.mean_absolute_error(*flat))
    assert metrics.mse(targets, forecasts) == pytest.approx(sklearn_metrics.mean_squared_error(*flat))
    assert metrics.rmse(targets, forecasts) == pytest.approx(sklearn_metrics.root_mean_squared_error(*flat))
    percent = 100 * sklearn_metrics.mean_absolute_percentage_error(*flat)
    assert metrics.mape(targets, forecasts) == pytest.approx(percent)
    losses = [
        sklearn_metrics.mean_pinball_loss(flat[0], quantiles[there][:, i], alpha=level)
        for i, level in enumerate(LEVELS)
    ]
    assert metrics.pinball(targets, quantiles, LEVELS) == pytest.approx(np.mean(losses))
    up, told = flat[0] - 3, flat[1] - 3
    accuracy = sklearn_metrics.accuracy_score(up > 0, told > 0)
    assert metrics.direction_accuracy(targets - 3, forecasts - 3) == pytest.approx(100 * accuracy)
    expected = sklearn_metrics.matthews_corrcoef(up > 0, told > 0)
    assert metrics.direction_mcc(targets - 3, forecasts - 3) == pytest.approx(expected)


def test_scores_of_the_m4_competition_by_loops(targets, forecasts):
    history = np.random.default_rng(2).normal(size=[ROWS, 12, CHANNELS])
    history[1, 3:5] = np.nan
    scale = metrics.seasonal_error(history, 3)
    absolute, symmetric, interval = [], [], []
    for row, channel, step in np.ndindex(ROWS, CHANNELS, HORIZON):
        series, target = history[row, :, channel], targets[row, step, channel]
        steps = [abs(series[i] - series[i - 3]) for i in range(3, 12)]
        unit = np.mean([step for step in steps if not np.isnan(step)])
        assert scale[row, channel] == pytest.approx(unit)
        if np.isnan(target):
            continue
        forecast = forecasts[row, step, channel]
        absolute.append(abs(target - forecast) / unit)
        symmetric.append(200 * abs(target - forecast) / (abs(target) + abs(forecast)))
        low, high = forecast - 1, forecast + 2
        interval.append(
            (high - low + 40 * (low - target) * (target < low) + 40 * (target - high) * (target > high)) / unit
        )
    assert metrics.mase(targets, forecasts, scale) == pytest.approx(np.mean(absolute))
    assert metrics.smape(targets, forecasts) == pytest.approx(np.mean(symmetric))
    assert metrics.msis(targets, forecasts - 1, forecasts + 2, 0.95, scale) == pytest.approx(np.mean(interval))
    assert metrics.owa(10, 0.9, 20, 1.2) == pytest.approx((0.5 + 0.75) / 2)
    assert np.isnan([metrics.owa(10, 0.9, 0, 1.2), metrics.owa(10, 0.9, 20, 0)]).all()  # the naive forecast is exact


def test_crps_nears_its_closed_form():
    stats = pytest.importorskip("scipy.stats")
    levels = (np.arange(2000) + 0.5) / 2000
    targets = np.linspace(-2, 3, 11)[:, np.newaxis, np.newaxis]
    quantiles = np.broadcast_to(stats.norm.ppf(levels), [11, 1, 1, 2000])
    y = targets[..., 0, 0]
    exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - np.pi**-0.5
    np.testing.assert_allclose(metrics.crps(targets, quantiles, levels, axis=(1, 2)), exact, rtol=2e-3)


def test_coverage():
    targets = np.array([1.0, 2.0, 3.0, np.nan]).reshape(4, 1, 1)
    assert metrics.coverage(targets, np.full_like(targets, 2.0), np.full_like(targets, 3.0)) == pytest.approx(200 / 3)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_the_whole_is_the_weighted_mean_of_its_parts(data):
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    targets, forecasts = random.normal(size=[2, ROWS, HORIZON, CHANNELS])
    targets[random.random(targets.shape) < data.draw(st.floats(0, 0.6))] = np.nan
    for axis in (0, 1, (0, 2), (1, 2)):
        number = np.sum(~np.isnan(targets), axis=axis)
        for score in (metrics.mae, metrics.mse, metrics.smape):
            parts = score(targets, forecasts, axis=axis)
            assert np.array_equal(np.isnan(parts), number == 0)
            expected = np.nansum(parts * number) / number.sum()
            np.testing.assert_allclose(score(targets, forecasts), expected, rtol=1e-9)


def test_what_has_no_score_is_left_out_and_a_missing_forecast_is_not():
    targets = np.array([[[0.0], [2.0]], [[5.0], [7.0]]])
    forecasts = np.array([[[0.0], [3.0]], [[6.0], [6.0]]])
    assert metrics.mape(targets[:1], forecasts[:1]) == 50
    assert metrics.smape(targets[:1], forecasts[:1]) == 20
    assert metrics.mase(targets, forecasts, np.array([[0.0], [2.0]])) == 0.5
    assert metrics.direction_mcc(targets + 1, forecasts - 2) == 0
    forecasts[0, 0] = np.nan
    for score in (metrics.mae, metrics.mse, metrics.rmse, metrics.smape, metrics.direction_accuracy):
        assert np.isnan(score(targets, forecasts))
    assert np.isnan(metrics.coverage(targets, forecasts, forecasts + 1))
