"""What is known of events beside their items, as inputs of endpoints and as ids for the network, in the graph."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines.recommendation.sides import event_sides, user_sides
from pipelines.recommendation.sides.event_sides import HOURS, Sides

_NUMBER = r"\s*\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,2})?\s*"
_BETWEEN = "\t"  # fields of a line


class SideInputs:
    """The inputs of endpoints that say more of each event than its item.

    Args:
        sides: What is read.

    Example:
        `SideInputs(Sides(True, [])).specs(50)` -> one of `hours_ago`, float32 `[batch, 50]`
    """

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        columns = [one for one in (*sides.columns, *sides.users) if "words" in one]
        self.tables = {one["input"]: _table(one["words"]) for one in columns}

    def specs(self, context: int) -> tuple[tf.TensorSpec, ...]:
        """The inputs of an endpoint of histories of that length."""
        kinds = {name: tf.string if name in self.tables else tf.float32 for name in self.sides.inputs}
        shapes = {name: [None, context] if name in self.sides.of_events else [None] for name in kinds}
        return tuple(tf.TensorSpec(shapes[name], kind, name) for name, kind in kinds.items())

    def ids(self, inputs: Mapping[str, tf.Tensor], lengths: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
        """What the inputs say of each event.

        Args:
            inputs: The inputs of a request, `[batch, time]`, of the events with a known item, padded on the right;
                those of users `[batch]`.
            lengths: int32 `[batch]`, the number of these.
            time: The number of steps.

        Returns:
            Ids int32 `[batch, time, sides]`, 0 where unknown.
        """
        found = [self._gaps(inputs[HOURS], lengths)] if self.sides.gaps else []
        found += [self.tables[one["input"]].lookup(inputs[one["input"]]) for one in self.sides.columns]
        is_step = tf.sequence_mask(lengths, time)
        for one in self.sides.users:
            value = inputs[one["input"]]
            ids = self.tables[one["input"]].lookup(value) if "words" in one else _group(value, one["bounds"])
            found.append(tf.where(is_step, ids[:, tf.newaxis], 0))
        return tf.stack(found, axis=-1)

    def read_lines(self, lines: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Reads histories with an event in each line: its item and what is known beside, with tabs between them.

        Args:
            lines: string `[batch]`.

        Returns:
            The items, string `[batch, time]`, and the inputs; what a line does not say is unknown, and the user is.
        """
        split = tf.strings.split(lines, "\n").to_tensor("")
        names = self.sides.of_events
        fields = tf.strings.split(split, _BETWEEN).to_tensor("", shape=[None, None, 1 + len(names)])
        inputs = {name: fields[..., 1 + number] for number, name in enumerate(names)}
        if HOURS in inputs:
            is_number = tf.strings.regex_full_match(inputs[HOURS], _NUMBER)
            hours = tf.strings.to_number(tf.where(is_number, tf.strings.strip(inputs[HOURS]), "-1"))
            inputs[HOURS] = hours
        for one in self.sides.users:
            inputs[one["input"]] = tf.fill(tf.shape(lines), "" if "words" in one else float("nan"))
        return (fields[..., 0] if names else split), inputs

    def samples(self, items: Sequence[Sequence[str]]) -> dict[str, list]:
        """Inputs for histories padded on the left, of which every other says nothing."""
        found: dict[str, list] = {}
        for name in self.sides.of_events:
            absent = self.sides.defaults()[name]
            word = next((one["words"][0] for one in self.sides.columns if one["input"] == name and one["words"]), "")
            ago = [float(len(items[0]) - place) if name == HOURS else word for place in range(len(items[0]))]
            found[name] = [ago if row % 2 else [absent] * len(of) for row, of in enumerate(items)]
        for one in self.sides.users:
            ids = [user_sides.size(one) if row % 2 else 0 for row in range(len(items))]
            found[one["input"]] = [user_sides.inputs_of([one], np.array([id]))[one["input"]] for id in ids]
        return found

    @property
    def limit(self) -> str:
        """What a reader of the inputs must know, in a sentence."""
        hours = f"{HOURS}: hours before the request, below 0 or NaN = unknown. " if self.sides.gaps else ""
        columns = ", ".join(one["input"] for one in self.sides.columns)
        words = f"{columns}: '' and what training had not = unknown. " if columns else ""
        users = ", ".join(one["input"] for one in self.sides.users)
        of_users = (
            f"{users}: of the user, one value a row; '', NaN and what training had not = unknown. " if users else ""
        )
        beside = f"behind an item, with tabs between them, {', '.join(self.sides.of_events)}" if hours or words else ""
        unknown = f"nothing is known of the user{'; ' if beside else ''}" if users else ""
        return f"{hours}{words}{of_users}lines: {unknown}{beside}."

    def _gaps(self, hours: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """The group of the time until the next event, of the last one until the request."""
        is_last = tf.range(tf.shape(hours)[1]) >= lengths[:, tf.newaxis] - 1
        after = tf.where(is_last, 0.0, tf.concat([hours[:, 1:], tf.zeros_like(hours[:, :1])], axis=1))
        told = (hours >= 0) & (after >= 0)  # not of NaN
        groups = tf.searchsorted(event_sides.bounds(), tf.reshape(hours - after, [-1]), side="right")
        return tf.where(told, 1 + tf.reshape(groups, tf.shape(hours)), 0)


def _group(numbers: tf.Tensor, bounds: Sequence[float]) -> tf.Tensor:
    """The group of each number, from 1 on; 0 of what is none."""
    groups = 1 + tf.searchsorted(tf.constant(bounds, tf.float32, [len(bounds)]), numbers, side="right")
    return tf.where(tf.math.is_finite(numbers), groups, 0)


def _table(words: list[str]) -> tf.lookup.StaticHashTable:
    keys = tf.constant(words, tf.string)
    initializer = tf.lookup.KeyValueTensorInitializer(keys, tf.range(1, len(words) + 1))
    return tf.lookup.StaticHashTable(initializer, default_value=0)
