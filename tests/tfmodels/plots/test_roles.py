"""What stands side by side in a figure can be told apart, in grey and by people with a colour-vision deficiency."""

import itertools

import numpy as np
import pytest
from colour_vision import MATRICES, lightness, seen
from matplotlib.colors import to_rgb

from tfmodels.plots import roles, style

LINES = {
    "curves": [roles.TRAINING, roles.TRAINING_AS_VALIDATION, roles.VALIDATION],
    "forecasts": [roles.HISTORY, roles.TRUTH, roles.MODEL],
    "coverage": [roles.REFERENCE, roles.MODEL, roles.BEFORE],
    "errors": [roles.MODEL, *map(roles.baseline, range(8))],
}
CLEAR = 8  # of L*, between neighbouring areas


def test_simulation_gives_known_colours():
    np.testing.assert_allclose([seen([1, 1, 1], kind) for kind in MATRICES], 1.0, atol=1e-3)  # white stays white
    red, green = (seen(to_rgb(name), "protan") for name in ("red", "lime"))
    assert red[0] - red[1] < 0.2 and green[0] - green[1] < 0.2  # both are a yellow: hardly to be told apart by hue
    assert lightness([1, 1, 1]) == pytest.approx(100) and lightness([0, 0, 0]) == 0


@pytest.mark.parametrize("figure", LINES)
def test_lines_of_a_figure_differ_in_dash_and_marker(figure):
    for one, other in itertools.combinations(LINES[figure], 2):
        assert (one.linestyle, one.marker) != (other.linestyle, other.marker)


def test_each_baseline_of_a_report_has_colour_dash_and_marker_of_its_own():
    colors, dashes, markers = zip(roles.MODEL, *map(roles.baseline, range(8)), strict=True)
    assert len(set(dashes)) == len(set(markers)) == 9
    assert len(set(colors[:8])) == 8  # a forecast has seven baselines


def test_no_baseline_looks_like_the_model():
    for one in map(roles.baseline, range(200)):
        assert not {one.color, one.marker, one.linestyle} & set(roles.MODEL)


@pytest.mark.parametrize("kind", MATRICES)
def test_training_and_validation_differ_in_lightness_too(kind):
    losses = [roles.TRAINING.color, roles.VALIDATION.color]
    assert np.ptp(lightness([seen(to_rgb(color), kind) for color in losses])) > CLEAR


@pytest.mark.parametrize("kind", MATRICES)
def test_intervals_and_the_model_on_them_grow_darker(kind):
    colours = [seen(to_rgb(color), kind) for color in ("white", *roles.INTERVALS, roles.MODEL.color, roles.BLACK)]
    assert (np.diff(lightness(colours)) < -5).all()


def test_areas_of_a_figure_differ_in_lightness_or_hatch():
    for kind in MATRICES:
        for (one, hatch), (other, across) in itertools.combinations((roles.RIGHT, roles.MISSED, roles.WRONG), 2):
            light = lightness([seen(to_rgb(one), kind), seen(to_rgb(other), kind)])
            assert hatch != across or np.ptp(light) > CLEAR


@pytest.mark.parametrize("kind", MATRICES)
def test_the_colour_map_reads_in_lightness_alone(kind):
    light = lightness(seen(style.shares()(np.linspace(0, 1, 50))[:, :3], kind))
    assert (np.diff(light) < 0).all() and light[0] - light[-1] > 80
