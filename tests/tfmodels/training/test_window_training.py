"""A training on windows of series: resumed, and shared by replicas."""

import numpy as np
import pytest

from tfmodels import layers, models
from tfmodels.training import Objective, Options, Series, SeriesRows, WindowBatches, Windows, fit

CONTEXT, HORIZON = 8, 2
HEAD = layers.PointHead("mae")


def loss(targets, outputs):
    return HEAD.loss(targets["values"] / targets["scale"], outputs / targets["scale"][..., np.newaxis])


OBJECTIVE = Objective(loss, loss)


def network():
    shape = models.ForecastShape(1, CONTEXT, HORIZON)
    options = models.LSTMForecasterOptions(d_model=4, num_layers=1, dropout=0.3)
    return models.LSTMForecaster(shape, layers.PointHead("mae"), options)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    random = np.random.default_rng(0)
    many = []
    for number in range(2):
        values = np.sin(np.arange(60) / 3 + number)[:, np.newaxis].astype(np.float32)
        values[random.random(60) < 0.2] = np.nan
        values[20:40] = np.nan  # some windows have no target at all
        empty = np.zeros([60, 0], np.float32)
        many.append(Series(str(number), np.arange(60), values, empty, empty, np.zeros(0, np.float32), (45, 60, 60)))
    return SeriesRows.write(tmp_path_factory.mktemp("series") / "series", many)


def batches(rows, split, size=6):
    windows = Windows(rows, split, CONTEXT, HORIZON)
    return WindowBatches(windows, size, 2, 1, lambda window: {"values": window["values"]}, shuffle=split == "train")


def train(rows, folder, steps):
    options = Options(steps=steps, interval=7, learning_rate=1e-2, warmup_steps=0, schedule="constant", ema_decay=0.5)
    folder.mkdir(exist_ok=True)
    validation = batches(rows, "validation").one_epoch()
    return fit(network, batches(rows, "train"), validation, options, folder, objective=OBJECTIVE)


@pytest.mark.slow
def test_a_training_goes_on_with_the_windows_that_it_would_have_had(rows, two_replicas, tmp_path):
    train(rows, tmp_path / "cut", 7)
    resumed, history = train(rows, tmp_path / "cut", 14)  # more than an epoch
    whole, expected = train(rows, tmp_path / "whole", 14)
    for one, other in zip(resumed.variables, whole.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert [row["val_loss"] for row in history] == [row["val_loss"] for row in expected]
    assert all(np.isfinite(row["loss"]) and row["windows_per_second"] > 0 for row in history)
    assert "val_perplexity" not in history[0]
