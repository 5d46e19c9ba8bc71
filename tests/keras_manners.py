"""What Keras users do with a layer or model: each manner is a function that fails where it does not work."""

import functools
import inspect
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

YES, DOES_NOT_APPLY = "yes", "–"


@dataclass(frozen=True, eq=False)
class Subject:
    """A public layer or model, and how it is called."""

    make: Callable[..., keras.layers.Layer]  # takes arguments of `keras.layers.Layer`, such as `dtype`
    arguments: dict[str, Any]  # call argument -> array or nested arrays, an even number of rows
    refuses: Mapping[str, str] = field(default_factory=dict)  # manner -> the sentence that the user reads
    skips: tuple[str, ...] = ()  # manners that make no sense here
    export_tolerance: float = 1e-5  # in bfloat16, whose products a graph may round elsewhere
    masked: tuple[str, str | None, Callable | None] | None = None  # what is padded, its mask's argument if any, maker


def outcome(subject, manner, manners=None):
    """What the table says, tried: "yes", "–" where it makes no sense, or the sentence of the refusal."""
    try_it = (manners or MANNERS)[manner]
    if not applies(subject, manner):
        return DOES_NOT_APPLY
    if manner not in subject.refuses:
        try_it(subject)
        return YES
    sentence = subject.refuses[manner]
    with pytest.raises(UserWarning, match=re.escape(sentence)):  # as Keras refuses XLA
        try_it(subject)
    return sentence


def applies(subject, manner):
    one_array = len(keras.tree.flatten(subject.arguments)) == 1
    if manner in ("Sequential", "TimeDistributed") and not one_array:
        return False
    return manner not in subject.skips and (manner != "Keras' mask" or subject.masked is not None)


def assert_on_page(subjects, manners=None):
    """The page for users has the table of these subjects; the cells are tried by other tests."""
    table = conformance_table(subjects, manners or MANNERS)
    assert table in PAGE.read_text(), f"Expected this table in {PAGE}:\n\n{table}"


def conformance_table(subjects, manners):
    """Markdown: a row for each subject, a column for each manner, the refusals below."""
    refusals = list(dict.fromkeys(text for subject in subjects.values() for text in subject.refuses.values()))
    rows = [["", *manners], ["---"] * (len(manners) + 1)]
    for name, subject in subjects.items():
        said = [subject.refuses.get(manner) for manner in manners]
        cells = [YES if text is None else f"no ({refusals.index(text) + 1})" for text in said]
        rows.append(
            [
                name,
                *(
                    cell if applies(subject, manner) else DOES_NOT_APPLY
                    for cell, manner in zip(cells, manners, strict=True)
                ),
            ]
        )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", *(f"{place}. {text}" for place, text in enumerate(refusals, 1))]).strip()


def functional(subject):
    """All sizes but the batch's are known, and the numbers are those of a plain call."""
    model, _, expected = functional_model(subject)
    keras.tree.map_structure(same_spec, model.output, expected)
    close(model(subject.arguments), expected)


def output_shape(subject):
    """`compute_output_spec` and `compute_output_shape` say what comes out."""
    _, layer, expected = functional_model(subject)
    symbols = symbolic(subject)
    spec = layer.compute_output_spec(**symbols)
    keras.tree.map_structure(same_spec, spec, expected)
    wanted = inspect.signature(layer.compute_output_shape).parameters
    shapes = {f"{name}_shape": keras.tree.map_structure(lambda t: t.shape, value) for name, value in symbols.items()}
    first, *others = shapes  # Keras passes the first one by place
    others = {name: shapes[name] for name in others if name in wanted}
    shape = layer.compute_output_shape(shapes[first], **others)
    assert keras.tree.map_structure(lambda tensor: tuple(tensor.shape), spec) == shape


def summary(subject):
    """A summary shows shapes, in a functional model and in one that a user wrote as a class."""
    as_class = WrittenAsClass(subject.make())
    as_class(subject.arguments)
    for model in (functional_model(subject)[0], as_class):
        lines = []
        model.summary(line_length=250, print_fn=lambda text, lines=lines, **_: lines.append(text))
        text = "\n".join(lines)
        assert "?" not in text, text


class WrittenAsClass(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, arguments):
        return self.layer(**arguments)


def sequential(subject):
    (array,) = keras.tree.flatten(subject.arguments)
    layer = subject.make()
    model = keras.Sequential([keras.Input(array.shape[1:], dtype=str(array.dtype)), layer])
    expected = layer(array)
    same_spec(model.outputs[0], expected)
    close(model.predict(array, verbose=0), expected)


def cloned(subject):
    model, _, expected = functional_model(subject)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    close(clone(subject.arguments), expected)


def saved(subject):
    model, _, expected = functional_model(subject)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        loaded = keras.models.load_model(Path(folder) / "model.keras")
    close(loaded(subject.arguments), expected)


def time_distributed(subject):
    """The layer is applied to each step of a further axis, whose length is known or not."""
    (array,) = keras.tree.flatten(subject.arguments)
    layer = subject.make()
    expected = np.stack([layer(array), layer(array[::-1])], axis=1)
    steps = np.stack([array, array[::-1]], axis=1)
    for length in (2, None):
        inputs = keras.Input((length, *array.shape[1:]), dtype=str(array.dtype))
        model = keras.Model(inputs, keras.layers.TimeDistributed(layer)(inputs))
        assert model.output.shape == (None, length, *expected.shape[2:])
        close(model(steps), expected)


def keras_mask(subject):
    """The mask that Keras passes hides what the explicit one hides; states for each step carry it on."""
    argument, explicit, to_explicit = subject.masked
    array = subject.arguments[argument].copy()
    array[:, -1] = 0
    arguments = {name: array if name == argument else value for name, value in subject.arguments.items()}
    layer = subject.make()
    layer(**arguments)
    layer.set_weights([weight + 0.3 for weight in layer.get_weights()])  # biases start at zero
    expected = layer(**arguments, **({explicit: to_explicit(np.any(array != 0, axis=-1))} if explicit else {}))
    inputs = entrances(arguments)
    output = layer(**{**inputs, argument: keras.layers.Masking()(inputs[argument])})
    close(keras.Model(inputs, output)(arguments), expected)
    assert not explicit or np.abs(layer(**arguments) - expected).max() > 1e-4
    first = next(iter(arguments))
    keeps_time = first == argument and output.shape[1:2] == array.shape[1:2]
    assert (keras.Model(inputs, SeesMask()(output))(arguments).shape[1] == array.shape[1]) == keeps_time


class SeesMask(keras.layers.Layer):
    """Gives the mask that Keras passes on, `[batch, 0]` if none."""

    supports_masking = True

    def call(self, x, mask=None):
        return tf.zeros([tf.shape(x)[0], 0], tf.bool) if mask is None else mask


def fitted(subject, dtype=None, **options):
    """`fit` with a loss on whatever comes out, then `predict`. Replicas take no inputs of bool, so masks are bytes."""
    arguments = keras.tree.map_structure(
        lambda array: array.astype("uint8") if array.dtype == bool else array, subject.arguments
    )
    inputs = entrances(arguments)
    outputs = subject.make(dtype=dtype)(
        **keras.tree.map_structure(
            lambda symbol: keras.ops.cast(symbol, "bool") if symbol.dtype == "uint8" else symbol, inputs
        )
    )
    columns = [keras.layers.Lambda(row_mean, (1,), dtype="float32")(part) for part in keras.tree.flatten(outputs)]
    model = keras.Model(inputs, keras.layers.Concatenate()(columns) if len(columns) > 1 else columns[0])
    model.compile("sgd", "mse", **options)
    rows = len(keras.tree.flatten(arguments)[0])
    history = model.fit(arguments, np.ones([rows, len(columns)]), batch_size=rows, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert np.isfinite(model.predict(arguments, batch_size=rows, verbose=0)).all()


def row_mean(output):
    output = tf.cast(output, tf.float32)
    return tf.reduce_mean(output, axis=range(1, len(output.shape)))[:, tf.newaxis]


def compiled_by_xla(subject):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*jit_compile")
        fitted(subject, jit_compile=True)


def on_two_replicas(subject):
    from tfmodels.training.devices.strategy import strategy

    with strategy(2).scope():
        fitted(subject, jit_compile=False)


SLOW = ("mixed_bfloat16", "mixed_float16", "jit_compile", "MirroredStrategy")  # seconds of a core for each subject
PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"
MANNERS = {
    "functional": functional,
    "output shape": output_shape,
    "summary": summary,
    "Sequential": sequential,
    "clone_model": cloned,
    "save, load_model": saved,
    "TimeDistributed": time_distributed,
    "Keras' mask": keras_mask,
    "mixed_bfloat16": lambda subject: fitted(subject, "mixed_bfloat16", jit_compile=False),
    "mixed_float16": lambda subject: fitted(subject, "mixed_float16", jit_compile=False),
    "jit_compile": compiled_by_xla,
    "MirroredStrategy": on_two_replicas,
}


@functools.lru_cache(maxsize=1)  # the manners of a subject follow each other, and change neither
def functional_model(subject):
    """A model of the layer, the layer, and what a plain call of it gives."""
    layer, symbols = subject.make(), symbolic(subject)
    return keras.Model(symbols, layer(**symbols)), layer, layer(**subject.arguments)


def symbolic(subject):
    return entrances(subject.arguments)


def entrances(arguments):
    """Inputs of a functional model, named as the arguments are."""
    return keras.tree.map_structure_up_to(
        arguments, entrance, keras.tree.pack_sequence_as(arguments, names_of(arguments)), arguments
    )


def names_of(arguments):
    return [str(path[-1]) for path, _ in keras.tree.flatten_with_path(arguments)]


def entrance(name, array):
    return keras.Input(array.shape[1:], dtype=str(array.dtype), name=name)


def same_spec(symbol, tensor):
    assert tuple(symbol.shape) == (None, *tensor.shape[1:])
    assert symbol.dtype == keras.backend.standardize_dtype(tensor.dtype)


def close(ours, expected, tolerance=1e-5):
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance), ours, expected
    )
