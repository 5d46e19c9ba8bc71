import numpy as np
import pytest
import tensorflow as tf

from tfmodels.serving.protocol.predict_proto import write_input, write_output

NUMBERS = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")
ARRAYS = [np.array([[0, 1, 100]]).astype(dtype) for dtype in (*NUMBERS, "float16")]
ARRAYS += [
    np.float32([np.nan, -np.inf, 0.1]),
    np.zeros([0, 3], np.float32),
    np.array(b"\xff\x00", object),
    np.array([["é".encode()], [b""]], object),
]


@pytest.mark.parametrize("write", [write_input, write_output])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{list(array.shape)}")
def test_arrays_are_unchanged(write, array):
    read = tf.make_ndarray(write(array))
    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(read, array)


def test_output_values_are_in_the_field_of_their_type():
    assert list(write_output(np.float32([0.5, -1.0])).float_val) == [0.5, -1.0]
    assert list(write_output(np.array([b"a", b"b"], object)).string_val) == [b"a", b"b"]
