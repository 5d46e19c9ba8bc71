from pathlib import Path

import numpy as np
import pytest

from tfmodels import plots

HERE = Path("a.png")


def test_measurements_lie_at_their_hour_and_variable_by_their_weight(drawn):
    weights = {"gradients": np.array([0.5, -2.0, 0.0]), "attention": np.array([0.2, 0.7, 0.1])}
    others = {"Age": 0.4, "nothing": 0.0, "ward": -0.9}
    plots.draw_event_contributions([0.0, 2.5, 3.0], ["HR", "Temp", "HR"], weights, others, HERE, "died: 0.81")
    gradients, attention, bars = drawn[0].axes
    assert [label.get_text() for label in gradients.get_yticklabels()] == ["Temp", "HR"]
    _, up, down = gradients.collections
    assert up.get_offsets().tolist() == [[0.0, 1.0]] and down.get_offsets().tolist() == [[2.5, 0.0]]
    assert up.get_sizes()[0] < down.get_sizes()[0]
    assert attention.collections[1].get_offsets().tolist() == [[0.0, 1.0], [2.5, 0.0], [3.0, 1.0]]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["ward", "Age"]


def test_an_entity_without_measurements_is_drawn(drawn):
    none = np.zeros(0)
    plots.draw_event_contributions([], [], {"gradients": none, "attention": none}, {"Age": 1.0}, HERE, "alive: 0.1")
    assert len(drawn) == 1


def test_gaps_without_zero_in_their_interval_stand_out(drawn):
    gaps = [plots.DrawnGap(0.1, 0.05, 0.2), None, plots.DrawnGap(-0.1, -0.2, 0.1)]
    plots.draw_group_gaps(["F", "M", "unknown"], {"AUROC": gaps}, HERE)
    (axes,) = drawn[0].axes
    markers = {tuple(line.get_xdata()): line.get_marker() for line in axes.get_lines() if len(line.get_xdata()) == 1}
    assert markers == {(0.1,): "s", (-0.1,): "o"}
    assert [text.get_text() for text in axes.texts] == ["too few"]


def test_risks_are_drawn_beside_what_is_observed(drawn):
    plots.draw_risk_curves([0.1, 0.6], [0.05, 0.7], [0.2, 0.5], {"model": [0.3, 0.2], "nobody": [0, 0]}, HERE)
    left, right = drawn[0].axes
    assert np.transpose(left.get_lines()[1].get_data()).tolist() == [[0.1, 0.05], [0.6, 0.7]]
    assert [line.get_label() for line in right.get_lines()] == ["model", "nobody"]


@pytest.mark.parametrize(
    ("draw", "arguments", "words"),
    [
        (plots.draw_event_contributions, ([0.0], ["HR"], {}, {}, HERE, ""), "at least one explanation"),
        (plots.draw_event_contributions, ([0.0], ["HR"], {"a": [1.0, 2.0]}, {}, HERE, ""), "numbers of 'a'"),
        (plots.draw_group_gaps, ([], {"a": []}, HERE), "0 groups"),
        (plots.draw_group_gaps, (["F"], {"a": []}, HERE), "0 of 'a'"),
        (plots.draw_risk_curves, ([0.1], [0.1, 0.2], [0.5], {"a": [1.0]}, HERE), "observed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, arguments, words):
    with pytest.raises(ValueError, match=words):
        draw(*arguments)
