from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times import time_zones
from tfmodels import export, layers, models

CONTEXT, HORIZON, CHANNELS, LEVELS = 6, 3, 2, (0.1, 0.5, 0.9)
START, STEP = 1_700_000_000, 3600


def make_inputs(covariates=True, irregular=False, months=False, dtype="float64"):
    sizes = {"past": 1, "known": 2, "static": 1} if covariates else {"past": 0, "known": 0, "static": 0}
    return SeriesInputs(
        channels=["load", "heat"],
        **{role: [f"{role} {number}" for number in range(size)] for role, size in sizes.items()},
        calendar=[],
        grid=Grid(2, "months") if months else Grid(STEP),
        irregular=irregular,
        means={role: [2.0] * size for role, size in sizes.items()},
        scales={role: [4.0] * size for role, size in sizes.items()},
        dtypes={"values": dtype},
    )


def make(inputs):
    head = layers.QuantileHead(LEVELS)
    sizes = inputs.used | ({"known": inputs.known_size} if inputs.known_size else {})
    shape = models.ForecastShape(CHANNELS, CONTEXT, HORIZON, **sizes, irregular=inputs.irregular)
    network = models.LinearForecaster(shape, head, models.LinearForecasterOptions(kernel=3))
    network.build()
    random = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    return ForecastEndpoints(network, inputs, LEVELS)


def draw(rows=5, seed=0):
    """Windows as `Windows.read` gives them, some of them with a late start."""
    random = np.random.default_rng(seed)

    def numbers(*shape):
        return random.normal(5, 3, [rows, *shape]).astype(np.float32)

    values, time = (
        numbers(CONTEXT, CHANNELS).astype(np.float64),
        START + STEP * np.tile(np.arange(CONTEXT + HORIZON), [rows, 1]),
    )
    values[random.random(values.shape) < 0.2] = np.nan
    values[1, :2], time[1, :2] = np.nan, 0
    return {
        "values": values,
        "past": numbers(CONTEXT, 1),
        "known": numbers(CONTEXT + HORIZON, 2),
        "static": numbers(1),
        "time": time,
    }


@pytest.fixture(scope="module")
def served():
    return make(make_inputs())


@pytest.fixture(scope="module")
def rows():
    return {name: array[:, :CONTEXT] if name == "time" else array for name, array in draw().items()}


@pytest.fixture(scope="module")
def answered(served, rows):
    return {name: tensor.numpy() for name, tensor in served.answer(**rows).items()}


def assert_alike(one, other):
    for name in ("mean", "quantiles", "time"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-5, atol=1e-5, err_msg=name)


def test_an_answer_is_that_of_the_network_with_the_times_it_is_for(served, rows, answered):
    inputs = {
        "values": rows["values"],
        **{role: (rows[role] - 2) / 4 for role in ("past", "known", "static")},
    }
    expected = served.network(inputs)
    np.testing.assert_allclose(answered["quantiles"], expected, rtol=1e-6)
    np.testing.assert_array_equal(answered["time"], np.tile(START + STEP * np.arange(6, 9), [5, 1]))
    assert answered["mean"].shape == (5, HORIZON, CHANNELS)


def as_text(array):
    """Written by hand: commas between steps, semicolons between channels, nothing where nothing is."""
    return [
        ";".join(",".join("" if np.isnan(cell) else f"{cell:.9g}" for cell in channel) for channel in row.T)
        for row in array
    ]


def test_the_example_is_a_row_that_the_endpoint_answers(served):
    example = served.example()
    types = {"time": tf.int64}
    answered = served.answer(
        **{name: tf.constant([row], types.get(name, served.inputs.dtype(name))) for name, row in example.items()}
    )
    assert example.keys() == {"values", "time", "past", "known", "static"}
    assert example["time"][:2] == [1_704_067_200 + STEP, 1_704_067_200 + 2 * STEP]  # January 1, 2024
    assert answered["time"].numpy().tolist() == [[example["time"][-1] + STEP * step for step in (1, 2, 3)]]
    assert np.isfinite(answered["quantiles"]).all()


def test_text_is_answered_as_numbers(served, rows, answered):
    texts = {name: as_text(rows[name]) for name in ("values", "past", "known")}
    texts["static"] = [f"{row[0]:.9g}" for row in rows["static"]]
    texts["time"] = [",".join(map(str, row)) for row in rows["time"]]
    assert_alike(served.answer_csv(**{name: tf.constant(text) for name, text in texts.items()}), answered)
    shorter = {name: [text.replace("0,0,", "") for text in of] for name, of in texts.items()}
    assert shorter != texts
    assert_alike(served.answer_csv(**{name: tf.constant(text) for name, text in shorter.items()}), answered)


def test_histories_of_any_length_are_cut_and_padded(served, rows, answered):
    longer = {
        name: tf.constant(array if name == "static" else np.concatenate([array[:, :3] + 1, array], axis=1))
        for name, array in rows.items()
    }
    assert_alike(served.answer_any_length(**longer), answered)
    late = {name: tf.constant(array[1:2] if name == "static" else array[1:2, 2:]) for name, array in rows.items()}
    assert_alike(served.answer_any_length(**late), {name: array[1:2] for name, array in answered.items()})


def test_quantiles_are_corrected(served, rows, answered):
    correction = layers.ConformalCorrection(LEVELS, HORIZON)
    correction.build()
    correction.offsets.assign(np.full([HORIZON, len(LEVELS)], 0.5))
    moved = ForecastEndpoints(served.network, served.inputs, LEVELS, correction)
    scale = np.nanstd(rows["values"], axis=1)[:, np.newaxis, :, np.newaxis]
    np.testing.assert_allclose(moved.answer(**rows)["quantiles"], answered["quantiles"] + scale / 2, rtol=1e-4)


@pytest.mark.parametrize("irregular", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_an_export_passes_every_check(irregular, checks_in_this_process, tmp_path):
    served = make(make_inputs(covariates=not irregular, irregular=irregular))
    samples = served.samples(draw())
    path = export.save(tmp_path / "demo", served.endpoints(), [served.network], samples, {"task": "forecasting"})
    found = {finding.rule for finding in export.check(path)}
    assert found <= {"open_axis"}  # of any_length, which says so
    names = {name: set(signature.inputs) for name, signature in export.load(path).endpoints.items()}
    expected = {"values", "time"} if irregular else {"values", "time", "past", "known", "static"}
    assert names == dict.fromkeys(["serving_default", "csv", "any_length"], expected)


def test_an_export_keeps_local_time(checks_in_this_process, tmp_path):
    clock = time_zones.clock("America/Sao_Paulo", 1000)
    grid = Grid(clock.day, "days", clock=clock)
    served = make(replace(make_inputs(covariates=False), grid=grid, calendar=["hour_of_day", "day_of_week"]))
    days = np.array(["2018-10-01"], "datetime64[ms]").astype(np.int64) + clock.day * np.arange(60)
    starts = np.arange(50)[:, np.newaxis]
    time = clock.utc(days)[starts + np.arange(CONTEXT)]
    values = np.random.default_rng(0).normal(size=[50, CONTEXT, CHANNELS]).astype(np.float32)
    samples = served.samples({"values": values[:2], "time": time[:2]})
    path = export.save(tmp_path / "demo", served.endpoints(), [served.network], samples, {"task": "forecasting"})
    assert {finding.rule for finding in export.check(path)} <= {"open_axis"}
    answer = export.load(path).call("serving_default", values=values, time=time)
    np.testing.assert_array_equal(answer["time"], clock.utc(days)[starts + CONTEXT + np.arange(HORIZON)])
    assert_alike(answer, {name: found.numpy() for name, found in served.answer(values, tf.constant(time)).items()})


def test_the_times_of_months_are_those_of_the_calendar(rows):
    served = make(make_inputs(covariates=False, months=True))
    time = np.tile(np.array(["2023-11-01"], "datetime64[s]").astype(np.int64), [5, CONTEXT])
    found = served.answer(rows["values"], tf.constant(time))["time"].numpy().astype("datetime64[s]")
    assert found[0].astype("datetime64[D]").astype(str).tolist() == ["2024-01-01", "2024-03-01", "2024-05-01"]


def test_steps_between_irregular_timestamps_are_given_in_usual_steps():
    inputs = make_inputs(covariates=False, irregular=True)
    time = np.array([[0, 0, START, START + STEP, START + 3 * STEP, START + 3 * STEP + 1800, 0, 0, 0]])
    values = np.zeros([1, CONTEXT, CHANNELS], np.float32)
    steps = inputs({"values": values, "time": tf.constant(time)})["steps"]
    np.testing.assert_allclose(steps, [[0, 0, 0, 1, 2, 0.5]])
