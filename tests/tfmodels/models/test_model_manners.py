"""Every public model by every manner of a Keras user; a new model is added by a line in the table."""

import tempfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras_manners import MANNERS, SLOW, Subject, assert_on_page, close, outcome

from tfmodels import layers, models

VOCABULARY, CLASSES, ROWS = 17, 3, 4
LSTM = models.LSTMOptions(num_layers=2, d_model=8)
SHAPE = models.ForecastShape(channels=2, context=12, horizon=4, known=1)
random = np.random.default_rng(0)


def ids(*shape):
    return random.integers(4, VOCABULARY, (ROWS, *shape)).astype("int32")


def transformer(options_type):
    return options_type(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12)


def forecaster(family, **options):
    def make(**kwargs):
        return family(SHAPE, layers.QuantileHead([0.1, 0.5]), family.options_type(**options), **kwargs)

    return Subject(make, {"inputs": WINDOWS}, skips=("float ids",))


PAIRS = {"inputs": {"source": ids(6), "target": ids(5)}}
QUESTIONS = {"inputs": {"question": ids(4), "context": ids(9)}}
READING = {"max_answer_length": 3, "window": 8, "overlap": 4}
NO_XLA = {"jit_compile": "Model doesn't support `jit_compile=True`. Proceeding with `jit_compile=False`."}
WINDOWS = {
    "values": random.normal(size=(ROWS, 12, 2)).astype("float32"),
    "known": random.normal(size=(ROWS, 16, 1)).astype("float32"),
}
EVENTS = {
    "time": np.sort(random.uniform(0, 48, (ROWS, 6)), axis=1).astype("float32"),
    "variable": np.where(np.arange(6) < 1, 0, ids(6) % 5 + 1).astype("int32"),
    "value": np.where(random.random((ROWS, 6)) < 0.2, np.nan, random.normal(size=(ROWS, 6))).astype("float32"),
    "static": random.normal(size=(ROWS, 2)).astype("float32"),
    "note": np.stack([ids(4), ids(4)], axis=1),
    "note_time": random.uniform(0, 48, (ROWS, 2)).astype("float32"),
}
SUBJECTS = {
    "TransformerSeq2Seq": Subject(
        lambda **kwargs: models.TransformerSeq2Seq(VOCABULARY, transformer(models.TransformerOptions), **kwargs), PAIRS
    ),
    "LSTMSeq2Seq": Subject(lambda **kwargs: models.LSTMSeq2Seq(VOCABULARY, LSTM, **kwargs), PAIRS),
    "TransformerClassifier": Subject(
        lambda **kwargs: models.TransformerClassifier(
            VOCABULARY, CLASSES, transformer(models.TransformerClassifierOptions), ngrams=2, spelling=True, **kwargs
        ),
        {"ids": ids(6)},
    ),
    "LSTMClassifier": Subject(
        lambda **kwargs: models.LSTMClassifier(VOCABULARY, CLASSES, LSTM, word_dropout=0.1, **kwargs), {"ids": ids(6)}
    ),
    "HierarchicalClassifier": Subject(
        lambda **kwargs: models.HierarchicalClassifier(VOCABULARY, CLASSES, LSTM, **kwargs), {"ids": ids(3, 5)}
    ),
    "TransformerReader": Subject(
        lambda **kwargs: models.TransformerReader(
            VOCABULARY, transformer(models.TransformerReaderOptions), **READING, **kwargs
        ),
        QUESTIONS,
        NO_XLA,
    ),
    "LSTMReader": Subject(
        lambda **kwargs: models.LSTMReader(
            VOCABULARY, models.LSTMReaderOptions(num_layers=1, d_model=8), **READING, **kwargs
        ),
        QUESTIONS,
        NO_XLA,
    ),
    "TransformerRecommender": Subject(
        lambda **kwargs: models.TransformerRecommender(
            VOCABULARY, models.TransformerRecommenderOptions(num_layers=1, d_model=8, feed_forward_dim=12), **kwargs
        ),
        {"inputs": ids(6)},
    ),
    "LSTMRecommender": Subject(
        lambda **kwargs: models.LSTMRecommender(
            VOCABULARY, models.LSTMRecommenderOptions(d_model=8, attention="additive"), **kwargs
        ),
        {"inputs": ids(6)},
    ),
    "TransformerEventClassifier": Subject(
        lambda **kwargs: models.TransformerEventClassifier(
            5, 2, transformer(models.TransformerEventOptions), static_fields=2, note_tokens=VOCABULARY, **kwargs
        ),
        {"inputs": EVENTS},
    ),
    "LSTMEventClassifier": Subject(
        lambda **kwargs: models.LSTMEventClassifier(
            5, 2, models.LSTMEventOptions(d_model=8), static_fields=2, note_tokens=VOCABULARY, **kwargs
        ),
        {"inputs": EVENTS},
        NO_XLA,
        export_tolerance=0.02,  # a state that decays
    ),
    "LinearForecaster": forecaster(models.LinearForecaster),
    "LSTMForecaster": forecaster(models.LSTMForecaster, d_model=8, num_layers=1, decoder="steps"),
    "AttentionLSTMForecaster": forecaster(models.AttentionLSTMForecaster, d_model=8, num_layers=1, patch=5),
    "TransformerForecaster": forecaster(models.TransformerForecaster, num_layers=1, d_model=8, patch=4),
}


def own_summary(subject):
    """That of the model itself has shapes and the numbers of weights before its first call, too."""
    model, lines = subject.make(), []
    model.build()
    model.summary(line_length=250, print_fn=lambda text, **_: lines.append(text))
    text = "\n".join(lines)
    assert "?" not in text, text
    assert "unbuilt" not in text, text


def fitted_itself(subject):
    """`compile`, `fit` with a part held back, `evaluate` and `predict`; NumPy's own integers are ids."""
    (inputs,) = keras.tree.map_structure(
        lambda array: array.astype("int64") if array.dtype == "int32" else array, list(subject.arguments.values())
    )
    model = subject.make()
    model.compile("adam", "mse", metrics=["mae"])
    targets = np.zeros(model(inputs).shape, "float32")
    history = model.fit(inputs, targets, batch_size=2, validation_split=0.5, verbose=0).history
    assert {"loss", "mae", "val_loss", "val_mae"} <= history.keys()
    predicted = model.predict(inputs, batch_size=3, verbose=0)
    assert predicted.shape == targets.shape
    scores = model.evaluate(inputs, targets, batch_size=2, verbose=0, return_dict=True)
    assert scores["loss"] == pytest.approx(np.square(predicted).mean(), rel=1e-4)
    loaded = saved_and_loaded(model)
    assert (loaded.loss, int(loaded.optimizer.iterations)) == ("mse", 1)  # it trains on where it was saved


def saved_and_loaded(model):
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras")


def exported(subject):
    """Of a built model that was never called; texts may be longer and floats wider than the first ones."""
    model = subject.make(dtype="mixed_bfloat16")
    model.build()
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        loaded = tf.saved_model.load(folder)
        (inputs,) = keras.tree.map_structure(tf.constant, list(subject.arguments.values()))
        for given in (inputs, longer(inputs)):
            answers = [tf.cast(of(given), tf.float32) for of in (loaded.serve, model)]
            close(*answers, subject.export_tolerance)


def longer(inputs):
    """The same text, or the same measurements, twice; series and static fields have one length."""
    if isinstance(inputs, dict) and "variable" in inputs:
        return {name: of if name == "static" else tf.concat([of, of], axis=-1) for name, of in inputs.items()}
    return keras.tree.map_structure(
        lambda tensor: tf.concat([tensor, tensor], axis=-1) if tensor.dtype == tf.int32 else tensor[:1], inputs
    )


def float_ids(subject):
    """Floats are ids, too, and half precision rounds none."""
    model = subject.make(dtype="mixed_bfloat16")
    as_floats = keras.tree.map_structure(lambda array: array.astype("float32"), subject.arguments)
    np.testing.assert_array_equal(model(**as_floats), model(**subject.arguments))


MODEL_MANNERS = {
    "compile, fit, evaluate, predict": fitted_itself,
    "export": exported,
    "summary before a call": own_summary,
    "float ids": float_ids,
    **MANNERS,
}


COMPILED = ("compile, fit, evaluate, predict", "export")  # seconds of a core for each model
COMPILED_FIRST = ("TransformerSeq2Seq", "TransformerClassifier", "LinearForecaster")  # pairs, texts and series


def cells(manners):
    return [(name, manner) for name in SUBJECTS for manner in manners]


def fast_cells():
    return [
        pytest.param(name, manner, marks=pytest.mark.slow if manner in COMPILED and name not in COMPILED_FIRST else ())
        for name, manner in cells([one for one in MODEL_MANNERS if one not in SLOW])
    ]


@pytest.mark.parametrize(("name", "manner"), fast_cells())
def test_models_have_the_manners_of_keras(name, manner):
    outcome(SUBJECTS[name], manner, MODEL_MANNERS)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "manner"), cells(SLOW))
def test_models_train_in_half_precision_by_xla_and_on_two_replicas(name, manner, two_replicas):
    outcome(SUBJECTS[name], manner, MODEL_MANNERS)


def test_every_public_model_is_in_the_table():
    public = (getattr(models, name) for name in dir(models))
    classes = {one for one in public if isinstance(one, type) and issubclass(one, keras.Model)}
    assert {one.__name__ for one in classes} - SUBJECTS.keys() == {
        "Classifier",
        "EventClassifier",
        "Forecaster",
        "Reader",
        "Recommender",
    }  # what families share


def test_the_table_of_models_is_on_the_page():
    assert_on_page(SUBJECTS, MODEL_MANNERS)


def test_a_forecaster_that_is_loaded_trains_on_by_the_loss_of_its_head():
    model, targets = SUBJECTS["LinearForecaster"].make(), np.zeros([ROWS, 4, 2], "float32")
    model.compile("adam", model.head.loss)
    model.fit(WINDOWS, targets, verbose=0)
    loaded = saved_and_loaded(model)
    assert loaded.evaluate(WINDOWS, targets, verbose=0) == pytest.approx(model.evaluate(WINDOWS, targets, verbose=0))
    for one in (model, loaded):
        one.fit(WINDOWS, targets, verbose=0)
    for mine, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["TransformerSeq2Seq", "LSTMSeq2Seq", "LinearForecaster"])
def test_inputs_without_their_names_are_refused_in_a_sentence(name):
    model, names = SUBJECTS[name].make(), next(iter(SUBJECTS[name].arguments.values()))
    model.build()
    for given in (list(names.values()), next(iter(names.values()))):
        with pytest.raises(ValueError, match=rf"Expected a dict of the inputs \['{next(iter(names))}'"):
            model(given)


@pytest.mark.parametrize("family", [models.TransformerSeq2Seq, models.LSTMSeq2Seq])
def test_a_model_that_copies_says_what_trains_it(family):
    with pytest.raises(ValueError, match=r"copy=True, which `tfmodels.training.fit` trains"):
        family(VOCABULARY, copy=True).compile("adam", "sparse_categorical_crossentropy")
