import gzip
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.faults import collect_faults
from pipelines.sources.tables import table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid, grid_of
from pipelines.sources.times.grid_search import common_step

HOURS = pd.date_range("2024-01-01", periods=6, freq="h")
LOAD = Columns(time=("time",), target=("load",))


def frame(**columns):
    return pd.DataFrame({"time": HOURS.strftime("%Y-%m-%d %H:%M:%S"), "load": [1.0, 2, 3, 4, 5, 6]} | columns)


def write(folder, table, name="load.csv"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    table.to_parquet(path) if name.endswith("parquet") else table.to_csv(path, index=False)
    return path


def read(path, columns=LOAD, frequency="", on_bad="error", **options):
    with collect_faults(on_bad) as faults:
        return table_series.read(path, Reading(columns, **options), frequency, faults)


def values(table, number=0):
    return table.series[number].values[:, 0].tolist()


@pytest.mark.parametrize("name", ["load.csv", "load.csv.gz", "load.parquet", "load.tsv"])
def test_every_kind_of_file_holds_the_same(tmp_path, name):
    if name.endswith("tsv"):
        (tmp_path / name).write_text(frame().to_csv(index=False, sep="\t"))
        table = read(tmp_path / name)
    else:
        table = read(write(tmp_path, frame(), name))
    assert values(table) == [1, 2, 3, 4, 5, 6]
    assert table.grid == Grid(3600) and not table.irregular
    np.testing.assert_array_equal(table.series[0].time, HOURS.astype("datetime64[s]").astype(np.int64))


def test_gaps_become_rows_of_nothing(tmp_path):
    table = read(
        write(tmp_path, frame(heat=range(6)).drop(index=[2, 3])), Columns(("time",), ("load",), past=("heat",))
    )
    np.testing.assert_array_equal(values(table), [1, 2, np.nan, np.nan, 5, 6])
    np.testing.assert_array_equal(table.series[0].past[:, 0], [0, 1, np.nan, np.nan, 4, 5])
    assert np.diff(table.series[0].time).tolist() == [3600] * 5


@given(st.permutations(range(6)), st.sets(st.integers(0, 5), max_size=3))
@settings(deadline=None, max_examples=20)
def test_repaired_rows_are_those_of_the_table_in_order(tmp_path_factory, order, again):
    whole = frame()
    messy = pd.concat([whole.iloc[list(order)], whole.iloc[sorted(again)]])
    table = read(write(tmp_path_factory.mktemp("messy"), messy), frequency="h", on_bad="drop")
    assert values(table) == [1, 2, 3, 4, 5, 6]


def test_long_tables_hold_many_series(tmp_path):
    long = pd.concat([frame(site="north", size=7), frame(site="south", size=9).iloc[1:]])
    columns = Columns(("time",), ("load",), series=("site",), static=("size",))
    table = read(write(tmp_path, long), columns)
    assert [one.name for one in table.series] == ["north", "south"]
    assert [one.static.tolist() for one in table.series] == [[7], [9]]
    assert values(table, 1) == [2, 3, 4, 5, 6]


def test_wide_tables_hold_channels_or_series(tmp_path):
    path = write(tmp_path, frame(other=[6, 5, 4, 3, 2, 1]))
    channels = read(path, Columns(("time",)))
    assert channels.channels == ["load", "other"]
    assert channels.series[0].values.shape == (6, 2)
    series = read(path, Columns(("time",), layout="columns"))
    assert [one.name for one in series.series] == ["load", "other"] and series.channels == ["value"]
    assert values(series, 1) == [6, 5, 4, 3, 2, 1]


def test_words_become_indicators(tmp_path):
    words = frame(day=["work", "off", None, "work", "work", "feast"], kind="home")
    columns = Columns(("time",), ("load",), known=("day",), static=("kind",))
    table = read(write(tmp_path, words), columns)
    assert table.reading.categories.names(("day",)) == ["day=feast", "day=off", "day=work"]
    assert table.series[0].known.tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1], [1, 0, 0]]
    assert table.series[0].static.tolist() == [1]
    known = Categories({"day": ["off"], "kind": ["office"]}, blank=("day",))
    again = read(write(tmp_path, words), columns, categories=known)
    assert again.series[0].known[:, 0].tolist() == [0, 1, 0, 0, 0, 0] and again.series[0].static.tolist() == [0]


def test_a_folder_is_a_series_for_each_file_or_a_file_for_each_split(tmp_path):
    write(tmp_path / "sites", frame(), "north.csv")
    write(tmp_path / "sites", frame(), "south.csv.gz")
    assert [one.name for one in read(tmp_path / "sites").series] == ["north", "south"]
    for name, rows in {"train": slice(0, 3), "val": slice(3, 4), "test": slice(4, 6)}.items():
        write(tmp_path / "splits", frame()[rows], f"{name}.csv")
    (one,) = read(tmp_path / "splits").series
    assert one.bounds == (3, 4, 6) and one.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_test_file_alone_divides_a_folder_too(tmp_path):
    write(tmp_path / "splits", frame()[:4], "load-train.csv")
    write(tmp_path / "splits", frame()[4:], "load-test.csv")
    (one,) = read(tmp_path / "splits").series
    assert one.bounds == (-1, 4, 6) and one.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    write(tmp_path / "other", frame(), "train.csv")
    with pytest.raises(ValueError, match="files of training and test"):
        read(tmp_path / "other")


ROWS = Columns(series=("id",), static=("kind",), layout="rows")


def rows_frame(**columns):
    return pd.DataFrame({"kind": ["home", "office"], "id": ["north", "south"]} | columns)


def test_rows_hold_series_across_files(tmp_path):
    write(tmp_path, rows_frame(V1=[1, 5], V2=[np.nan, 6], V3=[3, np.nan], V4=np.nan), "monthly-train.csv")
    write(tmp_path, rows_frame(V1=[4, 7]).iloc[::-1], "monthly-test.csv")
    table = read(tmp_path, ROWS, "MS")
    assert [one.name for one in table.series] == ["north", "south"] and table.channels == ["value"]
    np.testing.assert_array_equal(values(table), [1, np.nan, 3, 4])
    assert values(table, 1) == [5, 6, 7]
    assert [one.bounds for one in table.series] == [(-1, 3, 4), (-1, 2, 3)]
    assert [one.static.tolist() for one in table.series] == [[1, 0], [0, 1]]
    assert table.series[1].time.astype("datetime64[s]").astype(str).tolist()[::2] == [
        "1970-01-01T00:00:00",
        "1970-03-01T00:00:00",
    ]


@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        (rows_frame(V1=[1, 2]), Columns(static=("kind",), layout="rows"), "Expected series.*Received: series=''"),
        (rows_frame(V1=[1, 2], id="north"), ROWS, "each series in one row.*rows.*, line 3"),
        (rows_frame(V1=[1, "many"]), ROWS, "Received: 'many' in rows.*, line 3, column 'V1'"),
        (rows_frame(V1=[1, 2]), Columns(series=("name",), layout="rows"), "Received: series='name'"),
    ],
)
def test_rows_that_hold_no_series(tmp_path, table, columns, message):
    with pytest.raises(ValueError, match=message):
        read(write(tmp_path, table, "rows.csv"), columns, "h")


def test_a_target_of_another_name_in_each_file(tmp_path):
    for name in ("north", "south"):
        write(tmp_path, frame().rename(columns={"load": f"{name}_MW"}), f"{name}.csv")
    columns = Columns(("time",), ("*_MW",))
    table = read(tmp_path, columns)
    assert [one.name for one in table.series] == ["north", "south"] and table.channels == ["MW"]
    assert values(table, 1) == [1, 2, 3, 4, 5, 6]
    write(tmp_path, frame(a_MW=1, b_MW=2), "west.csv")
    with pytest.raises(ValueError, match=r"one column that matches '\*_MW' in west.csv: .*Received: a_MW, b_MW"):
        read(tmp_path, columns)


def monthly(timestamps):
    return pd.DataFrame({"time": timestamps, "load": range(1, len(timestamps) + 1)})


@pytest.mark.parametrize("frequency", ["", "MS", "M"])
def test_months_are_a_grid(tmp_path, frequency):
    months = pd.date_range("2023-11-01", periods=6, freq="MS")
    timestamps = (
        months.strftime("%Y-%m-%d") if frequency != "M" else (months + pd.offsets.MonthEnd()).strftime("%Y-%m-%d")
    )
    table = read(write(tmp_path, monthly(timestamps).drop(index=[3])), frequency=frequency)
    assert table.grid == Grid(1, "months", day=31 if frequency == "M" else 1)
    assert table.grid.frequency == ("ME" if frequency == "M" else "MS")
    np.testing.assert_array_equal(values(table), [1, 2, 3, np.nan, 5, 6])
    np.testing.assert_array_equal(table.series[0].time, pd.DatetimeIndex(timestamps).as_unit("s").astype(np.int64))


def test_quarters_are_found_out_and_their_faults_told_by_date(tmp_path):
    quarters = monthly(["2023-01-01", "2023-04-01", "2023-07-01", "2023-08-01", "2023-10-01", "2024-01-01"])
    with pytest.raises(ValueError, match=r"steps of QS apart .*irregular.*: 2023-08-01 00:00:00, load.*, line 5"):
        read(write(tmp_path, quarters))
    assert values(read(write(tmp_path, quarters), on_bad="drop")) == [1, 2, 3, 5, 6]


def test_split_files_that_overlap_in_time_are_refused(tmp_path):
    for name, rows in {"train": [0, 1, 3], "val": [2], "test": [4, 5]}.items():
        write(tmp_path / "splits", frame().iloc[rows], f"{name}.csv")
    with pytest.raises(ValueError, match="file of each split"):
        read(tmp_path / "splits", on_bad="drop")


@pytest.mark.parametrize(
    ("timestamps", "columns", "options"),
    [
        ({"time": (HOURS.astype("datetime64[s]").astype(np.int64))}, ("time",), {}),
        ({"time": HOURS.strftime("%d/%m/%Y %H:%M")}, ("time",), {"time_format": "%d/%m/%Y %H:%M"}),
        ({"time": HOURS.strftime("%Y-%m-%dT%H:%M:%S+01:00")}, ("time",), {}),
        ({"time": [str(hour).removesuffix(" 00:00:00") for hour in HOURS]}, ("time",), {}),
        ({"date": HOURS.strftime("%Y-%m-%d"), "clock": HOURS.strftime("%H:%M")}, ("date", "clock"), {}),
        (
            {"year": HOURS.year, "month": HOURS.month, "day": HOURS.day, "hour": HOURS.hour},
            ("year", "month", "day", "hour"),
            {},
        ),
    ],
)
def test_timestamps_are_read_however_they_are_written(tmp_path, timestamps, columns, options):
    table = read(write(tmp_path, pd.DataFrame(timestamps | {"load": range(6)})), Columns(columns, ("load",), **options))
    offset = -3600 if "time" in timestamps and "+01:00" in str(timestamps["time"][0]) else 0
    expected = HOURS.astype("datetime64[s]").astype(np.int64) + offset
    np.testing.assert_array_equal(table.series[0].time, expected)


def test_rows_without_timestamps_are_counted(tmp_path):
    path = write(tmp_path, frame().drop(columns="time"))
    assert np.diff(read(path, Columns(), "15min").series[0].time).tolist() == [900] * 5
    with pytest.raises(ValueError, match="frequency"):
        read(path, Columns())


@pytest.mark.parametrize("order", [["site", "time"], ["time", "site"]])
def test_several_rows_of_a_timestamp_suggest_a_column_of_series(tmp_path, order):
    sites = pd.concat([frame(site=site) for site in ("north", "south")]).sort_values(order)
    path = write(tmp_path, sites)
    with pytest.raises(ValueError, match="tell apart rows of the same time: --series site"):
        read(path, Columns(("time",), ("load",)))
    assert len(read(path, Columns(("time",), ("load",), series=("site",))).series) == 2


def test_irregular_timestamps_are_left_as_they_are(tmp_path):
    table = read(write(tmp_path, frame().drop(index=[2, 3])), frequency="irregular")
    assert values(table) == [1, 2, 5, 6]
    assert table.irregular and table.grid == Grid(3600)


def rows(*numbers):
    return frame(site="north").iloc[list(numbers)]


def with_cell(column, row, cell):
    table = frame(site="north").astype({column: object})
    table.loc[row, column] = cell
    return table


@pytest.mark.parametrize(
    ("table", "message", "left"),
    [
        (with_cell("time", 2, "soon"), "timestamp in each row.*'soon', load.*, line 4", [1, 2, np.nan, 4, 5, 6]),
        (rows(0, 2, 1, 3, 4, 5), "order of time.*01:00:00.*'north', load.*, line 4", [1, 2, 3, 4, 5, 6]),
        (rows(0, 1, 1, 2, 3, 4, 5), "each timestamp once.*01:00:00 twice of series 'north'", [1, 2, 3, 4, 5, 6]),
        (
            with_cell("time", 3, "2024-01-01 03:20:00"),
            "of h .*irregular.*03:20:00 of series",
            [1, 2, 3, np.nan, 5, 6],
        ),
        (with_cell("load", 1, "inf"), "finite values.*inf in column 'load' of series", [1, np.nan, 3, 4, 5, 6]),
    ],
)
def test_bad_rows_stop_the_reading_or_are_repaired(tmp_path, table, message, left, capsys):
    path, columns = write(tmp_path, table), Columns(("time",), ("load",), series=("site",))
    with pytest.raises(ValueError, match=message):
        read(path, columns)
    np.testing.assert_array_equal(values(read(path, columns, on_bad="drop")), left)
    assert re.search("warning: .*1 times$", capsys.readouterr().err)
    np.testing.assert_array_equal(values(read(path, columns, on_bad="warn")), left)
    assert re.search("warning: .*1 times. ", capsys.readouterr().err)


def test_series_of_another_frequency_are_told_by_name(tmp_path):
    minutes = frame(site="fast", time=pd.date_range("2024-01-01", periods=6, freq="7min").astype(str))
    long = pd.concat([frame(site="north"), frame(site="south"), minutes])
    with pytest.raises(ValueError, match=r"one frequency, h .*irregular.*: 7min of series .fast., load.*, line 14"):
        read(write(tmp_path, long), Columns(("time",), ("load",), series=("site",)))


@pytest.mark.parametrize(
    ("hours", "refused"), [(range(0, 144, 24), "D"), ([0, 2, 4, 9, 11, 13], "2h"), ([0, 3, 8, 9, 11, 13], "")]
)
def test_series_that_are_coarser_than_the_grid_of_training_are_refused(tmp_path, capsys, hours, refused):
    days = pd.Timestamp("2024-03-29") + pd.to_timedelta(list(hours), unit="h")
    path = write(tmp_path, frame(time=days.astype(str)))
    if refused:
        with pytest.raises(ValueError, match=rf"one frequency, h\. Received: {refused}, load.csv, line 2"):
            read(path, frequency=Grid(3600))
        assert np.isnan(values(read(path, frequency=Grid(3600), on_bad="warn"))).any()
        assert "the steps between its rows are missing" in capsys.readouterr().err
    else:
        assert len(values(read(path, frequency=Grid(3600)))) == 14


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns(("tme",), ("load",)), r"column of .*Received: time='tme'.*time"),
        (Columns(("time",), ("laod",)), r"target='laod'.*load"),
        (Columns(("time",), ("load",), past=("load",)), "one role for each column.*'load' as target and past"),
        (Columns(("time", "load")), "column to forecast"),
    ],
)
def test_wrong_columns_are_refused_with_the_nearest(tmp_path, columns, message):
    with pytest.raises(ValueError, match=message):
        read(write(tmp_path, frame()), columns)


def test_words_among_numbers_are_refused_with_their_place(tmp_path):
    with pytest.raises(ValueError, match=r"numbers in column 'load'. Received: 'many' in load.*, line 5"):
        read(write(tmp_path, with_cell("load", 3, "many").drop(columns="site")))


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"table or a folder of tables.*there is no such file$"):
        read(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match=r"a folder without any"):
        read(tmp_path)
    (tmp_path / "empty.csv").write_text("time,load\n")
    with pytest.raises(ValueError, match="table with rows"):
        read(tmp_path / "empty.csv")
    whole = gzip.compress(frame().to_csv(index=False).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[:60])
    with pytest.raises(ValueError, match=r"gzip.*cut\.csv\.gz"):
        read(tmp_path / "cut.csv.gz")
    (tmp_path / "latin.csv").write_bytes("time,Größe\n".encode("latin-1"))
    with pytest.raises(ValueError, match="UTF-8"):
        read(tmp_path / "latin.csv")


@pytest.mark.parametrize(("frequency", "seconds"), [("h", 3600), ("15min", 900), ("D", 86_400), ("2W", 1_209_600)])
def test_frequencies(frequency, seconds):
    assert grid_of(frequency).step == seconds and Grid(seconds).frequency == frequency
    assert common_step(np.array([0, seconds, 2 * seconds, 5 * seconds])) == seconds


@pytest.mark.parametrize("frequency", ["0MS", "0h", "hourly", "h2"])
def test_other_frequencies_are_refused(frequency):
    with pytest.raises(ValueError, match="irregular"):
        grid_of(frequency)


def test_sets_of_tensorflow_datasets_are_tables(monkeypatch, tmp_path):
    import tensorflow as tf
    import tensorflow_datasets as tfds

    class Loads(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {"time": tf.int64, "load": tf.float32, "site": tfds.features.Text()}
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

        def _split_generators(self, download):
            return {"train": self._generate_examples(0, 2), "test": self._generate_examples(2, 3)}

        def _generate_examples(self, start, stop):
            for hour in range(start, stop):
                yield hour, {"time": 3600 * hour, "load": hour + 1.0, "site": "north"}

    monkeypatch.setattr("pipelines.sources.tfds.tfds_builders.builder", lambda name: Loads(data_dir=tmp_path))
    table = read("tfds:loads", Columns(("time",), ("load",), ("site",), time_format="s"))
    assert table.series[0].name == "north" and values(table) == [1, 2, 3]


def test_a_static_that_changes_is_found_beside_one_that_is_blank(tmp_path):
    columns = Columns(("time",), ("load",), ("site",), static=("size", "height"))
    table = frame(site="n", size=[1, 1, 1, 2, 2, 2], height=[np.nan] * 5 + [7.0])
    with pytest.raises(ValueError, match=r"static covariates that are constant.*series 'n', load.*, line 5"):
        read(write(tmp_path, table), columns)
    found = read(write(tmp_path, table.assign(size=1)), columns)
    assert found.series[0].static.tolist() == [1, 7]  # the first value of each


def test_a_large_number_is_the_same_with_an_exponent_and_with_all_its_digits(tmp_path):
    cells = ["1e16", "10000000000000000", "1.0e16", "1", "2", "3"]
    assert values(read(write(tmp_path, frame(load=cells)))) == [1e16, 1e16, 1e16, 1, 2, 3]
    with pytest.raises(ValueError, match=r"10000000000000001 in load.*, line 3"):
        read(write(tmp_path, frame(load=["1e16", "10000000000000001", "1", "2", "3", "4"])))
