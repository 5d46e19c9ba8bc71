"""One call from data and a network to trained weights, resumed where a killed one stopped."""

import math
from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from tfmodels.training.callbacks.evaluation import IntervalEnd
from tfmodels.training.callbacks.event_file import EventFile
from tfmodels.training.callbacks.progress import ProgressBar, interval_columns
from tfmodels.training.checkpoints import Checkpoints, is_started, restore_best
from tfmodels.training.data.token_batches import TokenBatches
from tfmodels.training.data.window_batches import WindowBatches
from tfmodels.training.devices.allocator import keep_freed_memory
from tfmodels.training.devices.strategy import scope
from tfmodels.training.layer_modes import set_modes
from tfmodels.training.optimization import schedules
from tfmodels.training.optimization.objective import Objective, next_token
from tfmodels.training.optimization.optimizers import optimizer
from tfmodels.training.options import Options
from tfmodels.training.trainer import Trainer

_MOST_STEPS_PER_INTERVAL = 500


def fit(
    make_network: Callable[[], keras.Model],
    batches: TokenBatches | WindowBatches,
    validation: tf.data.Dataset,
    options: Options,
    folder: Path,
    initialise: Callable[[keras.Model], None] | None = None,
    objective: Objective | None = None,
) -> tuple[keras.Model, list[dict]]:
    """Trains a network with Keras' `fit`, or goes on with a training that was cut short.

    A training is a row of intervals. At the end of each the network is validated and everything is saved, so that a
    training killed at any step and started again ends with the very weights of one that was not.

    Args:
        make_network: Makes the network, called under the strategy; it maps inputs to outputs.
        batches: Training data.
        validation: Validation data, with the elements of `batches`.
        options: How to train.
        folder: Of the run: takes `checkpoints/`, `tensorboard/` and `history.json`, all brought up to date at the end
            of each interval.
        initialise: Sets weights of the network before the first step, in place of random ones; not called when the
            training goes on from a state of its own.
        objective: What to minimise; by default the cross-entropy of tokens, whose logits the network gives.

    Returns:
        The network with its best weights, and the history, one dict per interval.

    Raises:
        FloatingPointError: The loss or the gradient is no longer finite.
    """
    objective = objective or next_token(options)
    interval = options.interval or min(batches.steps_per_epoch, _MOST_STEPS_PER_INTERVAL)
    intervals = math.ceil((options.steps or options.epochs * batches.steps_per_epoch) / interval)
    with scope(options.replicas):
        rate = schedules.schedule(options, intervals * interval)
    if is_started(folder / "checkpoints"):
        initialise = None
    trainer = build_trainer(make_network, validation, options, rate, initialise, objective)
    network = trainer.network
    checkpoints = Checkpoints(
        folder / "checkpoints", trainer, folder / "history.json", recent=options.average_checkpoints
    )
    done = checkpoints.restore()
    stopped_early = options.patience and checkpoints.intervals_without_better >= options.patience
    if done < intervals and not stopped_early:
        units_per_step = batches.units_per_epoch / batches.steps_per_epoch
        columns = interval_columns(objective.columns, batches.unit)
        progress = ProgressBar(intervals * interval, done * interval, units_per_step, columns, batches.unit)

        def follow(_: dict | None = None) -> None:
            rate.follow([row["val_loss"] for row in checkpoints.history])

        follow()
        sample = batches.sample(int(validation.cardinality()))
        observers = [progress.show, EventFile(folder / "tensorboard").write, follow]
        end = IntervalEnd(
            trainer, validation, sample, checkpoints, batches, objective, interval, options.patience, observers
        )
        try:
            trainer.fit(
                batches.dataset(done * interval),
                initial_epoch=done,
                epochs=intervals,
                steps_per_epoch=interval,
                callbacks=[progress, end],
                verbose=0,
                shuffle=False,
            )
        finally:
            progress.close()
    if options.average_checkpoints:
        _try_mean(trainer, validation, checkpoints)
    restore_best(folder / "checkpoints", network)
    return network, checkpoints.history


def build_trainer(
    make_network: Callable[[], keras.Model],
    data: tf.data.Dataset,
    options: Options,
    learning_rate: keras.optimizers.schedules.LearningRateSchedule,
    initialise: Callable[[keras.Model], None] | None = None,
    objective: Objective | None = None,
) -> Trainer:
    """The trainer of a fresh network as `options` have it, built and compiled under the process's strategy.

    Args:
        make_network: See `fit`.
        data: Elements `(inputs, targets, weights)`; a row of them builds the layers.
        options: How to train; the seed is set, so two such trainers are equal.
        learning_rate: Schedule of the optimizer.
        initialise: Sets weights of the built network that are not to start at random.
        objective: See `fit`.

    Returns:
        The trainer; its optimizer is built too.
    """
    objective = objective or next_token(options)
    keep_freed_memory()
    keras.utils.set_random_seed(options.seed)
    with scope(options.replicas):
        network = make_network()
        trainer = Trainer(
            network,
            objective.loss,
            objective.validation_loss,
            options.clip_norm,
            options.clip_value,
            options.accumulate,
            objective.metrics,
        )
        trainer.compile(optimizer=optimizer(options, learning_rate), jit_compile=False)
        inputs, *_ = next(iter(data.unbatch().batch(1)))
        trainer(inputs)  # builds each layer
        set_modes(network, options)
        if initialise:
            initialise(network)  # before the optimizer is built: its averages start at these weights
        trainer.optimizer.build(network.trainable_variables)
    return trainer


def _try_mean(trainer: Trainer, validation: tf.data.Dataset, checkpoints: Checkpoints) -> None:
    """Keeps the mean of the recent weights as the best, if it is."""
    with checkpoints.mean_of_recent():
        loss = trainer.validate(validation)["loss"]
        better = checkpoints.save_best(loss)
    print(f"mean of the recent weights: val loss {loss:.4f}, {'kept as the best' if better else 'not better'}")


def validate(network: keras.Model, validation: tf.data.Dataset, objective: Objective | None = None) -> dict[str, float]:
    """Mean loss and metrics of a network.

    Args:
        network: Built; maps inputs to outputs.
        validation: Elements `(inputs, targets, weights)`.
        objective: What to measure; by default the loss of tokens (in nats, without label smoothing) and their accuracy.

    Returns:
        `loss` and the metrics by name.
    """
    objective = objective or next_token(Options())
    trainer = Trainer(network, objective.validation_loss, metrics=objective.metrics)
    trainer.compile(jit_compile=False)
    return trainer.validate(validation)
