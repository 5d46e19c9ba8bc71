import contextlib
import io

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_task
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.training import LearningRateRange, Options, find_learning_rate, fit
from tfmodels.training.search import learning_rate_range
from tfmodels.training.search.learning_rate_range import HIGHEST, LOWEST, STEPS, ExponentialRange, smooth

hypothesis_settings = settings(deadline=None, max_examples=15)
OPTIONS = Options(schedule="constant", warmup_steps=0, ema_decay=0.0, replicas=2)


@pytest.fixture(scope="module")
def batches(two_replicas, tmp_path_factory):
    return toy_task.token_batches(tmp_path_factory.mktemp("rows") / "train", 60, toy_task.next_token)


@pytest.fixture(scope="module")
def printed_and_found(batches):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        found = find_learning_rate(toy_task.Bigrams, batches, OPTIONS)
    return printed.getvalue(), found


@pytest.fixture(scope="module")
def found(printed_and_found):
    return printed_and_found[1]


def curve(losses):
    return LearningRateRange(np.geomspace(LOWEST, HIGHEST, len(losses)).tolist(), losses, divergence=None)


@hypothesis_settings
@given(st.floats(1e-8, 1e-3), st.floats(1e-2, 10), st.integers(2, 300))
def test_the_rate_grows_from_end_to_end_by_equal_factors(lowest, highest, steps):
    schedule = ExponentialRange(lowest, highest, steps)
    rates = [float(schedule(tf.constant(step))) for step in {0, 1, steps // 2, steps - 1}]
    expected = [np.geomspace(lowest, highest, steps)[step] for step in {0, 1, steps // 2, steps - 1}]
    np.testing.assert_allclose(rates, expected, rtol=1e-4)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert again.get_config() == schedule.get_config()


@hypothesis_settings
@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=30))
def test_smoothing_weighs_each_loss_nine_tenths_of_the_next(losses):
    weights = 0.9 ** np.arange(len(losses))[::-1]
    assert smooth(losses)[-1] == pytest.approx(np.average(losses, weights=weights))


def test_the_suggestion_is_where_the_logarithm_falls_most_steeply():
    falls = np.concatenate([np.zeros(60), np.full(40, 0.01), np.full(40, 0.04), np.full(30, 0.01), np.full(30, -0.1)])
    steepest = curve((8 * np.exp(-np.cumsum(falls))).tolist())
    assert 100 < steepest.rates.index(steepest.suggestion) < 150
    assert 165 < steepest.rates.index(steepest.minimum) < 180


@hypothesis_settings
@given(st.floats(0.01, 100))
def test_the_unit_of_the_loss_does_not_matter(unit):
    losses = 5 - np.tanh(np.linspace(-3, 3, 200)) + 0.01 * np.sin(np.arange(200))
    scaled = curve((unit * losses).tolist())
    assert scaled.suggestion == curve(losses.tolist()).suggestion


@pytest.mark.parametrize("losses", [[3.0] * 200, np.linspace(3, 9, 200).tolist(), [3.0, 2.0, 1.0]])
def test_nothing_is_suggested_where_the_loss_never_fell_or_too_few_steps_were_done(losses):
    assert curve(losses).suggestion is None


@pytest.mark.slow
def test_everything_but_the_rate_is_as_in_a_training(batches, tmp_path, monkeypatch):
    """At a rate that stays the same, the test is a training."""
    monkeypatch.setattr(learning_rate_range, "LOWEST", 0.01)
    monkeypatch.setattr(learning_rate_range, "HIGHEST", 0.01)
    monkeypatch.setattr(learning_rate_range, "STEPS", 3)
    options = Options(
        **{"steps": 3, "interval": 1, "learning_rate": 0.01, "schedule": "constant", "warmup_steps": 0},
        **{"label_smoothing": 0.2, "clip_norm": 0.1, "weight_decay": 0.1, "replicas": 2},
    )

    def bigrams():
        return toy_task.Bigrams(dropout=0.3)

    tested = find_learning_rate(bigrams, batches, options)
    _, history = fit(bigrams, batches, batches.sample(1), options, tmp_path)
    assert tested.rates == pytest.approx([0.01] * 3)
    assert tested.losses == [row["loss"] for row in history]


@pytest.mark.slow
def test_the_suggested_rate_beats_much_lower_and_much_higher_ones(batches, found, tmp_path):
    assert LOWEST < found.suggestion < found.minimum <= HIGHEST

    def loss(factor):
        options = Options(
            **{"steps": 25, "interval": 25, "learning_rate": found.suggestion * factor, "schedule": "constant"},
            **{"warmup_steps": 0, "ema_decay": 0.0, "replicas": 2},
        )
        return fit(toy_task.Bigrams, batches, batches.sample(4), options, tmp_path / str(factor))[1][-1]["val_loss"]

    assert loss(1) < min(loss(0.01), loss(100))


def test_lines_with_the_time_left_are_printed_during_the_test(printed_and_found):
    lines = printed_and_found[0].splitlines()
    assert lines[0].split() == ["step", "lr", "loss", "smoothed", "time", "left"]
    assert [line.split()[0] for line in lines[1:3]] == ["20", "40"]


def test_rates_and_losses_of_all_steps_are_recorded(found):
    assert len(found.rates) == len(found.losses) == len(found.smoothed) <= STEPS
    assert found.rates == sorted(found.rates)
    assert found.rates[0] == pytest.approx(LOWEST)
    assert all(np.isfinite(found.losses))


def test_divergence_ends_the_test_with_a_result(batches):
    class Explosive(toy_task.Bigrams):
        """Its loss grows with the square of the weights, without clipping the faster the higher it is."""

        def call(self, inputs, training=None):
            return super().call(inputs, training) + 1e3 * self.table.value[0] ** 2

    found = find_learning_rate(Explosive, batches, Options(optimizer="sgd", clip_norm=0.0, replicas=2))
    assert found.divergence is not None
    assert found.divergence < HIGHEST
    assert len(found.losses) < STEPS
    assert all(np.isfinite(found.losses))
    assert found.minimum < found.divergence


def test_a_loss_that_is_never_finite_is_an_error(two_replicas, tmp_path):
    def broken(source, target):
        inputs, targets, weights = toy_task.next_token(source, target)
        return inputs, targets, weights * np.nan

    batches = toy_task.token_batches(tmp_path / "train", 20, broken)
    with pytest.raises(FloatingPointError, match="loss=nan"):
        find_learning_rate(toy_task.Bigrams, batches, OPTIONS)
