import pytest

from tfmodels import plots

FOUND = {
    **{"rates": [1e-3, 1e-2, 1e-1, 1.0], "losses": [5.0, 3.0, 2.0, 80.0], "smoothed": [5.0, 3.5, 2.5, 20.0]},
    **{"suggestion": 1e-2, "minimum": 1e-1, "divergence": 1.0, "option": "--training.learning_rate 1.0e-02"},
}


@pytest.fixture
def axes(drawn):
    """Draws a result and returns its axes."""

    def draw(**changes):
        plots.draw_learning_rate_range(FOUND | changes, "find_lr.png")
        return drawn[-1].axes[0]

    return draw


def marked(axes):
    return {line.get_label(): line.get_xdata()[0] for line in axes.lines if "loss" not in line.get_label()}


def test_draws_both_losses_over_the_rate_on_a_logarithmic_axis(axes):
    drawn = axes()
    assert drawn.get_xscale() == "log"
    curves = [line.get_ydata() for line in drawn.lines if len(line.get_xdata()) == 4]
    assert [list(curve) for curve in curves] == [FOUND["losses"], FOUND["smoothed"]]
    assert {"loss of a batch", "smoothed loss"} <= {line.get_label() for line in drawn.lines}


def test_marks_and_names_the_rates_that_matter(axes):
    drawn = axes()
    assert marked(drawn) == {"suggestion 1.0e-02": 1e-2, "minimum 1.0e-01": 1e-1, "divergence 1.0e+00": 1.0}
    lines = {line.get_xdata()[0] for line in drawn.lines if len(line.get_xdata()) == 2}
    assert lines == {1e-2, 1e-1, 1.0}


def test_what_was_not_found_is_not_marked(axes):
    assert marked(axes(suggestion=None, divergence=None)).keys() == {"minimum 1.0e-01"}


def test_what_diverges_does_not_flatten_the_rest(axes):
    bottom, top = axes().get_ylim()
    assert bottom < 2.0
    assert 5.0 < top < 10.0


def test_writes_a_figure(tmp_path):
    plots.draw_learning_rate_range(FOUND, tmp_path / "find_lr.png")
    assert (tmp_path / "find_lr.png").read_bytes().startswith(b"\x89PNG")


def test_no_rates_are_refused(axes):
    with pytest.raises(ValueError, match="Expected the losses"):
        axes(rates=[])
