import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.preprocessing import Clock
from tfmodels.training import Series, SeriesRows, WindowBatches, Windows

CONTEXT, HORIZON = 5, 3
SPLITS = ("train", "validation", "test")
lengths = st.lists(st.tuples(*[st.integers(0, 14)] * 3), min_size=1, max_size=4).filter(
    lambda parts: any(train >= HORIZON + 1 for train, *_ in parts)
)
hypothesis_settings = settings(deadline=None, max_examples=20)


def series(name, train, validation, test, unused=2, seed=0):
    random = np.random.default_rng(seed)
    steps = train + validation + test + unused

    def numbers(*shape):
        return random.normal(size=shape).astype(np.float32)

    values = numbers(steps, 2)
    values[random.random(values.shape) < 0.2] = np.nan
    time = 1_000_000 + 3600 * np.arange(steps)
    bounds = (train, train + validation, train + validation + test)
    return Series(name, time, values, numbers(steps, 1), numbers(steps, 2), numbers(3), bounds)


def written(folder, parts):
    many = [series(f"series {number}", *part, seed=number) for number, part in enumerate(parts)]
    return SeriesRows.write(Path(folder) / "series", many)


def oracle(rows, split, stride):
    """All windows of a split, one at a time by the definition."""
    found = []
    for number in range(len(rows)):
        part = rows.part(number)
        start, stop = dict(zip(SPLITS, zip((0, *part.bounds[:2]), part.bounds, strict=True), strict=True))[split]
        origins = range(start, stop - HORIZON + 1)
        if split == "train":
            origins = [origin for origin in origins if origin >= min(CONTEXT, stop - HORIZON)]
        origins = [origin for origin in origins if origin > 0][::stride]
        for origin in origins:
            steps = range(origin - CONTEXT, origin + HORIZON)
            blank = [step < 0 for step in steps]
            values = [part.values[max(step, 0)] if step >= 0 else [np.nan] * 2 for step in steps]
            found.append(
                {
                    "values": values[:CONTEXT],
                    "past": [part.past[step] if step >= 0 else [np.nan] for step in steps][:CONTEXT],
                    "known": [[0, 0] if off else part.known[step] for step, off in zip(steps, blank, strict=True)],
                    "static": part.static,
                    "time": [0 if off else part.time[step] for step, off in zip(steps, blank, strict=True)],
                    "targets": values[CONTEXT:],
                    "scale": rows.scale[number][np.newaxis],
                }
            )
    return found


@given(parts=lengths, split=st.sampled_from(SPLITS), stride=st.integers(1, 4))
@hypothesis_settings
def test_windows_are_those_of_the_definition(parts, split, stride):
    with tempfile.TemporaryDirectory() as folder:
        rows = written(folder, parts)
        windows = Windows(rows, split, CONTEXT, HORIZON, stride)
        expected = oracle(rows, split, stride)
        assert len(windows) == len(expected) == windows.counts.sum()
        if not expected:
            return
        order = np.random.default_rng(0).permutation(len(windows))
        for name, array in windows.read(order).items():
            np.testing.assert_array_equal(array, np.array([expected[number][name] for number in order]), name)


@given(parts=lengths)
@hypothesis_settings
def test_training_sees_nothing_of_the_later_splits(parts):
    with tempfile.TemporaryDirectory() as folder:
        rows = written(folder, parts)
        series_of, origin = Windows(rows, "train", CONTEXT, HORIZON).locate(
            np.arange(len(Windows(rows, "train", CONTEXT, HORIZON)))
        )
        assert (origin + HORIZON <= rows.bounds[series_of, 1]).all()
        for split, place in (("validation", 1), ("test", 2)):
            windows = Windows(rows, split, CONTEXT, HORIZON)
            series_of, origin = windows.locate(np.arange(len(windows)))
            assert (origin >= rows.bounds[series_of, place]).all()
            assert (origin + HORIZON <= rows.bounds[series_of, place + 1]).all()


@pytest.mark.parametrize(("issue", "stride"), [(0, 24), (3 * 3600, 48), (1800, 24)])
def test_windows_are_issued_at_a_time_of_day(tmp_path, issue, stride):
    rows = written(tmp_path, [(30, 60, 100), (50, 9, 80)])
    windows = Windows(rows, "test", CONTEXT, HORIZON, stride, issue=issue)
    time = windows.read(np.arange(len(windows)))["time"]
    assert (time[:, CONTEXT - 1] % 86_400 == issue).all()
    all_of_them = Windows(rows, "test", CONTEXT, HORIZON)
    series_of, _ = all_of_them.locate(np.arange(len(all_of_them)))
    late = all_of_them.read(np.arange(len(all_of_them)))["time"][:, CONTEXT - 1]
    for number in range(2):
        issued = np.flatnonzero(late[series_of == number] % 86_400 == issue)
        assert windows.counts[number] == len(issued[:: stride // 24])


def test_windows_are_issued_at_a_local_time_of_day_however_long_a_day_is(tmp_path):
    rows = written(tmp_path, [(30, 60, 300)])
    clock = Clock(changes=(int(rows.time[150]), int(rows.time[250])), offsets=(0, 3600, 0))
    windows = Windows(rows, "test", CONTEXT, HORIZON, 24, issue=24_400, clock=clock)
    last = windows.read(np.arange(len(windows)))["time"][:, CONTEXT - 1]
    assert (clock.local(last) % 86_400 == 24_400).all()
    assert sorted(set(np.diff(last).tolist())) == [23 * 3600, 24 * 3600, 25 * 3600]


@pytest.fixture
def rows(tmp_path):
    return written(tmp_path, [(20, 8, 8), (30, 6, 4), (3, 5, 5)])


def batches(rows, split="train", replicas=1, size=4, accumulate=1, seed=1, shuffle=True):
    windows = Windows(rows, split, CONTEXT, HORIZON)
    return WindowBatches(windows, size, replicas, seed, lambda parts: parts, accumulate, shuffle)


def elements(dataset, count=None):
    return list(islice(dataset.as_numpy_iterator(), count))


def assert_equal(one, other):
    for (inputs, targets, weights), (inputs_2, targets_2, weights_2) in zip(one, other, strict=True):
        for left, right in zip(
            [*inputs.values(), *targets.values()], [*inputs_2.values(), *targets_2.values()], strict=True
        ):
            np.testing.assert_array_equal(left, right)
        np.testing.assert_array_equal(weights, weights_2)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_what_follows_a_step_does_not_depend_on_where_one_starts(rows, accumulate):
    one = batches(rows, replicas=2, accumulate=accumulate)
    whole = elements(one.dataset(), 3 * one.steps_per_epoch)
    for start in (1, one.steps_per_epoch, 2 * one.steps_per_epoch + 1):
        assert_equal(elements(batches(rows, replicas=2, accumulate=accumulate).dataset(start), 4), whole[start:][:4])


def times(batch):
    """When each real window begins to predict, by which it is known here together with its values."""
    inputs, _targets, weights = batch
    real = weights.any(axis=(1, 2))
    keys = zip(inputs["time"][real][:, CONTEXT], inputs["static"][real][:, 0], strict=True)
    return [(int(time), float(static)) for time, static in keys]


def test_each_epoch_has_every_window_once_in_another_order(rows):
    one = batches(rows)
    whole = elements(one.dataset(), 2 * one.steps_per_epoch)
    first, second = (
        [key for batch in part for key in times(batch)]
        for part in (whole[: one.steps_per_epoch], whole[one.steps_per_epoch :])
    )
    assert len(set(first)) == len(first)
    assert first != second and sorted(first) == sorted(second)
    assert one.rows_per_epoch == len(one.windows) >= len(first)  # a window without any target weighs nothing
    assert elements(one.one_epoch())[0][2].shape == (4, HORIZON, 2)
    assert int(one.one_epoch().cardinality()) == one.steps_per_epoch


def test_evaluation_goes_from_the_oldest_to_the_newest(rows):
    ordered = batches(rows, "test", shuffle=False)
    read = ordered.windows.read(np.arange(len(ordered.windows)))
    time = np.concatenate([inputs["time"] for inputs, *_ in elements(ordered.one_epoch())])
    np.testing.assert_array_equal(time, read["time"])


def test_batches_are_filled_with_windows_of_no_weight(rows):
    one = batches(rows, "test", replicas=3, shuffle=False)
    last = elements(one.one_epoch())[-1]
    left = len(one.windows) % 4 or 4
    assert len(last[2]) % 3 == 0 and len(last[2]) - left < 3
    assert not last[2][left:].any()


def test_missing_targets_are_zero_and_weigh_nothing(rows):
    one = batches(rows, shuffle=False)
    read = one.windows.read(np.arange(len(one.windows)))["targets"]
    targets = np.concatenate([targets["values"] for _, targets, _ in elements(one.one_epoch())])
    weights = np.concatenate([weights for *_, weights in elements(one.one_epoch())])
    np.testing.assert_array_equal(weights, np.isfinite(read))
    np.testing.assert_array_equal(targets, np.where(np.isfinite(read), read, 0))


def test_a_sample_is_cut_as_the_trainer_cuts(rows):
    one = batches(rows, replicas=2, accumulate=2)
    parts = elements(one.sample(2))
    whole = elements(one.dataset(), 2)
    np.testing.assert_array_equal(
        np.concatenate([weights for *_, weights in parts]), np.concatenate([weights for *_, weights in whole])
    )
    assert len(parts) == 4


def test_scale_is_the_spread_of_the_training_part(rows):
    for number in range(len(rows)):
        part = rows.part(number)
        expected = np.nanstd(part.values[: part.bounds[0]].astype(np.float64), axis=0)
        np.testing.assert_allclose(rows.scale[number], expected, rtol=1e-5)


def test_a_constant_series_has_a_scale_to_divide_by(tmp_path):
    part = series("flat", 9, 0, 0)
    flat = part._replace(values=np.full_like(part.values, 3.0))
    np.testing.assert_array_equal(SeriesRows.write(tmp_path / "flat", [flat]).scale, [[1, 1]])


def test_series_are_left_out_by_name(rows):
    windows = Windows(rows, "train", CONTEXT, HORIZON, without=["series 1"])
    assert windows.counts[1] == 0 and windows.counts[0] > 0
    assert set(windows.locate(np.arange(len(windows)))[0]) == {0}


def test_series_without_covariates_and_what_is_written_is_not_written_again(tmp_path):
    part = series("bare", 9, 4, 4)
    bare = part._replace(past=part.past[:, :0], known=part.known[:, :0], static=part.static[:0])
    rows = SeriesRows.write(tmp_path / "bare", [bare])
    assert Windows(rows, "train", CONTEXT, HORIZON).read(np.arange(2))["known"].shape == (2, CONTEXT + HORIZON, 0)
    again = SeriesRows.write(tmp_path / "bare", [])
    for one, other in zip(again.part(0), bare, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="at least one series"):
        SeriesRows.write(tmp_path / "none", [])


@pytest.mark.parametrize("without", [[], ["series 0"]])
@pytest.mark.parametrize("split", SPLITS)
def test_values_to_learn_from_are_those_of_the_split(rows, split, without):
    windows = Windows(rows, split, CONTEXT, HORIZON, without=without)
    expected = 0
    for number in np.flatnonzero(windows.counts).tolist():
        part = rows.part(number)
        start = dict(zip(SPLITS, (0, *part.bounds), strict=False))[split]
        stop = dict(zip(SPLITS, part.bounds, strict=True))[split]
        expected += np.isfinite(part.values[start:stop]).sum()
    assert windows.values == expected > 0


def test_windows_of_another_context_are_the_same_windows(tmp_path):
    windows = Windows(written(tmp_path, [(14, 4, 4), (9, 6, 3)]), "train", CONTEXT, HORIZON)
    numbers = np.arange(len(windows))
    longer, own = windows.with_context(CONTEXT + 2).read(numbers), windows.read(numbers)
    assert windows.context == CONTEXT and longer["values"].shape[1] == CONTEXT + 2
    np.testing.assert_array_equal(longer["values"][:, 2:], own["values"])
    np.testing.assert_array_equal(longer["targets"], own["targets"])


def test_numbers_beside_the_windows_come_with_their_targets(tmp_path):
    windows = Windows(written(tmp_path, [(14, 4, 4)]), "train", CONTEXT, HORIZON)
    beside = np.arange(len(windows), dtype=np.float64)[:, np.newaxis, np.newaxis] * np.ones([1, HORIZON, 2])
    batches = WindowBatches(windows, 4, 2, seed=1, assemble=lambda window: window["time"], shuffle=True, beside=beside)
    for time, targets, weights in batches.one_epoch().as_numpy_iterator():
        number = (time[:, CONTEXT] - windows.read(np.array([0]))["time"][0, CONTEXT]) // 3600
        there = weights.any(axis=(1, 2))
        np.testing.assert_array_equal(targets["beside"][there, 0, 0], number[there])
