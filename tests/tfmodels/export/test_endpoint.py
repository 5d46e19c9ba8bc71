import pytest
import tensorflow as tf

from tfmodels.export import Endpoint

TEXT = tf.TensorSpec([None], tf.string, name="text")


def number(text, shape=(), dtype=tf.float32):
    return tf.zeros([tf.shape(text)[0], *shape], dtype)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (tf.TensorSpec([None], tf.string), "names"),
        (tf.RaggedTensorSpec([None, None], tf.int32), "dense"),
        (tf.TensorSpec([], tf.int32, name="beams"), "serving_default: input 'beams' is a scalar"),
        (tf.TensorSpec(None, tf.int32, name="beams"), "'beams' has an unknown shape"),
        (tf.TensorSpec([1, 3], tf.float32, name="series"), r"open batch: \(1, 3\)"),
        (tf.TensorSpec([None, None], tf.float32, name="series"), r"open axis after the batch: \(None, None\)"),
        (tf.TensorSpec([None, 3], tf.bfloat16, name="series"), "bfloat16"),
    ],
)
def test_refuses_inputs_that_cannot_be_served(spec, complaint):
    with pytest.raises(ValueError, match=complaint):
        Endpoint("serving_default", (spec,), lambda **_: {})


def test_refuses_two_inputs_of_one_name():
    with pytest.raises(ValueError, match="distinct names"):
        Endpoint("serving_default", (TEXT, TEXT), lambda text: {"text": text})


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda text: number(text), "dict"),
        (lambda text: {}, "dict"),
        (lambda text: {"y": number(text, dtype=tf.float16)}, "serving_default: output 'y' is float16"),
        (lambda text: {"y": number(text, dtype=tf.complex64)}, "complex64"),
        (lambda text: {"y": tf.reduce_sum(number(text))}, "'y' is a scalar"),
        (lambda text: {"y": tf.zeros([1, 3])}, "open batch"),
        (lambda text: {"y": tf.strings.split(text)}, "dense"),
        (lambda text: {"y": tf.strings.split(text).to_tensor()}, "open axis after the batch"),
        (lambda text: {"y_bytes": text}, "_bytes"),
    ],
)
def test_refuses_outputs_that_cannot_be_served(function, complaint):
    endpoint = Endpoint("serving_default", (TEXT,), function)
    with pytest.raises(ValueError, match=complaint):
        _ = endpoint.traced


def test_only_any_length_has_open_axes():
    series = (tf.TensorSpec([None, None], tf.float32, name="series"),)
    endpoint = Endpoint("any_length", series, lambda series: {"doubled": 2 * series})
    assert endpoint.traced(series=tf.ones([2, 5]))["doubled"].shape == [2, 5]


def test_inputs_are_passed_by_name():
    specs = (tf.TensorSpec([None], tf.int32, name="divisor"), tf.TensorSpec([None], tf.int32, name="number"))
    endpoint = Endpoint("serving_default", specs, lambda number, divisor: {"quotient": number // divisor})
    outputs = endpoint.traced(divisor=tf.constant([2]), number=tf.constant([6]))
    assert outputs["quotient"].numpy().tolist() == [3]
