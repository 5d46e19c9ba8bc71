"""What all families share that read irregular measurements: standardised inputs, static fields, logits."""

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers import AttentionPooling, Dense, Dropout, TabularEnsemble
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.event_classifiers.aggregates_of import STATISTICS, aggregates_of
from tfmodels.models.event_classifiers.event_batch import EventBatch, latest
from tfmodels.models.event_classifiers.note_batch import NoteBatch
from tfmodels.models.event_classifiers.note_reader import NoteReader
from tfmodels.models.event_classifiers.robust_scale import center_and_scale
from tfmodels.models.event_options import LSTMEventOptions, TransformerEventOptions
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape

Fuse = Callable[[tf.Tensor], tf.Tensor]  # of states of measurements with notes
INPUTS = ("time", "variable", "value")
FOLDS, TREES, DEPTH = 4, 400, 6  # of fitted models: folds that they are fitted without in turn, size of the trees
NOTES = ("note", "note_time")
_FURTHEST = 6.0  # deviations from the median; what is further counts as that


class EventClassifier(keras.Model):
    """Gives an entity the logits of its classes, or numbers, from measurements at irregular times.

    Nothing is put on a grid, and nothing is filled in. The order of the measurements and padding change nothing.

    Args:
        num_variables: Number of variables; their ids are 1 to `num_variables`, 0 is padding.
        outputs: Number of logits: 1 of a risk.
        options: Options of the family. This class uses `d_model`, `dropout`, `event_dropout` and those of the attention
            that pools.
        static_fields: Number of static fields: 0 = none.
        aggregates: Whether the network also reads first, last, mean, least and largest value, number, slope, deviation
            and recent mean of each variable, which it computes itself; see `metrics.event_aggregates`.
        max_hours: About the longest history.
        note_tokens: Number of token ids of notes; 0 = it reads none. Measurements attend to the tokens of notes, each
            of which is encoded by itself; see `NoteReader`.
        wide: Whether the logit is added to that of fitted models of static fields and aggregates, `fitted`, from which
            training starts: the network's own starts at 0.
        **kwargs: Of `keras.Model`.

    Call arguments:
        inputs: dict of `time` float32 `[batch, events]` in hours, `variable` int32 `[batch, events]` and `value`
            float32 `[batch, events]`, NaN where there is none; perhaps `now` float32 `[batch]`, the hour at which is
            predicted, by default that of the last measurement; and `static` float32 `[batch, static_fields]`, NaN where
            unknown. A row may be nothing but padding. With `note_tokens` also `note` int32 `[batch, notes, tokens]`,
            padded with 0 on the right, and `note_time` float32 `[batch, notes]` in hours; a note of zeros is padding.
            With `wide` perhaps `left_out` int32 `[batch]`, the fold of the training part that the fitted models of each
            row were fitted without, from 1 on; 0 = none.
        intermediates: Also return a dict of attention maps: `"pooling/attention"` `[batch, heads, events]` is how much
            of the pooled vector comes from each measurement, and `"notes/attention"` `[batch, notes]` how much of that
            of the notes from each.

    Returns:
        Logits, float32 `[batch, outputs]` in every dtype policy.

    Weights that are no network's: value_center and value_scale `[num_variables + 1]`, static_center and static_scale
    `[static_fields]`, with the aggregates after the static fields, which `adapt` sets.

    A family is a subclass that names its `options_type` and defines `pool(events, fuse, maps, training)`, from
    measurements to one vector a row; `fuse` lets their states attend to notes.
    """

    options_type: ClassVar[type[LSTMEventOptions] | type[TransformerEventOptions]]

    def __init__(
        self,
        num_variables: int,
        outputs: int,
        options: LSTMEventOptions | TransformerEventOptions,
        *,
        static_fields: int = 0,
        aggregates: bool = False,
        max_hours: float = 48.0,
        note_tokens: int = 0,
        wide: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # half precision holds no hours and no ids
        if num_variables < 1 or outputs < 1 or not max_hours > 0:
            raise ValueError(
                "Expected at least one variable and one output, and `max_hours` above 0. Received: num_variables="
                f"{num_variables}, outputs={outputs}, max_hours={max_hours}"
            )
        self.options, self.num_variables, self.outputs_count = options, num_variables, outputs
        self.static_fields, self.max_hours = static_fields, max_hours
        self.aggregates, self.note_tokens, self.wide = aggregates, note_tokens, wide
        if wide and (outputs > 1 or not self.fields):
            raise ValueError(
                "Expected static fields or aggregates, and one output, beside `wide`. Received: wide=True, "
                f"static_fields={static_fields}, aggregates={aggregates}, outputs={outputs}"
            )
        policy, d_model = self.dtype_policy, options.d_model
        self.pooling = AttentionPooling(d_model, options.attention, options.num_heads, dtype=policy, name="pooling")
        self.static = Dense(d_model, activation="relu", dtype=policy, name="static") if self.fields else None
        self.notes = NoteReader(note_tokens, options, max_hours, dtype=policy, name="notes") if note_tokens else None
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.events_dropout = Dropout(options.event_dropout, dtype="float32", name="events_dropout")
        start = "zeros" if wide else "glorot_uniform"
        self.logits = Dense(outputs, kernel_initializer=start, dtype="float32", name="logits")
        sizes: dict[str, Any] = {"fields": self.fields, "trees": TREES, "depth": DEPTH, "folds": FOLDS}
        self.fitted = TabularEnsemble(**sizes, dtype="float32", name="fitted") if wide else None

    @property
    def fields(self) -> int:
        """Number of static fields and aggregates."""
        return self.static_fields + (len(STATISTICS) * self.num_variables if self.aggregates else 0)

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes any number of measurements."""
        kinds = {"time": "float32", "variable": "int32", "value": "float32"}
        names = {name: keras.InputSpec(kind, (None, None), name=name) for name, kind in kinds.items()}
        if self.static_fields:
            names["static"] = keras.InputSpec("float32", (None, self.static_fields), name="static")
        if self.note_tokens:
            names["note"] = keras.InputSpec("int32", (None, None, None), name="note")
            names["note_time"] = keras.InputSpec("float32", (None, None), name="note_time")
        super().export(filepath, *args, input_signature=input_signature or [names], **kwargs)

    def compute_output_shape(self, inputs_shape: Any) -> Any:  # noqa: D102
        return output_shape(self, inputs_shape, "float32")

    compute_output_spec = traced_output_spec

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        d_model = self.options.d_model
        for name, size in (("value", self.num_variables + 1), ("static", self.fields)):
            for statistic, initializer in (("center", "zeros"), ("scale", "ones")):
                weight = self.add_weight(
                    name=f"{name}_{statistic}", shape=[size], initializer=initializer, dtype="float32",
                    trainable=False, autocast=False,
                )  # fmt: skip
                setattr(self, f"{name}_{statistic}", weight)
        self.pooling.build((None, None, d_model))
        self.events_dropout.build((None, None))
        width = d_model + 2
        if self.static is not None:
            self.static.build((None, 2 * self.fields))
            width += d_model
        if self.notes is not None:
            self.notes.build()
            width += d_model
        self.dropout.build((None, width))
        self.logits.build((None, width))
        if self.fitted is not None:
            self.fitted.build()

    def adapt(self, variable: np.ndarray, value: np.ndarray, static: np.ndarray | None = None) -> None:
        """Sets medians and deviations, the latter from quartiles, by training data; NaN does not count.

        Args:
            variable: int `[measurements]`, from 1 on.
            value: float `[measurements]`.
            static: float `[rows, fields]`: the static fields, then the aggregates if it has them.

        Example:
            `model.adapt(variable, value)`
        """
        if not self.built:
            self.build()
        order = np.argsort(variable, kind="stable")
        ends = np.searchsorted(variable[order], np.arange(1, self.num_variables + 2))
        parts = [np.asarray(value, np.float64)[order][start:end] for start, end in pairwise(ends)]
        centers, scales = zip(*map(center_and_scale, parts), strict=True)
        self.value_center.assign([0.0, *centers])
        self.value_scale.assign([1.0, *scales])
        if static is not None:
            centers, scales = zip(*map(center_and_scale, np.asarray(static, np.float64).T), strict=True)
            self.static_center.assign(centers)
            self.static_scale.assign(scales)

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> Any:
        check_names(inputs, [*INPUTS, *(["static"] if self.static_fields else []), *(NOTES if self.notes else [])])
        maps: dict[str, tf.Tensor] = {}
        logits = self.classify(*self.read(inputs, training), maps, training, inputs.get("left_out"))
        return (logits, maps) if intermediates else logits

    def read(
        self, inputs: dict[str, tf.Tensor], training: bool | None = None
    ) -> tuple[EventBatch, tf.Tensor | None, NoteBatch | None]:
        """What the layers see of inputs.

        Args:
            inputs: See the class.
            training: Whether events are left out.

        Returns:
            The measurements, standardised; static fields and aggregates float32 `[batch, 2 * fields]`, standardised and
            0 where unknown, then whether each is known; and the notes. None in place of what the model does not read.
        """
        events, notes = self._events(inputs, training), None
        if self.notes is not None:
            ids, time = tf.cast(inputs["note"], tf.int32), tf.cast(inputs["note_time"], tf.float32)
            notes = NoteBatch(ids, time, tf.cast(tf.reduce_any(ids > 0, axis=2), tf.float32))
            if "now" not in inputs:
                events = events._replace(now=tf.maximum(events.now, notes.last))
        if not self.fields:
            return events, None, notes
        columns = [inputs["static"]] if self.static_fields else []
        if self.aggregates:  # of all measurements, so that a count is what it is when served
            time, variable, value = (inputs[name] for name in INPUTS)
            columns.append(aggregates_of(time, variable, value, self.num_variables))
        return events, self.standardised(tf.concat([tf.cast(one, tf.float32) for one in columns], axis=1)), notes

    def standardised(self, fields: tf.Tensor) -> tf.Tensor:
        """Static fields and aggregates as the layers see them, see `read`; `[batch, fields]`, NaN where unknown."""
        fields = tf.ensure_shape(fields, [None, self.fields])
        known = tf.math.is_finite(fields)
        center, scale = (tf.convert_to_tensor(one) for one in (self.static_center, self.static_scale))
        values = tf.where(known, tf.clip_by_value((fields - center) / scale, -_FURTHEST, _FURTHEST), 0.0)
        return tf.concat([values, tf.cast(known, tf.float32)], axis=1)

    def classify(
        self,
        events: EventBatch,
        fields: tf.Tensor | None,
        notes: NoteBatch | None = None,
        maps: dict[str, tf.Tensor] | None = None,
        training: bool | None = None,
        left_out: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The logits of what `read` returns; attention maps are put into `maps`."""
        logits = self.network_logits(events, fields, notes, maps, training)
        if self.fitted is None or fields is None:
            return logits
        return logits + self.fitted(*tf.split(fields, 2, axis=1), left_out)

    def network_logits(
        self,
        events: EventBatch,
        fields: tf.Tensor | None,
        notes: NoteBatch | None = None,
        maps: dict[str, tf.Tensor] | None = None,
        training: bool | None = None,
    ) -> tf.Tensor:
        """As `classify`, without the fitted models."""
        maps, memory, reader = {} if maps is None else maps, None, self.notes
        if reader is not None and notes is not None:
            memory = reader(notes, events.now, training=training)

        def fuse(states: tf.Tensor) -> tf.Tensor:
            return states if reader is None or memory is None else reader.fused(states, memory, training)

        pooled = tf.cast(self.pool(events, fuse, maps, training), self.compute_dtype)
        count = tf.reduce_sum(events.weight, axis=1)
        about = tf.stack([tf.math.log1p(count), tf.math.log1p(tf.nn.relu(events.now - events.last))], axis=1)
        parts = [pooled, tf.cast(about, self.compute_dtype)]
        if self.static is not None and fields is not None:
            parts.append(self.static(tf.cast(fields, self.compute_dtype)))
        if reader is not None and memory is not None and notes is not None:
            vector, maps["notes/attention"] = reader.pooled(memory, notes)
            parts.append(vector)
        return self.logits(self.dropout(tf.concat(parts, axis=1), training=training))

    def pool(self, events: EventBatch, fuse: Fuse, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The pooled vector `[batch, d_model]`; defined by each family."""
        raise NotImplementedError

    def _events(self, inputs: dict[str, tf.Tensor], training: bool | None) -> EventBatch:
        variable = tf.cast(inputs["variable"], tf.int32)
        time, value = (tf.cast(inputs[name], tf.float32) for name in ("time", "value"))
        mask = variable > 0
        now = tf.cast(inputs["now"], tf.float32) if "now" in inputs else latest(time, mask)
        if training and self.options.event_dropout:
            mask &= self.events_dropout(tf.ones_like(time), training=True) > 0
        variable = tf.where(mask, variable, 0)
        has_value = mask & tf.math.is_finite(value)
        center, scale = (
            tf.gather(tf.convert_to_tensor(one), variable) for one in (self.value_center, self.value_scale)
        )
        value = tf.where(has_value, tf.clip_by_value((value - center) / scale, -_FURTHEST, _FURTHEST), 0.0)
        weight = tf.cast(mask, tf.float32)
        return EventBatch(tf.where(mask, time, 0.0), variable, value, tf.cast(has_value, tf.float32), mask, weight, now)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        names = ("num_variables", "static_fields", "aggregates", "max_hours", "note_tokens", "wide")
        own = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **own, "outputs": self.outputs_count, "options": asdict(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": cls.options_type(**config["options"])}, custom_objects)
