import numpy as np
import pytest
from matplotlib import dates

from tfmodels import plots

CONTEXT, HORIZON, LEVELS = 6, 3, (0.1, 0.25, 0.5, 0.75, 0.9)
TIME = np.datetime64("2024-01-01", "h") + np.arange(CONTEXT + HORIZON)


def forecast(title="north", **changes):
    arrays = {
        "history": np.array([1.0, 2, np.nan, 4, 5, 6]),
        "truth": np.array([7.0, np.nan, 9]),
        "mean": np.array([7.0, 8, 9]),
        "quantiles": np.arange(5) + np.array([[5.0], [6], [7]]),
    }
    return plots.DrawnForecast(title, TIME, **(arrays | changes))


def test_history_forecast_and_truth_are_drawn_with_their_gaps(drawn):
    plots.draw_forecasts([forecast("north"), forecast("south")], LEVELS, "forecasts.png")
    past, ahead, second, _ = drawn[0].axes
    assert [axes.get_title(loc="left") for axes in (past, second)] == ["north", "south"]
    lines = {line.get_label(): line.get_ydata() for line in (*past.lines, *ahead.lines)}
    np.testing.assert_array_equal(lines["history"], forecast().history)
    np.testing.assert_array_equal(lines["truth"], forecast().truth)
    np.testing.assert_array_equal(lines["mean forecast"], forecast().mean)


def test_a_naive_forecast_is_drawn_beside_one_without_a_truth(drawn):
    alone = forecast(truth=np.full(HORIZON, np.nan), naive=np.array([4.0, 5, 6]))
    plots.draw_forecasts([alone], LEVELS, "forecasts.png")
    lines = {line.get_label(): line.get_ydata() for line in drawn[0].axes[1].lines}
    assert list(lines["seasonal naive"]) == [4, 5, 6] and "truth" not in lines
    assert drawn[0].get_suptitle() == "Forecasts"


def test_the_horizon_has_half_of_the_width_and_what_pads_a_history_is_not_drawn(laid_out):
    time = TIME.copy()
    time[:3] = np.datetime64(0, "h")
    padded = forecast(history=np.array([np.nan, np.nan, np.nan, 4, 5, 6]), weights=np.array([0.5, 0, 0, 0.1, 0.2, 0.2]))
    plots.draw_forecasts([padded._replace(time=time, target="load (MW)")], LEVELS, "forecasts.png")
    past, ahead, attention, _ = laid_out[0].axes
    assert past.get_window_extent().width == pytest.approx(ahead.get_window_extent().width, rel=0.05)
    earliest, latest = dates.num2date([*past.get_xlim()])
    assert (earliest.year, past.get_xlabel(), attention.get_xlabel()) == (2024, "", "history, 3 steps")
    assert attention.get_xlim() == past.get_xlim() and latest < dates.num2date(ahead.get_xlim()[1])
    assert attention.collections[0].get_paths()[0].get_extents().y1 == pytest.approx(0.2)
    assert past.get_ylabel() == "load (MW)"


def test_each_pair_of_levels_is_an_interval(drawn):
    plots.draw_forecasts([forecast()], LEVELS, "forecasts.png")
    fans = {fan.get_label(): fan.get_paths()[0].vertices[:, 1] for fan in drawn[0].axes[1].collections}
    assert fans.keys() == {"80 % interval", "50 % interval"}
    assert (fans["80 % interval"].min(), fans["80 % interval"].max()) == (5, 11)
    assert (fans["50 % interval"].min(), fans["50 % interval"].max()) == (6, 10)


def test_attention_is_drawn_below_its_forecast(drawn):
    plots.draw_forecasts([forecast(weights=np.full(CONTEXT, 1 / CONTEXT))], LEVELS, "forecasts.png")
    forecast_panel, _, attention_panel, empty = drawn[0].axes
    assert attention_panel.get_ylabel() == "attention\nweight" and not empty.get_visible()
    assert attention_panel.get_xlim() == forecast_panel.get_xlim()  # a step is above its weight


def test_errors_have_a_line_for_the_model_and_each_baseline(drawn):
    plots.draw_errors({"LSTM": np.array([1.0, 2]), "repeat last": np.array([2.0, 3])}, "MAE", "errors.png")
    lines = {line.get_label(): list(line.get_ydata()) for line in drawn[0].axes[0].lines}
    assert lines == {"LSTM (model)": [1, 2], "repeat last": [2, 3]}
    assert list(drawn[0].axes[0].lines[0].get_xdata()) == [1, 2]


def test_coverage_is_drawn_against_the_levels(drawn):
    plots.draw_coverage((0.1, 0.9), {"as trained": np.array([0.2, 0.8])}, "coverage.png")
    diagonal, line = drawn[0].axes[0].lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0.1, 0.9], [0.2, 0.8])


def test_what_is_drawn_is_in_the_title(drawn):
    title = "LSTM on the test split"
    plots.draw_forecasts([forecast()], LEVELS, "forecasts.png", title)
    plots.draw_errors({"LSTM": np.ones(2)}, "MAE", "errors.png", title)
    plots.draw_coverage((0.1, 0.9), {"as served": np.array([0.2, 0.8])}, "coverage.png", title)
    assert [figure.get_suptitle().split("\n")[-1] for figure in drawn] == [title] * 3


def test_figures_are_written(tmp_path):
    plots.draw_forecasts([forecast()], LEVELS, tmp_path / "forecasts.png")
    assert (tmp_path / "forecasts.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="at least one forecast"):
        plots.draw_forecasts([], LEVELS, tmp_path / "none.png")


def test_a_panel_of_earlier_seasons_for_each_channel(drawn):
    weights = {"load": np.array([[0.7, 0.3], [0.2, 0.8], [1.0, 0.0]]), "wind $x$": np.full([3, 2], 0.5)}
    plots.draw_seasons(weights, ["00:00", "01:00", "02:00"], ["1 day", "2 days"], "a.png", "north")
    panels = [axes for axes in drawn[0].axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in panels] == list(weights)
    np.testing.assert_allclose(panels[0].images[0].get_array(), weights["load"].T)
    assert [label.get_text() for label in panels[0].get_yticklabels()] == ["1 day", "2 days"]
    with pytest.raises(ValueError, match=r"weights of 3 steps and 1 seasons. Received: .*'load': \(3, 2\)"):
        plots.draw_seasons(weights, ["00:00", "01:00", "02:00"], ["1 day"], "a.png", "north")
