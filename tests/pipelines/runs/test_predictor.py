import signal
import threading

import numpy as np
import pytest

import pipelines
from pipelines import runs
from pipelines.runs import predictor, registry
from tfmodels import export
from tfmodels.export.graph.field import Field

TEXT = Field("text", "string", (None,))
ECHO = export.Signature({"text": TEXT}, {"text": TEXT})


@pytest.fixture
def run(shout):
    return runs.create(shout, registry.find(shout).Config())


@pytest.fixture
def exported(run):
    given = registry.find(run.task).endpoints(run.config, run)
    return export.save("saved_models/shout", given.endpoints, given.tracked, given.samples, given.card)


def test_run_and_export_predict_the_same(run, exported):
    texts = ["", "two words", "日本語"]
    rows = [{"text": text, "times": 0.5, "further": None} for text in texts]
    models = [pipelines.load(path, task=run.task) for path in (run.name, run.path, exported, str(exported.parent))]
    for model in models:
        assert model.predict(texts) == models[0].predict(texts)
        assert model.predict(rows, "with_options") == models[0].predict(rows, "with_options")
    assert models[0].predict(["one"]) == [{"text": "ONE!", "length": 3, "halves": ["one", "ONE!"]}]
    assert models[0].predict(rows, "with_options")[1] == {"volume": 4.5}


def test_many_rows_are_batched_in_order(run):
    texts = [f"text {number}" for number in range(2 * predictor._BATCH_SIZE + 1)]
    assert [answer["text"] for answer in pipelines.load(run.path, task=run.task).predict(texts)] == [
        f"{t.upper()}!" for t in texts
    ]


def test_inputs_with_a_default_in_the_card_may_be_left_out():
    def call(endpoint, /, text, heat):
        return {"heat": np.array(heat, np.float32)}

    heat = Field("heat", "float32", (None,))
    signature = export.Signature({"text": TEXT, "heat": heat}, {"heat": heat})
    card = {"columns": ["text"], "defaults": {"heat": 0.5, "other": 1}}
    loaded = pipelines.Predictor(card, {"serving_default": signature}, call)
    assert loaded.predict(["a", {"text": "b"}, {"text": "c", "heat": 2}]) == [
        {"heat": 0.5},
        {"heat": 0.5},
        {"heat": 2.0},
    ]


def test_no_batch_is_larger_than_the_limit():
    sizes = []

    def call(endpoint, /, text):
        sizes.append(len(text))
        return {"text": np.array(text, dtype=object)}

    loaded = pipelines.Predictor({"columns": ["text"]}, {"serving_default": ECHO}, call)
    loaded.predict(["a"] * (predictor._BATCH_SIZE + 3))
    assert sizes == [predictor._BATCH_SIZE, 3]
    assert loaded.predict([]) == []
    assert sizes == [predictor._BATCH_SIZE, 3]


def test_as_many_batches_as_cores_run_in_parallel(monkeypatch):
    monkeypatch.setattr(predictor, "usable_cores", lambda: 2)
    both_running = threading.Barrier(2, timeout=60)  # raises if the batches run sequentially

    def call(endpoint, /, text):
        both_running.wait()
        return {"text": np.array(text, dtype=object)}

    texts = [str(number) for number in range(2 * predictor._BATCH_SIZE)]
    loaded = pipelines.Predictor({"columns": ["text"]}, {"serving_default": ECHO}, call)
    assert [answer["text"] for answer in loaded.predict(texts)] == texts


def test_rows_of_similar_length_share_a_batch_and_are_counted():
    batches, counts = [], []

    def call(endpoint, /, text):
        batches.append(text)
        return {"text": np.array([f"{value}!" for value in text], dtype=object)}

    texts = ["a" * length for length in (9, 1) for _ in range(predictor._BATCH_SIZE)]
    loaded = pipelines.Predictor({"columns": ["text"]}, {"serving_default": ECHO}, call)
    answers = loaded.predict(texts, count=counts.append)
    assert [answer["text"] for answer in answers] == [f"{text}!" for text in texts]
    assert [set(batch) for batch in batches] == [{"a"}, {"a" * 9}]
    assert counts == [predictor._BATCH_SIZE] * 2


def test_a_run_traces_only_the_endpoints_in_use(run, monkeypatch):
    given = registry.find(run.task).endpoints(run.config, run)
    monkeypatch.setattr(registry.find(run.task), "endpoints", lambda config, run: given)
    model = pipelines.load(run.name, task=run.task)
    model.predict(["one"])
    assert [endpoint.name for endpoint in given.endpoints if "traced" in vars(endpoint)] == ["serving_default"]
    assert list(model.endpoints) == ["serving_default", "with_options"]


def test_a_row_without_an_input_is_refused(run):
    model = pipelines.load(run.name, task=run.task)
    with pytest.raises(ValueError, match=r"'text' \(text\).*row 2 without \['text'\]; it has \['txet'\]"):
        model.predict([{"text": "a"}, {"txet": "b"}])
    with pytest.raises(ValueError, match=r"row 1 without \['times'\]"):
        model.predict(["a"], "with_options")


def test_keys_have_one_order_in_memory_and_in_an_export(run, exported):
    for model in (pipelines.load(run.name, task=run.task), pipelines.load(exported)):
        assert list(model.predict(["one"])[0]) == ["halves", "length", "text"]
        assert list(model.endpoints["with_options"].inputs) == ["text", "times"]


def test_an_unknown_endpoint_is_refused(run):
    with pytest.raises(ValueError, match="with_options"):
        pipelines.load(run.name, task=run.task).predict(["a"], "with_option")


def test_neither_run_nor_export_is_refused(run, tmp_path):
    with pytest.raises(FileNotFoundError, match="did you mean shout"):
        pipelines.load("shuot")
    with pytest.raises(FileNotFoundError, match="SavedModel"):
        pipelines.load(tmp_path)


def test_ctrl_c_does_not_wait_for_a_model_that_never_answers(interruptible):
    answered = threading.Event()
    loaded = pipelines.Predictor({"columns": ["text"]}, {"serving_default": ECHO}, lambda *_, **__: answered.wait(60))
    main = threading.main_thread().ident
    threading.Timer(0.3, signal.pthread_kill, [main, signal.SIGINT]).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            loaded.predict(["a"])
        assert not answered.is_set()
    finally:
        answered.set()
