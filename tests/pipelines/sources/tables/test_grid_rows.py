"""A grid that most rows miss is refused, and rows off a grid are counted, whatever is done about faults."""

import numpy as np
import pandas as pd
import pytest

from pipelines.sources.faults import collect_faults
from pipelines.sources.tables import table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid

START = 1577836800
RANDOM = np.sort(np.random.default_rng(0).choice(150 * 1800, 150, replace=False))


@pytest.fixture
def read(tmp_path):
    """Reads series, name -> seconds after the start."""

    def of(frequency="", on_bad="drop", **seconds):
        tables = [pd.DataFrame({"when": START + np.array(one), "site": name}) for name, one in seconds.items()]
        whole = pd.concat(tables)
        whole["when"] = pd.to_datetime(whole["when"], unit="s").astype(str)
        whole.assign(value=range(len(whole))).to_csv(tmp_path / "load.csv", index=False)
        with collect_faults(on_bad) as faults:
            columns = Columns(("when",), ("value",), ("site",))
            return table_series.read(tmp_path / "load.csv", Reading(columns), frequency, faults)

    return of


@pytest.mark.parametrize("on_bad", ["error", "drop", "warn"])
@pytest.mark.parametrize("frequency", ["", "h"])
def test_a_grid_that_most_rows_miss_is_refused(read, on_bad, frequency):
    with pytest.raises(ValueError, match=r"--frequency irregular takes.*Received: 1\d\d of 150 .*'a', load.csv, line "):
        read(frequency, on_bad, a=RANDOM)
    assert len(read("irregular", "error", a=RANDOM).series[0].values) == 150


def test_a_grid_of_training_that_most_rows_miss_is_refused_without_options_of_training(read):
    with pytest.raises(ValueError, match=r"whole steps of h apart; as in training\. Received: 1\d\d of 150"):
        read(Grid(3600), a=RANDOM)


def test_a_frequency_that_is_wrong_is_refused_for_the_one_that_is_found(read):
    quarters = np.arange(40) * 900
    with pytest.raises(ValueError, match=r"without --frequency it is found; .*Received: 30 of 40"):
        read("h", a=quarters)
    assert read("", "error", a=quarters).grid.frequency == "15min"


def test_a_series_off_the_grid_of_the_others_is_left_out_and_counted(read, capsys):
    hours = np.arange(40) * 3600
    table = read(a=hours, b=[0, 3600, 7300, 10800], c=RANDOM[:10])
    assert [one.name for one in table.series] == ["a", "b"]
    printed = capsys.readouterr().err
    assert "all rows of the series are left out: 10 times\n" in printed and "off the grid are left out: 1 t" in printed


def test_a_grid_that_is_fine_enough_for_all_rows_but_mostly_empty_is_said(read, capsys):
    assert read("", "error", a=[60 * (25 * n + extra) for n in range(50) for extra in (0, 1)]).grid == Grid(60)
    assert "92% of the steps of min have no row; --frequency irregular" in capsys.readouterr().err
    read("", "error", a=np.delete(np.arange(40), [7, 8, 9]) * 900)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("frequency", ["", "h", Grid(3600)])
def test_a_row_so_far_away_that_filling_its_grid_takes_the_memory_is_refused(read, frequency):
    hours = [3600 * hour for hour in range(60)]
    far = 3600 * 24 * 365 * 1_000
    message = (
        r"at most 5,000,000 steps of h in \d+ rows; correct the timestamps\. Received: 8,76\d,\d+, the widest gap from "
        r"2020-01-03 11:00:00 to 3019-05-04 00:00:00 of series 'b', load.csv, line"
    )
    with pytest.raises(ValueError, match=message):
        read(frequency, a=hours, b=[*hours, far])
    with pytest.raises(ValueError, match=r"Received: 8,76\d,\d+, the widest gap"):  # of many series, none is too long
        read(frequency, **{f"s{number}": [*hours[:40], far // 100] for number in range(100)})
    assert len(read(frequency, a=[*hours, far // 100]).series[0].values) == 87_601
