import keras
import numpy as np
import pytest

from tfmodels.training import InverseSquareRoot, Options
from tfmodels.training.optimization.schedules import Constant, Cosine, ReduceOnPlateau, reductions, schedule

PEAK = 0.004
ROOT, COSINE = InverseSquareRoot(PEAK, 100), Cosine(PEAK, 100, 299)
CONSTANT = Constant(PEAK, 100)


def plateau():
    return ReduceOnPlateau(PEAK, 100, factor=0.1, patience=2)


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
        (CONSTANT, 49, PEAK / 2),
        (CONSTANT, 99, PEAK),
        (CONSTANT, 1_000, PEAK),
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


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([], 0),
        ([3.0, 2.0, 1.0], 0),
        ([3.0, 3.0, 3.0], 1),
        ([3.0, 3.1, 2.9, 3.0], 0),
        ([3.0, 3.1, 3.2, 3.3, 3.4], 2),
        ([3.0, 3.1, 3.2, 2.0, 2.1, 2.2, 2.3], 2),
    ],
)
def test_a_plateau_is_counted_anew_each_time(losses, expected):
    assert reductions(losses, patience=2) == expected


def test_the_rate_is_reduced_on_a_plateau_and_found_again():
    rate = plateau()
    for losses, expected in [([3.0, 2.0], 1.0), ([3.0, 2.0, 2.1, 2.2], 0.1), ([3.0, 2.0], 1.0)]:
        rate.follow(losses)
        assert float(rate(500)) == pytest.approx(PEAK * expected)
    rate.follow([1.0] * 9)
    assert float(rate(0)) == pytest.approx(PEAK * 1e-4)  # the warm-up passes it at the first step, of a hundred


@pytest.mark.parametrize("make", [lambda: ROOT, lambda: COSINE, lambda: CONSTANT, plateau])
def test_serialization_keeps_every_value(make):
    rate = make()
    restored = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(rate))
    assert type(restored) is type(rate)
    assert [float(restored(step)) for step in (0, 99, 199)] == [float(rate(step)) for step in (0, 99, 199)]


def test_options_name_the_schedule():
    options = {"learning_rate": PEAK, "warmup_steps": 100}
    expected_by_name = {"inverse_sqrt": ROOT, "cosine": COSINE, "constant": CONSTANT, "plateau": plateau()}
    for name, expected in expected_by_name.items():
        found = schedule(Options(schedule=name, plateau_factor=0.1, **options), total_steps=299)
        assert type(found) is type(expected)
        assert found.get_config() == expected.get_config()
