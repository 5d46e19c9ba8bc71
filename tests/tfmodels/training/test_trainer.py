from contextlib import nullcontext
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_task

from tfmodels.training import AdamW, InverseSquareRoot, Options, Trainer, generator_dataset, smoothed_cross_entropy
from tfmodels.training.optimization.objective import next_token

STEPS, CLIP_NORM = 20, 0.3


@pytest.fixture(scope="module", params=["one", "two"])
def scope(request):
    return nullcontext if request.param == "one" else request.getfixturevalue("two_replicas").scope


def train(scope, batches):
    """Returns the trainer and the logs of each step."""
    with scope():
        keras.utils.set_random_seed(1)
        network = toy_task.transformer()
        loss = partial(smoothed_cross_entropy, smoothing=0.1)
        trainer = Trainer(network, loss, smoothed_cross_entropy, CLIP_NORM)
        # The gradient of a key's bias is nothing but rounding, which a smaller epsilon would make full steps of.
        optimizer = AdamW(InverseSquareRoot(1e-2, 5), weight_decay=0.1, epsilon=1e-5, average_decay=0.9)
        trainer.compile(optimizer=optimizer, jit_compile=False)
        trainer(next(iter(batches.dataset()))[0])
        optimizer.build(network.trainable_variables)
    steps = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(logs))
    trainer.fit(batches.dataset(), steps_per_epoch=STEPS, callbacks=[record], verbose=0, shuffle=False)
    return trainer, {name: np.array([logs[name] for logs in steps]) for name in steps[0]}


@pytest.fixture(scope="module")
def trained(two_replicas, tmp_path_factory):
    """The same training by one and by two replicas; only the latter needs filler."""
    folder = tmp_path_factory.mktemp("data")
    one, two = (toy_task.token_batches(folder / "rows", 50, toy_task.seq2seq, replicas) for replicas in (1, 2))
    assert one.waste < two.waste
    assert one.steps_per_epoch < STEPS
    return train(nullcontext, one), train(two_replicas.scope, two)


def test_one_and_two_replicas_train_alike(trained):
    (one, one_logs), (two, two_logs) = trained
    assert (one_logs["gradient_norm"] > CLIP_NORM).all()
    for name, values in one_logs.items():
        np.testing.assert_allclose(two_logs[name], values, rtol=1e-5, atol=1e-5, err_msg=name)
    for variables in ("network.variables", "optimizer.averages"):
        owner, name = variables.split(".")
        pairs = zip(getattr(getattr(one, owner), name), getattr(getattr(two, owner), name), strict=True)
        for expected, actual in pairs:
            np.testing.assert_allclose(actual.numpy(), expected.numpy(), atol=1e-5, err_msg=expected.path)


def test_logged_learning_rate_is_the_one_of_the_update(trained):
    schedule = InverseSquareRoot(1e-2, 5)
    for _, logs in trained:
        np.testing.assert_allclose(logs["learning_rate"], [float(schedule(step)) for step in range(STEPS)], rtol=1e-6)


def test_averaged_weights_are_lent_and_given_back(trained):
    for trainer, _ in trained:
        own = [variable.numpy() for variable in trainer.network.trainable_variables]
        averages = [average.numpy() for average in trainer.optimizer.averages]
        assert not np.allclose(own[0], averages[0])
        with pytest.raises(KeyboardInterrupt), trainer.averaged_weights():
            for variable, average in zip(trainer.network.trainable_variables, averages, strict=True):
                np.testing.assert_array_equal(variable.numpy(), average)
            raise KeyboardInterrupt
        for variable, value in zip(trainer.network.trainable_variables, own, strict=True):
            np.testing.assert_array_equal(variable.numpy(), value)


def bigram_trainer(scope, optimizer, **clipping):
    with scope():
        network = toy_task.Bigrams()
        trainer = Trainer(network, smoothed_cross_entropy, **clipping)
        trainer.compile(optimizer=optimizer, jit_compile=False)
    random = np.random.default_rng(2)
    network.set_weights([random.normal(size=weight.shape) for weight in network.weights])
    trainer(tf.zeros([2, 3], tf.int32))
    return trainer


def dataset_of(*batches):
    signature = tuple(tf.TensorSpec([None, None], array.dtype) for array in batches[0])
    dataset = generator_dataset(lambda: iter(batches), signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))


def tokens(rows, time, seed=0):
    """Inputs, targets and weights; the padding is uneven."""
    random = np.random.default_rng(seed)
    inputs, targets = random.integers(0, toy_task.VOCABULARY, [2, rows, time]).astype("int32")
    weights = (np.arange(time) < random.integers(1, time + 1, [rows, 1])).astype("float32")
    return inputs, targets, weights


def bigram_gradient(table, inputs, targets, weights):
    errors = np.exp(toy_task.log_softmax(table[inputs])) - np.eye(len(table))[targets]
    gradient = np.zeros_like(table)
    np.add.at(gradient, inputs, errors * weights[..., np.newaxis])
    return gradient / weights.sum()


@pytest.mark.parametrize("clip_norm", [0.0, 1e-3, 1e3])
@pytest.mark.parametrize("loss_scaling", [False, True])
def test_update_is_the_clipped_gradient_of_the_mean_over_the_global_batch(scope, clip_norm, loss_scaling):
    with scope():
        optimizer = keras.optimizers.SGD(1.0)
        if loss_scaling:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**10)
    trainer = bigram_trainer(scope, optimizer, clip_norm=clip_norm)
    batch = tokens(rows=4, time=6)
    before = trainer.network.get_weights()[0]
    logs = trainer.fit(dataset_of(batch), verbose=0, shuffle=False).history
    gradient = bigram_gradient(before, *batch)
    norm = np.linalg.norm(gradient)
    assert logs["gradient_norm"][0] == pytest.approx(norm, rel=1e-5)
    factor = clip_norm / norm if 0 < clip_norm < norm else 1.0
    np.testing.assert_allclose(trainer.network.get_weights()[0], before - factor * gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("clip_norm", [0.0, 1e-3])
@pytest.mark.parametrize("loss_scaling", [False, True])
def test_elements_are_clipped_before_the_norm(scope, clip_norm, loss_scaling):
    with scope():
        optimizer = keras.optimizers.SGD(1.0)
        if loss_scaling:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**10)
    trainer = bigram_trainer(scope, optimizer, clip_norm=clip_norm, clip_value=0.01)
    batch = tokens(rows=4, time=6)
    before = trainer.network.get_weights()[0]
    trainer.fit(dataset_of(batch), verbose=0, shuffle=False)
    gradient = bigram_gradient(before, *batch)
    assert np.abs(gradient).max() > 0.01
    gradient = np.clip(gradient, -0.01, 0.01)
    gradient *= clip_norm / np.linalg.norm(gradient) if clip_norm else 1.0
    np.testing.assert_allclose(trainer.network.get_weights()[0], before - gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("scope", "family"), [("one", "lstm"), ("two", "transformer")], indirect=["scope"])
def test_a_batch_in_parts_gives_the_update_of_the_whole(scope, tmp_path, family):
    batches = toy_task.token_batches(tmp_path / "rows", 64, toy_task.seq2seq, replicas=4, batch_tokens=200)
    weights, logs = [], []
    for accumulate in (1, 2):
        with scope():
            keras.utils.set_random_seed(1)
            trainer = Trainer(toy_task.FAMILIES[family](), smoothed_cross_entropy, clip_norm=0.3, accumulate=accumulate)
            optimizer = AdamW(1e-2, epsilon=1e-5)
            trainer.compile(optimizer=optimizer, jit_compile=False)
            trainer(next(iter(batches.dataset()))[0])
            optimizer.build(trainer.network.trainable_variables)
        fitted = trainer.fit(batches.dataset(), steps_per_epoch=6, verbose=0, shuffle=False)
        weights.append(trainer.network.get_weights())
        logs.append(fitted.history)
    assert logs[1]["loss"] == pytest.approx(logs[0]["loss"], rel=1e-5)
    assert logs[1]["gradient_norm"] == pytest.approx(logs[0]["gradient_norm"], rel=1e-4)
    for whole, parts in zip(*weights, strict=True):
        np.testing.assert_allclose(parts, whole, atol=2e-5)


def test_parts_draw_different_dropout_masks(scope):
    with scope():
        keras.utils.set_random_seed(1)
        network = toy_task.Bigrams(dropout=0.5)
        trainer = Trainer(network, smoothed_cross_entropy, accumulate=2)
        trainer.compile(optimizer=keras.optimizers.SGD(1.0), jit_compile=False)
    inputs, targets, weights = tokens(rows=1, time=6)
    trainer(inputs)
    batch = tuple(np.repeat(array, 8, axis=0) for array in (inputs, targets, weights))
    before = [variable.numpy() for variable in network.non_trainable_variables]
    trainer.fit(dataset_of(batch), verbose=0, shuffle=False)
    draws = [variable.numpy() for variable in network.non_trainable_variables]
    assert draws[0][1] - before[0][1] == 2


def test_validation_is_per_token_however_it_is_batched(scope):
    inputs, targets, weights = tokens(rows=12, time=6, seed=3)
    trainer = bigram_trainer(scope, "sgd", metrics=next_token(Options()).metrics)
    scores = toy_task.log_softmax(trainer.network.get_weights()[0][inputs])
    likelihoods = np.take_along_axis(scores, targets[..., np.newaxis], axis=-1)[..., 0]
    loss = -(likelihoods * weights).sum() / weights.sum()
    accuracy = ((scores.argmax(axis=-1) == targets) * weights).sum() / weights.sum()
    assert accuracy > 0
    for cuts in ([], [2], [2, 6, 8]):
        parts = list(zip(*(np.split(array, cuts) for array in (inputs, targets, weights)), strict=True))
        dataset = dataset_of(*parts)
        found = trainer.validate(dataset)
        assert found == pytest.approx({"loss": loss, "accuracy": accuracy}, rel=1e-5)
        assert found == pytest.approx(trainer.evaluate(dataset, verbose=0, return_dict=True), rel=1e-6)
