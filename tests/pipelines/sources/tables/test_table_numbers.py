import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.sources.tables import table_numbers
from pipelines.sources.tables.table_files import placed
from pipelines.sources.tables.table_numbers import NONE, Marks

BLANK, NARROW = "\u00a0", "\u202f"


def frame(*cells, **columns):
    table = pd.DataFrame({"y": list(cells)} | columns)
    return placed(table, "load", np.arange(2, len(table) + 2), -1)


OPEN = Marks()


def find(*cells, given=OPEN, point=False):
    return table_numbers.find(frame(*cells), ["y"], given, point)


def read(*cells, given=OPEN, point=False):
    table = frame(*cells)
    return table_numbers.numbers(table, "y", table_numbers.find(table, ["y"], given, point)).tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,234.00", "20,925.5"], [1234, 20925.5]),
        (["1.234,5", "1.000.000"], [1234.5, 1e6]),
        (["3,2", "0,15"], [3.2, 0.15]),
        (["0,150", "12,345"], [0.15, 12.345]),  # no group of thousands begins with a zero
        (["3.2", "-0.15", ".5", "5."], [3.2, -0.15, 0.5, 5]),
        (["1 234,5", f"1{BLANK}000", f"12{NARROW}000,25"], [1234.5, 1000, 12000.25]),
        (["1'234.5", "1’000"], [1234.5, 1000]),
        (["1,234,567", "89"], [1234567, 89]),
        (["1e5", "-2.5E-3", "+3", " 4 ", "\u22125", "007"], [1e5, -0.0025, 3, 4, -5, 7]),
        (["900", "12"], [900, 12]),
    ],
)
def test_marks_are_found_from_all_cells(cells, numbers):
    assert read(*cells) == numbers


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (["900", "12"], Marks()),
        (["3,2"], Marks(",", NONE)),
        (["1 234"], Marks("", " ")),
        (["1,234.5"], Marks(".", ",")),
        (["1.234.567"], Marks(",", ".")),
        (["1.5e3"], Marks(".", NONE)),
    ],
)
def test_what_no_cell_shows_stays_unknown(cells, marks):
    assert find(*cells) == marks


def test_two_readings_are_refused_with_both_options():
    with pytest.raises(ValueError, match=r"one way.*'1,234' in column 'y', .*line 3.*--decimal ','.*--thousands ','"):
        find("12", "1,234")
    with pytest.raises(ValueError, match=r"'1\.234' in column 'y', load.*, line 2.*--decimal '\.'.*--thousands '\.'"):
        find("1.234", "23.456")
    assert read("1,234", given=Marks(decimal=",")) == [1.234]
    assert read("1,234", given=Marks(thousands=",")) == [1234]
    assert read("1.234", given=Marks(thousands=".")) == [1234]


def test_a_point_is_decimal_in_a_table_with_commas_between_cells_unless_cells_contradict():
    assert read("1.234", "23.456", point=True) == [1.234, 23.456]
    assert read("1.234", "2.345.678", point=True) == [1234, 2345678]
    with pytest.raises(ValueError, match="one way"):
        find("1,234", point=True)


def test_columns_decide_together_and_contradictions_are_refused():
    table = frame("1,234", price=["0,5"])
    assert table_numbers.find(table, ["y", "price"], Marks(), False) == Marks(",", NONE)
    with pytest.raises(ValueError, match=r"same decimal.*'1,5' in column 'y', load.*, line 2, and '2\.5'.*line 4"):
        find("1,5", "3", "2.5")


@pytest.mark.parametrize(
    "text",
    ["0x10", "1_000", "١٢", "TRUE", "True", "(5)", "5-", "1.2.3", "12,34.5", "1,23", "--5", "1e", "e5", "5 kg", "１２",
     "$5", "4 %", "3.2K", "1 2", "½", "²", "1\n2", "-", "?", "nan()", "1d", "0b1", "+", ".", "1..2", "1e5.5"],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_its_place_and_a_remedy(text):
    with pytest.raises(
        ValueError, match=r"numbers in column 'y'.* in load.*, line 3\. (If it stands .*--missing=|Write)"
    ):
        read("1.5", text, given=Marks(".", ","))


@pytest.mark.parametrize("text", ["$5", "4 %", "3.2K", "€ 1.000", "(5)", "1_000", "1.5M", "١٢", "20°C", "-$5.25"])
def test_numbers_with_units_are_told_to_be_written_without(text):
    with pytest.raises(ValueError, match="without units, percent signs, currencies"):
        read("1.5", text, given=Marks(".", NONE))


def test_missing_marks():
    assert np.isnan(read("", " ", "NA", "NaN", "null", "None", "#N/A", "n/a", "1")[:-1]).all()
    cells = ["?", "-200", "-200.0", " -200.00", "1.5", "-2e2"]
    found = read(*cells, given=Marks(missing=("?", "-200")))
    np.testing.assert_array_equal(found, [np.nan, np.nan, np.nan, np.nan, 1.5, np.nan])
    assert read("-200,0", "1,5", given=Marks(missing=("-200",)))[1:] == [1.5]
    typed = frame(-200.0, 1.0)
    np.testing.assert_array_equal(table_numbers.numbers(typed, "y", Marks(missing=("-200",))), [np.nan, 1])


def test_infinity_is_a_number_for_the_reader_to_judge():
    assert read("inf", "-Infinity", "1.5", "1e999") == [np.inf, -np.inf, 1.5, np.inf]


SPELLINGS = {"": "", ",": ",", ".": ".", " ": " ", BLANK: " ", "'": "'", "’": "'"}


def written(number, decimal, thousands, digits):
    plain = f"{number:,.{digits}f}"
    return plain.translate({ord(","): thousands, ord("."): decimal})


@given(
    numbers=st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 6)).map(lambda one: (one[0] / 10 ** one[1], one[1])),
        min_size=1,
        max_size=8,
    ),
    decimal=st.sampled_from(".,"),
    thousands=st.sampled_from(list(SPELLINGS)),
    point=st.booleans(),
    minus=st.sampled_from("-\u2212"),
    missing=st.lists(st.sampled_from(["", "NA", "?", "-200"]), max_size=2),
    blanks=st.sampled_from(["", " ", "\t", BLANK]),
    said=st.booleans(),
)
def test_numbers_of_every_style_are_read_back_or_refused(
    numbers, decimal, thousands, point, minus, missing, blanks, said
):
    """With `point` a decimal point is what the table has unless cells contradict, as the caller then says."""
    assume(decimal != SPELLINGS[thousands])
    assume(not (point and decimal == ","))
    cells = [written(number, decimal, thousands, digits).replace("-", minus) for number, digits in numbers]
    expected = [float(f"{number:.{digits}f}") for number, digits in numbers]
    given_marks = Marks(decimal, SPELLINGS[thousands] or NONE) if said else Marks()
    given_marks = Marks(given_marks.decimal, given_marks.thousands, ("?", "-200"))
    expected = [np.nan if number == -200 else number for number in expected] + [np.nan] * len(missing)
    try:
        found = read(*[f"{blanks}{cell}{blanks}" for cell in [*cells, *missing]], given=given_marks, point=point)
    except ValueError as error:
        assert not said and ("one way" in str(error) or "same decimal" in str(error))
        return
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("mark", "decimal"), [("-99,5", ","), ("-99.5", ","), ("-99.5", "."), ("-1.000,5", ",")])
def test_marks_of_missing_values_are_numbers_of_the_table(mark, decimal):
    """In its own marks, or else with a point; however many digits a cell has."""
    cells = [f"{mark.replace('.', decimal)}0" if mark.count(decimal) < 2 else mark, f"1{decimal}5"]
    cells = ["-1.000,50", "1,5"] if mark == "-1.000,5" else cells
    given = Marks(decimal, "." if "," in mark and "." in mark else "", (mark,))
    np.testing.assert_array_equal(read(*cells, given=given), [np.nan, 1.5])
