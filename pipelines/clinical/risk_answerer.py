"""A trained network as graph functions from raw measurements to calibrated risks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from pipelines.clinical import event_text
from pipelines.clinical.heads.decisions import ClassDecision, Decision, NumberDecision
from pipelines.clinical.static_inputs import StaticInputs
from tfmodels import explain
from tfmodels.export import Endpoint

if TYPE_CHECKING:
    from pipelines.clinical.notes.note_inputs import NoteInputs, ReadNotes
    from tfmodels.models import EventClassifier

Outputs = dict[str, tf.Tensor]
_LAST = -1.0  # in place of an hour: that of the last measurement


class Read(NamedTuple):
    """What was read of requests.

    Attributes:
        observed: int32 `[batch]`, measurements and notes.
        cut: int32 `[batch]`, older ones that had no room.
        notes: The notes; None of a model that reads none.
    """

    observed: tf.Tensor
    cut: tf.Tensor
    notes: "ReadNotes | None"


class RiskAnswerer:
    """Measurements in, a calibrated risk out.

    Neither the order of measurements nor padding changes an answer, so a row's answer is the same alone and in any
    batch. Measurements of unknown variables, without a time, beyond the limits of training or after `now` are skipped,
    as are notes without a time or after `now`. Where no measurement, note and static field is known, the answer is the
    share of the training part.

    Args:
        network: The network, built.
        variables: The variables, in the order of their ids from 1 on.
        fields: The static fields.
        width: Most measurements that are read.
        limits: Variable -> least and largest possible value, None = no bound.
        decision: What turns outputs into answers: calibration, threshold and labels.
        notes: What reads notes; None of a model that reads none.

    Example:
        `RiskAnswerer(network, ["HR", "Temp"], StaticInputs([]), 512).answer_csv(tf.constant(["0,HR,80"]))`
    """

    def __init__(
        self,
        network: "EventClassifier",
        variables: Sequence[str],
        fields: StaticInputs,
        width: int,
        limits: Mapping[str, Sequence[float | None]] | None = None,
        decision: Decision | ClassDecision | NumberDecision | None = None,
        notes: "NoteInputs | None" = None,
    ) -> None:
        self.notes = notes
        self.columns = width + (notes.most if notes else 0)  # of a request
        self.network, self.variables, self.fields, self.width = network, list(variables), fields, width
        self.decision = decision or Decision()
        ids = tf.range(1, len(variables) + 1)
        initializer = tf.lookup.KeyValueTensorInitializer(tf.constant(self.variables), ids)
        self.table = tf.lookup.StaticHashTable(initializer, default_value=0)
        bounds = [(limits or {}).get(name) or (None, None) for name in self.variables]
        self._low = tf.constant([-tf.float32.max if low is None else low for low, _ in bounds], tf.float32)
        self._high = tf.constant([tf.float32.max if high is None else high for _, high in bounds], tf.float32)

    def answer(self, time: tf.Tensor, variable: tf.Tensor, value: tf.Tensor, **static: tf.Tensor) -> Outputs:
        """Predicts at the time of the last measurement.

        Args:
            time: float32 `[batch, events]`, hours since the first measurement.
            variable: string `[batch, events]`; empty at padding.
            value: float32 `[batch, events]`, NaN where there is none.
            **static: float32 or string `[batch]`; NaN or empty where unknown. Of a model that reads notes also `text`
                string `[batch, events]`: where it is not empty, it is a note of that time.

        Returns:
            `probability` float32 `[batch]`, calibrated, and `label` string `[batch]`, of several classes also
            `probabilities` `[batch, classes]`; of numbers `mean` `[batch]` and `quantiles` `[batch, levels]`.
            `observed` int32 `[batch]`, measurements and notes that were understood and read; `cut` int32 `[batch]`,
            older ones that had no room.
        """
        now = tf.fill([tf.shape(time)[0]], _LAST)
        return self.answer_with_options(time, variable, value, now, **static)

    def answer_with_options(
        self, time: tf.Tensor, variable: tf.Tensor, value: tf.Tensor, now: tf.Tensor, **static: tf.Tensor
    ) -> Outputs:
        """As `answer`, at the hour `now` float32 `[batch]`, after which nothing is seen; below 0 = the last one."""
        inputs, read = self.inputs(time, variable, value, now, static)
        return self._answered(self.network(inputs, training=False), inputs, read)

    def answer_csv(self, events: tf.Tensor) -> Outputs:
        """As `answer`, of texts string `[batch]`: `hours,variable,value`, with semicolons between measurements.

        A static field has no hours: `,Age,54`. A measurement may have no value: `3,fever,`. A word is a value, too. A
        note is `4,note,TEXT`, whose text has no semicolon.
        """
        time, variable, value, static = event_text.parsed(events, self.fields, self.table, self.notes is not None)
        return self.answer(time, variable, value, **static)

    def explain(self, time: tf.Tensor, variable: tf.Tensor, value: tf.Tensor, **static: tf.Tensor) -> Outputs:
        """As `answer`, with what it is made of: the log-odds of a risk, the logit of the label, or the mean.

        Returns:
            As `answer`; `contribution` and `attention` float32 `[batch, events]`, in the places of the measurements;
            `field` float32 `[batch, n]`, what each column of static fields adds; `aggregate` float32
            `[batch, variables]`, what the aggregates of each variable add; `base` float32 `[batch]`, the log-odds that
            they are added to. Of a model that reads notes also `note` and `note_attention` float32 `[batch, events]`.
        """
        now = tf.fill([tf.shape(time)[0]], _LAST)
        inputs, read = self.inputs(time, variable, value, now, static, in_place=True)
        outputs = self.network(inputs, training=False)
        found = explain.event_contributions(self.network, inputs, self.decision.explained(outputs))
        slope, count = self.decision.slope, self.fields.count
        rows = tf.shape(time)[0]
        whole = tf.concat([found.fields, tf.zeros([rows, 1])], axis=1)
        aggregate = tf.zeros([rows, len(self.variables), 1])
        if self.network.aggregates:
            aggregate = tf.reshape(whole[:, count:-1], [rows, len(self.variables), -1])
        answered = self._answered(outputs, inputs, read)
        nothing = _nothing(inputs)
        of_notes = {}
        if read.notes is not None:
            columns = tf.shape(time)[1]
            of_notes = {
                "note": slope * read.notes.at_their_places(found.notes, columns),
                "note_attention": read.notes.at_their_places(found.note_attention, columns),
            }
        some = tf.cast(~nothing, tf.float32)[:, tf.newaxis]
        return (
            answered
            | of_notes
            | {
                "contribution": slope * found.events,
                "attention": found.attention,
                "field": slope * some * whole[:, : count or 1],  # an output has at least one column
                "aggregate": slope * some * tf.reduce_sum(aggregate, axis=2),
                "base": tf.where(
                    nothing, self.decision.quantity(answered), slope * found.base + self.decision.intercept
                ),
            }
        )

    def inputs(
        self,
        time: tf.Tensor,
        variable: tf.Tensor,
        value: tf.Tensor,
        now: tf.Tensor,
        static: Mapping[str, tf.Tensor],
        in_place: bool = False,
    ) -> tuple[dict[str, tf.Tensor], Read]:
        """The inputs of the network, and what was read.

        Args:
            time: See `answer`, as `variable`, `value` and `static`.
            variable: See there.
            value: See there.
            now: See `answer_with_options`.
            static: See `answer`.
            in_place: Whether each measurement keeps its place, and none is cut; else only the width that the longest
                row needs is read.

        Returns:
            See above.
        """
        ids, given = self.table.lookup(variable), time
        place = tf.maximum(ids - 1, 0)
        possible = ~((value < tf.gather(self._low, place)) | (value > tf.gather(self._high, place)))
        now = tf.where(now >= 0, now, tf.float32.max)  # of NaN neither is true
        seen = (ids > 0) & tf.math.is_finite(time) & possible & (time <= now[:, tf.newaxis])
        ids, time = tf.where(seen, ids, 0), tf.where(seen, time, 0.0)
        cut = tf.zeros([tf.shape(ids)[0]], tf.int32)
        if not in_place:
            time, ids, value, cut = self._latest(time, ids, value, seen)
        found, there = {"time": time, "variable": ids, "value": value}, ids > 0
        times, notes = time, None
        if self.notes is not None:
            notes = self.notes.latest(static["text"], given, now)
            found |= {"note": notes.ids, "note_time": notes.time}
            times, there = tf.concat([time, notes.time], axis=1), tf.concat([there, notes.there], axis=1)
            cut += notes.cut
        last = tf.reduce_max(tf.where(there, times, tf.float32.min), axis=1)
        last = tf.where(tf.reduce_any(there, axis=1), tf.maximum(last, 0.0), 0.0)  # a note may be of before
        found["now"] = tf.where(now < tf.float32.max, now, last)
        observed = tf.reduce_sum(tf.cast(there, tf.int32), axis=1)
        return found | {"static": self.fields.tensor(static, tf.shape(time)[0])}, Read(observed, cut, notes)

    def _latest(
        self, time: tf.Tensor, ids: tf.Tensor, value: tf.Tensor, seen: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """The latest measurements of each row, on the right, in as many columns as the longest row needs.

        Of those of one time that do not all fit, the ones of the last variables and largest values stay, whatever their
        order was.
        """
        counts = tf.reduce_sum(tf.cast(seen, tf.int32), axis=1)
        width = tf.minimum(tf.maximum(tf.reduce_max(tf.concat([counts, [0]], axis=0)), 1), self.width)
        width = tf.minimum(width, tf.shape(time)[1])
        order = tf.argsort(tf.where(tf.math.is_finite(value), value, tf.float32.min), axis=1, stable=True)
        for key in (ids, tf.where(seen, time, tf.float32.min)):
            of_key = tf.argsort(tf.gather(key, order, batch_dims=1), axis=1, stable=True)
            order = tf.gather(order, of_key, batch_dims=1)
        chosen = order[:, tf.shape(time)[1] - width :]
        time, ids, value = (tf.gather(one, chosen, batch_dims=1) for one in (time, ids, value))
        return time, ids, value, tf.maximum(counts - width, 0)

    def _answered(self, outputs: tf.Tensor, inputs: Mapping[str, tf.Tensor], read: Read) -> Outputs:
        return self.decision.answered(outputs, _nothing(inputs)) | {"observed": read.observed, "cut": read.cut}

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export."""
        kinds = {"time": tf.float32, "variable": tf.string, "value": tf.float32}
        kinds |= {"text": tf.string} if self.notes else {}
        events = [tf.TensorSpec([None, self.columns], kind, name) for name, kind in kinds.items()]
        static = self.fields.specs()
        return [
            Endpoint("serving_default", (*events, *static), self.answer),
            Endpoint("csv", (tf.TensorSpec([None], tf.string, "events"),), self.answer_csv),
            Endpoint(
                "with_options", (*events, tf.TensorSpec([None], tf.float32, "now"), *static), self.answer_with_options
            ),
            Endpoint("explain", (*events, *static), self.explain),
        ]

    def tracked(self) -> list[Any]:
        """What holds the variables and tables of the endpoints."""
        return [self.network, self.table, *([self.notes.tokens] if self.notes else [])]


def _nothing(inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Which rows have no measurement, note or static field that is known, bool `[batch]`."""
    known = tf.reduce_any(tf.math.is_finite(inputs["static"]), axis=1)
    if "note" in inputs:
        known |= tf.reduce_any(inputs["note"] > 0, axis=[1, 2])
    return ~(known | tf.reduce_any(inputs["variable"] > 0, axis=1))
