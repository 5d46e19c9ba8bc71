import json

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfmodels.serving import ServingError
from tfmodels.serving.protocol.json_reader import read_json_request
from tfmodels.serving.protocol.json_writer import write_response

SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(str.encode)
NUMBERS = [tf.bool, tf.float32, tf.float64, tf.int8, tf.int32, tf.int64, tf.uint8, tf.uint32, tf.uint64]


@st.composite
def tensors(draw):
    """Arrays of every type that JSON carries, `[rows, ...]`."""
    shape = draw(SHAPES)
    if draw(st.booleans()):
        return draw(arrays_of.arrays(object, shape, elements=TEXTS))
    dtype = draw(st.sampled_from(NUMBERS))
    if dtype in (tf.float32, tf.float64):
        # Integers beyond the mantissa are refused, because floats cannot represent them exactly.
        elements = st.floats(-1e6, 1e6, width=32) | st.sampled_from([float("inf"), float("-inf"), 1e-30])
        return draw(arrays_of.arrays(np.float64, shape, elements=elements)).astype(dtype.as_numpy_dtype)
    return draw(arrays_of.arrays(dtype.as_numpy_dtype, shape))


# Drawing arrays is slow.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def type_of(array):
    return tf.string if array.dtype == object else tf.as_dtype(array.dtype)


def read(body, **types):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_json_request(body, lambda signature: types)


@patient
@given(tensors(), st.booleans())
def test_written_values_are_read_back(array, row):
    document = json.loads(write_response({"x": array}, row))
    values = document["predictions" if row else "outputs"]
    back = read({"instances" if row else "inputs": values}, x=type_of(array))
    assert back.row is row
    assert back.inputs["x"].dtype == array.dtype
    np.testing.assert_array_equal(back.inputs["x"], array)


@patient
@given(tensors(), tensors())
def test_row_and_column_form_are_equivalent(first, second):
    rows = min(len(first), len(second))
    outputs = {"first": first[:rows], "second": second[:rows]}
    types = {name: type_of(array) for name, array in outputs.items()}
    by_row = read({"instances": json.loads(write_response(outputs, True))["predictions"]}, **types)
    by_column = read({"inputs": json.loads(write_response(outputs, False))["outputs"]}, **types)
    for name, array in outputs.items():
        np.testing.assert_array_equal(by_row.inputs[name], array)
        np.testing.assert_array_equal(by_column.inputs[name], array)


@patient
@given(st.lists(st.binary()))
def test_bytes_survive_as_base64(values):
    array = np.empty(len(values), object)
    array[:] = values
    written = json.loads(write_response({"x_bytes": array}, row=False))
    back = read({"inputs": written["outputs"]}, x=tf.string)
    assert back.inputs["x"].tolist() == values


@patient
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just({"b64": "YQ=="}),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "b64"]), inner),
    ),
    st.sampled_from(["instances", "inputs"]),
    st.sampled_from([*NUMBERS, tf.string]),
)
def test_any_document_is_read_or_refused(value, key, dtype):
    try:
        array = read({key: value}, x=dtype).inputs["x"]
    except ServingError as error:
        assert error.http_status == 400
    else:
        assert type_of(array) == dtype


@patient
@given(st.binary())
def test_any_bytes_are_refused(body):
    with pytest.raises(ServingError) as error:
        read(body, x=tf.string)
    assert error.value.http_status == 400


def test_bytes_that_are_not_utf8_are_kept():
    assert read(b'{"inputs": ["\xff\xfe"]}', x=tf.string).inputs["x"].tolist() == [b"\xff\xfe"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": ' + b"[" * 100_000,
        b'{"inputs": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"inputs": [' + b"9" * 9999 + b"]}",
    ],
    ids=["deep", "many axes", "long number"],
)
def test_hostile_documents_are_refused(body):
    with pytest.raises(ServingError) as error:
        read(body, x=tf.float32)
    assert error.value.http_status == 400
    assert len(error.value.message) < 2000


def test_decimals_are_short():
    assert (
        write_response({"x": np.float32([0.1, 1e-7, 16777216])}, row=False) == b'{"outputs": [0.1, 1e-07, 16777216.0]}'
    )


def test_outputs_of_different_batches_cannot_be_rows():
    with pytest.raises(ServingError, match="inconsistent batch size: 2 expecting: 1"):
        write_response({"x": np.zeros([1]), "y": np.zeros([2])}, row=True)
