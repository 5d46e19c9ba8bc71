import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measured import LABELS, ROWS, events, read, table

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import measurement_data
from pipelines.sources.measurements.measurement_data import Sources
from pipelines.sources.measurements.measurement_form import Form, LabelForm

EXPECTED = {
    "007": [(0.0, "Age", 54.0), (0.5, "HR", 80.5), (1.0, "HR", 90.0), (1.0, "Rhythm=sinus", None)],
    "b": [(0.0, "HR", 70.0), (1.5, "Rhythm=af", None)],
}


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "jsonl", "parquet"])
def test_every_format_gives_the_same_histories(tmp_path, ending):
    data = read(tmp_path, ending=ending)
    assert events(data) == EXPECTED
    assert data.kinds == {"Age": "numbers", "HR": "numbers", "Rhythm": "words"}
    assert data.cases.entity.tolist() == [0, 1] and data.cases.hour.tolist() == [np.inf, np.inf]
    assert data.said[0].endswith("value 'value'; times written as HH:MM")


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda minutes: f"2024-03-09 {10 + minutes // 60}:{minutes % 60:02d}", "%Y-%m-%d %H:%M"),
        (lambda minutes: minutes / 60, "hours"),
        (lambda minutes: f"{minutes / 60 + 3}", "hours"),
        (lambda minutes: 1_700_000_000 + 60 * minutes, "s since 1970"),
        (lambda minutes: f"{minutes // 60}:{minutes % 60:02d}:00", "HH:MM"),
        (lambda minutes: datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=minutes), "dates"),
    ],
)
def test_times_become_hours_since_the_first(tmp_path, write, words):
    rows = [["a", write(30 + minutes), "HR", minutes] for minutes in (0, 15, 90)]
    data = read(tmp_path, rows, labels=(["stay_id", "died"], [["a", "yes"]]), label_form=LabelForm(), ending="parquet")
    assert [hour for hour, *_ in events(data)["a"]] == pytest.approx([0, 0.25, 1.5], abs=1e-9)
    assert f"times written as {words}" in data.said[0]


def test_numbers_that_may_be_dates_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"--time_format hours, minutes, seconds, days or %Y .* Received: 1999"):
        read(tmp_path, [["007", year, "HR", 1] for year in (1999, 2000, 2001, 2002)])
    assert len(read(tmp_path, [["007", 1999, "HR", 1], ["b", 2000, "HR", 1]], Form(time_format="hours")).histories) == 2


def test_missing_counts_for_named_variables_alone(tmp_path):
    rows = [["007", "0:00", "Height", -1], ["007", "0:00", "BE", -1], ["b", "0:00", "Height", 180]]
    data = read(tmp_path, rows, Form(missing=("-1",), missing_variables=("Height",)))
    assert events(data) == {"007": [(0.0, "BE", -1.0)], "b": [(0.0, "Height", 180.0)]}
    with pytest.raises(ValueError, match="Expected --missing_variables"):
        read(tmp_path, rows, Form(missing=("-1",)))
    with pytest.raises(ValueError, match=r"missing_variables='Hieght' \(did you mean Height\?\)"):
        read(tmp_path, rows, Form(missing=("-1",), missing_variables=("Hieght",)))


def test_static_variables_are_fields_and_no_events(tmp_path):
    rows = [*ROWS, ["007", "09:00", "Age", "55"], ["b", "47:15", "Sex", "F"]]
    data = read(tmp_path, rows, Form(static_variables=("Age", "Sex")))
    assert events(data)["007"] == EXPECTED["007"][1:]
    np.testing.assert_equal(data.statics.numbers["Age"], [54.0, np.nan])
    assert data.statics.words["Sex"].tolist() == ["", "F"]
    assert "1 later values of static variables that differ from the first are left out" in data.said


def test_a_static_table_adds_fields_and_entities(tmp_path):
    static = table(tmp_path, [["c", "1.5", "M"], ["007", "2", "?"]], ["stay_id", "weight", "sex"], "static.csv")
    data = read(
        tmp_path, static=static, labels=(["stay_id", "died"], [["007", "yes"], ["c", "no"]]), label_form=LabelForm()
    )
    np.testing.assert_equal(data.statics.numbers["weight"], [2.0, np.nan, 1.5])
    assert data.statics.words["sex"].tolist() == ["?", "", "M"]
    assert data.histories.lengths.tolist() == [4, 2, 0]
    assert "1 cases have no measurement, and are predicted from static fields alone" in data.said


def test_equal_rows_count_once_and_others_at_one_time_stay(tmp_path):
    data = read(tmp_path, [*ROWS, ROWS[1], ["007", "00:30", "HR", "81"]])
    assert events(data)["007"][1:3] == [(0.5, "HR", 80.5), (0.5, "HR", 81.0)]
    assert "1 rows are equal to another in all and left out" in data.said
    assert "1 measurements are of the time and variable of another, and kept" in data.said


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["", "1:00", "HR", 1], "an entity in each row. Received: an empty cell in column 'stay_id', events.csv"),
        (["b", "", "HR", 1], "written as HH:MM in each row. Received: '', events.csv, line 8"),
        (["b", "1:00", "", 1], "Expected a variable in each row. Received: an empty cell"),
        (["b", "noon", "HR", 1], "Received: 'noon', events.csv, line 8"),
        (["b", "48:00", "HR", "inf"], "Received: 'inf' for 'HR', events.csv, line 8"),
    ],
)  # fmt: skip
def test_faulty_rows_are_named_or_left_out(tmp_path, row, message):
    with pytest.raises(ValueError, match="(?s)" + message.replace(".", r"\.")):
        read(tmp_path, [*ROWS, row])
    assert events(read(tmp_path, [*ROWS, row], on_bad="drop")) == EXPECTED


def test_a_word_among_many_numbers_is_a_fault_and_half_words_are_refused(tmp_path):
    numbers = [["007", f"{hour}:00", "K", hour / 2] for hour in range(20)]
    with pytest.raises(ValueError, match=r"'hemolysed' for 'K', events.csv, line 22\. .* --missing=hemolysed"):
        read(tmp_path, [*numbers, ["b", "3:00", "K", "hemolysed"]])
    assert (
        len(read(tmp_path, [*numbers, ["b", "3:00", "K", "hemolysed"]], Form(missing=("hemolysed",))).histories) == 20
    )
    mixed = [["007", f"{hour}:00", "K", hour if hour % 2 else "low"] for hour in range(8)]
    with pytest.raises(ValueError, match=r"words with --categories K. Received: 4 words, such as 'low'"):
        read(tmp_path, [*mixed, ["b", "0:00", "K", 1]])
    words = events(read(tmp_path, [*mixed, ["b", "0:00", "K", "01"]], Form(categories=("K",))))
    assert words["b"] == [(0.0, "K=01", None)] and words["007"][1] == (1.0, "K=1", None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "ü 1"]), st.integers(0, 5), st.sampled_from(["HR", "x,y", "Rhythm"]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=20,
    ),
    st.randoms(),
)  # fmt: skip
def test_the_order_of_rows_and_the_format_change_nothing(tmp_path, rows, random):
    rows = [
        [entity, f"{hour}:30", name, f"w{value}" if name == "Rhythm" else value] for entity, hour, name, value in rows
    ]
    labels = (["stay_id", "died"], [[entity, "yes"] for entity in {row[0] for row in rows}])
    first = events(read(tmp_path, rows, labels=labels, label_form=LabelForm()))
    random.shuffle(rows)
    assert events(read(tmp_path, rows, labels=labels, label_form=LabelForm(), ending="jsonl")) == first


def test_a_file_a_stay_of_physionet_is_the_long_file(tmp_path):
    stays = tmp_path / "set-a"
    stays.mkdir()
    for stay in ("007", "b"):
        rows = [f"{time},{variable},{value}" for one, time, variable, value in ROWS if one == stay]
        (stays / f"{stay}.txt").write_text("\n".join(["Time,Parameter,Value", f"00:00,RecordID,{stay}", *rows]) + "\n")
    (stays / "readme.txt").write_text("not a stay")
    data = read(tmp_path, data=str(stays))
    assert events(data) == EXPECTED
    (stays / "b.txt").write_text("Time,Parameter,Value\n00:00,HR,1\nsoon,HR,2\n")
    with pytest.raises(ValueError, match=r"'soon', b.txt, line 3"):
        read(tmp_path, data=str(stays))


def test_a_folder_of_tables_without_entities_has_one_in_each(tmp_path):
    folder = tmp_path / "machines"
    folder.mkdir()
    for name in ("m1", "m2"):
        table(folder, [["0:00", "load", 3]], ["time", "sensor", "value"], f"{name}.csv")
    data = read(
        tmp_path, data=str(folder), labels=(["id", "died"], [["m1", "yes"], ["m2", "no"]]), label_form=LabelForm()
    )
    assert events(data) == {"m1": [(0.0, "load", 3.0)], "m2": [(0.0, "load", 3.0)]}
    with pytest.raises(ValueError, match="Expected a column of the entity"):
        read(tmp_path, data=str(folder / "m1.csv"))


def test_an_entity_in_files_of_two_splits_is_refused(tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    table(folder, ROWS[:4], name="train.csv")
    table(folder, ROWS[4:], name="test.csv")
    assert read(tmp_path, data=str(folder)).split.tolist() == ["train", "test"]
    table(folder, ROWS, name="test.csv")
    with pytest.raises(ValueError, match=r"each entity in one split. Received: '007' in train and test, and 0 more"):
        read(tmp_path, data=str(folder))


def meds(folder, split, rows):
    path = folder / "data" / split / "0.parquet"
    path.parent.mkdir(parents=True)
    subject, time, code, number, text = zip(*rows, strict=True)
    columns = {
        "subject_id": pa.array(subject, pa.int64()), "time": pa.array(time, pa.timestamp("us")),
        "code": pa.array(code), "numeric_value": pa.array(number, pa.float32()),
        "text_value": pa.array(text, pa.string()),
    }  # fmt: skip
    pq.write_table(pa.table(columns), path)


def test_meds(tmp_path):
    start = datetime.datetime(2020, 1, 1, 6)
    later = start + datetime.timedelta(hours=1, minutes=30)
    meds(tmp_path, "train", [
        (1, None, "GENDER//F", None, None), (1, datetime.datetime(1960, 1, 1), "MEDS_BIRTH", None, None),
        (1, start, "HR", 80.5, None), (1, later, "ADMISSION", None, None), (1, later, "RHYTHM", None, "af"),
    ])  # fmt: skip
    meds(tmp_path, "held_out", [(2, start, "HR", 70.0, None)])
    labels = tmp_path / "labels.parquet"
    times = [start, later, start - datetime.timedelta(hours=1)]
    pq.write_table(pa.table({
        "subject_id": [1, 1, 2], "prediction_time": pa.array(times, pa.timestamp("us")),
        "boolean_value": [False, True, True],
    }), labels)  # fmt: skip
    data = measurement_data.read(Sources(str(tmp_path), str(labels)), Form(), LabelForm(), Faults("error"))
    assert events(data) == {
        "1": [(0.0, "HR", 80.5), (1.5, "ADMISSION", None), (1.5, "RHYTHM=af", None)], "2": [(0.0, "HR", 70.0)],
    }  # fmt: skip
    place = data.histories.entities.to_pylist().index
    assert data.statics.numbers["GENDER//F"][[place("1"), place("2")]].tolist() == [1, 0]
    assert data.statics.numbers["age"][place("1")] == pytest.approx(60, abs=0.01)
    assert data.split[[place("1"), place("2")]].tolist() == ["train", "test"]
    assert data.cases.hour.tolist() == [0.0, 1.5, -1.0]
    ends = data.histories.end(data.cases.entity, data.cases.hour) - data.histories.starts[data.cases.entity]
    assert ends.tolist() == [1, 3, 0]
    assert data.cases.labels["boolean_value"].tolist() == ["False", "True", "True"]


def test_meds_names_its_splits_in_its_metadata_too(tmp_path):
    start = datetime.datetime(2020, 1, 1, 6)
    meds(tmp_path, "shards", [(one, start, "HR", 80.5, None) for one in (1, 2, 3)])
    (tmp_path / "metadata").mkdir()
    splits = tmp_path / "metadata" / "subject_splits.parquet"
    pq.write_table(pa.table({"subject_id": [2, 1, 9], "split": ["tuning", "held_out", "train"]}), splits)
    labels = (["subject_id", "boolean_value"], [[one, "True"] for one in (1, 2, 3)])
    read_again = {"data": str(tmp_path), "labels": labels, "label_form": LabelForm()}
    assert read(tmp_path, **read_again).split.tolist() == ["test", "validation", ""]
    pq.write_table(pa.table({"subject_id": [2, 2], "split": ["tuning", "held_out"]}), splits)
    with pytest.raises(ValueError, match=r"each entity in one split. Received: 2 in validation and 'held_out'.*row 2"):
        read(tmp_path, **read_again)


def test_ids_of_whole_floats_are_those_of_integers(tmp_path):
    pq.write_table(pa.table({"stay_id": [7.0, 8.0, None], "died": ["yes", "no", "no"]}), tmp_path / "labels.parquet")
    rows = [[7, 0.0, "HR", 1.0], [8, 0.0, "HR", 2.0]]
    sources = Sources(table(tmp_path, rows, name="e.parquet"), str(tmp_path / "labels.parquet"))
    data = measurement_data.read(sources, Form(), LabelForm(), Faults("drop"))
    assert data.histories.entities.to_pylist() == ["7", "8"] and data.cases.entity.tolist() == [0, 1]


def test_a_time_in_the_label_table_is_never_overlooked(tmp_path):
    names, rows = ["stay_id", "time", "died"], [["007", "0:45", "yes"], ["b", "48:00", "no"]]
    with pytest.raises(ValueError, match="Expected --prediction_time_column time, after which nothing is seen, or"):
        read(tmp_path, labels=(names, rows), label_form=LabelForm())
    timed = read(tmp_path, labels=(names, rows), label_form=LabelForm(time="time")).cases
    assert timed.hour.tolist() == [0.75, 0.75]
    untimed = LabelForm(labels=("died",), time="none")
    assert read(tmp_path, labels=(names, rows), label_form=untimed).cases.hour.tolist() == [np.inf] * 2


@pytest.mark.parametrize("stamp", ["2024-02-01T10:30:00", "01/02/2024 10:30", "2024-02-01T10:30:00+00:00", "10.5"])
def test_times_of_predictions_may_be_written_otherwise_but_not_mean_something_else(tmp_path, stamp):
    rows = [["007", "01/02/2024 10:00", "HR", 1], ["007", "21/02/2024 10:00", "HR", 2]]
    labels = (["stay_id", "prediction_time", "died"], [["007", stamp, "yes"]])
    if stamp.endswith(("Z", "+00:00", ".5")):
        with pytest.raises(ValueError, match="Expected time"):
            read(tmp_path, rows, labels=labels, label_form=LabelForm())
    else:
        assert read(tmp_path, rows, labels=labels, label_form=LabelForm()).cases.hour.tolist() == [0.5]


def test_an_input_named_as_a_label_is_refused(tmp_path):
    static = table(tmp_path, [["007", 1], ["b", 2]], ["stay_id", "score"], "static.csv")
    with pytest.raises(ValueError, match="Received: 'score' as both"):
        read(tmp_path, static=static)
    with pytest.raises(ValueError, match="Received: 'died' as both"):
        read(tmp_path, [*ROWS, ["b", "48:00", "died", "1"]])


def test_no_column_of_the_label_table_is_an_input(tmp_path):
    data = read(tmp_path)
    assert {*data.statics.numbers, *data.statics.words} == set() and "score" not in str(events(data))
    assert data.cases.scores["score"].tolist() == [3.0, 9.0] and list(data.cases.labels) == ["died"]
    with pytest.raises(ValueError, match="Expected --labels, the columns to predict, of died, score"):
        read(tmp_path, label_form=LabelForm())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["007", "yes"], ["c", "no"]], "that have measurements or static fields. Received: 'c' .*labels.csv, line 3"),
        ([["007", "yes"], ["b", ""]], "a label in died of each row. Received: .*labels.csv, line 3"),
        ([["007", "yes"], ["007", "no"]], "of an entity at a time. Received: 'yes' in .*line 2, and 'no' in"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_used_are_named(tmp_path, labels, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, labels=(["stay_id", "died"], labels), label_form=LabelForm())


def test_notes_are_in_order_and_later_ones_are_not_seen(tmp_path):
    rows = [["b", "48:15", "worse"], ["007", "0:10", "fine"], ["b", "47:15", "stable,\nso far"], ["b", "47:20", " "]]
    notes = table(tmp_path, rows, ["stay_id", "time", "text"], "notes.csv")
    found = read(tmp_path, notes=notes).notes
    assert found.of(0) == ["fine"] and found.of(1) == ["stable,\nso far", "worse"]
    assert found.of(1, 0.9) == ["stable,\nso far"]


def test_notes_among_the_measurements_are_notes_and_no_measurements(tmp_path):
    rows = [*ROWS, ["b", "48:15", "report", "worse"], ["007", "0:10", "report", "7"], ["b", "47:20", "report", ""],
            ["c", "10:00", "report", "arrived"], ["c", "12:00", "report", "left"]]  # fmt: skip
    notes = table(
        tmp_path, [["b", "48:15", "worse"], ["b", "48:15", "tired"]], ["stay_id", "charttime", "remark"], "n.csv"
    )
    labels = (["stay_id", "died", "score"], [*LABELS, ["c", "yes", 2]])
    found = read(tmp_path, rows, Form(note_variables=("report",), note="remark"), labels=labels, notes=notes)
    assert [found.notes.of(entity) for entity in range(3)] == [["7"], ["tired", "worse"], ["arrived", "left"]]
    assert found.notes.hours[-2:].tolist() == [0.0, 2.0]  # of an entity without a measurement
    assert events(found) == {**events(read(tmp_path)), "c": []}
    with pytest.raises(ValueError, match=r"note_variables='reports' .did you mean report"):
        read(tmp_path, rows, Form(note_variables=("reports",)), labels=labels)


def test_impossible_values_and_two_units_are_reported(tmp_path):
    limits = table(tmp_path, [["HR", 75, ""]], ["variable", "low", "high"], "limits.csv")
    with pytest.raises(
        ValueError, match=r"values of 'HR' from 75 to inf, by --limits. Received: 70, events.csv, line 6"
    ):
        read(tmp_path, limits=limits)
    assert [name for _, name, _ in events(read(tmp_path, limits=limits, on_bad="drop"))["b"]] == ["Rhythm=af"]
    degrees = [36 + number / 10 for number in range(30)]
    rows = [["007", f"{number}:00", "Temp", of] for number, of in enumerate(degrees + degrees)]
    rows += [["b", f"{number}:00", "Temp", round(of * 1.8 + 32, 1)] for number, of in enumerate(degrees)]
    said = read(tmp_path, rows).said
    assert any(one.startswith("Temp: 60 values from 36 to 38.9 and 30 from 96.8 to 102") for one in said)
    assert not any("two units" in one for one in read(tmp_path, rows[:60] + ROWS[4:]).said)
