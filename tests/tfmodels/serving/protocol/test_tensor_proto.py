"""Tensors of messages, read and written without TensorFlow as TensorFlow itself does."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, types_pb2

from tfmodels.export.graph.tensor_types import TENSOR_TYPES, tensor_type_enum, tensor_type_name
from tfmodels.serving.protocol.tensor_proto import read_tensor, write_listed, write_packed

NUMBERS = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")
ARRAYS = [np.array([[0, 1, 100]]).astype(dtype) for dtype in (*NUMBERS, "float16", tf.bfloat16.as_numpy_dtype)]
ARRAYS += [
    np.float32([np.nan, -np.inf, 0.1]),
    np.complex64([1 + 2j, -0.5j]),
    np.complex128([[1 + 2j]]),
    np.float64(3.5)[()] * np.ones([]),
    np.zeros([0, 3], np.float32),
    np.array(b"\xff\x00", object),
    np.array([["é".encode()], [b""]], object),
]


def written(write, array):
    tensor = tensor_pb2.TensorProto()
    write(array, tensor)
    return tensor


def by_tensorflow(tensor):
    """What TensorFlow's own reader makes of a message, which is that of the server."""
    return tf.io.parse_tensor(tensor.SerializeToString(), tf.as_dtype(tensor.dtype)).numpy()


@pytest.mark.parametrize("write", [write_packed, write_listed])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{list(array.shape)}")
def test_arrays_are_unchanged(write, array):
    tensor = written(write, array)
    for read in (read_tensor(tensor), by_tensorflow(tensor), tf.make_ndarray(tensor)):
        if not array.ndim and array.dtype == object:
            read = np.array(read, object)  # a text alone is no array
        assert (read.dtype, read.shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("write", [write_packed, write_listed])
@pytest.mark.parametrize("dtype", [">f4", ">i8", ">f2", ">c8"])
def test_the_order_of_bytes_does_not_matter(write, dtype):
    array = np.array([1, 2, 3]).astype(dtype)
    np.testing.assert_array_equal(read_tensor(written(write, array)), array)


def test_listed_values_are_in_the_field_of_their_type():
    assert list(written(write_listed, np.float32([0.5, -1.0])).float_val) == [0.5, -1.0]
    assert list(written(write_listed, np.array([b"a", b"b"], object)).string_val) == [b"a", b"b"]


def test_types_have_the_names_and_numbers_of_tensorflow():
    ours = tensor_type_enum()
    assert ours == {name: types_pb2.DataType.Value(name) for name in ours}
    for number in ours.values():
        assert tensor_type_name(number) == tf.as_dtype(number).name
    for name, kind in TENSOR_TYPES.items():
        assert kind.dtype == tf.as_dtype(name).as_numpy_dtype
    assert tensor_type_name(0) == "type 0"
    assert tensor_type_name(999) == "type 999"


@st.composite
def messages(draw):
    """Tensors with too many and too few values, of any content, and some with shapes of no array."""
    kind = TENSOR_TYPES[draw(st.sampled_from(["float32", "int32", "int64", "bool", "string", "float16", "complex64"]))]
    tensor = tensor_pb2.TensorProto(dtype=kind.number)
    for size in draw(st.lists(st.integers(-1, 3), max_size=3)):
        tensor.tensor_shape.dim.add(size=size)
    if draw(st.booleans()):
        tensor.tensor_content = draw(st.binary(max_size=24))
    texts, small = st.binary(max_size=3), st.integers(0, 1)
    values = draw(st.lists(texts if kind.name == "string" else small, max_size=6))
    getattr(tensor, kind.field).extend(values)
    return tensor


@given(messages())
@example(tensor_pb2.TensorProto(dtype=10, tensor_content=b"\2"))
def test_any_message_is_read_as_tensorflow_reads_it(tensor):
    try:
        expected = by_tensorflow(tensor)
    except tf.errors.OpError:
        with pytest.raises(ValueError, match="Expected"):
            read_tensor(tensor)
        return
    read = read_tensor(tensor)
    assert read.shape == np.shape(expected)
    np.testing.assert_array_equal(read, expected)


def test_a_shape_without_values_has_sizes_that_can_be_counted():
    tensor = tensor_pb2.TensorProto(dtype=1)
    for size in (0, 2**62, 2**62):
        tensor.tensor_shape.dim.add(size=size)
    with pytest.raises(ValueError, match="Expected a shape of at most"):
        read_tensor(tensor)


@pytest.mark.parametrize(("dtype", "value"), [("int8", 300), ("uint8", -1), ("uint16", 2**16), ("float16", 2**16)])
def test_integers_that_do_not_fit_are_refused(dtype, value):
    """TensorFlow takes what is left of them without a word."""
    kind = TENSOR_TYPES[dtype]
    tensor = tensor_pb2.TensorProto(dtype=kind.number)
    getattr(tensor, kind.field).append(value)
    with pytest.raises(ValueError, match=f"Expected values of {dtype}"):
        read_tensor(tensor)


@pytest.mark.parametrize("number", [0, 20, 21, 11, 101, 999])
def test_types_that_no_message_holds_are_refused(number):
    tensor = tensor_pb2.TensorProto()
    tensor.MergeFromString(bytes([8, *((number,) if number < 128 else (number % 128 + 128, number // 128))]))
    with pytest.raises(ValueError, match="Expected a type"):
        read_tensor(tensor)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.complex64])
def test_large_arrays_are_written_in_parts(dtype):
    array = np.arange(3 * 2**16 + 5, dtype=dtype)
    tensor = tensor_pb2.TensorProto()
    write_listed(array, tensor)
    np.testing.assert_array_equal(read_tensor(tensor), array)
