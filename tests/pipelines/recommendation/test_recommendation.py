import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import runs
from pipelines.recommendation import batches, data, task, training_rows
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.recommendation.packed_histories import padded
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels import training
from tfmodels.checked_options import OptionError
from tfmodels.metrics.next_items import item_ranking, next_item_baselines
from tfmodels.models import TransformerRecommenderOptions

SMALL = TransformerRecommenderOptions(num_layers=1, d_model=16, feed_forward_dim=16, dropout=0.0, attention_dropout=0.0)
STEPS = training.Options(
    steps=60, interval=30, batch_tokens=256, learning_rate=0.03, warmup_steps=5, label_smoothing=0.0, ema_decay=0.0
)
ITEMS = [f"part {number}, ü" for number in range(9)]


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here; in `events.csv` each item is followed by the next one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        rows = [
            [f"user {user}", ITEMS[(user + step) % len(ITEMS)], 1_700_000_000 + 100 * user + step]
            for user in range(40)
            for step in range(4 + user % 4)
        ]
        row_files.write("events.csv", ["user", "item", "time"], rows)
        yield Path.cwd()


@pytest.fixture(scope="module")
def fitted(workplace):
    config = Config(data="events.csv", max_length=4, answers=AnswerOptions(k=12), transformer=SMALL, training=STEPS)
    run = preparation.prepare(task, runs.create("recommendation", config))
    task.fit(config, run)
    return run


def test_what_follows_is_learnt_and_the_report_scores_what_is_served(fitted):
    report = task.evaluate(fitted.config, fitted, "test")
    assert report.metrics["hr@1"] > 0.9
    assert report.data and report.data in report.caption
    assert report.baselines["most popular"]["hr@1"] < 0.5
    cases, names = data.cases(fitted, "test"), data.items(fitted)
    found = predictor.of_run(fitted).predict([{"items": padded(one, 4)} for one in histories(cases, names)])
    right = [names[target] for target in cases.targets]
    hits = [item in row["items"][:5] for item, row in zip(right, found, strict=True)]
    assert report.metrics["hr@5"] == pytest.approx(np.mean(hits))
    rows = list(report.answers.rows())
    assert [row[1] for row in rows] == right
    assert [json.loads(row[3]) for row in rows] == [row["items"][: row["count"]] for row in found]


def histories(cases, names):
    of = cases.histories
    return [[names[item] for item in of.items[start:end]] for start, end in zip(of.starts, of.ends, strict=True)]


def test_baselines_of_a_report_are_those_of_the_library(fitted):
    report = task.evaluate(fitted.config, fitted, "validation")
    cases, names = data.cases(fitted, "validation"), data.items(fitted)
    trained, time = data.training_histories(fitted)
    for name, model in next_item_baselines.fit(trained, len(names), time):
        ranking = item_ranking.rank(model.scores, cases.histories, cases.targets, len(names), 9)
        assert report.baselines[name]["hr@1"] == pytest.approx((ranking.ranks <= 1).mean())


def test_recommendations_are_written_for_each_user(fitted):
    card = {**task.endpoints(fitted.config, fitted).card}
    rows = task.requests(Path("events.csv"), card)
    assert rows.users[:2] == ["user 0", "user 1"]
    assert rows[0]["items"] == ITEMS[:4]
    assert rows[3]["items"] == [ITEMS[place] for place in (6, 7, 8, 0)]
    outputs = predictor.of_run(fitted).predict(rows)
    task.answers(Path("answers.csv"), rows, outputs, card)
    written = [cells for _, cells in row_files.read("answers.csv").rows]
    first = [cells for cells in written if cells[0] == "user 0"]
    assert [cells[2] for cells in first] == outputs[0]["items"][: outputs[0]["count"]]
    assert [cells[1] for cells in first] == [str(rank) for rank in range(1, 6)]  # four of nine items were seen
    assert first[0][2] == ITEMS[4]


def test_an_explanation_names_the_items_of_the_history(fitted, tmp_path):
    explanation = task.explain(fitted.config, fitted, f"never seen, <b>\n{ITEMS[2]}\n{ITEMS[3]}")
    assert explanation.numbers["history"] == ["never seen, <b>", ITEMS[2], ITEMS[3]]
    assert explanation.numbers["items"][0] == ITEMS[4]
    first, *others = explanation.numbers["contributions"]
    assert first == 0 and max(others) == others[-1] > 0
    written = explanation.write(tmp_path / "drawn")
    assert [path.name for path in written] == ["items.png", "items.html", "numbers.json"]
    assert "<b>" not in written[1].read_text().partition("</head>")[2]
    with pytest.raises(ValueError, match="Expected an item in each line"):
        task.explain(fitted.config, fitted, "\n")


@pytest.mark.parametrize(
    "changed",
    [{"context": 0}, {"context": 10**9}, {"context": "4"}, {"table": {}}, {"table": {"form": {"user": 3}}}],
)
def test_a_card_of_another_form_is_refused(fitted, changed):
    card = task.endpoints(fitted.config, fitted).card
    with pytest.raises(ValueError, match="Expected"):
        task.requests(Path("events.csv"), {**card, **changed})


def test_all_next_items_of_training_are_in_its_rows_once(fitted):
    trained, _ = data.training_histories(fitted)
    rows = training.TokenRows(fitted.assets / "train")
    expected = sorted(
        (int(trained.items[place]) + 1, int(trained.items[place + 1]) + 1)
        for start, end in zip(trained.starts, trained.ends, strict=True)
        for place in range(start, end - 1)
    )
    every = np.arange(len(rows))
    items, targets = (rows.padded(column, every, 4) for column in ("items", "targets"))
    there = targets > 0
    assert sorted(zip(items[there].tolist(), targets[there].tolist(), strict=True)) == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(1, 5))
def test_pieces_predict_each_event_but_the_first_once(lengths, most):
    ends = np.cumsum(lengths)
    starts, stops = training_rows.pieces(ends - lengths, ends, most)
    predicted = [place for start, stop in zip(starts, stops, strict=True) for place in range(start + 1, stop)]
    assert sorted(predicted) == sorted({*range(sum(lengths))} - {*(ends - lengths)[np.array(lengths) > 0]})
    assert all(1 <= stop - start - 1 <= most for start, stop in zip(starts, stops, strict=True))


def test_events_after_a_date_may_be_of_users_and_items_that_training_has_not(workplace):
    config = Config(data="events.csv", split="date", validation_share=0.2, test_share=0.3, transformer=SMALL)
    run = preparation.prepare(task, runs.create("recommendation", config, "dated"))
    cases, names = data.cases(run, "test"), data.items(run)
    assert any("by date" in note for note in data.notes(run))
    lengths = cases.histories.ends - cases.histories.starts
    assert (lengths == 0).any() and (lengths > 0).any()
    validation = training.TokenRows(run.assets / "validation")
    assert len(validation) <= len(data.cases(run, "validation").user)
    assert cases.targets.max() < len(names)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": " "}, "data"),
        ({"split": "random"}, "split"),
        ({"validation_share": 0.5, "test_share": 0.5}, "test_share"),
        ({"loss": "sampled", "training": training.Options(label_smoothing=0.1)}, "label_smoothing"),
        ({"loss": "gbce", "sampling": "in_batch"}, "sampling"),
        ({"training": training.Options(r_drop=1.0, label_smoothing=0.0)}, "r_drop"),
        ({"delimiter": "ab"}, "delimiter"),
    ],
)
def test_wrong_options_are_refused_by_name(options, words):
    with pytest.raises(OptionError, match=f"Expected .*{words}"):
        Config(**options)


def test_a_split_that_there_is_not_is_refused(fitted):
    with pytest.raises(ValueError, match="Received: split='train'"):
        data.cases(fitted, "train")


def test_the_order_of_ties_is_drawn_and_said(workplace):
    rows = [[f"user {user}", f"item {(user + step) % 8}", step // 4] for user in range(8) for step in range(8)]
    row_files.write("tied.csv", ["user", "item", "time"], rows)
    found = []
    for tie_order in (0, 1, 1, 2):
        config = Config(data="tied.csv", time_format="order", tie_order=tie_order, transformer=SMALL)
        run = preparation.prepare(task, runs.create("recommendation", config, f"tied {tie_order} {len(found)}"))
        (said,) = (note for note in data.notes(run) if note.startswith("test: 8 events"))
        assert "before 8 is another at the same time" in said
        found.append([data.items(run)[item] for item in data.training_histories(run)[0].items if item >= 0])
    assert found[1] == found[2] != found[3] and found[0] != found[1]


def test_validation_holds_few_logits_at_a_time(fitted, monkeypatch):
    whole = task.datasets(fitted.config, fitted)["validation"]
    monkeypatch.setattr(batches, "_LOGITS", 9 * 12)
    pieces = task.datasets(fitted.config, fitted)["validation"]
    assert pieces.rows_per_epoch == whole.rows_per_epoch and pieces.steps_per_epoch > whole.steps_per_epoch
    assert max(len(inputs["items"]) for inputs, _, _ in pieces.one_epoch()) <= 12


def test_a_sample_of_training_is_measured_as_validation_is(fitted):
    made = task.datasets(fitted.config, fitted)
    sample, validation = made["train"].sample(1000), made["validation"].one_epoch()
    assert sample.element_spec == validation.element_spec
    rows = training.TokenRows(fitted.assets / "train")
    expected = sorted(tuple(row) for row in rows.padded("targets", np.arange(len(rows)), 4).tolist())
    found = []
    for inputs, targets, _ in sample.as_numpy_iterator():
        for items, row in zip(inputs["items"], targets, strict=True):
            assert (row[1:] == items).all()
            known = items[items > 0]
            found.append((*known[1:], row[0], *[0] * (4 - len(known))))
    assert sorted(found) == expected
