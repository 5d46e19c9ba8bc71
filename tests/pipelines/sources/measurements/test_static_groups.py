import numpy as np
import pytest

from pipelines.sources.measurements import static_groups
from pipelines.sources.measurements.static_fields import Statics

STATICS = Statics({"Age": np.array([49.9, 50, 17, np.nan, 92]), "ICU": np.array([1.0, 2, 1, 1, np.nan])},
                  {"Gender": np.array(["F", "", "M", "F", "F"], object)})  # fmt: skip


def test_groups_by_words_numbers_and_ranges():
    found = static_groups.members(static_groups.parse("Gender, ICU,Age:18-49|50-64"), STATICS)
    assert found["Gender"].tolist() == ["F", "unknown", "M", "F", "F"]
    assert found["ICU"].tolist() == ["1", "2", "1", "1", "unknown"]
    assert found["Age"].tolist() == ["18-49", "50-64", "others", "unknown", "others"]
    open_ = static_groups.members(static_groups.parse("Age:-49|50-"), STATICS)["Age"]
    assert open_.tolist() == ["-49", "50-", "-49", "unknown", "50-"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Age:old", "Expected ranges such as 0-49|50-64|65-. Received: 'old'"),
        ("Age:50-40", "whose end is not below its start. Received: '50-40'"),
        ("Age:0-50|50-", "one after the other. Received: 0-50 and 50-"),
        ("Gendr", "Received: groups='Gendr' (did you mean Gender?)"),
        ("Gender:0-1", "static fields of numbers: Age, ICU. Received: groups='Gender'"),
    ],
)
def test_groups_that_cannot_be_are_refused(text, message):
    with pytest.raises(ValueError) as error:
        static_groups.members(static_groups.parse(text), STATICS)
    assert message in str(error.value)


def test_a_field_of_many_numbers_needs_ranges():
    many = Statics({"Age": np.arange(60.0)}, {})
    with pytest.raises(ValueError, match=r"such as Age:0-49\|50-. Received: groups='Age', which has 60 values"):
        static_groups.members(static_groups.parse("Age"), many)
