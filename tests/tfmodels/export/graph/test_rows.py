import numpy as np
import pytest

from tfmodels.export.graph.rows import difference


@pytest.mark.parametrize(
    ("left", "right", "differs"),
    [
        ([[200.0, 0.001]], [[200.0, 0.0025]], False),  # the rounding of 200
        ([[200.0, 0.001], [0.002, 0.001]], [[200.0, 0.001], [0.002, 0.0025]], True),  # a row of its own
        ([[200.0, 0.0]], [[200.03, 0.0]], True),
        ([[1.0, 0.0]], [[1.0, 3e-5]], True),
        ([[1.0, np.nan, np.inf]], [[1.0, np.nan, np.inf]], False),
        ([[1.0, np.inf]], [[1.0, -np.inf]], True),
        ([[1.0, np.nan]], [[1.0, 1.0]], True),
        ([200.0, 0.001], [200.0, 0.0025], True),  # rows of one number
        ([[], []], [[], []], False),
    ],
)
def test_floats_may_differ_by_the_rounding_of_their_row(left, right, differs):
    found = difference("alone", {"y": np.array(left)}, "batched", {"y": np.array(right)})
    assert bool(found) == differs, found
