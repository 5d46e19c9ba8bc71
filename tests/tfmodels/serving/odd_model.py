"""A model of signatures that are rare: every type, many shapes, odd names."""

import tensorflow as tf

TYPES = {
    "u64": tf.uint64, "i64": tf.int64, "u32": tf.uint32, "i8": tf.int8, "u8": tf.uint8, "i16": tf.int16,
    "u16": tf.uint16, "f64": tf.float64, "b": tf.bool, "f32": tf.float32, "i32": tf.int32,
}  # fmt: skip


def vector(name, dtype=tf.float32):
    return tf.TensorSpec([None], dtype, name)


def no_values(x, *shape):
    return tf.zeros([tf.shape(x)[0], *shape])


def twice_the_rows(x):
    return tf.concat([x, x], 0)


def signatures():
    """Name -> its inputs, and what it makes of them."""
    two = tf.constant([2.0])
    return {
        **{f"id_{name}": ([vector("x", dtype)], lambda x: {"y": tf.identity(x)}) for name, dtype in TYPES.items()},
        "serving_default": (
            [tf.TensorSpec([None, None], tf.string, "x")],
            lambda x: {"y": tf.identity(x), "n": tf.ones(tf.shape(x)[:1], tf.int32)},
        ),
        "zero": ([vector("x")], lambda x: {"y": no_values(x, 0), "z": tf.identity(x)}),
        "zero1": ([vector("x")], lambda x: {"y": no_values(x, 0)}),
        "zero3": ([vector("x")], lambda x: {"y": no_values(x, 2, 0, 3)}),
        "deep": ([tf.TensorSpec([None, 2, 1, 2], tf.float32, "x")], lambda x: {"y": 2 * x}),
        "two": (
            [vector("a", tf.int32), vector("b", tf.int32)],
            lambda a, b: {"sum": a + b, "text_bytes": tf.strings.as_string(a)},
        ),
        'a/b c"d': ([vector("x", tf.int32)], lambda x: {"y": tf.identity(x)}),
        "len": ([vector("x", tf.string)], lambda x: {"n": tf.strings.length(x)}),
        "big": ([vector("n", tf.int32)], lambda n: {"y": tf.fill([tf.shape(n)[0], 1000], 1.5)}),
        "unknown": ([tf.TensorSpec(None, tf.float32, "x")], lambda x: {"y": tf.identity(x)}),
        "other_first": ([vector("x")], lambda x: {"y": twice_the_rows(x)}),
        "mixed_first": ([vector("x")], lambda x: {"y": twice_the_rows(x), "z": x + 0}),
        "outputs": ([vector("inputs")], lambda inputs: {"outputs": inputs + 1}),
        "div": ([vector("x", tf.int32)], lambda x: {"y": 10 // x}),
        "gather": ([vector("x", tf.int32)], lambda x: {"y": tf.gather(tf.constant([1.0, 2.0, 3.0]), x)}),
        "fixed": ([tf.TensorSpec([2, 3], tf.float32, "x")], lambda x: {"y": 2 * x}),
        "default": ([vector("x"), tf.TensorSpec([1], tf.float32, "k")], lambda x, k=two: {"y": x * k}),
    }


def save_odd(folder):
    """Saves the model as version 1."""
    functions = {name: tf.function(run, input_signature=inputs) for name, (inputs, run) in signatures().items()}
    traced = {name: function.get_concrete_function() for name, function in functions.items()}
    tf.saved_model.save(tf.Module(), str(folder / "1"), traced)
