"""What all families of recommenders share: item vectors, the logits of what is next, drawn negatives."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import keras
import tensorflow as tf

from tfmodels.layers import Dropout, FeatureTower, TokenEmbedding, masks
from tfmodels.layers.dropout import next_seed
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.recommender_options import LSTMRecommenderOptions, TransformerRecommenderOptions
from tfmodels.models.recommenders.feature_sizes import FeatureSizes
from tfmodels.models.recommenders.sampled_logits import SampledLogits
from tfmodels.models.recommenders.vector_lengths import LEAST_SQUARE, inverse_lengths
from tfmodels.models.row_pieces import in_pieces
from tfmodels.models.serving_signature import ids_signature

Sampling = Literal["popular", "uniform", "in_batch"]
_NEVER = -1e9  # the logit of a drawn item that is the right one
_TOWER_ROWS = 1 << 14  # items whose features are read at a time, outside of training


class Recommender(keras.Model):
    """Predicts the next item after each one of a sequence. The output projection has the weights of the items' vectors.

    Args:
        num_items: Number of items; their ids are 1 to `num_items`, 0 is padding.
        options: Options of the family. This class uses `d_model`, `dropout` and `temperature`.
        max_length: Most items of a sequence.
        negatives: Items that are drawn for each batch of a training where `targets` are given, in place of all items; 0
            takes all.
        sampling: How they are drawn: `popular`, by `counts`, or `uniform`; or `in_batch`: they are the targets of the
            batch, whatever their number.
        features: Sizes of what is known of each item; None where nothing is. The vector of an item is then that of its
            id plus what a `FeatureTower` makes of its features, which are given by `set_features`.
        id_dropout: Share of the items whose ids add nothing in a training step, drawn anew for each step, so that items
            without an id in the training data can be told from their features alone. Counts with `features` only.
        sides: How many ids each further input of a step has, such as groups of the time until the next one.
        side_dropout: How probable it is in training that a row knows nothing of a side.
        **kwargs: Of `keras.Model`.

    Call arguments:
        inputs: int32 `[batch, time]`, padded with 0 on the right; or a dict of these as `items` and, if wanted,
            `targets` `[batch, time]`: the items to predict, for drawing; or
            `last` `[batch]`: the one step of each row after which to predict; or
            `sides` `[batch, time, sides]`: what is known of each step beside its item, from 1 on; 0, or none, is
            unknown.
        intermediates: Also return a dict of the attention maps `[batch, heads, time, time]` that the family has.

    Returns:
        Logits of the items 1 to `num_items` after each step, float32 `[batch, time, num_items]`; with `last`
        `[batch, num_items]`. In training with `targets` and `negatives` a `SampledLogits`.

    Weights that are no network's: counts, float32 `[num_items]`: how often each item is in the training data; with
    `features` also these: `feature_ids` and `feature_numbers`.

    A family is a subclass that names its `options_type` and defines `read(vectors, mask, intermediates, training)`,
    which gives the states of all steps, each from itself and the steps before it, and attention maps.
    """

    options_type: ClassVar[type[LSTMRecommenderOptions] | type[TransformerRecommenderOptions]]

    def __init__(
        self,
        num_items: int,
        options: LSTMRecommenderOptions | TransformerRecommenderOptions,
        *,
        max_length: int = 50,
        negatives: int = 0,
        sampling: Sampling = "popular",
        features: FeatureSizes | None = None,
        id_dropout: float = 0.2,
        sides: Sequence[int] = (),
        side_dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options, self.features, self.id_dropout = options, features and FeatureSizes(*features), id_dropout
        self.sides, self.side_dropout = list(sides), side_dropout
        self.num_items, self.max_length, self.negatives, self.sampling = num_items, max_length, negatives, sampling
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(num_items + 1, options.d_model, dtype=policy, name="embedding")
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.tower = self._tower()
        self.side_embeddings = [
            TokenEmbedding(size + 1, options.d_model, dtype=policy, name=f"side_{number}")
            for number, size in enumerate(sides)
        ]
        self.draws = keras.random.SeedGenerator(name="draws")

    @property
    def input_dtype(self) -> str:
        """What Keras converts floats to before `call`: ids, as its `Embedding` does."""
        return "int32"

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes int32 items of any length."""
        super().export(filepath, *args, input_signature=input_signature or ids_signature(), **kwargs)

    def compute_output_shape(self, inputs_shape: Any) -> Any:  # noqa: D102
        return output_shape(self, inputs_shape, "int32")

    compute_output_spec = traced_output_spec

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        self.embedding.build((None, None))
        self.dropout.build((None, None, self.options.d_model))
        kept: dict[str, Any] = {"trainable": False, "autocast": False}  # half a precision cannot count
        self.counts = self.add_weight(name="counts", shape=[self.num_items], initializer="ones", **kept)
        for layer in self.side_embeddings:
            layer.build((None, None))
        if self.tower is None or self.features is None:
            return
        self.tower.build()
        kept["initializer"] = "zeros"
        shapes = [[self.num_items + 1, size] for size in (self.features.most, self.features.numbers)]
        self.feature_ids = self.add_weight(name="feature_ids", shape=shapes[0], dtype="int32", **kept)
        self.feature_numbers = self.add_weight(name="feature_numbers", shape=shapes[1], dtype="float32", **kept)

    def call(  # noqa: D102
        self, inputs: tf.Tensor | dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> Any:
        inputs = inputs if isinstance(inputs, dict) else {"items": inputs}
        check_names(inputs, ["items"])
        items = integer_ids(inputs["items"])
        kept = self._kept_ids() if training and self.tower is not None else None
        vectors = tf.cast(self._vectors(items, kept), self.compute_dtype) * self.options.d_model**0.5
        vectors = self.dropout(vectors + self._beside(items, inputs.get("sides"), training), training=training)
        states, maps = self.read(vectors, masks.padding_mask(items), intermediates, training)
        if "last" in inputs:
            states = tf.gather(states, inputs["last"], batch_dims=1)
        if training and self.negatives and "targets" in inputs:
            outputs: Any = self._sampled(states, tf.cast(inputs["targets"], tf.int32), kept)
        else:
            outputs = self._logits(states, kept, training)
        return (outputs, maps) if intermediates else outputs

    def read(
        self, vectors: tf.Tensor, mask: tf.Tensor, intermediates: bool, training: bool | None
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """States of a sequence, `[batch, time, d_model]`, of its vectors; defined by each family."""
        raise NotImplementedError

    def set_features(self, ids: Any, numbers: Any) -> None:
        """Sets what is known of each item.

        Args:
            ids: int `[num_items, most]`, features from 1 on, 0 at padding.
            numbers: float `[num_items, numbers]`, 0 where unknown.
        """
        for weight, values in ((self.feature_ids, ids), (self.feature_numbers, numbers)):
            weight.assign(tf.pad(tf.cast(values, weight.dtype), [[1, 0], [0, 0]]))  # 0 is no item

    def with_items(self, ids: Any, numbers: Any) -> Self:
        """A network that answers as this one does, and has further items, which are read by their features alone.

        Args:
            ids: int `[further items, most]`, their features.
            numbers: float `[further items, numbers]`.

        Returns:
            The network, built, without a tower: the vectors of all items are computed.

        Example:
            `recommender.with_items(new_ids, new_numbers).num_items`
        """
        assert self.tower is not None
        further = in_pieces(self.tower, [tf.constant(ids, tf.int32), tf.constant(numbers, tf.float32)], _TOWER_ROWS)
        size = self.num_items + len(ids)
        made = type(self).from_config({**self.get_config(), "num_items": size, "features": None})
        made.build()
        own = [self.embedding.vectors, self.counts, self.feature_ids, self.feature_numbers, *self.tower.weights]
        known = {id(weight) for weight in (*own, made.embedding.vectors, made.counts)}
        shared = ([one for one in of.weights if id(one) not in known] for of in (self, made))
        for mine, theirs in zip(*shared, strict=True):
            theirs.assign(mine)
        made.embedding.vectors.assign(tf.concat([tf.cast(one, tf.float32) for one in (self.table(), further)], axis=0))
        made.counts.assign(tf.pad(tf.convert_to_tensor(self.counts), [[0, len(ids)]]))
        return made

    def table(self) -> tf.Tensor:
        """The vectors of all items behind that of 0, `[1 + num_items, d_model]`."""
        if self.tower is None:
            return tf.convert_to_tensor(self.embedding.vectors)
        return in_pieces(self._vectors, [tf.range(self.num_items + 1)], _TOWER_ROWS)

    def _tower(self) -> FeatureTower | None:
        if self.features is None:
            return None
        sizes = self.features
        return FeatureTower(
            sizes.features, self.options.d_model, sizes.numbers, dtype=self.dtype_policy, name="feature_tower"
        )

    def _vectors(self, ids: tf.Tensor, kept: tf.Tensor | None = None) -> tf.Tensor:
        """The vectors of items; `kept` says of each whether its id counts."""
        vectors = tf.gather(tf.convert_to_tensor(self.embedding.vectors), ids)
        if self.tower is None:
            return vectors
        if kept is not None:
            vectors *= tf.cast(tf.gather(kept, ids), vectors.dtype)[..., tf.newaxis]
        features = (tf.gather(tf.convert_to_tensor(one), ids) for one in (self.feature_ids, self.feature_numbers))
        return vectors + tf.cast(self.tower(*features), vectors.dtype)

    def _beside(self, items: tf.Tensor, sides: tf.Tensor | None, training: bool | None) -> tf.Tensor | float:
        """The vectors of what is known of each step beside its item."""
        if not self.side_embeddings:
            return 0.0
        count = len(self.side_embeddings)
        sides = tf.zeros([*tf.unstack(tf.shape(items)), count], tf.int32) if sides is None else integer_ids(sides)
        if training and self.side_dropout:
            drawn = tf.random.stateless_uniform([tf.shape(items)[0], 1, count], next_seed(self.draws))
            sides = tf.where(drawn >= self.side_dropout, sides, 0)
        return tf.add_n([layer(sides[..., number]) for number, layer in enumerate(self.side_embeddings)])

    def _kept_ids(self) -> tf.Tensor:
        """Whether each item's id counts in a step, 0 or 1, float32 `[1 + num_items]`."""
        drawn = tf.random.stateless_uniform([self.num_items + 1], next_seed(self.draws))
        return tf.cast(drawn >= self.id_dropout, tf.float32)

    def _logits(self, states: tf.Tensor, kept: tf.Tensor | None, training: bool | None) -> tf.Tensor:
        # With the row of 0, whose logits are cut off: without it the table would be copied.
        table = self.table() if kept is None else self._vectors(tf.range(self.num_items + 1), kept)
        rows = tf.reshape(self._compared(states), [-1, self.options.d_model])
        scale: tf.Tensor | float = 1.0
        if self.options.temperature and not training:  # as `_compared`, without a copy
            table, scale = tf.cast(table, rows.dtype), inverse_lengths(table) * self.options.temperature**-0.5
        else:
            table = self._compared(table)
        logits = tf.cast(tf.matmul(rows, table, transpose_b=True), tf.float32) * scale
        shape = tf.concat([tf.shape(states)[:-1], [self.num_items]], axis=0)
        return tf.ensure_shape(tf.reshape(logits[:, 1:], shape), [*states.shape[:-1], self.num_items])

    def _compared(self, vectors: tf.Tensor) -> tf.Tensor:
        """States or item vectors as their inner products are the logits."""
        if self.options.temperature:
            scale = self.options.temperature**-0.5
            vectors = tf.math.l2_normalize(tf.cast(vectors, tf.float32), axis=-1, epsilon=LEAST_SQUARE) * scale
        return tf.cast(vectors, self.compute_dtype)

    def _sampled(self, states: tf.Tensor, targets: tf.Tensor, kept: tf.Tensor | None) -> SampledLogits:
        """The logits of the targets, and of items that are drawn for the whole batch."""
        counts = tf.convert_to_tensor(self.counts)
        counts = tf.ones_like(counts) if self.sampling == "uniform" else tf.maximum(counts, 1.0)
        drawn = tf.reshape(targets, [-1]) if self.sampling == "in_batch" else self._drawn(counts)
        number = tf.maximum(tf.reduce_sum(tf.cast(drawn > 0, tf.float32)), 1.0)
        frequency = tf.math.log(counts / tf.reduce_sum(counts) * number)
        states = self._compared(states)
        right = tf.reduce_sum(states * self._compared(self._vectors(targets, kept)), axis=-1)
        vectors = self._compared(self._vectors(drawn, kept))
        others = tf.matmul(tf.reshape(states, [-1, self.options.d_model]), vectors, transpose_b=True)
        others = tf.reshape(tf.cast(others, tf.float32), tf.concat([tf.shape(targets), tf.shape(drawn)], axis=0))
        return SampledLogits(
            tf.cast(right, tf.float32),
            tf.where((targets[..., tf.newaxis] == drawn) | (drawn == 0), _NEVER, others),
            tf.gather(frequency, tf.maximum(targets - 1, 0)),
            tf.gather(frequency, tf.maximum(drawn - 1, 0)),
        )

    def _drawn(self, counts: tf.Tensor) -> tf.Tensor:
        """Items drawn by their counts, with replacement, int32 `[negatives]`."""
        places = tf.random.stateless_uniform([self.negatives], next_seed(self.draws))
        sums = tf.cumsum(counts)
        found = tf.searchsorted(sums, places * sums[-1], side="right")
        return 1 + tf.minimum(tf.cast(found, tf.int32), self.num_items - 1)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        names = ("num_items", "max_length", "negatives", "sampling", "id_dropout", "sides", "side_dropout")
        own = {name: getattr(self, name) for name in names}
        features = self.features and list(self.features)
        return {**super().get_config(), **own, "features": features, "options": asdict(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": cls.options_type(**config["options"])}, custom_objects)
