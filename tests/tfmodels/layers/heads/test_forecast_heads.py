"""The heads of forecasters against SciPy's distributions and formulas in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers

stats = pytest.importorskip("scipy.stats")

LEVELS = [0.01, 0.1, 0.25, 0.5, 0.75, 0.975]
HEADS = {
    "mse": layers.PointHead,
    "mae": lambda: layers.PointHead("mae"),
    "huber": lambda: layers.PointHead("huber", 0.7),
    "quantile": lambda: layers.QuantileHead(LEVELS),
    "student_t": layers.StudentTHead,
    "negative_binomial": layers.NegativeBinomialHead,
    "direction": layers.DirectionHead,
}
SHAPE = (3, 5, 2)


@pytest.fixture(params=HEADS.values(), ids=HEADS)
def head(request):
    return request.param()


def draw(head, seed=0, spread=1.5):
    """Parameters of windows of level 20 and spread 4, and counts as targets."""
    random = np.random.default_rng(seed)
    raw = random.normal(scale=spread, size=[*SHAPE, head.outputs]).astype("float32")
    ones = tf.ones([SHAPE[0], 1, SHAPE[2]])
    return head.rescale(head(raw), 20 * ones, 4 * ones), random.poisson(20, SHAPE).astype("float32")


def oracle(head, parameters):
    if isinstance(head, layers.StudentTHead):
        location, scale, freedom = np.moveaxis(parameters.numpy().astype("float64"), -1, 0)
        return stats.t(freedom, location, scale)
    mean, dispersion = np.moveaxis(parameters.numpy().astype("float64"), -1, 0)
    return stats.nbinom(1 / dispersion, 1 / (1 + mean * dispersion))


def test_missing_targets_have_no_weight_and_give_no_nan(head):
    parameters, targets = draw(head)
    gaps = targets.copy()
    gaps[:, ::2] = np.nan
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        loss = head.loss(gaps, parameters)
        total = tf.reduce_sum(loss)
    gradient = tape.gradient(total, parameters)
    assert loss.shape == SHAPE
    np.testing.assert_array_equal(loss[:, ::2], 0)
    np.testing.assert_array_equal(loss[:, 1::2], head.loss(targets, parameters)[:, 1::2])
    np.testing.assert_array_equal(gradient[:, ::2], 0)
    assert np.isfinite(gradient).all()


def test_quantiles_rise_and_stay_finite(head):
    parameters, _ = draw(head, spread=20.0)
    quantiles = head.quantiles(parameters, LEVELS)
    assert quantiles.shape == (*SHAPE, len(LEVELS))
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert head.mean(parameters).shape == SHAPE


@pytest.mark.parametrize("name", ["student_t", "negative_binomial"])
def test_likelihood_mean_and_quantiles_are_those_of_scipy(name):
    head = HEADS[name]()
    parameters, targets = draw(head)
    distribution = oracle(head, parameters)
    log = distribution.logpdf if name == "student_t" else distribution.logpmf
    np.testing.assert_allclose(head.loss(targets, parameters), -log(targets), rtol=1e-5)
    np.testing.assert_allclose(head.mean(parameters), distribution.mean(), rtol=1e-5)
    expected = np.stack([distribution.ppf(level) for level in LEVELS], axis=-1)
    np.testing.assert_allclose(head.quantiles(parameters, LEVELS), expected, rtol=1e-4, atol=1e-4)


def test_quantiles_of_student_t():
    freedom = np.concatenate([[2.0, 1e6], 2 + np.random.default_rng(0).exponential(20, 500) ** 1.5]).astype("float32")
    levels = [0.001, 0.2, 0.5, 0.975, 0.999]
    parameters = tf.stack([tf.zeros(502), tf.ones(502), freedom], axis=-1)
    expected = stats.t.ppf(levels, freedom[:, np.newaxis])
    np.testing.assert_allclose(layers.StudentTHead().quantiles(parameters, levels), expected, rtol=1e-4, atol=1e-6)


def test_quantiles_of_negative_binomial():
    random = np.random.default_rng(0)
    mean, dispersion = 10 ** random.uniform([-3, -4], [5, 1.3], [500, 2]).astype("float32").T
    levels = [0.001, 0.2, 0.5, 0.975, 0.999]
    found = layers.NegativeBinomialHead().quantiles(tf.stack([mean, dispersion], axis=-1), levels).numpy()
    mean, dispersion = (x.astype("float64")[:, np.newaxis] for x in (mean, dispersion))
    distribution = stats.nbinom(1 / dispersion, 1 / (1 + mean * dispersion))
    assert (distribution.cdf(found) >= np.subtract(levels, 1e-6)).all()
    assert ((found == 0) | (distribution.cdf(found - 1) < np.add(levels, 1e-6))).all()


def test_point_losses():
    parameters, targets = draw(layers.PointHead())
    errors = targets - parameters.numpy()[..., 0]
    np.testing.assert_allclose(layers.PointHead("mse").loss(targets, parameters), errors**2, rtol=1e-5)
    np.testing.assert_allclose(layers.PointHead("mae").loss(targets, parameters), np.abs(errors), rtol=1e-5)
    huber = np.where(np.abs(errors) < 0.7, errors**2 / 2, 0.7 * (np.abs(errors) - 0.35))
    np.testing.assert_allclose(layers.PointHead("huber", 0.7).loss(targets, parameters), huber, rtol=1e-4)


def test_a_direction_is_the_sign_of_what_is_above_the_centre():
    head = layers.DirectionHead()
    logits = tf.constant([0.0, 2.0, -3.0], shape=[1, 3, 1, 1])
    parameters = head.rescale(head(logits), tf.constant([[[7.0]]]), tf.constant([[[100.0]]]))
    up = 1 / (1 + np.exp([0.0, -2.0, 3.0]))
    np.testing.assert_allclose(head.mean(parameters)[0, :, 0], up, rtol=1e-5)
    above, below = (head.loss(np.full([1, 3, 1], value, "float32"), parameters)[0, :, 0] for value in (7.1, 7.0))
    np.testing.assert_allclose(above, -np.log(up), rtol=1e-5)
    np.testing.assert_allclose(below, -np.log(1 - up), rtol=1e-5)
    np.testing.assert_array_equal(head.quantiles(parameters, [0.1, 0.4, 0.6])[0, :, 0], [[0, 0, 1], [0, 1, 1], [0] * 3])


def test_pinball_loss_is_least_at_the_quantiles():
    sample = np.random.default_rng(0).gamma(2.0, 3.0, [4001, 1, 1]).astype("float32")
    head = layers.QuantileHead(LEVELS)

    def loss(quantiles):
        parameters = tf.broadcast_to(tf.constant(quantiles, tf.float32), [4001, 1, 1, len(LEVELS)])
        return np.mean(head.loss(sample, parameters))

    best = np.quantile(sample, LEVELS)
    for index in range(len(LEVELS)):
        for shift in (-0.1, 0.1):
            assert loss(best) < loss(best + shift * np.eye(len(LEVELS))[index])


def test_raw_zeros_are_the_standard_normal_distribution():
    head = layers.QuantileHead([0.02, 0.3, 0.4, 0.9])
    np.testing.assert_allclose(head(tf.zeros([1, 1, 1, 4]))[0, 0, 0], stats.norm.ppf(head.levels), rtol=1e-5)


def test_quantiles_between_and_beyond_the_levels():
    head = layers.QuantileHead([0.1, 0.5, 0.9])
    parameters = tf.constant([[[[1.0, 3.0, 9.0]]]])
    np.testing.assert_array_equal(head.quantiles(parameters, [0.1, 0.5, 0.9])[0, 0, 0], [1, 3, 9])
    np.testing.assert_allclose(head.quantiles(parameters, [0.7, 0.2])[0, 0, 0], [6.0, 1.5])
    with pytest.raises(ValueError, match=r"levels from 0.1 to 0.9.*Received: levels=\[0.5, 0.95\]"):
        head.quantiles(parameters, [0.5, 0.95])


def test_mean_of_quantiles_is_the_area_under_them():
    levels = np.linspace(0.005, 0.995, 100)
    quantiles = stats.gamma(2.0, scale=3.0).ppf(levels)
    head = layers.QuantileHead(levels)
    np.testing.assert_allclose(head.mean(tf.constant([[[quantiles]]])), 6.0, rtol=0.01)


@pytest.mark.parametrize("rows", range(1, 12))
def test_mean_of_quantiles_one_step_ahead(rows):
    head = layers.QuantileHead((0.1, 0.5, 0.9))
    parameters = np.random.default_rng(rows).normal(size=(rows, 1, 7, 3))
    mean = head.mean(tf.constant(parameters, tf.float32))
    np.testing.assert_allclose(mean, head.mean(tf.constant(parameters, tf.float64)), rtol=1e-5, atol=1e-6)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`loss` to be one of .*Received: loss='rmse'"):
        layers.PointHead("rmse")
    for levels in ([], [0.5, 0.1], [0.5, 0.5], [0.0, 0.5], [0.5, 1.0]):
        with pytest.raises(ValueError, match=r"`levels` to increase within \(0, 1\). Received: levels="):
            layers.QuantileHead(levels)
