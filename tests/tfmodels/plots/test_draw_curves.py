import math

import pytest

from tfmodels import plots

HISTORY = [
    {"step": 10, "loss": 5.0, "val_loss": 4.0, "learning_rate": 0.1, "gradient_norm": 1.0, "tokens_per_second": 9.0},
    {"step": 20, "loss": 4.0, "val_loss": 3.0, "learning_rate": 0.2, "gradient_norm": 2.0, "tokens_per_second": 9.0},
    {"step": 30, "loss": 3.0, "val_loss": 3.5, "learning_rate": 0.1, "gradient_norm": 3.0, "tokens_per_second": 9.0},
]


def curves(figure):
    return {
        (axes.get_ylabel(), line.get_label()): (list(line.get_xdata()), list(line.get_ydata()))
        for axes in figure.axes
        for line in axes.lines
        if line.get_marker() not in ("*", "None")
    }


def best(figure):
    return [line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_marker() == "*"]


def test_draws_every_measurement_over_the_steps(drawn):
    plots.draw_curves(HISTORY, "curves.png")
    steps = [10, 20, 30]
    assert curves(drawn[0]) == {
        ("loss", "training"): (steps, [5.0, 4.0, 3.0]),
        ("loss", "validation"): (steps, [4.0, 3.0, 3.5]),
        ("learning rate", "learning rate"): (steps, [0.1, 0.2, 0.1]),
        ("gradient norm", "gradient norm"): (steps, [1.0, 2.0, 3.0]),
    }


def test_metrics_of_a_user_have_panels_of_their_own(drawn):
    plots.draw_curves([{**row, "val_among_three": row["step"] / 100} for row in HISTORY], "curves.png")
    assert curves(drawn[0])["among_three", "validation"] == ([10, 20, 30], [0.1, 0.2, 0.3])
    assert [axes.get_ylabel() for axes in drawn[0].axes] == ["loss", "among_three", "learning rate", "gradient norm"]


def test_marks_the_lowest_validation_loss(drawn):
    plots.draw_curves(HISTORY, "curves.png")
    assert best(drawn[0]) == [[[20, 3.0]]]


def test_values_that_are_missing_or_not_finite_are_left_out(drawn):
    diverged = {"step": 40, "loss": math.nan, "val_loss": -math.inf}
    plots.draw_curves([{"step": 5, "loss": 6.0}, *HISTORY, diverged], "curves.png")
    assert curves(drawn[0])["loss", "training"] == ([5, 10, 20, 30], [6.0, 5.0, 4.0, 3.0])
    assert curves(drawn[0])["loss", "validation"] == ([10, 20, 30], [4.0, 3.0, 3.5])
    assert best(drawn[0]) == [[[20, 3.0]]]


def test_what_was_not_measured_takes_no_panel(tmp_path, drawn):
    plots.draw_curves([{"step": 5, "loss": 6.0}], "curves.png")
    assert curves(drawn[0]).keys() == {("loss", "training")}
    assert best(drawn[0]) == []


def test_writes_a_figure(tmp_path):
    plots.draw_curves(HISTORY, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("history", [[], [{"step": 1, "accuracy": 0.5}]])
def test_a_history_without_curves_is_refused(tmp_path, history):
    with pytest.raises(ValueError, match="Expected a history with any of"):
        plots.draw_curves(history, tmp_path / "curves.png")


def test_shades_the_gap_between_losses_that_are_measured_alike(drawn):
    plots.draw_curves([{**row, "train_loss": row["val_loss"] - 1.0} for row in HISTORY], "curves.png")
    assert curves(drawn[0])["loss", "training, measured as in validation"] == ([10, 20, 30], [3.0, 2.0, 2.5])
    (shade,) = drawn[0].axes[0].collections
    assert shade.get_paths()[0].get_extents().bounds == (10.0, 2.0, 20.0, 2.0)


def test_without_the_second_training_loss_there_is_no_gap(drawn):
    plots.draw_curves(HISTORY, "curves.png")
    assert not drawn[0].axes[0].collections
