import numpy as np
import pytest
from measured import read

from pipelines.sources.measurements import padded_events


def test_the_latest_measurements_stay_and_padding_is_on_the_left(tmp_path):
    found = read(tmp_path).histories
    entity = np.array([0, 1, 0])
    end = found.end(entity, np.array([np.inf, np.inf, -1.0]))
    wide = padded_events.padded(found, entity, end, 5)
    names = ["", *found.variables.to_pylist()]
    assert [[names[number] for number in row] for row in wide.variable] == [
        ["", "Age", "HR", "HR", "Rhythm=sinus"], ["", "", "", "HR", "Rhythm=af"], [""] * 5,
    ]  # fmt: skip
    np.testing.assert_array_equal(wide.value[0], np.array([np.nan, 54, 80.5, 90, np.nan], np.float32))
    assert wide.time[0].tolist() == [0, 0, 0.5, 1, 1] and wide.cut.tolist() == [0, 0, 0]
    narrow = padded_events.padded(found, entity, end, 2)
    np.testing.assert_array_equal(narrow.value, wide.value[:, -2:])
    assert narrow.cut.tolist() == [2, 0, 0] and list(narrow.inputs) == ["time", "variable", "value"]
    with pytest.raises(ValueError, match="width=0"):
        padded_events.padded(found, entity, end, 0)


def test_the_usual_width():
    assert padded_events.usual_width(np.r_[np.full(990, 10), np.full(10, 5000)]) in (10, 60)
    assert padded_events.usual_width(np.array([], int)) == 1
