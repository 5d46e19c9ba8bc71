"""Large numbers with small changes, and tiny and huge ones, keep their digits from the file to the answer."""

import json

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from running_server import running

from pipelines.forecasting import forecast_objective, series_files, series_inputs, task, window_scores
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.frames import forecast_tables
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.sources.faults import collect_faults
from pipelines.sources.tables import number_texts, table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times.time_form import TimeForm
from tfmodels import export, layers, metrics, models, serving
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature
from tfmodels.training import Series, SeriesRows, Windows

CONTEXT, HORIZON, LEVELS = 12, 4, (0.1, 0.5, 0.9)
FAMILIES = {
    "linear": (models.LinearForecaster, {}),
    "lstm": (models.LSTMForecaster, {"d_model": 6, "num_layers": 1}),
    "attention_lstm": (models.AttentionLSTMForecaster, {"d_model": 6, "num_layers": 1, "num_heads": 2}),
    "transformer": (models.TransformerForecaster, {"d_model": 8, "num_layers": 1, "patch": 4, "stride": 4}),
}
HEADS = {
    "point": layers.PointHead,
    "quantiles": lambda: layers.QuantileHead(LEVELS),
    "student_t": layers.StudentTHead,
}
CASES = [(family, "quantiles", "mean") for family in FAMILIES]
CASES += [("linear", head, center) for head in HEADS for center in ("mean", "last", "season")]


def make(family="linear", head="quantiles", center="mean", dtype="float64", precision="float32"):
    family, options = FAMILIES[family]
    seasons = {"seasons": (3, 4)} if center == "season" else {"center": center}
    network = family(
        models.ForecastShape(1, CONTEXT, HORIZON, **seasons),
        HEADS[head](),
        family.options_type(**options),
        dtype=precision,
    )
    network.build()
    random = np.random.default_rng(1)
    network.set_weights([random.normal(scale=0.3, size=weight.shape) for weight in network.get_weights()])
    inputs = SeriesInputs(["load"], [], [], [], [], Grid(3600), False, {}, {}, {"values": dtype})
    correction = layers.ConformalCorrection(LEVELS, HORIZON)
    correction.build()
    correction.offsets.assign(random.normal(size=[HORIZON, 3]))
    return ForecastEndpoints(network, inputs, LEVELS, correction)


def histories(rows=3, seed=0):
    """Multiples of 1/64, so that a shift by a whole number changes no difference."""
    values = np.random.default_rng(seed).integers(-640, 640, [rows, CONTEXT, 1]) / 64
    values[0, :3] = np.nan
    values[1, 5] = np.nan
    return values


def times(rows=3):
    return np.tile(3600 * np.arange(1, CONTEXT + 1), [rows, 1])


def answer(served, values):
    return {name: tensor.numpy() for name, tensor in served.answer(tf.constant(values), tf.constant(times())).items()}


@pytest.mark.parametrize(("family", "head", "center"), CASES)
def test_forecasts_of_shifted_histories_are_shifted(family, head, center):
    served = make(family, head, center)
    near = answer(served, histories())
    for shift in (1e9, 1e12):
        far = answer(served, histories() + shift)
        for name in ("mean", "quantiles"):
            assert far[name].dtype == np.float64
            # Weighted means of numbers of that size are exact to some units of their last place.
            np.testing.assert_allclose(far[name] - shift, near[name], atol=8 * np.spacing(shift) + 1e-5)


@pytest.mark.parametrize("unit", [1e-12, 1e-200, 1e30, 1e300])
def test_tiny_and_huge_units_are_forecast_alike(unit):
    served = make(center="last")
    near, far = answer(served, histories()), answer(served, histories() * unit)
    np.testing.assert_allclose(far["quantiles"] / unit, near["quantiles"], rtol=1e-5, atol=1e-5)


def test_digits_survive_half_precision():
    near, far = (answer(make(precision="mixed_bfloat16"), histories() + shift) for shift in (0, 1e9))
    np.testing.assert_allclose(far["mean"] - 1e9, near["mean"], atol=1e-5)


def test_the_loss_is_that_of_small_numbers_and_missing_targets_leave_it_finite():
    targets, scale = np.random.default_rng(0).normal(size=[2, HORIZON, 1]), np.full([2, 1, 1], 0.5)
    for head in ("point", "quantiles", "student_t"):
        config = task.Config(head=head, levels="0.1,0.5,0.9", center="last")
        parameters = np.abs(np.random.default_rng(1).normal(size=[2, HORIZON, 1, HEADS[head]().outputs])) + 2.1
        objective = forecast_objective.make(config)

        def losses(shift, values, objective=objective, parameters=parameters, head=head):
            shifted = parameters + (shift * np.array([1, 0, 0]) if head == "student_t" else shift)
            known = {"values": tf.constant(values), "scale": tf.constant(scale)}
            return [measure(known, tf.constant(shifted)) for measure in (objective.loss, *objective.metrics.values())]

        for near, far in zip(losses(0, targets), losses(1e9, targets + 1e9), strict=True):
            assert far.dtype == tf.float32
            np.testing.assert_allclose(far, near, rtol=1e-5)
        for size in (1e12, 1e100):
            assert all(np.isfinite(0 * loss).all() for loss in losses(size, 0 * targets)), head


def test_an_export_answers_with_all_digits_on_every_way(tmp_path):
    served = make()
    values = histories() + 1_234_510_023
    window = {"values": values, "time": np.tile(3600 * np.arange(1, CONTEXT + HORIZON + 1), [3, 1])}
    endpoints, samples = served.endpoints(), served.samples(window)
    tracked = [served.network, served.correction]
    export.save(tmp_path / "meter", endpoints, tracked, samples, {"task": "forecasting"})
    loaded = export.load(tmp_path / "meter")
    signature = loaded.endpoints["serving_default"]
    types = {name: field.dtype for name, field in {**signature.inputs, **signature.outputs}.items()}
    assert types == {"values": "float64", "mean": "float64", "quantiles": "float64", "time": "int64"}
    wanted = answer(served, values)
    texts = {
        "values": [",".join("" if np.isnan(value) else str(value) for value in row[:, 0]) for row in values],
        "time": [",".join(map(str, row)) for row in times()],
    }
    found = {
        "export": loaded.call("serving_default", values=values, time=times()),
        "csv": loaded.call("csv", **texts),
        "any length": loaded.call("any_length", values=values, time=times()),
    }
    with running(tmp_path / "meter") as server:
        for url in (server.rest, f"grpc://{server.grpc}"):
            with serving.Client(f"{url}/v1/models/meter") as client:
                found[url] = client.predict("serving_default", values=values, time=times())
    for way, outputs in found.items():
        for name in ("mean", "quantiles"):
            difference = np.asarray(outputs[name]) - wanted[name]
            np.testing.assert_allclose(difference, 0, atol=1e-5, err_msg=f"{way} {name}")


@pytest.mark.parametrize("level", [1_234_500_000, 1e12, 1e9 + 0.25, 1e-12])
def test_a_table_is_read_with_all_digits_and_kept_so(level, tmp_path):
    unit = 1.0 if level > 1 else 1e-14
    values = level + unit * np.random.default_rng(0).integers(0, 100, 60)
    frame = {"hour": pd.date_range("2024-01-01", periods=60, freq="h"), "load": values, "heat": values * 2}
    pd.DataFrame(frame).to_csv(tmp_path / "load.csv", index=False)
    columns = Columns(("hour",), ("load",), known=("heat",))
    with collect_faults("error") as faults:
        table = table_series.read(tmp_path / "load.csv", Reading(columns), "h", faults)
    series = [one._replace(bounds=(40, 50, 60)) for one in table.series]
    learnt = series_inputs.learn(table, series, [])
    assert learnt.dtypes == {
        "values": "float64", "known": "float64" if level > 1 else "float32", "past": "float32", "static": "float32"
    }  # fmt: skip
    series_inputs.write(learnt, tmp_path / "inputs.json")
    assert series_inputs.read(tmp_path / "inputs.json") == learnt
    rows = SeriesRows.write(tmp_path / "series", map(learnt.stored, series))
    window = Windows(rows, "test", CONTEXT, HORIZON).read(np.array([0]))
    np.testing.assert_array_equal(window["targets"][0, :, 0], values[50 : 50 + HORIZON])
    np.testing.assert_allclose(rows.scale, values[:40].std(), rtol=1e-5)
    heat = learnt({name: tf.constant(window[name]) for name in ("values", "time", "known")})["known"]
    assert heat.dtype == tf.float32
    wanted = (2 * values - 2 * values[:40].mean()) / (2 * values[:40].std())
    np.testing.assert_allclose(heat[0, :, 0], wanted[50 - CONTEXT : 50 + HORIZON], rtol=1e-3, atol=1e-4)


def test_series_of_earlier_versions_stay_float32(tmp_path):
    values = np.arange(6, dtype=np.float32)[:, np.newaxis]
    nothing = np.zeros([6, 0], np.float32)
    old = Series("", np.arange(6), values, nothing, nothing, np.zeros(0, np.float32), (4, 5, 6))
    rows = SeriesRows.write(tmp_path / "series", [old])
    read = Windows(rows, "test", 2, 1).read(np.array([0]))
    assert read["values"].dtype == read["targets"].dtype == read["scale"].dtype == np.float32
    content = {name: [] for name in ("channels", "past", "known", "static", "calendar")}
    content |= {"step": 1, "months": False, "irregular": False, "means": {}, "scales": {}}
    (tmp_path / "inputs.json").write_text(json.dumps(content))
    inputs = series_inputs.read(tmp_path / "inputs.json")
    assert {inputs.dtype(role) for role in ("values", "past", "known", "static")} == {"float32"}
    specs = {spec.name: spec.dtype for spec in make(dtype="float32").endpoints()[0].inputs}
    assert specs["values"] == tf.float32


def test_numbers_that_no_float_holds_are_refused(tmp_path):
    (tmp_path / "load.csv").write_text("load\n1\n1e301\n3\n")
    with pytest.raises(ValueError, match=r"finite values, at most 1e\+300"), collect_faults("error") as faults:
        table_series.read(tmp_path / "load.csv", Reading(Columns(target=("load",))), "h", faults)
    (tmp_path / "load.csv").write_text("load\n9007199254740992\n9007199254740993\n")
    with pytest.raises(ValueError, match=r"9007199254740993 in load.*, line 3"), collect_faults("error") as faults:
        table_series.read(tmp_path / "load.csv", Reading(Columns(target=("load",))), "h", faults)
    old = Signature({"values": Field("values", "float32", (None, 2))}, {})
    with pytest.raises(ValueError, match=r"float32 values.*do not fit"):
        old.feed({"values": [[1.0, 1e300]]})
    assert np.isinf(old.feed({"values": [[1.0, np.inf]]})["values"][0, 1])


def test_the_scale_of_huge_values_is_finite(tmp_path):
    values = 1e300 * np.arange(6.0)[:, np.newaxis] / 6
    huge = Series("", np.arange(6), values, values[:, :0], values[:, :0], values[0, :0], (6, 6, 6))
    rows = SeriesRows.write(tmp_path / "series", [huge])
    np.testing.assert_allclose(rows.scale, [[1e300 * np.std(np.arange(6) / 6)]])


HISTORY = np.array([1_234_510_012.0, np.nan, 1_234_510_023.0])


@pytest.mark.parametrize(
    ("number", "history", "text"),
    [
        (1_234_510_023.53217444, HISTORY, "1234510023.53217"),
        (1_234_510_023.5, HISTORY, "1234510023.5"),
        (1_234_510_023.0, HISTORY, "1234510023"),
        (1e12 + 0.125, [1e12, 1e12 + 0.25], "1000000000000.125"),
        (1.23456789e-12, [1e-12, 3e-12], "1.234568e-12"),
        (1.23456789012e300, [1e300, 1.001e300], "1.23456789e+300"),
        (12.3456789012, [1.123456789, 2.0], "12.345678901"),
        (123_456_789.25, [7.0, 7.0], "123456789"),
        (0.51234567, [], "0.5123457"),
        (0.0, HISTORY, "0"),
        (np.nan, HISTORY, ""),
        (-5e15, HISTORY, "-5000000000000000"),
    ],
)
def test_forecasts_are_written_with_the_digits_of_their_history(number, history, text):
    assert number_texts.texts([number], np.array(history)) == [text]


@given(
    level=st.floats(-1e15, 1e15), changes=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=5), at=st.floats(-10, 10)
)
def test_no_text_is_off_by_more_than_a_millionth_of_the_changes(level, changes, at):
    history = level + np.array(changes)
    change = np.abs(np.diff(history)).mean()
    number = float(history[-1] + at * change)
    (text,) = number_texts.texts([number], history)
    assert abs(float(text) - number) <= max(1e-6 * change, 2 * np.spacing(abs(number)))


@pytest.mark.parametrize(("dtype", "text"), [("float64", "1234510023.53217"), ("float32", "1.23451e+09")])
def test_a_file_of_forecasts_has_the_digits_that_came_in(dtype, text, tmp_path):
    sizes = {"context": 3, "horizon": 1, "levels": (0.5,), "channels": ["load"]}
    reading = Reading(Columns(("hour",), ("load",)), Categories({}), form=TimeForm(("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")))
    card = series_files.card(reading, Grid(3600), **sizes)
    card |= {} if dtype == "float32" else {"dtype": dtype}  # which cards of earlier versions lack
    number = 1_234_510_023.53217444
    rows = [{"series": "", "values": HISTORY[:, np.newaxis]}]
    outputs = [{"time": [3600], "mean": [[number]], "quantiles": [[[number]]]}]
    forecast_tables.write_answers(tmp_path / "a.csv", rows, outputs, card)
    assert (tmp_path / "a.csv").read_text().splitlines()[1].split(",")[1] == text
    forecast_tables.write_answers(tmp_path / "a.parquet", rows, outputs, card)
    assert pd.read_parquet(tmp_path / "a.parquet")["load"].tolist() == [number]


def test_scores_of_small_errors_at_large_values_are_right():
    errors = np.array([1, -1, 3, -3] * 2).reshape(1, 8, 1) / 64
    targets = 1e12 + np.arange(8.0).reshape(1, 8, 1)
    nothing = np.zeros([1, 1, 1])
    # Divided by so small a scale one by one, numbers of this size have no digit left for the errors.
    found = Forecasts(nothing, nothing, nothing, targets, nothing + 1 / 64, targets - errors, targets - errors, nothing)
    assert window_scores.scaled_mae(found) == 2
    assert metrics.mae(targets, targets - errors) == 2 / 64
    assert metrics.rmse(targets, targets - errors) == pytest.approx(5**0.5 / 64)


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_scores_and_baselines_have_the_unit_of_the_values(unit):
    random = np.random.default_rng(0)
    history, targets = random.normal(5, 1, [40, 8, 1]), random.normal(5, 1, [40, 2, 1])
    with np.errstate(over="raise"):
        near = metrics.ridge(history, 2, history, targets)
        far = metrics.ridge(history * unit, 2, history * unit, targets * unit)
        np.testing.assert_allclose(far / unit, near)
        assert metrics.rmse(targets * unit, far) / unit == pytest.approx(metrics.rmse(targets, near))
