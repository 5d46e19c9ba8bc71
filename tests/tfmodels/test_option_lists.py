import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels import option_lists


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("", []),
        ("load", ["load"]),
        (" a , b,,c,", ["a", "b", "c"]),
        ('"Sales, units"', ["Sales, units"]),
        ('price,"Sales, units" , " a "', ["price", "Sales, units", " a "]),
        ('"a ""b"""', ['a "b"']),
        ('""', [""]),
        ('5" pipe', ['5" pipe']),
    ],
)
def test_values_stand_between_commas(option, values):
    assert option_lists.split(option) == values


@pytest.mark.parametrize("option", ['"a', '"a"b', '"a" "b"'])
def test_a_quote_that_encloses_nothing_is_refused(option):
    with pytest.raises(ValueError, match="in double quotes"):
        option_lists.split(option)


@given(st.lists(st.text('a,"\n é')))
def test_any_values_can_be_given(values):
    assert option_lists.split(option_lists.join(values)) == values


def test_empty_values_can_be_kept():
    for option in ("", ",", "a,,b", "a,", ", a"):
        assert option_lists.split(option, keep_empty=True) == [part.strip() for part in option.split(",")]
