import numpy as np
import pandas as pd
import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.table_series import read

DAYS = pd.date_range("2024-01-01", periods=6).strftime("%Y-%m-%d")


@pytest.fixture
def roles(tmp_path):
    """The roles that a table of these columns gets."""

    def of(columns, frequency="", on_bad="error", **given):
        data = tmp_path / "data.csv"
        pd.DataFrame(columns).to_csv(data, index=False)
        found = read(data, Reading(Columns(**given)), frequency, Faults(on_bad))
        return found.reading.columns, found

    return of


@pytest.mark.parametrize(
    ("columns", "time", "target"),
    [
        ({"ds": DAYS, "y": range(6), "x": range(6)}, "ds", "y"),
        ({"Month": [f"1949-0{m}" for m in range(1, 7)], "Passengers": range(100, 106)}, "Month", "Passengers"),
        ({"when": DAYS, "note": list("abcdef"), "load": np.arange(6) / 4}, "when", "load"),
        ({"year": range(1990, 1996), "catch": range(6)}, "year", "catch"),
        ({"gap": [1, "", 3, 4, "NA", 6], "day": DAYS}, "day", "gap"),
        ({"price": ["1,5", "2,25", "3,0", "4,0", "5,0", "6,0"], "day": DAYS}, "day", "price"),
    ],
)
def test_the_one_column_that_fits_is_taken(roles, columns, time, target):
    found, _ = roles(columns)
    assert (found.time, found.target) == ((time,), (target,))


def test_columns_that_name_a_time_together(roles):
    found, table = roles({"year": [2024] * 6, "month": [2] * 6, "day": range(1, 7), "y": range(6)})
    assert found.time == ("year", "month", "day") and found.target == ("y",)
    assert table.grid.frequency == "D"


@pytest.mark.parametrize("name", ["unique_id", "series_id", "Series"])
def test_a_name_of_the_series_is_taken(roles, name):
    found, table = roles({name: ["a", "b"] * 6, "ds": np.repeat(DAYS, 2), "y": range(12)})
    assert found.series == (name,) and [one.name for one in table.series] == ["a", "b"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"date": DAYS, "updated": DAYS, "y": range(6)}, "one column of time: --time date or --time updated"),
        ({"date": DAYS, "a b": range(6), "c": range(6)}, "--target 'a b' for one of them.*--target 'a b,c'"),
        ({"series": range(6), "unique_id": range(6), "ds": DAYS, "y": range(6)}, "--series series or --series uniq"),
        ({"date": DAYS, "1": range(6), "2": range(6)}, "a series of its own with --layout columns --target 1,2"),
        ({"a": range(6), "b": range(6)}, "no column has dates.*--frequency D"),
        ({"Zeit": range(43831, 43837), "b": range(6)}, "--time Zeit, whose numbers may be dates; no .*--frequency D"),
        ({"Zeit": np.arange(12) + 43831.25, "b": range(40000, 40012)}, "--time Zeit or --time b, whose numbers may"),
        ({"t": 1.6e9 + 60 * np.arange(6), "b": [40000, 39000, 41000, 40500, 39500, 40100]}, "--time t, whose"),
    ],
)
def test_two_columns_that_fit_are_refused_with_both_names(roles, columns, message):
    with pytest.raises(ValueError, match=message):
        roles(columns)


def test_all_that_is_open_is_said_at_once(roles):
    shops = {"shop": ["a", "b", "c"] * 6, "day": np.repeat(DAYS, 3), "seen": np.repeat(DAYS, 3)}
    with pytest.raises(ValueError, match=r"one column of time.*\n.*--target sold.*\n.*--series shop") as error:
        roles(shops | {"sold": range(18), "price": range(1, 19)})
    assert str(error.value).count("Received:") == 3
    with pytest.raises(ValueError, match=r"--series unique_id or --series item_id.*\n.*--time day or --time seen"):
        roles(shops | {"unique_id": 1, "item_id": 2, "sold": range(18)})


def test_codes_with_leading_zeros_are_nothing_to_forecast(roles):
    found, _ = roles({"day": DAYS, "shop": ["001"] * 6, "sold": range(6)})
    assert found.target == ("sold",)


@pytest.mark.parametrize("on_bad", ["error", "drop", "warn"])
def test_a_table_of_several_unnamed_series_is_refused_with_the_columns_that_tell_them_apart(roles, on_bad):
    shops = {"shop": ["a", "b", "c"] * 6, "town": ["x", "x", "y"] * 6, "day": np.repeat(DAYS, 3), "sold": range(18)}
    with pytest.raises(ValueError, match=r"same time: --series shop\. Received: series='', 18 rows of 6 distinct"):
        roles(shops, on_bad=on_bad)
    assert len(roles(shops, on_bad=on_bad, series=("shop",), time=("day",), target=("sold",))[1].series) == 3


def test_series_that_overlap_are_refused_with_the_column_that_tells_them_apart(roles):
    """Too few rows share a time to be sure of several series, and one is there twice."""
    rows = {"day": [*DAYS, *DAYS[3:], DAYS[5]], "Filiale": ["a"] * 6 + ["b"] * 4, "sold": [*range(9), 8]}
    with pytest.raises(ValueError, match=r"--series Filiale to tell apart .*, or rows in the order of time"):
        roles(rows)
    with pytest.raises(ValueError, match=r"each timestamp once"):
        roles(rows, series=("Filiale",))


def test_single_repeated_rows_are_no_series(roles):
    found, table = roles({"day": [*DAYS, DAYS[-1]], "y": range(7)}, on_bad="drop")
    assert not found.series and len(table.series[0].time) == 6


def test_what_is_named_is_not_guessed(roles):
    columns = {"day": DAYS, "updated": DAYS, "y": range(6), "z": range(6)}
    found, _ = roles({name: columns[name] for name in ("day", "y", "z")}, time=("day",))
    assert found.target == ("y", "z")  # all without another role, as ever
    found, _ = roles(columns, time=("updated",), target=("z",))
    assert (found.time, found.target) == (("updated",), ("z",))
