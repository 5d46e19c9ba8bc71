"""Static fields as inputs of an endpoint and as columns of numbers for the network."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.clinical.config import ALL, NONE
from pipelines.runs.rows import input_names
from tfmodels import option_lists
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import tensorflow as tf

    from pipelines.sources.measurements.static_fields import Statics

TAKEN = ("time", "variable", "value", "text", "now", "events")  # inputs of the endpoints
_MOST = 100  # words of a field


def learn(statics: "Statics", train: np.ndarray, option: str) -> list[dict[str, Any]]:
    """Decides which static fields are inputs, what they are called, and which words they have.

    Args:
        statics: The static fields.
        train: int `[training entities]`.
        option: `all`, `none`, or names with commas between them.

    Returns:
        For each field its `name`, the `input` of endpoints, and its `words`, None of a field of numbers.

    Raises:
        ValueError: There is no such field, two have one input, or a field has very many words.

    Example:
        `learn(Statics({"Age": ages}, {}), train, "all")` -> `[{"name": "Age", "input": "Age", "words": None}]`
    """
    names = [*statics.numbers, *statics.words]
    chosen = names if option == ALL else [] if option == NONE else option_lists.split(option)
    fields: list[dict[str, Any]] = []
    for name in chosen:
        if name not in names:
            raise ValueError(
                f"Expected static fields: {', '.join(names) or 'none'}. "
                f"Received: static_inputs={name!r}{did_you_mean(name, names)}"
            )
        words = sorted({*statics.words[name][train].tolist()} - {""}) if name in statics.words else None
        if words is not None and len(words) > _MOST:
            raise ValueError(
                f"Expected at most {_MOST} words of a static field. Received: {len(words):,} of {name!r}; leave it out "
                "by --static_inputs"
            )
        known = {one["input"]: one["name"] for one in fields} | {one: f"the input {one}" for one in TAKEN}
        found = input_names.sanitised(name)
        if found in known:
            raise ValueError(
                f"Expected static fields whose names differ in letters and digits, and from the inputs "
                f"{', '.join(TAKEN)}. Received: {name!r} and {known[found]!r}, both {found!r}; rename one, or leave it "
                "out by --static_inputs"
            )
        fields.append({"name": name, "input": found, "words": words})
    return fields


class StaticInputs:
    """The static fields of a model: the same columns in NumPy and in the graph.

    A field of numbers is a column; a field of words has one for each word of training, 1 where it is that, else 0. What
    is unknown, and a word that training had not, is NaN.

    Args:
        fields: What `learn` returned.

    Example:
        `StaticInputs(fields).columns(statics)`
    """

    def __init__(self, fields: Sequence[Mapping[str, Any]]) -> None:
        self.fields = list(fields)

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.names)

    @property
    def names(self) -> list[str]:
        """The names of the columns, such as `ward=A`."""
        return [
            name
            for one in self.fields
            for name in ([one["name"]] if one["words"] is None else [f"{one['name']}={word}" for word in one["words"]])
        ]

    def columns(self, statics: "Statics", entity: np.ndarray) -> np.ndarray:
        """The columns of entities, int `[rows]`: float32 `[rows, count]`."""
        found = [np.zeros([len(entity), 0], np.float32)]
        for one in self.fields:
            if one["words"] is None:
                found.append(statics.numbers[one["name"]][entity, None])
                continue
            same = statics.words[one["name"]][entity, None] == np.array(one["words"], object)
            found.append(np.where(same.any(axis=1, keepdims=True), same, np.nan))
        return np.concatenate(found, axis=1).astype(np.float32)

    def values(self, statics: "Statics", entity: np.ndarray) -> dict[str, np.ndarray]:
        """Input name -> values of entities, as an endpoint takes them; NaN or empty where a table has none."""
        numbers, words = np.full(len(entity), np.nan), np.full(len(entity), "", object)
        found = {}
        for one in self.fields:
            known, absent = (statics.numbers, numbers) if one["words"] is None else (statics.words, words)
            found[one["input"]] = known[one["name"]][entity] if one["name"] in known else absent
        return found

    def specs(self) -> "list[tf.TensorSpec]":
        """The inputs of an endpoint."""
        import tensorflow as tf

        kinds = [tf.float32 if one["words"] is None else tf.string for one in self.fields]
        return [tf.TensorSpec([None], kind, one["input"]) for one, kind in zip(self.fields, kinds, strict=True)]

    def tensor(self, inputs: "Mapping[str, tf.Tensor]", rows: "tf.Tensor") -> "tf.Tensor":
        """The columns of a request, float32 `[rows, count]`."""
        import tensorflow as tf

        found = [tf.zeros([rows, 0])]
        for one in self.fields:
            value = inputs[one["input"]][:, tf.newaxis]
            if one["words"] is None:
                found.append(tf.cast(value, tf.float32))
            elif one["words"]:
                same = value == tf.constant(one["words"])
                known = tf.reduce_any(same, axis=1, keepdims=True)
                found.append(tf.where(known, tf.cast(same, tf.float32), float("nan")))
        return tf.concat(found, axis=1)
