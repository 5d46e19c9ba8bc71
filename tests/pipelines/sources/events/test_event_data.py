import gzip
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.events import event_data
from pipelines.sources.events.event_form import Form, Limits
from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files

NAMES = ["user_id", "item_id", "rating", "timestamp"]
ROWS = [
    ["anna", "007", 5, 1_700_000_300],
    ["bo", "1.0", 4, 1_700_000_100],
    ["anna", "ü/ß", 3, 1_700_000_200],
    ["anna", 'a, "b"', 4, 1_700_000_400],
    ["bo", "007", 1, 1_700_000_100],
]


def read(path, form=None, limits=None, on_bad="error"):
    return event_data.read(str(path), form or Form(), limits or Limits(), Faults(on_bad))


def items(data):
    """User -> items in order."""
    sequences = data.sequences
    names = sequences.events.items.to_pylist()
    return {
        user: [names[item] for item in sequences.of(number)]
        for number, user in enumerate(sequences.events.users.to_pylist())
    }


def table(folder, rows, names=NAMES, ending="csv"):
    path = folder / f"events.{ending}"
    row_files.write(path, names, rows)
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "jsonl", "parquet"])
def test_every_format_gives_the_same_sequences_of_texts(tmp_path, ending):
    data = read(table(tmp_path, ROWS, ending=ending))
    assert items(data) == {"anna": ["ü/ß", "007", 'a, "b"'], "bo": ["1.0", "007"]}
    assert "columns: user 'user_id', item 'item_id', time 'timestamp', written as s since 1970" in data.notes
    assert "2 users, 4 items, 5 events; 2.5 events a user, 3 at most" in data.notes
    assert any(note.startswith("1 of 3 events (33%) have the time of their user's event before") for note in data.notes)


def test_whole_numbers_of_parquet_are_their_digits(tmp_path):
    data = read(table(tmp_path, [[7, 12, 1.0, 1_700_000_000], [7, 3, 1.0, 1_700_000_009]], ending="parquet"))
    assert items(data) == {"7": ["12", "3"]}


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        ("rating>=4", {"anna": ["007", 'a, "b"'], "bo": ["1.0"]}),
        ("rating>1,rating!=4", {"anna": ["ü/ß", "007"]}),
        ("rating=4.0|1", {"anna": ['a, "b"'], "bo": ["1.0", "007"]}),
        ("item_id=007", {"anna": ["007"], "bo": ["007"]}),
    ],
)
def test_keep_leaves_the_rows_that_meet_all_conditions(tmp_path, keep, left):
    assert items(read(table(tmp_path, ROWS), Form(keep=keep))) == left


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        ("rating", "Received: keep='rating'"),
        ("rating>=many", "'many', which is no number"),
        ("raiting>4", r"keep='raiting'.*did you mean rating"),
        ("user_id>4", "'anna', events.csv, line 2"),
        ("rating>5", "none in .*events.csv"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused(tmp_path, keep, words):
    with pytest.raises(ValueError, match=words):
        read(table(tmp_path, ROWS), Form(keep=keep))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "x", 1, 1_700_000_000], "Expected a user in each row. Received: an empty cell .*events.csv, line 7"),
        (["bo", " ", 1, 1_700_000_000], "Expected an item in each row. .*line 7"),
        (["bo", "x", 1, "soon"], "Received: 'soon', events.csv, line 7"),
    ],
)
def test_faulty_rows_are_named_or_left_out(tmp_path, capsys, row, words):
    rows = [*ROWS, *([f"user {number}", "x", 1, 1_700_000_500 + number] for number in range(9))]
    path = table(tmp_path, [*ROWS, row, *rows[5:]])
    with pytest.raises(ValueError, match=words):
        read(path)
    faults = Faults("drop")
    data = event_data.read(str(path), Form(), Limits(), faults)
    assert items(data) == items(read(table(tmp_path, rows)))
    faults.report()
    assert "the row is left out: 1 times" in capsys.readouterr().err


def test_columns_are_named_found_or_refused(tmp_path):
    rows = [[*row[:2], row[3]] for row in ROWS]
    path = table(tmp_path, rows, ["who", "what:token", "when"])
    with pytest.raises(ValueError, match=r"--user_column. Received: who, what:token, when"):
        read(path)
    with pytest.raises(ValueError, match=r"for --item_column.*did you mean what:token"):
        read(path, Form(user="who", item="what:tokn"))
    assert items(read(path, Form("who", "what:token", "when"))) == items(read(table(tmp_path, ROWS, ending="tsv")))
    found = read(path, Form("who", "what:token"))
    assert items(found)["anna"] == ["007", "ü/ß", 'a, "b"']  # in the order of the rows
    assert any(note.startswith("no column of time") for note in found.notes)


def test_numbers_that_only_order_events_are_asked_for(tmp_path):
    path = table(tmp_path, [["a", "x", 1, 9], ["a", "y", 1, 2.5], ["a", "z", 1, 11]])
    with pytest.raises(ValueError, match="--time_format order"):
        read(path)
    assert items(read(path, Form(time_format="order"))) == {"a": ["y", "x", "z"]}
    with pytest.raises(ValueError, match="session_gap=1 and numbers that only order"):
        read(path, Form(time_format="order"), Limits(session_gap=1))


def test_files_that_are_split_already_are_refused(tmp_path):
    for name in ("train.csv", "test.csv"):
        row_files.write(tmp_path / name, NAMES, ROWS)
    with pytest.raises(ValueError, match=r"not split.*train.csv, test.csv"):
        read(tmp_path)


def test_files_of_a_folder_are_one_table(tmp_path):
    row_files.write(tmp_path / "2023.csv", NAMES, ROWS[:2])
    row_files.write(tmp_path / "2024.csv", NAMES, ROWS[2:])
    whole = items(read(tmp_path))
    assert whole == items(read(table(tmp_path, ROWS, ending="jsonl")))


def test_sequences_ready_made_are_those_of_a_table(tmp_path):
    path = tmp_path / "shop.txt.gz"
    path.write_bytes(gzip.compress("anna ü/ß 007  a,b\n\nbo 1.0\t007 \n".encode()))
    data = read(path)
    assert items(data) == {"anna": ["ü/ß", "007", "a,b"], "bo": ["1.0", "007"]}
    assert data.sequences.events.time is None


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("a x y\nb\n", "an item after the user.* Received: 'b', .*line 2", {"a": ["x", "y"]}),
        ("a x\nb y\na z\n", "one line for each user.* Received: 'a', .*line 3", {"a": ["x"], "b": ["y"]}),
    ],
)
def test_faulty_lines_are_named_or_left_out(tmp_path, text, words, left):
    path = tmp_path / "shop.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        read(path)
    assert items(read(path, on_bad="drop")) == left


@pytest.mark.parametrize("text", ["196\t242\t3\t881250949\n", "1::1193::5::978300760\n", "user,item,time\n"])
def test_a_table_that_does_not_say_so_is_not_read_as_sequences(tmp_path, text):
    path = tmp_path / "u.data"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a table of events has its ending.* Received: .*u.data, line 1"):
        read(path)


def test_empty_files_are_refused(tmp_path):
    (tmp_path / "shop.txt").write_text("\n\n")
    with pytest.raises(ValueError, match=r"shop.txt without any"):
        read(tmp_path / "shop.txt")
    with pytest.raises(FileNotFoundError, match=r"shpo.txt.*did you mean shop.txt"):
        read(tmp_path / "shpo.txt")


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=4).filter(str.strip)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 5)), min_size=1, max_size=12))
def test_any_ids_are_read_as_they_were_written(tmp_path, rows):
    expected = {}
    for user, item, _ in sorted(rows, key=lambda row: row[2]):  # stable, as ties are
        expected.setdefault(user, []).append(item)
    path = tmp_path / "events.jsonl"
    lines = (json.dumps(dict(zip(("user", "item", "time"), row, strict=True))) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    form = Form(time_format="order")
    assert items(read(path, form)) == expected
    csv = table(tmp_path, [list(row) for row in rows], ["user", "item", "time"])
    assert items(read(csv, form)) == expected


def test_ties_are_drawn_by_a_seed(tmp_path):
    rows = [["a", str(number), 5, 1_700_000_000 + number // 20] for number in range(40)]
    data = read(table(tmp_path, rows))
    assert items(data)["a"] == [str(number) for number in range(40)]
    drawn = [event_data.reordered(data.sequences, seed) for seed in (1, 1, 2)]
    assert (drawn[0].events.item == drawn[1].events.item).all()
    assert (drawn[0].events.item != drawn[2].events.item).any()
    assert set(drawn[0].events.item[:20]) == set(data.sequences.events.item[:20])
    assert (np.diff(drawn[0].events.time) >= 0).all()
