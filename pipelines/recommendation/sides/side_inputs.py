"""What is known of events beside their items, as inputs of endpoints and as ids for the network, in the graph."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from pipelines.recommendation.sides import event_sides
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
        self.tables = [_table(one["words"]) for one in sides.columns]

    def specs(self, context: int) -> tuple[tf.TensorSpec, ...]:
        """The inputs of an endpoint of histories of that length."""
        kinds = {name: tf.float32 if name == HOURS else tf.string for name in self.sides.inputs}
        return tuple(tf.TensorSpec([None, context], kind, name) for name, kind in kinds.items())

    def ids(self, inputs: Mapping[str, tf.Tensor], lengths: tf.Tensor) -> tf.Tensor:
        """What the inputs say of each event.

        Args:
            inputs: The inputs of a request, `[batch, time]`, of the events with a known item, padded on the right.
            lengths: int32 `[batch]`, the number of these.

        Returns:
            Ids int32 `[batch, time, sides]`, 0 where unknown.
        """
        found = [self._gaps(inputs[HOURS], lengths)] if self.sides.gaps else []
        for one, table in zip(self.sides.columns, self.tables, strict=True):
            found.append(table.lookup(inputs[one["input"]]))
        return tf.stack(found, axis=-1)

    def read_lines(self, lines: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Reads histories with an event in each line: its item and what is known beside, with tabs between them.

        Args:
            lines: string `[batch]`.

        Returns:
            The items, string `[batch, time]`, and the inputs of the same shape; what a line does not say is unknown.
        """
        split = tf.strings.split(lines, "\n").to_tensor("")
        if not self.sides.inputs:
            return split, {}
        fields = tf.strings.split(split, _BETWEEN).to_tensor("", shape=[None, None, 1 + len(self.sides.inputs)])
        inputs = {name: fields[..., 1 + number] for number, name in enumerate(self.sides.inputs)}
        if HOURS in inputs:
            is_number = tf.strings.regex_full_match(inputs[HOURS], _NUMBER)
            hours = tf.strings.to_number(tf.where(is_number, tf.strings.strip(inputs[HOURS]), "-1"))
            inputs[HOURS] = hours
        return fields[..., 0], inputs

    def samples(self, items: Sequence[Sequence[str]]) -> dict[str, list]:
        """Inputs for histories padded on the left, of which every other says nothing."""
        found: dict[str, list] = {}
        for name, absent in self.sides.defaults().items():
            word = next((one["words"][0] for one in self.sides.columns if one["input"] == name and one["words"]), "")
            ago = [float(len(items[0]) - place) if name == HOURS else word for place in range(len(items[0]))]
            found[name] = [ago if row % 2 else [absent] * len(of) for row, of in enumerate(items)]
        return found

    @property
    def limit(self) -> str:
        """What a reader of the inputs must know, in a sentence."""
        hours = f"{HOURS}: hours before the request, below 0 or NaN = unknown. " if self.sides.gaps else ""
        columns = ", ".join(one["input"] for one in self.sides.columns)
        words = f"{columns}: '' and what training had not = unknown. " if columns else ""
        return f"{hours}{words}lines: behind an item, with tabs between them, {', '.join(self.sides.inputs)}."

    def _gaps(self, hours: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """The group of the time until the next event, of the last one until the request."""
        is_last = tf.range(tf.shape(hours)[1]) >= lengths[:, tf.newaxis] - 1
        after = tf.where(is_last, 0.0, tf.concat([hours[:, 1:], tf.zeros_like(hours[:, :1])], axis=1))
        told = (hours >= 0) & (after >= 0)  # not of NaN
        groups = tf.searchsorted(event_sides.bounds(), tf.reshape(hours - after, [-1]), side="right")
        return tf.where(told, 1 + tf.reshape(groups, tf.shape(hours)), 0)


def _table(words: list[str]) -> tf.lookup.StaticHashTable:
    keys = tf.constant(words, tf.string)
    initializer = tf.lookup.KeyValueTensorInitializer(keys, tf.range(1, len(words) + 1))
    return tf.lookup.StaticHashTable(initializer, default_value=0)
