"""What is known of users: learnt from a table, said in requests, files and frames."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import pipelines
import tfmodels
from pipelines import runs
from pipelines.cli import main
from pipelines.recommendation import case_requests, data, other_events, task
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.recommendation.sides import user_sides
from pipelines.recommendation.sides.event_sides import Sides
from pipelines.recommendation.sides.side_inputs import SideInputs
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.events import feature_table
from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files
from pipelines.sources.files.file_options import FileOptions
from tfmodels import export, training
from tfmodels.checked_options import OptionError
from tfmodels.models import TransformerRecommenderOptions

SMALL = TransformerRecommenderOptions(num_layers=1, d_model=16, feed_forward_dim=16, dropout=0.0, attention_dropout=0.0)
STEPS = training.Options(
    steps=120, interval=120, batch_tokens=256, learning_rate=0.02, warmup_steps=5, label_smoothing=0.0, ema_decay=0.0
)
CONTEXT, NAN = 4, float("nan")
USERS = [(f"u{number}", 20 + 30 * (number % 2), "FM"[number // 2 % 2]) for number in range(80)]


def gift(age, kind):
    return f"gift {'old' if age > 40 else 'young'} {kind}"


def events(users, more=("box", "bow")):
    """After the same card each user gets the gift of their age and kind."""
    return [
        [name, item, step]
        for name, age, kind in users
        for step, item in enumerate(["card", gift(age, kind), *more], start=1)
    ]


def config(**options):
    kept = {
        "max_length": CONTEXT,
        "answers": AnswerOptions(k=4),
        "transformer": SMALL,
        "training": STEPS,
        "baselines": "fast",
    }
    return Config(**{"data": "events.csv", "user_table": "users.csv", "time_format": "order", **kept, **options})


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        last = [["last", item, step] for step, item in enumerate(["box", "bow"] * 3)]  # the validation has no others
        row_files.write("events.csv", ["user", "item", "time"], [*events(USERS), *last])
        rows = [[*USERS[row], "same"] for row in range(4, 80)] + [["nobody", 30, "F", "same"]]
        row_files.write("users.csv", ["user", "age (years)", "kind", "land"], rows)
        run = preparation.prepare(task, runs.create("recommendation", config()))
        task.fit(run.config, run)
        yield run


def asked(**known):
    return {"items": [*[""] * (CONTEXT - 1), "card"], **known}


def test_a_column_of_users_decides_what_is_next(fitted):
    model = predictor.of_run(fitted)
    for age, kind in ((20, "F"), (50, "F"), (20, "M"), (50, "M")):
        answer = model.predict([asked(age_years=float(age), kind=kind, land="same")])[0]
        assert answer["items"][0] == gift(age, kind) and answer["scores"][0] > 0.9
    plain, unknown = model.predict([asked(), asked(age_years=NAN, kind="X", land="")])
    assert plain["scores"] == pytest.approx(unknown["scores"]) and plain["scores"][0] < 0.9
    line = model.predict(["card"], "lines")[0]
    assert line["items"] == plain["items"] and line["scores"] == pytest.approx(plain["scores"])
    assert task.explain(fitted.config, fitted, "card").numbers["history"] == ["card"]


def test_the_preparation_says_whom_it_knows(fitted):
    notes = " ".join(data.notes(fitted))
    assert "user table: 77 users; 'age (years)' number, 'kind' category, 'land' category" in notes
    assert "5 of 81 users have no row in the user table" in notes and "1 of its rows are of users without" in notes
    cells, starts = data.array(fitted, data.CELLS), data.array(fitted, "starts")
    assert not cells[: starts[4]].any() and (cells[starts[4] : starts[80]] > 0).all()
    assert cells[starts[4]].tolist() == [1, 1, 1] and cells[starts[7]].tolist() == [2, 2, 1]


def test_an_export_answers_as_the_run(fitted, checks_in_this_process):
    assert main.main(["export", "recommendation"]) == 0
    rows = [asked(age_years=50.0, kind="M", land="same"), asked(), asked(age_years=NAN, kind="ü", land="same")]
    answers = (one.predict(rows) for one in (pipelines.load("saved_models/recommendation"), predictor.of_run(fitted)))
    for served, own in zip(*answers, strict=True):
        assert served["items"] == own["items"] and served["scores"] == pytest.approx(own["scores"], abs=1e-5)
    loaded = export.load("saved_models/recommendation")
    none = {"kind": np.zeros(0, object), "land": np.zeros(0, object), "age_years": np.zeros(0, np.float32)}
    assert loaded.call("serving_default", items=np.zeros([0, CONTEXT], object), **none)["items"].shape == (0, 4)
    card = json.loads(next(Path("saved_models/recommendation").glob("*/assets.extra/tfmodels.json")).read_text())
    assert card["defaults"] == {"age_years": None, "kind": "", "land": ""}
    assert any("lines: nothing is known of the user." in one for one in card["limits"])


def test_events_of_a_file_say_it_in_columns(fitted, capfd):
    others = [(f"other {number}", age, kind) for number, (_, age, kind) in enumerate(USERS[:8])]
    said = {name: [age, kind, "same"] for name, age, kind in others}
    rows = [[*row, *said[row[0]]] for row in events(others, ())]
    columns = ["user", "item", "time", "age (years)", "kind", "land"]
    row_files.write("other.csv", columns, rows)
    other = replace(fitted, other="other.csv")
    cases, notes = other_events.cases(fitted.config, other, "other", data.catalogue(fitted))
    assert not any("unknown" in note for note in notes[:-1])
    requests = case_requests.columns(fitted, cases, data.catalogue(fitted), CONTEXT)
    assert requests["kind"] == list("FFMMFFMM") and [age >= 50 for age in requests["age_years"]] == [False, True] * 4
    assert main.main(["evaluate", "recommendation", "--data", "other.csv"]) == 0
    assert json.loads((fitted.path / "report.other.json").read_text())["metrics"]["hr@1"] == 1
    # A later row may leave out what an earlier one said.
    row_files.write("asked.csv", columns, [["a", "card", 1, "50", "M", ""], ["a", "nothing", 2, "", "", ""]])
    capfd.readouterr()
    (row,) = task.requests(Path("asked.csv"), task.endpoints(fitted.config, fitted).card)
    assert (row["age_years"], row["kind"], row["land"]) == (50.0, "M", "") and capfd.readouterr().err == ""
    row_files.write("asked.csv", columns[:5], [["a", "card", 1, "old", "male"]])
    (row,) = task.requests(Path("asked.csv"), task.endpoints(fitted.config, fitted).card)
    assert np.isnan(row["age_years"]) and (row["kind"], row["land"]) == ("male", "")
    said = capfd.readouterr().err
    assert (
        "of users is unknown: 'land'" in said
        and "'old' is none" in said
        and "1 of 1 values" in said
        and "'male'" in said
    )


def test_frames_and_the_class(fitted, capfd):
    model = tfmodels.Recommender.load("recommendation")
    asked_of = pd.DataFrame({"user": ["x", "y"], "item": "card", "time": 1})
    users = pd.DataFrame(
        {"user": ["y", "x", "z"], "age (years)": [20, 50, 20], "kind": ["M", "F", "F"], "land": "same"}
    )
    found = model.predict(asked_of, user_table=users)
    best = found[found["rank"] == 1].set_index("user")["item"]
    assert best["x"] == gift(50, "F") and best["y"] == gift(20, "M")
    joined = model.predict(asked_of.merge(users, on="user"))
    pd.testing.assert_frame_equal(joined, found)
    with pytest.raises(ValueError, match="Expected events with users, for user_table"):
        model.predict([["card"]], user_table=users)
    with pytest.raises(ValueError, match="Expected a column for --user_features: user, kind"):
        model.predict(asked_of, user_table=users[["user", "kind"]])
    assert "0 of 2 users have no row" in capfd.readouterr().err


def test_runs_from_before_there_were_users_open(fitted):
    content = json.loads((fitted.assets / data.CONTENT).read_text())
    del content["sides"]["users"]
    (fitted.path / "old").mkdir()
    old = replace(fitted, path=fitted.path / "old")
    old.assets.mkdir()
    (old.assets / data.CONTENT).write_text(json.dumps(content))
    assert data.sides(old) == Sides(False, [])


@given(
    st.lists(st.floats(width=32) | st.sampled_from([0.0, -1.0, 1.0, 1e300, -1e300]), min_size=1, max_size=30),
    st.lists(st.floats(), max_size=20),
)
def test_groups_of_numbers_are_the_same_in_the_graph(learnt, more):
    learnt = [*learnt, 0.0]  # a column without any number is left out
    table = feature_table.FeatureTable(
        [*map(str, range(len(learnt)))], {"n": "number"}, {"n": np.array(learnt)}, {}, []
    )
    columns = user_sides.learn(table, table.ids, np.ones(len(learnt), bool), [])
    assert len(columns) == 1 and len(columns[0]["bounds"]) < 10
    values = np.array([*learnt, *more])
    ids = user_sides.numbered(columns, {"n": values}, len(values))
    served = user_sides._as_served(values)
    made = SideInputs(Sides(False, [], columns))
    lengths = tf.ones([len(values)], tf.int32)
    assert made.ids({"n": tf.constant(served)}, lengths, 2)[:, 0].numpy().tolist() == ids.tolist()
    assert (ids[:, 0] > 0).tolist() == np.isfinite(served).tolist()
    again = [user_sides.inputs_of(columns, row)["n"] for row in ids]  # what a report asks for
    assert user_sides.numbered(columns, {"n": np.array(again)}, len(again)).tolist() == ids.tolist()


def users_of(rows, *, columns=("user", "age"), on_bad="error", wanted="", known=("a", "b", "c")):
    row_files.write("table.csv", [*columns], rows)
    wanted = feature_table.parse(wanted, "user")
    table = feature_table.read("table.csv", "user", "", wanted, FileOptions(), Faults(on_bad))
    return table, user_sides.learn(table, list(known), np.ones(len(known), bool), ("items", "k"))


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([["a", 1], ["a", 2]], {}, r"one row a user, column 'user'.*table\.csv, line 3"),
        ([["a", 1], ["", 2]], {}, r"a user in each row.*table\.csv, line 3"),
        ([["1.0", 1]], {}, r"Expected users of the training events, such as 'a', in the user table\. Received: '1\.0'"),
        ([["a", "x"]], {"wanted": "age:number"}, "Expected numbers in column 'age', by --user_features"),
        ([["a", "x"]], {"wanted": "age:text"}, r"\(number, category\), such as age:number,gender"),
        ([["a", "x"], ["b", "y"]], {}, "that at least 2 users of training share. Received: 'age' of the user table"),
        ([["a", "x"]], {"columns": ("user", "items")}, "Received: 'items' as 'items'; rename it"),
        (
            [["a", "x", "y"], ["b", "x", "y"]],
            {"columns": ("user", "a b", "a_b")},
            "Received: 'a_b' as 'a_b'; rename it",
        ),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path, monkeypatch, rows, options, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=words):
        users_of(rows, **options)


def test_words_of_one_user_are_not_read_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [["a", "New York"], ["b", "New York"], ["c", "Rome"], ["d", "Rome"]]
    rows = [[*row, f"{row[0]}@example.org"] for row in rows]
    table, columns = users_of(rows, columns=("user", "town", "e-mail"))
    assert columns == [{"name": "town", "input": "town", "words": ["New York"]}]  # d has no event
    known = user_sides.of_table(table, ["a", "c", "x"])
    ids = user_sides.numbered(columns, known, 3)
    assert ids.tolist() == [[1], [0], [0]]
    said = user_sides.said(columns, known, ids)
    assert "'e-mail' is left out" in said[0] and "'town': 1 of 2 values count as unknown, such as 'Rome'" in said[1]


def test_sessions_have_the_columns_of_their_user(fitted):
    rows = [[name, item, 1_700_000_000 + 3600 * step] for name, item, step in events(USERS[:20])]
    rows += [[name, item, 1_800_000_000 + 3600 * step] for name, item, step in events(USERS[:20], ("box", "bow") * 3)]
    row_files.write("visits.csv", ["user", "item", "time"], rows)
    run = runs.create("recommendation", config(data="visits.csv", time_format="", session_gap=24.0), "sessions")
    preparation.prepare(task, run)
    cells, starts = data.array(run, data.CELLS), data.array(run, "starts")
    assert len(starts) == 41 and (cells[starts[8] :] > 0).all() and not cells[: starts[8]].any()


def test_columns_of_users_need_a_table():
    with pytest.raises(OptionError, match="user_table to be a table of users, with user_features"):
        Config(user_features="age")
