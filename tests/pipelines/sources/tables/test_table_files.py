import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables import table_files, table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.tables.table_reading import Reading, described, from_dict, to_dict

DAY = Columns(("day",), ("y",))


def write(folder, text, name="load.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def read(path, columns=DAY, on_bad="error", frequency="", **known):
    with collect_faults(on_bad) as faults:
        return table_series.read(path, Reading(columns, **known), frequency, faults)


def values(table, number=0):
    return table.series[number].values[:, 0].tolist()


def test_a_comma_after_each_row_shifts_nothing(tmp_path):
    path = write(tmp_path, "y,visitors\n1.5,10,\n2.5,20,\n")
    table = read(path, Columns((), ("y",), past=("visitors",)), frequency="D")
    assert values(table) == [1.5, 2.5] and table.series[0].past[:, 0].tolist() == [10, 20]


def test_an_extra_cell_in_each_row_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"name in the header for each column.*'7'.*line 2"):
        read(write(tmp_path, "y,visitors\n1.5,10,7\n2.5,20,8\n"), Columns((), ("y",)), frequency="D")


def test_two_columns_of_one_name(tmp_path):
    path = write(tmp_path, "day,y,y,z\n2024-01-01,1,2,3\n2024-01-02,2,3,4\n")
    with pytest.raises(ValueError, match=r"one column named 'y'.*target='y'"):
        read(path)
    with pytest.raises(ValueError, match=r"different names of columns.*'y' twice"):
        read(path, Columns(("day",)))
    assert values(read(path, Columns(("day",), ("z",)))) == [3, 4]


def test_columns_without_names_are_left_alone(tmp_path):
    path = write(tmp_path, ",day,y,\n0,2024-01-01,1,\n1,2024-01-02,2,\n")
    table = read(path, Columns(("day",)))
    assert table.reading.columns.target == ("y",) and values(table) == [1, 2]


@pytest.mark.parametrize("line", ["2024-01-01,1.5", "1.5,2", '2024-01-01 00:00,"1,5"', "01/02/2005,3"])
def test_a_table_without_a_header_is_refused(tmp_path, line):
    with pytest.raises(ValueError, match="first line names its columns"):
        read(write(tmp_path, f"{line}\n{line}\n"))


def test_dates_as_names_of_columns_are_refused_with_the_layout(tmp_path):
    path = write(tmp_path, "country,2000,2001,2002\nNA,1,2,3\nDE,4,5,6\n")
    with pytest.raises(ValueError, match=r"2000, 2001, 2002.*--layout rows --series COLUMN"):
        read(path, Columns(series=("country",)), frequency="D")


@pytest.mark.parametrize("names", [("2020-01-01", "2020-01-02", "2020-01-03"), ("V1", "V2", "V3"), ("1", "2", "3")])
def test_names_of_columns_that_are_dates_are_the_times_of_rows(tmp_path, names):
    path = write(tmp_path, f"country,{','.join(names)}\nNA,1,2,3\nDE,4,5,\n")
    table = read(path, Columns(series=("country",), layout="rows"), frequency="D")
    assert [one.name for one in table.series] == ["NA", "DE"] and values(table, 1) == [4, 5]
    dated = "-" in names[0]
    assert table.reading.columns.time == (("time",) if dated else ())
    assert str(table.series[0].time[0].astype("datetime64[s]"))[:10] == (names[0] if dated else "1970-01-01")
    kept = from_dict(json.loads(json.dumps(to_dict(table.reading))))
    with collect_faults("error") as faults:
        assert values(table_series.read(path, kept, "D", faults)) == [1, 2, 3]


def test_names_with_commas_are_found_and_named_in_the_message(tmp_path):
    path = write(tmp_path, 'day,"Sales, units"\n2024-01-01,1\n2024-01-02,2\n')
    assert values(read(path, Columns(("day",), ("Sales, units",)))) == [1, 2]
    with pytest.raises(ValueError, match="a name with commas is quoted: '\"Sales, units\"'"):
        read(path, Columns(("day",), ("Sales", "units")))


def test_a_decimal_comma_is_found_kept_and_applied_whatever_a_later_file_suggests(tmp_path):
    table = read(write(tmp_path, "day;y;;\n2024-01-01;1,5;;\n2024-01-02;2,25;;\n"))
    assert values(table) == [1.5, 2.25]
    kept = from_dict(json.loads(json.dumps(to_dict(table.reading))))
    assert kept.marks == table.reading.marks == Marks(",", "none") and kept.columns == table.reading.columns
    later = write(tmp_path, 'day,y\n2024-01-01,"1,234"\n2024-01-02,"2,345"\n', "later.csv")
    with collect_faults("error") as faults:
        assert values(table_series.read(later, kept, "D", faults)) == pytest.approx([1.234, 2.345])
        other = write(tmp_path, "day,y\n2024-01-01,1.5\n2024-01-02,2.5\n", "other.csv")
        with pytest.raises(
            ValueError, match=r"numbers in column 'y', with decimal `,`\. Received: '1\.5' in other.*, line 2"
        ):
            table_series.read(other, kept, "D", faults)


def test_marks_that_training_did_not_show_are_found_later_or_refused(tmp_path):
    kept = read(write(tmp_path, "day,y\n2024-01-01,1\n2024-01-02,2\n")).reading
    assert kept.marks == Marks()
    with collect_faults("error") as faults:
        later = write(tmp_path, "day;y\n2024-01-01;1,5\n2024-01-02;2\n", "later.csv")
        assert values(table_series.read(later, kept, "D", faults)) == [1.5, 2]
        later = write(tmp_path, "day,y\n2024-01-01,1.234\n2024-01-02,2.345\n", "later.csv")
        with pytest.raises(ValueError, match="one way"):
            table_series.read(later, kept, "D", faults)


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_every_format_keeps_ids_and_numbers(tmp_path, ending):
    frame = pd.DataFrame({"shop": ["0012", "NA"], "day": ["2024-01-01"] * 2, "y": [1.5, 2.5]})
    path = tmp_path / f"load.{ending}"
    if ending in ("csv", "tsv"):
        frame.to_csv(path, sep="," if ending == "csv" else "\t", index=False)
    elif ending == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    table = read(path, Columns(("day",), ("y",), ("shop",)), frequency="D")
    assert [one.name for one in table.series] == ["0012", "NA"] and values(table, 1) == [2.5]


def test_parquet_keeps_its_index_and_whole_numbers(tmp_path):
    days = pd.date_range("2024-01-01", periods=3, name="day")
    frame = pd.DataFrame({"y": [1, None, 3], "shop": pd.array([7, 7, 7], "Int64")}, index=days)
    frame.to_parquet(tmp_path / "load.parquet")
    table = read(tmp_path / "load.parquet", Columns(("day",), ("y",), ("shop",)))
    assert table.series[0].name == "7"
    np.testing.assert_array_equal(values(table), [1, np.nan, 3])


def test_a_parquet_index_without_a_name_is_no_target(tmp_path):
    frame = pd.DataFrame({"day": ["2024-01-01", "2024-01-02", "2024-01-03"], "y": [1, 2, 3]})
    frame.drop(index=[1]).to_parquet(tmp_path / "load.parquet")
    assert read(tmp_path / "load.parquet", Columns(("day",)), frequency="D").reading.columns.target == ("y",)
    frame.set_index(pd.to_datetime(frame.pop("day")).to_numpy()).to_parquet(tmp_path / "load.parquet")
    assert values(read(tmp_path / "load.parquet", Columns(("index",)))) == [1, 2, 3]


def test_cells_of_mixed_types_in_json_lines(tmp_path):
    text = '{"day": "2024-01-01", "y": 1, "shop": 1}\n{"day": "2024-01-01", "y": 2.5, "shop": "01"}\n'
    table = read(write(tmp_path, text, "load.jsonl"), Columns(("day",), ("y",), ("shop",)), frequency="D")
    assert [one.name for one in table.series] == ["1", "01"] and values(table, 1) == [2.5]
    with pytest.raises(ValueError, match=r"numbers in column 'y'. Received: 'True' in load.*, line 2"):
        read(
            write(tmp_path, text.replace("2.5", "true"), "load.jsonl"),
            Columns(("day",), ("y",), ("shop",)),
            frequency="D",
        )


def test_rows_of_another_length_are_faults(tmp_path):
    path = write(tmp_path, "day,y\n2024-01-01,1\n2024-01-02\n2024-01-03,3\n")
    with pytest.raises(ValueError, match="line 3"):
        read(path)
    np.testing.assert_array_equal(values(read(path, on_bad="drop", frequency="D")), [1, np.nan, 3])


def test_readings_of_earlier_versions_have_no_marks():
    old = {"time": ["hour"], "target": ["load"], "series": [], "past": [], "known": [], "static": []}
    reading = from_dict(old | {"layout": "channels", "time_format": "", "words": {"day": ["off"]}})
    assert reading.marks is None and reading.categories.blank is None


def test_looks_like_data():
    assert all(map(table_files.looks_like_time, ["2024", "202401", "Jan 2024", "2024-01-01", "01/02/2005", "2024Q1"]))
    assert not any(map(table_files.looks_like_time, ["y", "V1", "1", "0.5", "12", "123456", "q1", "2.5"]))
    assert all(
        map(table_files.looks_like_data, ["1.5", "2024-01-01", "01/02/2005", "12:30", "-3", "2024-01-01T00:00:00Z"])
    )
    assert not any(map(table_files.looks_like_data, ["y", "V1", "q1", "2024 sales", "", "T"]))


def test_what_was_decided_is_said(tmp_path):
    text = "day;y;kind;note\n2024-01-01;1.234,5;a;-\n2024-01-02;NA;b;-\n2024-01-03;?;b;-\n"
    columns = Columns(("day",), ("y",), past=("kind",))
    table = read(write(tmp_path, text), columns, marks=Marks(missing=("?",)))
    assert described(table.reading, table.missing, table.unused) == (
        "`;`, UTF-8, quotes enclose cells, decimal `,`, thousands `.`, missing `?`, missing `NA`, words in kind (2), "
        "not used: 'note', %Y-%m-%d"
    )


def test_the_encoding_of_training_holds_later(tmp_path):
    path = tmp_path / "load.csv"
    path.write_bytes("day;Größe\n2024-01-01;1,5\n2024-01-02;2\n".encode("latin-1"))
    with pytest.raises(ValueError, match="--encoding"):
        read(path, Columns(("day",), ("Größe",)))
    table = read(path, Columns(("day",), ("Größe",)), options=FileOptions(encoding="latin-1"))
    kept = from_dict(json.loads(json.dumps(to_dict(table.reading))))
    with collect_faults("error") as faults:
        assert values(table_series.read(path, kept, "D", faults)) == [1.5, 2]


def test_rows_need_a_name_for_each_column_of_values(tmp_path):
    rows = Columns(series=("shop",), layout="rows")
    for names in ("shop,V1,V1", "shop,V1,"):
        with pytest.raises(ValueError, match="a name of its own for each column of values"):
            read(write(tmp_path, f"{names}\na,1,2\nb,3,4\n"), rows, frequency="D")
    old = from_dict(to_dict(Reading(rows)) | {"words": {}, "time_form": None, "target": ("value",)} | {"numbers": None})
    with collect_faults("error") as faults:
        path = write(tmp_path, "shop,V1,V2,\na,1,2,\nb,3,4,\n")
        assert values(table_series.read(path, old, "D", faults), 1) == [3, 4]


def test_missing_marks_are_found_in_columns_of_float32(tmp_path):
    frame = pd.DataFrame({"y": np.float32([1.5, -999.9, 2.5])})
    frame.to_parquet(tmp_path / "load.parquet")
    table = read(tmp_path / "load.parquet", Columns((), ("y",)), frequency="D", marks=Marks(missing=("-999.9",)))
    np.testing.assert_array_equal(values(table), [1.5, np.nan, 2.5])


def test_endings_of_any_case_are_read_in_a_folder(tmp_path):
    for name in ("a.csv", "B.CSV", "c.Csv"):
        write(tmp_path, "day,y\n2024-01-01,1\n2024-01-02,2\n", name)
    write(tmp_path, '{"day": "2024-01-01", "y": 1}\n{"day": "2024-01-02", "y": 2}\n', "d.ndjson")
    assert sorted(one.name for one in read(tmp_path).series) == ["B", "a", "c", "d"]


@pytest.mark.parametrize("number", [1.234, -12.345, 1234.567, 7.0, 1e-7, 1.5e299])
def test_numbers_among_texts_keep_their_value_whatever_the_marks(tmp_path, number):
    rows = [{"day": "2024-01-01", "y": number}, {"day": "2024-01-02", "y": "1.234,5"}]
    write(tmp_path, "".join(f"{json.dumps(row)}\n" for row in rows), "mixed.jsonl")
    assert values(read(tmp_path / "mixed.jsonl")) == [number, 1234.5]
    comma = read(write(tmp_path, "day;y\n2024-01-01;1.234,5\n2024-01-02;2,5\n", "comma.csv")).reading
    rows[1]["y"] = "NA"
    write(tmp_path, "".join(f"{json.dumps(row)}\n" for row in rows), "later.jsonl")
    np.testing.assert_array_equal(
        values(table_series.read(tmp_path / "later.jsonl", comma, "D", Faults("error"))), [number, np.nan]
    )


def test_numbers_of_one_file_keep_their_value_beside_texts_of_another(tmp_path):
    write(tmp_path, "day;y\n2024-01-01;1234,5\n2024-01-02;2,5\n", "a.csv")
    pd.DataFrame({"day": ["2024-01-01", "2024-01-02"], "y": [1.234, 2.5]}).to_parquet(tmp_path / "b.parquet")
    assert [values(read(tmp_path), number) for number in (0, 1)] == [[1234.5, 2.5], [1.234, 2.5]]


def test_numbers_beside_texts_in_rows_keep_their_value(tmp_path):
    write(tmp_path, '{"id": "s", "v1": "5,5", "v2": 1.234}\n', "wide.jsonl")
    columns = Columns((), (), ("id",), layout="rows")
    assert values(read(tmp_path / "wide.jsonl", columns, frequency="D")) == [5.5, 1.234]


def test_an_id_that_is_nan_is_an_empty_cell(tmp_path):
    frame = pd.DataFrame({"shop": [1.0, np.nan], "day": ["2024-01-01"] * 2, "y": [1.0, 2.0]})
    pq.write_table(pa.table({name: pa.array(list(cells)) for name, cells in frame.items()}), tmp_path / "load.parquet")
    with pytest.raises(ValueError, match=r"load.*, .* 2"):
        read(tmp_path / "load.parquet", Columns(("day",), ("y",), ("shop",)), frequency="D")


@pytest.mark.parametrize("odd", ["code", "Total"])
def test_a_column_among_dates_that_is_no_date_is_refused(tmp_path, odd):
    names = ["2019", odd, "2020"] if odd == "code" else ["Jan 2020", "Feb 2020", odd]
    path = write(tmp_path, f"id,{','.join(names)}\na,1,2,3\n")
    for frequency in ("", "D"):
        with pytest.raises(ValueError, match=rf"--static.*'{odd}' beside '{names[0]}'"):
            read(path, Columns((), (), ("id",), layout="rows"), frequency=frequency)


def test_tables_beside_those_of_the_splits_are_said(tmp_path, capsys):
    for number, name in enumerate(("train", "test", "north")):
        write(
            tmp_path,
            "day,y\n" + "".join(f"2024-0{number + 1}-{day:02d},{day}\n" for day in range(1, 29)),
            f"{name}.csv",
        )
    (tmp_path / "README.md").write_text("...")
    assert len(read(tmp_path, frequency="D").series[0].values) == 59
    assert f"not read in {tmp_path}: north.csv, since" in capsys.readouterr().err


@pytest.mark.parametrize("names", [("north.csv", "north.tsv"), ("train.csv", "train.csv.gz", "test.csv")])
def test_two_tables_of_one_name_are_refused(tmp_path, names):
    for name in names:
        write(tmp_path, "day,y\n2024-01-01,1\n", name)
    with pytest.raises(ValueError, match=rf"different names in a folder.*{names[0]}, {names[1]}"):
        read(tmp_path)


def test_large_whole_numbers_before_fractions_in_json_lines_keep_their_digits(tmp_path):
    rows = [f'{{"row": {number}, "y": {2**53 + number % 2 if number < 8200 else 1.5}}}' for number in range(8400)]
    path = write(tmp_path, "\n".join(rows), "load.jsonl")
    with pytest.raises(ValueError, match=r"differ within 16 digits.*9007199254740993"):
        read(path, Columns((), ("y",)), frequency="D")


def test_three_decimals_are_decimals_after_training_on_numbers_that_are_no_texts(tmp_path):
    """As in training, where commas stand between the cells; else refused with what a user can do."""
    days = [f"2024-01-{day:02d}" for day in range(1, 5)]
    pq.write_table(pa.table({"day": days, "y": [1.5, 2.5, 3.25, 4.0]}), tmp_path / "load.parquet")
    trained = read(tmp_path / "load.parquet", frequency="D").reading
    numbers = ["1.234", "2.345", "3.456", "4.567"]
    for delimiter in ",;":
        rows = [delimiter.join(row) for row in zip(days, numbers, strict=True)]
        path = write(tmp_path, "\n".join([f"day{delimiter}y", *rows]), "later.csv")
        if delimiter == ",":
            found = table_series.read(path, trained, "D", Faults("error"))
            assert values(found) == list(map(float, numbers))
        else:
            with pytest.raises(ValueError, match="can be read in one way"):
                table_series.read(path, trained, "D", Faults("error"))
