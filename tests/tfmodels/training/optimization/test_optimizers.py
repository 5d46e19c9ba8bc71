import keras
import numpy as np
import pytest

from tfmodels.training import AdamW, InverseSquareRoot, Options
from tfmodels.training.optimization.optimizers import SGD, Adagrad, RMSprop, optimizer

STEPS = 12
SHAPES = [(4, 3), (3,), (2, 3, 2)]
SCHEDULE = InverseSquareRoot(0.03, 4)


def run(optimizer, steps=STEPS):
    """Returns the weights after each step."""
    random = np.random.default_rng(0)
    variables = [
        keras.Variable(random.normal(size=shape), dtype="float32", name=f"rank_{len(shape)}_{index}")
        for index, shape in enumerate(SHAPES)
    ]
    optimizer.build(variables)
    values = [[variable.numpy() for variable in variables]]
    for _ in range(steps):
        gradients = [keras.ops.convert_to_tensor(random.normal(size=shape), "float32") for shape in SHAPES]
        optimizer.apply(gradients)
        values.append([variable.numpy() for variable in variables])
    return values


def assert_equal_runs(actual, expected):
    for weights, expected_weights in zip(actual, expected, strict=True):
        for weight, expected_weight in zip(weights, expected_weights, strict=True):
            np.testing.assert_allclose(weight, expected_weight, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("learning_rate", [0.02, SCHEDULE])
def test_updates_are_those_of_keras_with_vectors_left_undecayed(learning_rate):
    options = {"weight_decay": 0.3, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}
    reference = keras.optimizers.AdamW(learning_rate, **options)
    reference.exclude_from_weight_decay(var_names=["rank_1"])
    assert_equal_runs(run(AdamW(learning_rate, **options)), run(reference))


def test_without_decay_it_is_adam():
    options = {"beta_2": 0.98, "epsilon": 1e-9}
    assert_equal_runs(run(AdamW(0.02)), run(keras.optimizers.Adam(0.02, **options)))


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (RMSprop, keras.optimizers.RMSprop, {"momentum": 0.5}),
        (Adagrad, keras.optimizers.Adagrad, {}),
        (SGD, keras.optimizers.SGD, {"momentum": 0.9}),
    ],
)
def test_the_others_are_those_of_keras(ours, theirs, options):
    assert_equal_runs(run(ours(0.02, **options)), run(theirs(0.02, **options)))


def test_decay_pulls_matrices_only():
    plain, decayed = run(SGD(0.1), steps=1), run(SGD(0.1, weight_decay=0.3), steps=1)
    for shape, before, one, other in zip(SHAPES, plain[0], plain[1], decayed[1], strict=True):
        np.testing.assert_allclose(one - other, 0.1 * 0.3 * before * (len(shape) > 1), rtol=1e-4, atol=1e-6)


def test_options_name_the_optimizer():
    made = {
        name: optimizer(Options(optimizer=name, momentum=0.7, beta_2=0.9, ema_decay=0.5), 0.1)
        for name in ("adam", "adamw", "rmsprop", "adagrad", "sgd")
    }
    assert [type(value).__name__ for value in made.values()] == ["AdamW", "AdamW", "RMSprop", "Adagrad", "SGD"]
    assert made["sgd"].momentum == made["rmsprop"].momentum == 0.7
    assert made["adam"].beta_2 == 0.9
    assert {value.average_decay for value in made.values()} == {0.5}


@pytest.mark.parametrize(
    ("name", "learning_rate"), [("adamw", 0.2), ("adam", 0.2), ("rmsprop", 0.1), ("adagrad", 0.5), ("sgd", 0.1)]
)
def test_every_optimizer_finds_a_minimum(name, learning_rate):
    minimum = np.random.default_rng(1).normal(size=[4, 3]).astype("float32")
    variable = keras.Variable(np.zeros([4, 3], "float32"))
    chosen = optimizer(Options(optimizer=name, ema_decay=0.0, weight_decay=0.0), learning_rate)
    chosen.build([variable])
    for _ in range(60):
        chosen.apply([variable - minimum])
    np.testing.assert_allclose(variable.numpy(), minimum, atol=0.1)


@pytest.mark.parametrize("make", [AdamW, SGD])
def test_averages_follow_the_weights(make):
    optimizer = make(0.02, average_decay=0.5)
    values = run(optimizer)
    expected = values[0]
    for step, weights in enumerate(values[1:]):
        keep = min(0.5, (1 + step) / (10 + step))
        expected = [keep * average + (1 - keep) * weight for average, weight in zip(expected, weights, strict=True)]
    assert (1 + STEPS) / (10 + STEPS) > 0.5 > 1 / 10  # both branches
    for average, value in zip(optimizer.averages, expected, strict=True):
        np.testing.assert_allclose(average.numpy(), value, rtol=1e-5, atol=1e-6)


def test_no_averages_are_kept_unless_asked_for():
    optimizer = AdamW()
    run(optimizer, steps=1)
    assert optimizer.averages == []


@pytest.mark.parametrize("learning_rate", [0.02, SCHEDULE])
def test_serialization_keeps_every_option(learning_rate):
    options = {
        "weight_decay": 0.3,
        "beta_1": 0.8,
        "beta_2": 0.95,
        "epsilon": 1e-4,
        "average_decay": 0.7,
        "name": "mine",
    }
    optimizer = AdamW(learning_rate, **options)
    restored = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(restored, AdamW)
    assert {key: restored.get_config()[key] for key in options} == options
    assert_equal_runs(run(restored), run(AdamW(learning_rate, **options)))
