"""Forecasters that normalise all windows by the same numbers."""

import numpy as np
import pytest

from tfmodels import layers, models
from tfmodels.checked_options import OptionError

LEVEL, SPREAD = np.array([30.0, -4.0]), np.array([5.0, 0.5])


def make(level, spread):
    shape = models.ForecastShape(2, context=8, horizon=3, center="training", level=level, spread=spread)
    return models.LSTMForecaster(shape, layers.QuantileHead([0.1, 0.5, 0.9]), models.LSTMForecasterOptions(d_model=6))


def test_it_is_the_forecast_of_standardised_values_in_the_units_of_the_series():
    given, standard = make(tuple(LEVEL), tuple(SPREAD)), make((0.0, 0.0), (1.0, 1.0))
    random = np.random.default_rng(0)
    values = random.normal(size=[4, 8, 2])
    values[random.random(values.shape) < 0.2] = np.nan
    standard({"values": values})
    given({"values": values})
    given.set_weights(standard.get_weights())
    found = given({"values": LEVEL + SPREAD * values})
    expected = LEVEL[:, np.newaxis] + SPREAD[:, np.newaxis] * standard({"values": values}).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_windows_that_differ_in_their_level_alone_have_other_forecasts():
    model = make(tuple(LEVEL), tuple(SPREAD))
    values = LEVEL + np.random.default_rng(0).normal(size=[1, 8, 2])
    rise = model({"values": values + SPREAD}).numpy() - model({"values": values}).numpy()
    assert np.abs(rise - SPREAD[:, np.newaxis]).max() > 1e-3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"center": "training"}, "Expected level to have 2 numbers with center=training. Received"),
        ({"center": "training", "level": (1.0, 2.0), "spread": (1.0,)}, "Expected spread to have 2 numbers"),
        ({"level": (1.0, 2.0)}, "Expected level to have 0 numbers with center=mean"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(changes, words):
    with pytest.raises(OptionError, match=words):
        models.ForecastShape(2, 8, 3, **changes)
