"""What figures refuse, by name, and what they bound, whatever they are given."""

import math
import warnings

import numpy as np
import pytest
from matplotlib.text import Text

from tfmodels import plots
from tfmodels.plots import drawable, style

NAN, INF = math.nan, math.inf
TIME = np.datetime64("2024-01-01", "h") + np.arange(5)
FORECAST = plots.DrawnForecast("north", TIME, np.ones(3), np.ones(2), np.ones(2), np.ones([2, 1]))
BINS = plots.DrawnReliability(1.0, np.array([0.2, 0.8]), np.array([0.3, 0.7]), np.array([4, 6]))
RANGE = {"rates": [1e-3, 1e-2], "losses": [2.0, 1.0], "smoothed": [2.0, 1.0]}
RANGE |= {"suggestion": 1e-2, "minimum": None, "divergence": None}
LOAD = {"server": "a", "clients": 1, "requests_per_second": 1.0, "p50_ms": 1.0, "p99_ms": 2.0}
DECODING = {"mode": "greedy", "batch": 1, "texts_per_second": 1.0}


def answers(shares, scores):
    plots.draw_answer_coverage(shares, scores, "a")


def coverage(levels, coverages):
    plots.draw_coverage(levels, coverages, "a")


def errors(values):
    plots.draw_errors(values, "MAE", "a")


def attention(weights):
    plots.draw_attention({"layer": weights}, ["a"], ["b"], "a", "title")


def seasons(weights):
    plots.draw_seasons({"load": weights}, ["00:00"], ["1 day"], "a", "title")


def forecast(**changes):
    plots.draw_forecasts([FORECAST._replace(**changes)], (0.5,), "a")


def calibration(**changes):
    plots.draw_calibration({"trained": BINS._replace(**changes)}, "a")


def rates(**changes):
    plots.draw_learning_rate_range(RANGE | changes, "a")


def curves(*history):
    plots.draw_curves(list(history), "a")


def load(**changes):
    plots.draw_load([LOAD | changes], "a")


def decoding(**changes):
    plots.draw_decoding_times([DECODING | changes], [], "a")


def parallelism(*workloads, **changes):
    row = {
        "sweep": "length",
        "length": 1,
        "family": "lstm",
        "seconds": 1.0,
        "seconds_per_token": 1.0,
        "memory_bytes": 9,
    }
    plots.draw_parallelism([row | changes | {"workload": one} for one in workloads or ["a"]], "a")


def layers(*names):
    times = [[{"layer": one, "forward_over_limit": 1.0, "training_over_limit": 1.0} for one in row] for row in names]
    plots.draw_layer_times([{"size": "a", "layers": row} for row in times], "a")


def nothing(horizon):
    empty = np.full(horizon, NAN)
    forecast(history=np.full(3, NAN), truth=empty, mean=empty, quantiles=empty[:, np.newaxis])


REFUSED = {
    "answers without a score": (lambda: answers([50], {}), "at least one score"),
    "answers without a share": (lambda: answers([], {"F1": []}), "at least one finite score"),
    "answers of NaN": (lambda: answers([50], {"F1": [NAN], "EM": [INF]}), "at least one finite score.*only NaN"),
    "answers of another length": (lambda: answers([50, 100], {"F1": [1]}), r"\[2\] numbers of 'F1'.*shape=\[1\]"),
    "coverage without a name": (lambda: coverage((0.5,), {}), "at least one coverage"),
    "coverage of NaN": (lambda: coverage((0.5,), {"a": [NAN]}), "at least one finite coverage"),
    "coverage of another length": (lambda: coverage((0.5,), {"a": [0.1, 0.9]}), r"\[1\] numbers of 'a'"),
    "no errors": (lambda: errors({}), "at least one error"),
    "errors of NaN": (lambda: errors({"LSTM": np.full(3, NAN)}), "at least one finite error"),
    "errors too large to draw": (lambda: errors({"LSTM": np.array([1.7e308])}), "from -1e300 to 1e300"),
    "texts for errors": (lambda: errors({"LSTM": ["a"]}), "numbers of 'LSTM'"),
    "attention of NaN": (lambda: attention(np.full([1, 1, 1], NAN)), "finite attention weights.*'layer'"),
    "attention of infinity": (lambda: attention(np.full([1, 1, 1], INF)), "finite attention weights"),
    "seasons of NaN": (lambda: seasons(np.array([[NAN]])), "at least one finite weight"),
    "forecasts of NaN": (lambda: nothing(2), "at least one finite number of a forecast"),
    "forecasts without a horizon": (lambda: nothing(0), "at least one step ahead"),
    "forecasts too large to draw": (lambda: forecast(mean=np.full(2, 1.7e308)), "from -1e300 to 1e300.*'mean'"),
    "a history of another length": (lambda: forecast(history=np.ones(2)), r"each of the 2 \+ 2 steps.*'north'"),
    "a truth of another length": (lambda: forecast(truth=np.ones(3)), r"\[2\] numbers of 'truth'"),
    "quantiles of other levels": (lambda: forecast(quantiles=np.ones([2, 3])), r"\[2, 1\] numbers of 'quantiles'"),
    "no times": (lambda: forecast(time=np.full(5, np.datetime64("NaT"))), "Expected a time.*'north' with time=NaT"),
    "no bins": (lambda: calibration(confidence=[], accuracy=[], counts=[]), "at least one bin. Received: 'trained'"),
    "no predictions": (lambda: calibration(counts=[0, 0]), "at least one prediction"),
    "bins of another length": (lambda: calibration(accuracy=[0.5]), r"\[2\] numbers of 'accuracy'"),
    "losses of NaN": (lambda: rates(losses=[NAN, NAN]), "at least one finite loss"),
    "losses of another length": (lambda: rates(smoothed=[1.0]), r"\[2\] numbers of 'smoothed'"),
    "rates of 0": (lambda: rates(rates=[0.0, 1.0]), "learning rates above 0"),
    "a record without a step": (lambda: curves({"step": 1, "loss": 1.0}, {"loss": 2.0}), "`step` in each record"),
    "a step that is no number": (lambda: curves({"step": "a", "loss": 1.0}), "`step` in each record"),
    "a history of NaN": (lambda: curves({"step": 1, "loss": NAN}), "Expected a history with any of"),
    "a load of NaN": (lambda: load(requests_per_second=NAN, p50_ms=NAN, p99_ms=INF), "at least one finite number"),
    "a load without a server": (lambda: plots.draw_load([{"clients": 1}], "a"), r"\['server', .*measurements\[0\]"),
    "decoding of NaN": (lambda: decoding(texts_per_second=NAN), "at least one throughput above 0"),
    "decoding of 0": (lambda: decoding(texts_per_second=0.0), "at least one throughput above 0"),
    "nothing measured of a sweep": (lambda: parallelism(seconds=0.0, memory_bytes=NAN), "time or memory above 0"),
    "no layers": (lambda: layers([]), "at least one layer"),
    "sizes of other layers": (lambda: layers(["LSTM"], ["GRU"]), "the same layers of each size"),
    "no operation time": (
        lambda: plots.draw_operation_times([{"kind": "a", "seconds_per_step": NAN, "share": NAN}], "a"),
        "at least one finite time",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_our_words(drawn, case):
    draw, message = REFUSED[case]
    with warnings.catch_warnings(), pytest.raises(ValueError, match=message) as told:
        warnings.simplefilter("error")
        draw()
    assert str(told.value).startswith("Expected ") and "Received: " in str(told.value) and not drawn


def test_what_is_infinite_is_left_out_beside_what_is_not():
    np.testing.assert_equal(drawable.numbers("F1", [1, INF, -INF, NAN], 4), [1.0, NAN, NAN, NAN])
    assert drawable.number(np.float32(2)) == 2.0
    assert all(math.isnan(drawable.number(value)) for value in (None, "a", INF, [1]))


def test_figures_of_one_line_need_nothing_else(drawn):
    for draw in (forecast, calibration, rates, load, decoding):
        draw()
    assert len(drawn) == 5


def lines(count):
    return {f"line {number}": np.full(2, 0.5) for number in range(count)}


BOUNDED = {
    "the first 9 of 500 scores": lambda: answers([50, 100], lines(500)),
    "the 9 of 500 coverages that are given last": lambda: coverage((0.1, 0.9), lines(500)),
    "the first 9 of 500 servers": lambda: plots.draw_load([LOAD | {"server": name} for name in lines(500)], "a"),
    "the first 9 of 500 modes": lambda: plots.draw_decoding_times(
        [DECODING | {"mode": m} for m in lines(500)], [], "a"
    ),
    "the first 4 of 500 workloads": lambda: parallelism(*lines(500)),
    "the first 4 of 500 reliabilities": lambda: plots.draw_calibration(dict.fromkeys(lines(500), BINS), "a"),
}


@pytest.mark.parametrize("remark", BOUNDED)
def test_of_many_a_bounded_number_is_drawn_which_the_title_says(drawn, remark):
    BOUNDED[remark]()
    assert f"({remark})" in drawn[0].get_suptitle()
    assert max(len(axes.lines) for axes in drawn[0].axes) <= 18
    assert len(drawn[0].axes) <= 8 and drawn[0].get_figwidth() <= style.WIDTH


LEGENDS = {
    "answers": lambda names: answers([50, 100], {name: [60.0, 50.0] for name in names}),
    "coverage": lambda names: coverage((0.1, 0.9), {name: [0.1, 0.9] for name in names}),
    "errors": lambda names: errors({name: [1.0, 2.0] for name in names}),
    "load": lambda names: plots.draw_load([LOAD | {"server": name} for name in names], "a"),
    "open loop": lambda names: plots.draw_load(
        [
            {key: LOAD[key] for key in LOAD if key != "clients"} | {"server": name, "offered_rate": 9.0}
            for name in names
        ],
        "a",
    ),
    "decoding": lambda names: plots.draw_decoding_times([DECODING | {"mode": name} for name in names], [], "a"),
    "layers": lambda names: layers(names),
}


@pytest.mark.parametrize("case", LEGENDS)
def test_every_name_has_an_entry_in_the_legend(drawn, case):
    LEGENDS[case](["", "_hidden", "  ", "$x$"])
    legends = [*drawn[0].legends, *(axes.get_legend() for axes in drawn[0].axes if axes.get_legend())]
    texts = [text for legend in legends for text in legend.get_texts() if text.get_text() != "as it should be"]
    named = sorted(text.get_text().removesuffix(" (model)").strip() for text in texts)
    assert named == ["$x$", "(no name)", "(no name)", "_hidden"]
    assert not any(text.get_parse_math() for text in texts)


def test_names_of_axes_are_cut_and_no_formulas(drawn):
    odd = "nats $x$\n" + "y" * 300
    plots.draw_learning_rate_range(RANGE, "a", unit=odd)
    plots.draw_curves([{"step": 1, "loss": 1.0}], "a", unit=odd)
    plots.draw_errors({"LSTM": [1.0, 2.0]}, odd, "a")
    names = [figure.axes[0].yaxis.label for figure in drawn]
    plots.draw_attention({"layer": np.ones([1, 1, 1])}, ["a"], ["b"], "a", "title", axes=(odd, odd))
    (panel, *_), *_ = (part.axes for part in drawn[-1].subfigs)
    for name in (*names, panel.xaxis.label, panel.yaxis.label):
        text = name.get_text()
        assert "nats $x$\\n" in text and "…" in text and "\n" not in text and len(text) < 80
        assert not name.get_parse_math()


@pytest.mark.parametrize("case", LEGENDS)
def test_a_long_caption_makes_the_figure_taller_and_no_panel_flatter(laid_out, monkeypatch, case):
    LEGENDS[case]([f"name {number}" for number in range(9)])
    describe = style.describe
    monkeypatch.setattr(style, "describe", lambda figure, title, caption: describe(figure, title, "long " * 600))
    LEGENDS[case]([f"name {number}" for number in range(9)])
    ordinary, long = (figure.axes[0].get_window_extent().height for figure in laid_out)
    assert long > 0.95 * ordinary > 120


def test_other_families_have_lines_of_their_own_and_names_are_no_formulas(drawn):
    parallelism("$x$", family="other")
    (axes, _) = drawn[0].axes
    assert [line.get_label() for line in axes.lines] == ["other"]
    titles = {text.get_text(): text.get_parse_math() for text in axes.findobj(Text)}
    assert titles["$x$"] is False
