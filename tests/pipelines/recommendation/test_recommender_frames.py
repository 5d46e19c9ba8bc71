"""The class `tfmodels.Recommender`: frames of events in, frames of items and scores out."""

import numpy as np
import pandas as pd
import pytest

import pipelines
import tfmodels
from pipelines.cli import main

ITEMS = [f"part {number}, ü" for number in range(9)]
OPTIONS = {
    "max_length": 4,
    "baselines": "fast",
    "answers": {"k": 3},
    "transformer": {"num_layers": 1, "d_model": 16, "feed_forward_dim": 16, "dropout": 0.0},
    "training": {"steps": 60, "interval": 30, "batch_tokens": 256, "learning_rate": 0.03, "warmup_steps": 5},
}


def events(users=40, first="user"):
    """Each item is followed by the next one."""
    rows = [
        [f"{first} {user}", ITEMS[(user + step) % len(ITEMS)], pd.Timestamp(2024, 1, 1 + user % 9, step)]
        for user in range(users)
        for step in range(4 + user % 4)
    ]
    return pd.DataFrame(rows, columns=["user", "item", "time"])


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        titles = pd.DataFrame({"item": [*ITEMS, "new"], "title": [*(f"A {item}" for item in ITEMS), "A part"]})
        yield tfmodels.Recommender(run="framed", **OPTIONS).fit(events(), titles)


def test_users_get_what_is_next(fitted):
    found = fitted.predict(events(12, "nobody"))
    assert list(found) == ["user", "rank", "item", "score"]
    best = found[found["rank"] == 1].set_index("user")["item"]
    for user in range(12):
        assert best[f"nobody {user}"] == ITEMS[(user + 4 + user % 4) % len(ITEMS)]
    assert (found.groupby("user")["rank"].apply(list).map(len) == 3).all() and found["score"].between(0, 1).all()


def test_frames_files_lists_and_the_command_answer_alike(fitted):
    some = events(12)
    expected = fitted.predict(some)
    some.to_csv("some.csv", index=False)
    pd.testing.assert_frame_equal(fitted.predict("some.csv"), expected)
    assert main.main(["predict", "framed", "--input", "some.csv", "--output", "answers.csv"]) == 0
    pd.testing.assert_frame_equal(pd.read_csv("answers.csv"), expected, atol=1e-6)
    histories = some.groupby("user", sort=False)["item"].apply(list).tolist()
    by_list = fitted.predict(histories)
    assert by_list["user"].unique().tolist() == list(range(12))
    np.testing.assert_allclose(by_list["score"], expected["score"], atol=1e-5)
    assert by_list["item"].tolist() == expected["item"].tolist()
    loaded = tfmodels.Recommender.load("framed").predict(some)
    pd.testing.assert_frame_equal(loaded, expected, atol=1e-6)
    exported = pipelines.load(fitted.export()).predict([{"items": [*[""] * 2, *histories[0][-2:]]}])[0]
    short = fitted.predict(histories[0][-2:])
    assert short["item"].tolist() == exported["items"]
    np.testing.assert_allclose(short["score"], exported["scores"], atol=1e-5)


def test_unknown_items_are_said_and_the_empty_history_gets_the_popular_ones(fitted, capfd):
    found = fitted.predict([[], ["nobody has it"]])
    assert "has not 1 of 1 items, such as 'nobody has it'" in capfd.readouterr().err
    assert found["item"][:3].tolist() == found["item"][3:].tolist()
    assert fitted.predict([[ITEMS[0]]])["user"].tolist() == [0, 0, 0]
    assert capfd.readouterr().err == ""


def test_unknown_items_of_histories_are_counted_and_said_once(fitted, capfd):
    some = pd.concat([events(3), pd.DataFrame({"user": "z", "item": ["x", ITEMS[0], "12.0"], "time": "2024-01-01"})])
    some["time"] = pd.to_datetime(some["time"])
    fitted.predict(some)
    assert "has not 2 of 10 items, such as '12.0'; they are skipped; ids are texts" in capfd.readouterr().err
    some[some["item"] != "x"].to_csv("unknown.csv", index=False)
    assert main.main(["predict", "framed", "--input", "unknown.csv", "--output", "answers.csv"]) == 0
    said = capfd.readouterr().err
    assert said.count("warning") == 1
    assert "1 of 14 items of the histories are unknown to the model; they are skipped, such as '12.0'; ids are" in said
    report = fitted.evaluate(some)
    assert any("1 of 14 items of the histories are unknown" in note for note in report.notes), report.notes


@pytest.mark.parametrize("column", ["user", "item"])
def test_ids_that_are_numbers_with_a_decimal_point_are_refused(fitted, column):
    wrong = pd.DataFrame({"user": [1, 1], "item": [7, 8], "time": [1, 2], column: [12.0, float("nan")]})
    with pytest.raises(ValueError, match=f"Expected ids of {column}s as texts.*Received: 12.0 in column '{column}'"):
        fitted.predict(wrong)
    if column == "item":
        with pytest.raises(ValueError, match="Expected ids of items"):
            tfmodels.Recommender(run="wrong", **OPTIONS).fit(events(), pd.DataFrame({"item": [1.0], "title": "x"}))


def test_neighbours_and_explanations(fitted):
    found = fitted.similar([ITEMS[2], "new"])
    assert list(found) == ["item", "rank", "neighbour", "score"] and set(found["item"]) == {ITEMS[2], "new"}
    explained = fitted.explain([ITEMS[2], ITEMS[3]])
    assert explained.numbers["history"] == [ITEMS[2], ITEMS[3]] and explained.numbers["items"][0] == ITEMS[4]
    assert fitted.explain("\n".join(ITEMS[2:4])).numbers == explained.numbers


def test_the_same_fit_opens_the_run_and_other_data_is_scored(fitted, capsys):
    assert fitted.run_.config.item_table
    report = fitted.evaluate(events(20, "other"))
    assert report.metrics["hr@1"] > 0.9, report.metrics
    titles = pd.read_parquet(fitted.run_.config.item_table)
    assert tfmodels.Recommender(run="framed", **OPTIONS).fit(events(), titles).report.metrics == fitted.report.metrics
    with pytest.raises(ValueError, match="overwrite"):
        tfmodels.Recommender(run="framed", **OPTIONS).fit(events(30), titles)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda one: one.predict([["part 1", 7]]), r"items as texts, such as '7'\. Received: 7 of type int, number 1"),
        (lambda one: one.predict([[7.0]]), "items as texts"),
        (lambda one: one.predict(7), "Expected a frame of events, a list of items"),
        (lambda one: one.predict(["part 1", ["part 2"]]), "Expected a list of items. Received: 'part 1'"),
        (lambda one: one.similar("part 1"), "Expected a list of items"),
        (lambda one: one.explain([]), "Expected an item in each line"),
        (lambda one: one.explain(["part\n1"]), r"items without line breaks.*'part\\n1'"),
        (lambda one: one.predict(events()[["user", "time"]]), "Expected a column of the item"),
        (lambda one: tfmodels.Recommender(max_lenght=3), "did you mean max_length"),
        (lambda one: tfmodels.Recommender().predict([["part 1"]]), "Expected a Recommender that is trained"),
    ],
)
def test_what_cannot_be_answered_is_refused(fitted, asked, words):
    with pytest.raises(ValueError, match=words):
        asked(fitted)
