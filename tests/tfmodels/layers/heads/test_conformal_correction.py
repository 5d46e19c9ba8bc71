import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import ConformalCorrection

LEVELS = [0.05, 0.5, 0.9]


def draw(rows, seed):
    """Targets whose spread grows with scale and horizon, and quantiles that ignore both."""
    random = np.random.default_rng(seed)
    scale = random.uniform(0.5, 5, [rows, 1, 2])
    targets = 10 + scale * np.arange(1, 4)[:, np.newaxis] * random.gamma(2.0, size=[rows, 3, 2])
    quantiles = np.broadcast_to([9.0, 10.0, 10.5], [rows, 3, 2, 3])
    return targets.astype("float32"), quantiles.astype("float32"), scale.astype("float32")


def test_new_data_has_the_nominal_coverage_at_each_step_and_quantiles_stay_in_order():
    correction = ConformalCorrection(LEVELS, horizon=3)
    targets, quantiles, scale = draw(2000, seed=0)
    targets[::7, 1] = np.nan
    correction.fit(targets, quantiles, scale)
    targets, quantiles, scale = draw(4000, seed=1)
    corrected = correction(quantiles, scale).numpy()
    assert (np.diff(corrected, axis=-1) >= 0).all()
    below = np.mean(targets[..., np.newaxis] <= corrected, axis=(0, 2))  # [horizon, levels]
    np.testing.assert_allclose(below, np.tile(LEVELS, [3, 1]), atol=0.03)


def test_small_samples_have_the_nominal_coverage():
    """Of 9 errors and a new one, each is equally likely to be the largest: the new one is inside 8 times in 10."""
    errors = np.random.default_rng(0).normal(size=[10, 500, 1]).astype("float32")  # a sample for each step
    correction = ConformalCorrection([0.1, 0.9], horizon=500)
    correction.fit(errors[:9], np.zeros([9, 500, 1, 2], "float32"), np.ones([9, 1, 1], "float32"))
    low, high = correction.offsets.numpy().T
    np.testing.assert_array_equal((low, high), (errors[:9, :, 0].min(axis=0), errors[:9, :, 0].max(axis=0)))
    assert np.mean((low <= errors[9, :, 0]) & (errors[9, :, 0] <= high)) == pytest.approx(0.8, abs=0.06)


def test_one_shift_for_all_steps():
    correction = ConformalCorrection(LEVELS, horizon=3)
    targets, quantiles, scale = draw(50, seed=0)
    correction.fit(targets, quantiles, scale, per_step=False)
    assert np.ptp(correction.offsets.numpy(), axis=0).max() == 0
    errors = np.sort((targets - quantiles[..., 2]) / scale, axis=None)
    assert correction.offsets.numpy()[0, 2] == pytest.approx(errors[int(np.ceil(301 * 0.9)) - 1])


def test_a_point_forecast_becomes_an_interval_that_is_saved_with_its_model(tmp_path):
    correction = ConformalCorrection([0.1, 0.9], horizon=2)
    quantiles, scale = keras.Input([2, 1, 2]), keras.Input([1, 1])
    model = keras.Model([quantiles, scale], correction(quantiles, scale))
    errors = np.linspace(-1, 1, 99, dtype="float32").reshape(99, 1, 1)
    targets = np.concatenate([errors, 2 * errors], axis=1)
    correction.fit(targets, np.zeros([99, 2, 1, 2]), np.ones([99, 1, 1]))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    found = loaded([np.full([1, 2, 1, 2], 5.0), np.full([1, 1, 1], 10.0)])
    np.testing.assert_allclose(found[0, :, 0], [[5 - 8.1633, 5 + 8.1633], [5 - 16.3265, 5 + 16.3265]], atol=1e-3)


def test_no_targets_are_refused():
    correction = ConformalCorrection(LEVELS, horizon=1)
    with pytest.raises(ValueError, match="at least one target for each step of the horizon"):
        correction.fit(np.full([4, 1, 1], np.nan), np.zeros([4, 1, 1, 3]), np.ones([4, 1, 1]))
    np.testing.assert_array_equal(correction(tf.zeros([1, 1, 1, 3]), tf.ones([1, 1, 1])), np.zeros([1, 1, 1, 3]))
