"""Other events to score, other runs to start from, and the neighbours of an item table."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.recommendation import case_requests, data, other_events, start, task
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.runs import predictor, report
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels import training
from tfmodels.models import TransformerRecommenderOptions

SMALL = TransformerRecommenderOptions(num_layers=1, d_model=16, feed_forward_dim=16, dropout=0.0, attention_dropout=0.0)
STEPS = training.Options(
    steps=60, interval=30, batch_tokens=256, learning_rate=0.03, warmup_steps=5, label_smoothing=0.0, ema_decay=0.0
)
ITEMS = [f"part {number}" for number in range(9)]


def events(users, items=ITEMS):
    """Each item is followed by the next one."""
    return [
        [f"user {user}", items[(user + step) % len(items)], 1_700_000_000 + 3600 * step, "ab"[step % 2]]
        for user in range(users)
        for step in range(4 + user % 4)
    ]


def config(file, **options):
    kept = {"max_length": 4, "answers": AnswerOptions(k=3), "transformer": SMALL, "training": STEPS}
    return Config(data=file, time_gaps=True, context_columns="kind", item_table="items.csv", **kept, **options)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        columns = ["user", "item", "time", "kind"]
        row_files.write("events.csv", columns, events(40))
        row_files.write("more.csv", columns, events(30, [*ITEMS[1:], "brand new"]))
        table = [[item, f"The {item}", item[-1] in "02468"] for item in [*ITEMS, "brand new"]]
        row_files.write("items.csv", ["item", "title", "even"], [[*row[:2], str(row[2])] for row in table])
        run = preparation.prepare(task, runs.create("recommendation", config("events.csv")))
        task.fit(run.config, run)
        yield run


def test_other_events_are_scored_on_the_last_one_of_each_user(fitted):
    rows = events(12)
    rows += [["new user", "part 3", 1_700_000_000, "a"], ["new user", "nobody has it", 1_700_003_600, "b"]]
    rows += [["once", "part 3", 1_700_000_000, "a"]]
    row_files.write("other.csv", ["user", "item", "time", "kind"], rows)
    assert main.main(["evaluate", "recommendation", "--data", "other.csv"]) == 0
    found = report.read(fitted.path / "report.other.json")
    assert found.split == "other" and found.rows == 13
    right = predictor.of_run(fitted).predict(
        [
            {
                "items": [""] * (4 - min(len(one) - 1, 4)) + [row[1] for row in one[:-1]][-4:],
                "hours_ago": [-1.0] * (4 - min(len(one) - 1, 4)) + [float(n) for n in range(len(one) - 1, 0, -1)][-4:],
                "kind": [""] * (4 - min(len(one) - 1, 4)) + [row[3] for row in one[:-1]][-4:],
            }
            for one in (rows[at : at + 4 + user % 4] for user, at in enumerate(np.cumsum([0] + [4, 5, 6, 7] * 3)[:12]))
        ]
    )
    last = [events(12)[end - 1][1] for end in np.cumsum([4, 5, 6, 7] * 3)]
    hits = sum(row["items"][0] == item for row, item in zip(right, last, strict=True))
    assert found.metrics["hr@1"] == pytest.approx(hits / 13) and hits >= 10
    assert any("13 users is predicted, 1 of them of items" in note for note in found.notes)
    assert main.main(["evaluate", "recommendation", "--data", "other.csv", "--split", "test"]) == 2


def test_files_are_answered_with_the_repeats_and_sessions_of_training(fitted):
    """What `predict` asks is the whole of the last session that `evaluate --data` scores."""
    hours = [
        ("part 1", 0),
        ("part 1", 1),
        ("part 2", 2),
        ("part 3", 40),
        ("part 3", 41),
        ("part 4", 42),
        ("part 3", 43),
    ]
    rows = [[user, item, 1_700_000_000 + 3600 * hour, "a"] for user in "ab#1" for item, hour in hours]
    row_files.write("visits.csv", ["user", "item", "time", "kind"], rows)
    cut = replace(fitted.config, repeats="neighbours", session_gap=24.0)
    card = {"table": data.file_table(cut, fitted), "context": 4, "sides": asdict(data.sides(fitted))}
    asked = task.requests(Path("visits.csv"), card)
    assert asked.users == ["a", "b", "#", "1"]
    assert [row["items"] for row in asked] == [["", "part 3", "part 4", "part 3"]] * 4
    assert asked[0]["hours_ago"] == [-1.0, 3.0, 1.0, 0.0]
    cases, _ = other_events.cases(cut, replace(fitted, other="visits.csv"), "other", data.catalogue(fitted))
    scored = case_requests.columns(fitted, cases, data.catalogue(fitted), 4)["items"]
    assert scored[1::2] == [["", "", "part 3", "part 4"]] * 4
    del card["table"]["limits"], card["sides"]["users"]  # as of an earlier export
    whole = task.requests(Path("visits.csv"), card)
    assert whole[0]["items"] == ["part 3", "part 3", "part 4", "part 3"]


def test_a_run_that_starts_from_another_knows_its_items_words_and_columns(fitted):
    again = preparation.prepare(
        task, runs.create("recommendation", config("more.csv", start_from="recommendation"), "again")
    )
    network = task.model(again.config, again)
    network.build()
    start.initialise(again.config, again, network)
    origin = task._recommender(fitted.config, fitted).network
    old, new = data.catalogue(fitted), data.items(again)
    assert "brand new" in new and "part 0" not in new
    vectors, before = network.table().numpy(), origin.table().numpy()
    for place, item in enumerate(new):
        if item in data.items(fitted):
            np.testing.assert_allclose(vectors[place + 1], before[old.index(item) + 1], atol=1e-4)
    np.testing.assert_array_equal(network.counts, data.counts(again))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        preparation.prepare(task, runs.create("recommendation", config("more.csv", start_from="nowhere"), "other"))


def test_side_columns_in_another_place_start_anew(fitted):
    other = replace(fitted.config, context_columns="", time_gaps=False)
    assert start._sides(fitted, fitted)["side_0/vectors"].tolist() == [*range(48)]
    kinds = start._sides(fitted, fitted)["side_1/vectors"].tolist()
    assert kinds == [0, 1, 2]
    assert other.start_from == ""


def test_neighbours_of_an_item_table_are_written(fitted):
    row_files.write("asked.csv", ["item", "title"], [["part 3", "x"], ["nobody has it", "y"], ["brand new", "z"]])
    command = ["predict", "recommendation", "--endpoint", "similar", "--input", "asked.csv"]
    assert main.main([*command, "--output", "neighbours.csv"]) == 0
    rows = [cells for _, cells in row_files.read("neighbours.csv").rows]
    found = predictor.of_run(fitted).predict([{"item": "part 3"}, {"item": "brand new"}], "similar")
    expected = [
        [item, str(rank), other]
        for item, one in zip(["part 3", "brand new"], found, strict=True)
        for rank, other in enumerate(one["items"], start=1)
    ]
    assert [row[:3] for row in rows] == expected and len(expected) == 6
