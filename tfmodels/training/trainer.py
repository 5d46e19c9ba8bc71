"""The train step: the same update for any number of replicas, on one machine or on several."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tfmodels.training.data import share
from tfmodels.training.optimization.r_drop import RDrop


class Trainer(keras.Model):
    """Trains a network under `fit` so that 1, 2 or N replicas give the same update for the same global batch.

    The loss is the weighted sum over the global batch, divided by the sum of its weights. Gradients are summed over the
    replicas, then clipped by their global norm, then applied once. Keras' own step divides per replica and clips before
    the sum.

    Args:
        network: Maps `inputs` to outputs.
        loss: `loss(targets, outputs)` for each weighted element (such as a token), in training.
        validation_loss: The same in validation. Default: `loss`.
        clip_norm: Maximum global norm of the gradient; 0 does not clip.
        clip_value: Maximum absolute value of each element of the gradient, applied before `clip_norm`; 0 does not clip.
        accumulate: Number of parts that each batch is split into. They are computed one after the other, which needs
            less memory and gives the same update. Each replica's number of rows must be a multiple of it.
        metrics: Name -> `metric(targets, outputs)` for each element; validation computes the weighted mean.
        r_drop: Trains two passes with different dropout to agree. Default: one pass.

    Elements of the datasets are `(inputs, targets, weights)`; `weights` is float32, 0 at padding and filler.
    Training logs `loss`, `gradient_norm` (before clipping) and `learning_rate`; validation logs `loss` and the means of
    `metrics`.
    Call the trainer once before `fit`: on several replicas `fit` would build the layers with ids converted to floats.
    The network is made under the strategy, the trainer outside of it, or Keras could not train it on several machines.

    Example:
        >>> with training.scope():
        ...     network = make_network()
        >>> trainer = Trainer(network, training.smoothed_cross_entropy)
        >>> with training.scope():
        ...     trainer.compile(optimizer=training.AdamW(1e-3))
        ...     trainer(inputs)
        >>> trainer.fit(batches.dataset(), steps_per_epoch=100, shuffle=False)
    """

    def __init__(
        self,
        network: keras.Model,
        loss: Callable[[tf.Tensor, Any], tf.Tensor],
        validation_loss: Callable[[tf.Tensor, Any], tf.Tensor] | None = None,
        clip_norm: float = 0.0,
        clip_value: float = 0.0,
        accumulate: int = 1,
        metrics: Mapping[str, Callable[[tf.Tensor, Any], tf.Tensor]] | None = None,
        r_drop: RDrop | None = None,
    ) -> None:
        super().__init__(dtype=network.dtype_policy)
        self.network = network
        self._train_loss = loss
        self._validation_loss = validation_loss or loss
        self._clip_norm = clip_norm
        self._clip_value = clip_value
        self._accumulate = accumulate
        self._r_drop = r_drop
        self._measured = {"loss": self._validation_loss, **(metrics or {})}
        self._strategy: tf.distribute.Strategy = network.distribute_strategy
        with self._strategy.scope():
            self._totals = {name: keras.metrics.Sum(name=name) for name in (*self._measured, "weight")}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:  # noqa: D102
        return list(self._totals.values())

    def call(self, inputs: Any, training: bool | None = None) -> Any:  # noqa: D102
        return self.network(inputs, training=training)

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """As in Keras, on the devices of the network."""
        with self._strategy.scope():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """As in Keras, on the devices of the network."""
        with self._strategy.scope():
            return super().evaluate(*args, **kwargs)

    def make_train_function(self, force: bool = False) -> None:
        """As in Keras, which takes the mean of what replicas return: on several machines it fails at that."""
        if not self._has_machines:
            super().make_train_function(force)
        elif force or self.train_function is None:
            self.train_function = self._on_all_machines(self.train_step)

    def make_test_function(self, force: bool = False) -> None:
        """See `make_train_function`."""
        if not self._has_machines:
            super().make_test_function(force)
        elif force or self.test_function is None:
            self.test_function = self._on_all_machines(self.test_step)

    @property
    def _has_machines(self) -> bool:
        return isinstance(self._strategy, tf.distribute.MultiWorkerMirroredStrategy)

    def _on_all_machines(self, step: Callable[[tuple], dict[str, tf.Tensor]]) -> Callable:
        """A function of an iterator; of batches themselves it would be traced again for each of their shapes."""

        def next_step(batches: Any) -> dict[str, tf.Tensor]:
            logs = self._strategy.run(step, args=(next(batches),))
            return {name: self._strategy.experimental_local_results(log)[0] for name, log in logs.items()}

        return tf.function(next_step, autograph=False)

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        """One update on a replica's share of the global batch."""
        learning_rate = tf.convert_to_tensor(self.optimizer.learning_rate)  # after the update it is the next one
        # The weights of a batch without any target sum to zero: it must not divide by zero.
        total = tf.maximum(_sum_over_replicas(tf.reduce_sum(data[2])), 1e-12)
        gradients_of = self._gradients if self._accumulate == 1 else self._accumulated_gradients
        loss, gradients = gradients_of(data, total)
        gradients = _sum_over_replicas(gradients)
        scale = self.optimizer.scale_loss(tf.ones([]))
        norm = tf.linalg.global_norm(gradients) / scale
        gradients, factor = self._clip(gradients, norm, scale)
        # Keras sums over the replicas once more; dividing by their number makes that sum the identity.
        factor /= tf.distribute.get_replica_context().num_replicas_in_sync
        self.optimizer.apply([gradient * factor for gradient in gradients], self.network.trainable_variables)
        return {
            "loss": _sum_over_replicas(loss),
            "gradient_norm": norm,
            "learning_rate": learning_rate,
        }

    def _gradients(self, data: tuple, total: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Loss of a batch divided by `total`, and its gradients, with the loss scaling of the optimizer."""
        inputs, targets, weights = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(_weighted(self._element_losses(inputs, targets), weights, "loss")) / total
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.network.trainable_variables)
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]

    def _element_losses(self, inputs: Any, targets: Any) -> tf.Tensor:
        """The loss of each element in training."""
        if self._r_drop is None:
            return self._train_loss(targets, self.network(inputs, training=True))
        return self._r_drop.losses(self.network, self._train_loss, inputs, targets)

    def _accumulated_gradients(self, data: tuple, total: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The same, part by part, in a loop: the memory of each part is freed before the next one is computed."""

        def split(rows: tf.Tensor) -> tf.Tensor:  # [parts * n, ...] -> [parts, n, ...]
            return tf.reshape(rows, tf.concat([[self._accumulate, -1], tf.shape(rows)[1:]], axis=0))

        parts = tf.nest.map_structure(split, data)

        def add(index: tf.Tensor, loss: tf.Tensor, gradients: list[tf.Tensor]) -> tuple:
            part = tf.nest.map_structure(lambda rows: rows[index], parts)
            part_loss, part_gradients = self._gradients(part, total)
            return index + 1, loss + part_loss, [sum(pair) for pair in zip(gradients, part_gradients, strict=True)]

        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in self.network.trainable_variables]
        _, loss, gradients = tf.while_loop(
            lambda index, *_: index < self._accumulate, add, (0, 0.0, zeros), parallel_iterations=1
        )
        return loss, gradients

    def _clip(
        self, gradients: list[tf.Tensor], norm: tf.Tensor, scale: tf.Tensor
    ) -> tuple[list[tf.Tensor], tf.Tensor | float]:
        """Gradients clipped by value, and the factor of clipping by norm."""
        if self._clip_value:
            highest = self._clip_value * scale
            gradients = [tf.clip_by_value(gradient, -highest, highest) for gradient in gradients]
            norm = tf.linalg.global_norm(gradients) / scale
        return gradients, self._clip_norm / tf.maximum(norm, self._clip_norm) if self._clip_norm else 1.0

    def test_step(self, data: tuple) -> dict[str, tf.Tensor]:
        """Adds a batch to the totals of loss and metrics."""
        inputs, targets, weights = data
        outputs = self.network(inputs, training=False)
        for name, measure in self._measured.items():
            self._totals[name].update_state(_weighted(measure(targets, outputs), weights, name))
        self._totals["weight"].update_state(weights)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, tf.Tensor]:
        """Mean loss and metrics so far; inside `test_step`, those of the replica's own elements."""
        weight = self._totals["weight"].result()
        return {name: self._totals[name].result() / weight for name in self._measured}

    def validate(self, data: tf.data.Dataset) -> dict[str, float]:
        """Computes the mean loss and metrics over a dataset; see `validator`.

        Args:
            data: A finite dataset with elements `(inputs, targets, weights)`.

        Returns:
            `loss` and the metrics by name.
        """
        return self.validator(data)()

    def validator(self, data: tf.data.Dataset) -> Callable[[], dict[str, float]]:
        """Makes a function that computes the mean loss and metrics over a dataset each time it is called.

        It gives the results of `evaluate`, which starts an iterator three times for each pass. On several replicas
        each start takes longer than a short pass, so here one iterator serves all passes.

        Args:
            data: A finite dataset with elements `(inputs, targets, weights)`.

        Returns:
            A function that makes one pass over the dataset and returns `loss` and the metrics by name.
        """
        with self._strategy.scope():
            self.make_test_function()
        test: Any = self.test_function
        steps, endless = int(data.cardinality()), data.repeat()
        if self._has_machines:
            distributed = share.distribute(self._strategy, partial(share.parts, endless))
        else:
            distributed = self._strategy.experimental_distribute_dataset(endless)
        batches = iter(distributed)

        def validate() -> dict[str, float]:
            with self._strategy.scope():
                self.reset_metrics()
                for _ in range(steps):
                    test(batches)
                return {name: float(score) for name, score in self.get_metrics_result().items()}

        return validate

    @contextmanager
    def averaged_weights(self) -> Generator[None]:
        """Context in which the network has the optimizer's moving averages of its weights, if it keeps any."""
        averages = getattr(self.optimizer, "averages", None) or getattr(
            getattr(self.optimizer, "inner_optimizer", None), "averages", []
        )
        variables = self.network.trainable_variables[: len(averages)]
        own = [variable.numpy() for variable in variables]
        for variable, average in zip(variables, averages, strict=True):
            variable.assign(average.numpy())
        try:
            yield
        finally:
            for variable, value in zip(variables, own, strict=True):
                variable.assign(value)


def _weighted(numbers: tf.Tensor, weights: tf.Tensor, name: str) -> tf.Tensor:
    """Numbers of elements by their weights; a mean would be spread over padding without a word."""
    if not numbers.shape.is_compatible_with(weights.shape):
        raise ValueError(
            f"Expected `{name}` to return a number for each weighted element, of shape {weights.shape}. "
            f"Received: shape {numbers.shape}"
        )
    return numbers * weights


def _sum_over_replicas(tensors: Any) -> Any:
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)
