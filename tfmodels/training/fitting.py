"""Training from data and a network to the best weights, with resumption."""

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tfmodels.checked_options import OptionError
from tfmodels.training.callbacks.evaluation import Evaluation
from tfmodels.training.callbacks.event_file import EventFiles
from tfmodels.training.callbacks.progress import ProgressBar, evaluation_columns
from tfmodels.training.callbacks.saving import Saving
from tfmodels.training.callbacks.user_callbacks import UserCallbacks
from tfmodels.training.checkpoints import Checkpoints, is_started, restore_best
from tfmodels.training.compute_modes import enable_modes
from tfmodels.training.data import share
from tfmodels.training.data.batches import Batches
from tfmodels.training.devices import cluster
from tfmodels.training.devices.allocator import reuse_freed_memory
from tfmodels.training.devices.strategy import barrier, scope, strategy
from tfmodels.training.optimization import schedules
from tfmodels.training.optimization.objective import Objective, next_token
from tfmodels.training.optimization.optimizers import optimizer
from tfmodels.training.optimization.r_drop import RDrop
from tfmodels.training.options import Options
from tfmodels.training.trainer import Trainer

_MOST_STEPS_BETWEEN_EVALUATIONS = 500  # by default


def fit(
    make_network: Callable[[], keras.Model],
    batches: Batches,
    validation: tf.data.Dataset,
    options: Options,
    folder: Path,
    initialise: Callable[[keras.Model], None] | None = None,
    objective: Objective | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[keras.Model, list[dict]]:
    """Trains a network with Keras' `fit`, or resumes an interrupted training.

    Every `options.interval` steps the network is evaluated on the validation data and the whole state is saved. A
    training that is killed at any step and started again ends with exactly the weights of an uninterrupted one.

    Args:
        make_network: Makes the network, which maps inputs to outputs; called under the distribution strategy.
        batches: Training data.
        validation: Validation data, with the same elements as `batches`.
        options: How to train.
        folder: The run's folder. `checkpoints/`, `tensorboard/` and `history.json` in it are updated at each
            evaluation.
        initialise: Sets weights of the network before the first step, in place of the random ones. Not called when the
            training resumes.
        objective: What to minimise. Default: the cross-entropy of tokens, with the network's outputs as their logits.
        callbacks: Of Keras. An evaluation is their epoch, and its row of the history (`step`, `loss`, `val_loss`,
            `learning_rate` ...) are their logs; `self.model` is the `Trainer`, `self.model.network` the network. They
            are called once, on the host, however many devices train. One that sets `self.model.stop_training` ends the
            training for good; one that raises an error interrupts it: the next call resumes from the last evaluation.
            For their state then see `UserCallbacks`.

    Returns:
        The network with its best weights, and the history, one dict per evaluation.

    Raises:
        FloatingPointError: The loss or the gradient is no longer finite.
        ValueError: A callback sets the learning rate or restores the state, which the training does itself.

    Example:
        `fit(make_network, batches, validation.one_epoch(), Options(steps=1000), Path("runs/small"))`
    """
    cluster.refuse_unjoined()
    objective = objective or next_token(options)
    states = UserCallbacks(callbacks, folder / "checkpoints" / "callbacks.json")
    interval, evaluations = plan(options, batches)
    if 0 < options.steps < evaluations * interval:
        print(
            f"{options.steps:,} steps are rounded up to {evaluations * interval:,}, a whole number of evaluations, of "
            f"which there is one every {interval:,} steps (--training.interval)"
        )
    with scope(options.replicas):
        rate = schedules.schedule(options, evaluations * interval)
    if is_started(folder / "checkpoints"):
        initialise = None
    trainer = build_trainer(make_network, validation, options, rate, initialise, objective)
    network = trainer.network
    checkpoints = Checkpoints(
        folder / "checkpoints", trainer, folder / "history.json", recent=options.average_checkpoints
    )
    done = _restored(checkpoints)
    if done:
        print(f"The training goes on after step {done * interval:,} of {evaluations * interval:,}")
    if done < evaluations and not _stopped(checkpoints, options.patience):
        units_per_step = batches.units_per_epoch / batches.steps_per_epoch
        columns = evaluation_columns(objective.columns, batches.unit)
        progress = ProgressBar(evaluations * interval, done * interval, units_per_step, columns, batches.unit)

        def follow(_: dict | None = None) -> None:
            rate.follow([row["val_loss"] for row in checkpoints.history])

        follow()
        sample = batches.sample(int(validation.cardinality()))
        told = [progress.show, EventFiles(folder / "tensorboard").write] if cluster.is_chief() else []
        evaluation = Evaluation(trainer, validation, sample, checkpoints, batches, objective, interval)
        saving = Saving(evaluation, checkpoints, options.patience, states, [*told, follow])
        with closing(progress):
            trainer.fit(
                _elements(batches, done * interval, options),
                initial_epoch=done,  # an epoch of Keras is what lies between two evaluations
                epochs=evaluations,
                steps_per_epoch=interval,
                callbacks=[progress, evaluation, *callbacks, saving],
                verbose=0,
                shuffle=False,
            )
    barrier()  # the chief has written the last evaluation
    if options.average_checkpoints:
        _try_mean(trainer, validation, checkpoints)
        barrier()
    restore_best(folder / "checkpoints", network)
    return network, checkpoints.history


def _restored(checkpoints: Checkpoints) -> int:
    """Restores the state and returns the evaluations done; the chief is the first, which deletes what is unfinished."""
    done = checkpoints.restore() if cluster.is_chief() else 0
    barrier()
    if not cluster.is_chief():
        done = checkpoints.restore()
    barrier()
    return done


def _elements(batches: Batches, first_step: int, options: Options) -> Any:
    """The batches from a step on; with several machines those of this one."""
    if cluster.joined() is None:
        return batches.dataset(first_step)
    shared = getattr(batches, "shared", None)
    if shared is not None:
        return share.distribute(strategy(options.replicas), partial(shared, first_step))
    return share.distribute(strategy(options.replicas), partial(share.parts, batches.dataset(first_step)))


def _stopped(checkpoints: Checkpoints, patience: int) -> bool:
    """Whether the training was over before its last step."""
    if not checkpoints.history:
        return False
    no_better = patience > 0 and checkpoints.evaluations_without_improvement >= patience
    return no_better or "stopped" in checkpoints.history[-1]


def plan(options: Options, batches: Batches) -> tuple[int, int]:
    """Plans a training.

    Args:
        options: How to train.
        batches: Training data.

    Returns:
        Steps between two evaluations, and the number of evaluations; the training has their product of steps.

    Example:
        `plan(Options(steps=1000, interval=300), batches)` -> `(300, 4)`
    """
    interval = options.interval or min(batches.steps_per_epoch, _MOST_STEPS_BETWEEN_EVALUATIONS)
    return interval, math.ceil((options.steps or options.epochs * batches.steps_per_epoch) / interval)


def build_trainer(
    make_network: Callable[[], keras.Model],
    data: tf.data.Dataset,
    options: Options,
    learning_rate: keras.optimizers.schedules.LearningRateSchedule,
    initialise: Callable[[keras.Model], None] | None = None,
    objective: Objective | None = None,
) -> Trainer:
    """Makes the trainer of a new network, built and compiled under the process's distribution strategy.

    Args:
        make_network: See `fit`.
        data: Elements `(inputs, targets, weights)`; the layers are built by a call on the first row.
        options: How to train. The seed is set, so that two such trainers are equal.
        learning_rate: Learning rate of the optimizer.
        initialise: Sets weights of the built network that should not start at random.
        objective: See `fit`.

    Returns:
        The trainer, with its optimizer built.
    """
    objective = objective or next_token(options)
    reuse_freed_memory()
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
        _r_drop(objective, options),
    )
    with scope(options.replicas):
        trainer.compile(optimizer=optimizer(options, learning_rate), jit_compile=False)
        inputs, *_ = next(iter(data.unbatch().batch(1)))
        trainer(inputs)  # builds each layer
        enable_modes(network, options)
        if initialise:
            initialise(network)  # before the optimizer is built: its averages start at these weights
        trainer.optimizer.build(network.trainable_variables)
    return trainer


def _r_drop(objective: Objective, options: Options) -> RDrop | None:
    if not options.r_drop:
        return None
    if objective.divergence is None:
        expected = "to be 0 with an objective that has no `divergence`: its outputs are no probabilities to compare"
        raise OptionError("training.r_drop", expected, options.r_drop)
    return RDrop(options.r_drop, objective.divergence)


def _try_mean(trainer: Trainer, validation: tf.data.Dataset, checkpoints: Checkpoints) -> None:
    """Keeps the mean of the recent weights as the best if its validation loss is the lowest."""
    with checkpoints.mean_of_recent():
        loss = trainer.validate(validation)["loss"]
        better = checkpoints.save_best(loss)
    print(f"mean of the recent weights: val loss {loss:.4f}, {'kept as the best' if better else 'not better'}")


def validate(network: keras.Model, validation: tf.data.Dataset, objective: Objective | None = None) -> dict[str, float]:
    """Computes the mean loss and metrics of a network.

    Args:
        network: A built network that maps inputs to outputs.
        validation: Elements `(inputs, targets, weights)`.
        objective: What to measure. Default: the loss of tokens (in nats, without label smoothing) and their accuracy.

    Returns:
        `loss` and the metrics by name.

    Example:
        `validate(network, validation.one_epoch())["loss"]`
    """
    objective = objective or next_token(Options())
    trainer = Trainer(network, objective.validation_loss or objective.loss, metrics=objective.metrics)
    trainer.compile(jit_compile=False)
    return trainer.validate(validation)
