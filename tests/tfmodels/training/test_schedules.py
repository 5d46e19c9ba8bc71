import keras
import numpy as np
import pytest

from tfmodels.training import InverseSquareRoot, Options
from tfmodels.training.schedules import Cosine, schedule

PEAK = 0.004
ROOT, COSINE = InverseSquareRoot(PEAK, 100), Cosine(PEAK, 100, 299)


@pytest.mark.parametrize(
    ("rate", "step", "expected"),
    [
        (ROOT, 0, PEAK / 100),
        (ROOT, 49, PEAK / 2),
        (ROOT, 99, PEAK),
        (ROOT, 399, PEAK / 2),
        (ROOT, 9_999, PEAK / 10),
        (COSINE, 0, PEAK / 100),
        (COSINE, 49, PEAK / 2),
        (COSINE, 99, PEAK),
        (COSINE, 149, PEAK * (1 + np.sqrt(0.5)) / 2),
        (COSINE, 199, PEAK / 2),
        (COSINE, 299, 0),  # the update after the last
        (COSINE, 1_000, 0),
        (InverseSquareRoot(PEAK, 0), 0, PEAK),
        (Cosine(PEAK, 0, 10), 0, PEAK),
    ],
)
def test_values(rate, step, expected):
    assert float(rate(step)) == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("rate", [ROOT, COSINE])
def test_falls_after_the_warm_up(rate):
    values = np.array([float(rate(step)) for step in range(99, 299, 10)])
    assert (np.diff(values) < 0).all()


@pytest.mark.parametrize("rate", [ROOT, COSINE])
def test_serialization_keeps_every_value(rate):
    restored = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(rate))
    assert type(restored) is type(rate)
    assert [float(restored(step)) for step in (0, 99, 199)] == [float(rate(step)) for step in (0, 99, 199)]


def test_options_name_the_schedule():
    options = {"learning_rate": PEAK, "warmup_steps": 100}
    for name, expected in {"inverse_sqrt": ROOT, "cosine": COSINE}.items():
        found = schedule(Options(schedule=name, **options), total_steps=299)
        assert type(found) is type(expected)
        assert found.get_config() == expected.get_config()
