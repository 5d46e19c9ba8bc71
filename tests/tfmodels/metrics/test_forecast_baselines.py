import numpy as np
import pytest

from tfmodels import metrics

NAN = np.nan
HISTORY = np.array([[1.0, 2, 3, 4, 5, NAN], [NAN, 7, NAN, NAN, NAN, NAN], [NAN] * 6, [2.0, NAN, 8, 1, NAN, 9]])[
    ..., None
]


def test_repeat_last():
    expected = [[5, 5], [7, 7], [0, 0], [9, 9]]
    np.testing.assert_array_equal(metrics.repeat_last(HISTORY, 2)[..., 0], expected)


def test_seasonal_naive_takes_the_latest_season_that_has_a_value():
    found = metrics.seasonal_naive(HISTORY, 5, period=4)[..., 0]
    np.testing.assert_array_equal(found, [[3, 4, 5, 2, 3], [7, 7, 7, 7, 7], [0, 0, 0, 0, 0], [8, 1, 2, 9, 8]])
    season = np.tile(np.arange(24.0), 3)[np.newaxis, :, np.newaxis]
    expected = np.tile(np.arange(24.0), 2)[np.newaxis, :, np.newaxis]
    np.testing.assert_array_equal(metrics.seasonal_naive(season, 48, period=24), expected)


def test_drift_goes_on_along_the_line():
    found = metrics.drift(HISTORY, 2)[..., 0]
    np.testing.assert_allclose(found, [[7, 8], [7, 7], [0, 0], [9 + 7 / 5, 9 + 14 / 5]])


@pytest.mark.parametrize(("missing", "highest"), [(0.0, 0.5), (0.2, 0.9)])
def test_ridge_finds_a_linear_rule_that_the_naive_baselines_miss(missing, highest):
    random = np.random.default_rng(0)
    phase, speed, level = random.uniform(0, 6, [3, 400, 1, 2])
    time = np.arange(16)[:, np.newaxis]
    series = level + 10 * np.sin(phase + (0.2 + speed / 20) * time)
    history, targets = series[:, :12], series[:, 12:]
    gaps, train_targets = history.copy(), targets[:300].copy()
    gaps[random.random(gaps.shape) < missing] = NAN
    train_targets[random.random(train_targets.shape) < missing] = NAN
    found = metrics.ridge(gaps[300:], 4, gaps[:300], train_targets, alpha=0.01)
    assert found.shape == (100, 4, 2)
    baseline = metrics.mae(targets[300:], metrics.repeat_last(gaps[300:], 4))
    assert metrics.mae(targets[300:], found) < highest * baseline


def test_ridge_moves_with_the_level_and_unit_of_each_channel():
    random = np.random.default_rng(0)
    history, targets = random.normal(size=[40, 6, 2]), random.normal(size=[40, 3, 2])
    found = metrics.ridge(history[:5], 3, history, targets)
    unit, level = np.array([3.0, 0.1]), np.array([100.0, -5.0])
    moved = metrics.ridge(history[:5] * unit + level, 3, history * unit + level, targets * unit + level)
    np.testing.assert_allclose(moved, found * unit + level, rtol=1e-6)


def test_ridge_without_targets_for_a_step_is_refused():
    with pytest.raises(
        ValueError, match=r"one training target for each step of the horizon. Received: none for step 1"
    ):
        metrics.ridge(HISTORY, 2, HISTORY, np.array([[1.0, NAN]] * 4)[..., None])


def test_ridge_sees_what_is_known_of_the_horizon():
    random = np.random.default_rng(0)

    def draw(rows):
        known = random.normal(size=[rows, 2, 3])
        history = random.normal(size=[rows, 4, 2])
        spread = history.std(axis=1, keepdims=True)
        targets = history.mean(axis=1, keepdims=True) + spread * known.sum(axis=2, keepdims=True)
        known[0, 0, 0] = NAN
        return history, targets, known

    train_history, train_targets, train_known = draw(400)
    history, targets, known = draw(50)
    blind = metrics.ridge(history, 2, train_history, train_targets)
    seeing = metrics.ridge(history, 2, train_history, train_targets, known=known, train_known=train_known)
    assert seeing.shape == targets.shape and np.isfinite(seeing).all()
    assert metrics.mae(targets[1:], seeing[1:]) < 0.05 * metrics.mae(targets[1:], blind[1:])


def test_ridge_does_not_listen_to_windows_that_are_almost_empty():
    random = np.random.default_rng(0)
    history = 1000 + random.normal(size=[200, 6, 1]).cumsum(axis=1)
    targets = history[:, -1:].repeat(2, axis=1)
    alone = metrics.ridge(history[150:], 2, history[:150], targets[:150])
    empty = history.copy()
    empty[:20, 1:] = NAN
    empty[:10] = NAN
    found = metrics.ridge(history[150:], 2, empty[:150], targets[:150])
    assert metrics.mae(targets[150:], alone) < 0.1
    assert metrics.mae(targets[150:], found) < 0.1


def nearly_flat(random, rows):
    """Windows of a meter that is off half of the time: then its tiny noise tells nothing of what comes."""
    history = random.normal(size=[rows, 8, 1])
    targets = 0.8 * history[:, -3:]
    off = random.random(rows) < 0.5
    history[off] *= 1e-3
    targets[off] = random.normal(0, 0.3, [off.sum(), 3, 1])
    return history, targets


@pytest.mark.parametrize("regression", [metrics.ridge, metrics.least_absolute_errors])
def test_windows_that_are_nearly_flat_do_not_ruin_a_regression_judged_in_another_unit(regression):
    random = np.random.default_rng(0)
    (train_history, train_targets), (history, targets) = nearly_flat(random, 400), nearly_flat(random, 200)
    unit = np.ones([400, 1, 1])
    alone = regression(history, 3, train_history, train_targets)
    judged = regression(history, 3, train_history, train_targets, unit=unit)
    mean = metrics.mean_of_history(history, 3)
    if regression is metrics.ridge:
        assert metrics.mse(targets, alone) > metrics.mse(targets, mean)  # each error counted in the scale of its window
    assert metrics.mse(targets, judged) < 0.7 * metrics.mse(targets, mean)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_least_absolute_errors_find_the_median_where_the_noise_is_one_sided(missing):
    random = np.random.default_rng(0)
    history = random.normal(size=[600, 6, 2])
    noise = np.where(random.random([600, 3, 2]) < 0.3, random.exponential(8, [600, 3, 2]), 0)
    targets = history[:, :3] + noise
    train_targets = targets[:500].copy()
    train_targets[random.random(train_targets.shape) < missing] = NAN
    unit = np.ones([500, 1, 2])
    found = metrics.least_absolute_errors(history[500:], 3, history[:500], train_targets, unit=unit)
    squared = metrics.ridge(history[500:], 3, history[:500], train_targets, unit=unit)
    assert metrics.mae(targets[500:], found) < 0.9 * metrics.mae(targets[500:], squared)
    assert metrics.mae(history[500:, :3], found) < 0.5


def test_directions_are_fitted_as_directions():
    random = np.random.default_rng(0)
    history = random.normal(size=[500, 5, 1])
    rises = np.sign(history[:, -1:]) * random.exponential(1, [500, 2, 1]) ** 4  # a few changes outweigh all others
    train = rises[:400].copy()
    train[random.random(train.shape) < 0.1] = NAN
    found = metrics.ridge_of_directions(history[400:], 2, history[:400], train)
    values = metrics.ridge(history[400:], 2, history[:400], train)
    assert metrics.direction_accuracy(rises[400:], found) > max(80, metrics.direction_accuracy(rises[400:], values))


def test_mean_of_the_history():
    expected = [[3, 3], [7, 7], [0, 0], [5, 5]]
    np.testing.assert_allclose(metrics.mean_of_history(HISTORY, 2)[..., 0], expected)
