import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from pipelines import runs
from pipelines.recommendation import batches, case_requests, data, task, training_rows
from pipelines.recommendation.config import AnswerOptions, Config
from pipelines.recommendation.item_recommender import ItemRecommender
from pipelines.recommendation.sides import event_sides
from pipelines.recommendation.sides.event_sides import Sides, bounds
from pipelines.recommendation.sides.side_inputs import SideInputs
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels import training
from tfmodels.models import TransformerRecommender, TransformerRecommenderOptions

SMALL = TransformerRecommenderOptions(num_layers=1, d_model=16, feed_forward_dim=16, dropout=0.0, attention_dropout=0.0)
HOUR, CONTEXT = 3600, 5
SIDES = Sides(True, [{"name": "kind of", "input": "kind_of", "words": ["buy", "look"]}])


def config(**options):
    return Config(
        data="events.csv",
        max_length=CONTEXT,
        answers=AnswerOptions(k=5, exclude_seen=False),
        transformer=SMALL,
        training=training.Options(
            steps=120, interval=60, batch_tokens=256, learning_rate=0.02, warmup_steps=5, label_smoothing=0.0,
            ema_decay=0.0,
        ),
        **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """What is next follows from the time since the last event and from its kind, not from any item."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        random, rows = np.random.default_rng(0), []
        for user in range(120):
            time, item = 1_700_000_000 + user, "start"
            for _ in range(7):
                kind = random.choice(["buy", "look"])
                rows.append([f"user {user}", item, time, kind])
                hours = random.choice([1, 100])
                time += int(hours * HOUR)
                item = f"{'soon' if hours == 1 else 'late'} {kind}"
        row_files.write("events.csv", ["user", "item", "time", "kind of"], rows)
        run = runs.create("recommendation", config(time_gaps=True, context_columns="kind of"))
        run = preparation.prepare(task, run)
        task.fit(run.config, run)
        yield run


def test_gaps_and_columns_say_what_is_next(fitted):
    report = task.evaluate(fitted.config, fitted, "test")
    assert report.metrics["hr@1"] > 0.9
    assert max(scores["hr@1"] for scores in report.baselines.values()) < 0.6


def test_an_answer_follows_what_a_request_says(fitted):
    model = predictor.of_run(fitted)
    history = ["", "", "start", "late buy", "soon look"]
    for hours, kind, expected in ((1.0, "buy", "soon buy"), (100.0, "buy", "late buy"), (1.0, "look", "soon look")):
        asked = {
            "items": history,
            "hours_ago": [-1.0, float("nan"), 300, 200, hours],
            "kind_of": ["", "", "", "?", kind],
        }
        assert model.predict([asked])[0]["items"][0] == expected
        lines = f"start\t300\nlate buy\t200\t?\nnobody has it\t7\tbuy\nsoon look\t{hours}\t{kind}"
        assert model.predict([lines], "lines")[0]["items"][0] == expected
    plain = model.predict([{"items": history}])[0]
    assert plain["count"] == 5 and plain["scores"][0] < 0.9  # nothing is known beside the items
    unknown = model.predict([{"items": history, "hours_ago": [-1.0] * 5, "kind_of": [""] * 5}])[0]
    assert plain["scores"] == pytest.approx(unknown["scores"])


def test_scores_and_options_read_what_is_beside(fitted):
    model = predictor.of_run(fitted)
    asked = {"items": ["start"] * 5, "hours_ago": [5.0, 4, 3, 2, 1], "kind_of": ["buy"] * 5}
    answer = model.predict([asked])[0]
    candidates = [*answer["items"], *[""] * 95]
    scored = model.predict([{**asked, "candidates": candidates}], "score")[0]
    assert scored["scores"][:5] == pytest.approx(answer["scores"], rel=1e-3)
    options = {"exclude": [""] * 100, "candidates": [""] * 100, "exclude_seen": False, "k": 2}
    assert model.predict([{**asked, **options}], "with_options")[0]["items"][:2] == answer["items"][:2]
    explained = task.explain(fitted.config, fitted, "start\nsoon buy")
    assert explained.numbers["history"] == ["start", "soon buy"]


def test_requests_of_a_file_are_at_its_latest_event(fitted):
    rows = [
        ["a", "start", 1_700_000_000, "buy"],
        ["a", "late buy", 1_700_003_600, ""],
        ["b", "x", 1_700_007_200, "odd"],
    ]
    row_files.write("asked.csv", ["user", "item", "time", "kind of"], rows)
    found = task.requests(Path("asked.csv"), task.endpoints(fitted.config, fitted).card)
    assert found[0]["hours_ago"] == [-1.0, -1.0, -1.0, 2.0, 1.0] and found[0]["kind_of"] == ["", "", "", "buy", ""]
    assert found[1]["hours_ago"][-1] == 0.0 and found[1]["kind_of"][-1] == "odd"


def test_rows_of_validation_are_what_a_request_says(fitted):
    """The same ids by two routes: arrays in NumPy for the training, inputs in the graph for the answers."""
    cases, names = data.cases(fitted, "validation"), data.catalogue(fitted)
    asked = case_requests.columns(fitted, cases, names, CONTEXT)
    inputs = {name: tf.reverse(tf.constant(asked[name]), [1]) for name in ("hours_ago", "kind_of")}
    lengths = (cases.histories.ends - cases.histories.starts).clip(max=CONTEXT)
    packed = {name: tf.reverse_sequence(one, lengths, 1) for name, one in inputs.items()}
    found = SideInputs(data.sides(fitted)).ids(packed, tf.constant(lengths, tf.int32), CONTEXT).numpy()
    expected = training_rows.read_sides(fitted, "validation")
    there = (np.arange(CONTEXT) < lengths[:, None])[..., None]
    assert len(expected) == len(found) and ((found == expected) | ~there).all() and expected.max() > 1


def test_gaps_are_groups_of_hours():
    hour = 3_600_000_000
    time = np.array([0, 1, 3, 103, 0], np.int64) * hour
    cells = np.array([[1], [2], [0], [1], [2]], np.int16)
    steps = SIDES.steps(np.array([0]), np.array([3]), time[3:4], time, cells, 4)
    expected = [1 + np.searchsorted(bounds(), np.float32(gap), side="right") for gap in (1, 2, 100)]
    assert steps[0].tolist() == [[expected[0], 1], [expected[1], 2], [expected[2], 0], [0, 0]]
    assert SIDES.sizes == [47, 2]


def test_unknown_items_are_skipped_with_what_is_beside_them():
    network = TransformerRecommender(3, SMALL, max_length=4, sides=SIDES.sizes)
    network.build()
    recommender = ItemRecommender(network, ["a", "b", "c"], k=3, exclude_seen=False, sides=SideInputs(SIDES))

    def answer(items, hours, kinds):
        asked = {"hours_ago": tf.constant([hours]), "kind_of": tf.constant([kinds])}
        return recommender.answer(tf.constant([items]), **asked)["scores"].numpy()

    plain = answer(["", "a", "b"], [0.0, 5.0, 2.0], ["", "buy", "look"])
    skipped = answer(["a", "nobody", "b", ""], [5.0, 3.0, 2.0, 0.0], ["buy", "buy", "look", "buy"])
    np.testing.assert_allclose(plain, skipped, atol=1e-6)
    assert abs(plain - answer(["", "a", "b"], [0.0, 5.0, 4.0], ["", "buy", "look"])).max() > 1e-4
    assert abs(plain - answer(["", "a", "b"], [0.0, 5.0, 2.0], ["", "buy", "buy"])).max() > 1e-4


def test_batches_have_what_is_beside(fitted):
    made = batches.make(fitted.config, fitted)
    for dataset in (made["train"].dataset(), made["train"].sample(2), made["validation"].one_epoch()):
        inputs, *_ = next(iter(dataset))
        assert inputs["sides"].shape == (*inputs["items"].shape, 2)
        assert not inputs["sides"].numpy()[inputs["items"].numpy() == 0].any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": "lines.txt", "time_gaps": True}, "Expected events with times"),
        ({"data": "lines.txt", "context_columns": "kind"}, "Expected a table of events"),
        ({"context_columns": "other"}, "Expected a column for --context_columns"),
        ({"time_format": "order", "time_gaps": True}, "numbers that only order"),
    ],
)
def test_what_events_have_not_is_refused(fitted, options, words):
    Path("lines.txt").write_text("a x y z\nb x z y\n")
    run = runs.create("recommendation", Config(**{"data": "events.csv", "transformer": SMALL, **options}), "refused")
    with pytest.raises(ValueError, match=words):
        preparation.prepare(task, run)


def learnt(values):
    """What is learnt of a column `kind` with these values, one event each."""
    texts = list(dict.fromkeys(values))
    cells = np.array([[texts.index(value) if value else -1] for value in values], np.int32)
    events = SimpleNamespace(texts={"kind": texts}, cells=cells, is_clock=False, time=None)
    return event_sides.learn(False, "kind", events, np.ones(len(values), bool))


def test_columns_of_measured_numbers_are_refused_and_what_is_not_read_is_said():
    with pytest.raises(ValueError, match=r"categories.*'kind' with 1,001 numbers, such as '0\.5'"):
        learnt([f"{number}.5" for number in range(1001)] + ["unknown"] * 9)
    sides, notes = learnt([f"word {number}" for number in range(1200)] + ["word 7"] * 800)
    assert len(sides.columns[0]["words"]) == 1000 and sides.columns[0]["words"][0] == "word 7"
    assert len(notes) == 1
    assert "the 1,000 most frequent of 1,200 texts are read; 10.0% of its cells have others" in notes[0]
    assert "its 30 numbers are read as categories" in learnt([str(number) for number in range(30)])[1][0]
    assert learnt(["0", "1", "", "1"])[1] == [] == learnt(["nan", "buy"])[1]
