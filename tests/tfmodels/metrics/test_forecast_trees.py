import numpy as np
import pytest

from tfmodels import metrics
from tfmodels.metrics.window_rows import Frame, Places, SeenWindows, WindowRows
from tfmodels.metrics.window_scale import center_and_scale

NAN = np.nan
UNCHANGED = Frame(np.zeros([1, 1, 1]), np.ones([1, 1, 1]))


def all_places(*shape):
    return Places(*(index.ravel() for index in np.indices(shape)))


def windows(series, context, horizon):
    """All histories and targets of series `[series, steps]`, and the number of the first step of each target."""
    origins = np.arange(context, series.shape[1] - horizon + 1)
    steps = origins[:, np.newaxis] + np.arange(-context, horizon)
    cut = series[:, steps].reshape(-1, context + horizon, 1)
    return cut[:, :context], cut[:, context:], np.tile(origins, len(series))


def test_earlier_values_are_of_the_same_phase_and_before_the_horizon():
    context, horizon, season = 14 * 4, 10, 4
    history = np.arange(context, dtype=float).reshape(1, -1, 1)  # each value is the number of its step
    step = np.arange(horizon)
    places = all_places(1, horizon, 1)
    earlier = WindowRows(SeenWindows(history), (season, 8), UNCHANGED, UNCHANGED)._earlier(places)[:, :-1]
    there = ~np.isnan(earlier)
    assert (earlier[there] < context).all()
    phases = np.broadcast_to((context + step)[:, np.newaxis] % season, earlier.shape)
    np.testing.assert_array_equal(earlier[there] % season, phases[there])
    nearest = [max(at for at in range(context) if (at - context - one) % season == 0) for one in step]
    np.testing.assert_array_equal(earlier[:, 0], nearest)
    np.testing.assert_array_equal(earlier[:, 8], [48, 49, 50, 51, 52, 53, 54, 55, 48, 49])  # of the longer season


@pytest.mark.parametrize("seasons", [(1,), (3,), (3, 12), (30,)])
def test_rows_read_the_last_value_and_what_is_known_of_their_step(seasons):
    random = np.random.default_rng(0)
    history, known, latest = random.normal(size=[2, 20, 2]), random.normal(size=[2, 5, 3]), random.normal(size=[2, 4])
    places = all_places(2, 5, 2)

    def rows(history, known=known):
        read = WindowRows(SeenWindows(history, known, latest), seasons, UNCHANGED, UNCHANGED).read(places)
        return np.nan_to_num(read, nan=99)

    before, changed = rows(history), history.copy()
    changed[0, -1, 0] += 1
    assert ((rows(changed) != before).any(axis=1) == (places.window == 0)).all()  # the other channel reads it too
    other_step = known.copy()
    other_step[:, 2] += 1
    assert ((rows(history, other_step) != before).any(axis=1) == (places.step == 2)).all()


@pytest.mark.parametrize("seasons", [(1,), (6,), (6, 18)])
def test_padding_changes_no_row(seasons):
    history = 10 + np.random.default_rng(0).normal(size=[30, 20, 2])
    history[:, 5:9] = history[3] = NAN
    padded = np.concatenate([np.full([30, 100, 2], NAN), history], axis=1)
    rows, same = (
        WindowRows(SeenWindows(one), seasons, Frame(*center_and_scale(one)), UNCHANGED).read(all_places(30, 4, 2))
        for one in (history, padded)
    )
    rows, same = (one[:, ~np.isnan(one).all(axis=0)] for one in (rows, same))  # the others are not read
    np.testing.assert_allclose(same, rows, rtol=1e-9, atol=1e-9)


def test_trees_learn_what_hour_and_weekday_do_together():
    """The level of each hour of each weekday is drawn, and the weekdays come in no order, which a season would tell."""
    random = np.random.default_rng(0)
    hour, weekday = np.tile(np.arange(6), 90), np.repeat(random.integers(0, 4, 90), 6)
    level = 10 * random.normal(size=[4, 6])
    series = level[weekday, hour] + 0.1 * random.normal(size=540)
    history, targets, origin = windows(series[np.newaxis], 18, 6)
    steps = origin[:, np.newaxis] + np.arange(6)
    known = np.stack([hour[steps], weekday[steps]], axis=-1).astype(float)
    train, test = slice(0, 400), slice(406, None)
    trees = metrics.boosted_trees(
        SeenWindows(history[test], known[test]), 6, SeenWindows(history[train], known[train]), targets[train],
        seasons=(6,), absolute=True,
    )  # fmt: skip
    ridge = metrics.ridge(history[test], 6, history[train], targets[train], known=known[test], train_known=known[train])
    assert metrics.mae(targets[test], trees) < 0.5 * metrics.mae(targets[test], ridge)


def test_series_of_other_levels_share_a_model():
    """The level of the forecast series lies outside of those of training."""
    shape = np.abs(np.arange(160) % 8 - 4.0)
    series = np.array([[1.0], [20.0]]) * (5 + shape)
    history, targets, _ = windows(series, 24, 8)
    seen, wanted, _ = windows(3000 * (5 + shape[np.newaxis]), 24, 8)
    unit = np.repeat([1.0, 20.0], len(history) // 2)[:, np.newaxis, np.newaxis]
    recent = np.arange(len(history)) % (len(history) // 2) > 100
    found = metrics.boosted_trees(
        SeenWindows(seen), 8, SeenWindows(history), targets, seasons=(8,), unit=unit, recent=recent
    )
    assert metrics.mape(wanted, found) < 2


def test_a_level_that_the_calendar_tells_is_learnt():
    """The history says nothing of the level: a frame of each window would take it away."""
    random = np.random.default_rng(0)
    known = random.integers(0, 2, [300, 3, 1]).astype(float)
    history, targets = random.normal(size=[300, 12, 1]) * random.exponential(size=[300, 1, 1]), 100 * known
    found = metrics.boosted_trees(
        SeenWindows(history[:50], known[:50]), 3, SeenWindows(history, known), targets, absolute=True
    )
    assert metrics.mae(targets[:50], found) < 15


def test_directions_are_fitted_as_directions():
    random = np.random.default_rng(0)
    history = random.normal(size=[900, 6, 1])
    rises = np.where(history[:, -1:] * history[:, -2:-1] > 0, 0.1, -1.0)  # no linear map tells
    seen, train = SeenWindows(history[800:]), SeenWindows(history[:800])
    found = metrics.boosted_trees_of_directions(seen, 1, train, rises[:800])
    assert np.abs(found).max() <= 0.5
    assert np.mean((found > 0) == (rises[800:] > 0)) > 0.9
    always = metrics.boosted_trees_of_directions(seen, 1, train, np.ones_like(rises[:800]))
    np.testing.assert_array_equal(always, 0.5)


def test_windows_without_values_or_targets():
    history, targets = np.full([30, 4, 1], NAN), np.full([30, 2, 1], NAN)
    with pytest.raises(ValueError, match="at least one training target"):
        metrics.boosted_trees(SeenWindows(history), 2, SeenWindows(history), targets)
    targets[::2, 1] = 1e300
    found = metrics.boosted_trees(SeenWindows(history), 2, SeenWindows(history), targets)
    np.testing.assert_allclose(found[:, 1], 1e300)
