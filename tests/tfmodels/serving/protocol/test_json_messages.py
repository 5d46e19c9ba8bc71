import json

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfmodels.serving import ServingError
from tfmodels.serving.protocol.json_reader import read_json_request
from tfmodels.serving.protocol.json_writer import write_response

SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(str.encode)
NUMBERS = ["bool", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32", "uint64"]


@st.composite
def tensors(draw):
    """Arrays of every type that JSON carries, `[rows, ...]`."""
    shape = draw(SHAPES)
    if draw(st.booleans()):
        return draw(arrays_of.arrays(object, shape, elements=TEXTS))
    dtype = draw(st.sampled_from(NUMBERS))
    if dtype in ("float32", "float64"):
        # TensorFlow, where it is loaded, has the processor take subnormal numbers for zero.
        elements = st.floats(-1e6, 1e6, width=32, allow_subnormal=False) | st.sampled_from(
            [float("inf"), float("-inf"), 1e-30]
        )
        return draw(arrays_of.arrays(np.float64, shape, elements=elements)).astype(dtype)
    return draw(arrays_of.arrays(dtype, shape))


# Drawing arrays is slow.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def type_of(array):
    return "string" if array.dtype == object else array.dtype.name


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
    back = read({"inputs": written["outputs"]}, x="string")
    assert back.inputs["x"].tolist() == values


@patient
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just({"b64": "YQ=="}),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "b64"]), inner),
    ),
    st.sampled_from(["instances", "inputs"]),
    st.sampled_from([*NUMBERS, "string"]),
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
        read(body, x="string")
    assert error.value.http_status == 400


def test_bytes_that_are_not_utf8_are_kept():
    assert read(b'{"inputs": ["\xff\xfe"]}', x="string").inputs["x"].tolist() == [b"\xff\xfe"]


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
        read(body, x="float32")
    assert error.value.http_status == 400
    assert len(error.value.message) < 2000


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"[Inf, -Inf, -NaN, Infinity]", [np.inf, -np.inf, np.nan, np.inf]),
        (b"[1e39, -3.5e38, 123456789012345678901234567890]", [np.inf, -np.inf, np.float32(1.2345679e29)]),
        (b"[1e-45, -1e-40, 2e-38]", [0, 0, np.float32(2e-38)]),
        (b"[16777217, 0.1]", [16777216, np.float32(0.1)]),
    ],
)
def test_floats_are_those_of_the_server(body, values):
    read_back = read(b'{"inputs": ' + body + b"}", x="float32").inputs["x"]
    np.testing.assert_array_equal(read_back, np.float32(values))


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" * 400, b"1" * 10_000, b"1" * 400 + b".5"])
def test_numbers_too_large_for_any_float_are_refused(number):
    for body in (b'{"inputs": [%s]}', b'{"inputs": [1], "other": %s}'):
        if number.isdigit() and b"other" in body:
            continue  # the size of a whole number only matters where it becomes a float
        with pytest.raises(ServingError, match="Number too big"):
            read(body % number, x="float64")


def test_names_of_numbers_within_texts_stay():
    texts = ['Inf -NaN "Inf', "\\", "-Infinity", '"']
    body = json.dumps({"inputs": texts, "other": 0}).replace('"other": 0', '"other": [Inf, -Inf, -NaN]')
    assert read(body.encode(), x="string").inputs["x"].tolist() == [text.encode() for text in texts]


def test_the_first_of_two_members_counts():
    assert read(b'{"inputs": {"x": [1], "x": [2]}, "inputs": [3]}', x="int32").inputs["x"].tolist() == [1]


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc80", r"\udc80\ud800", r"\ud800a", r"\ud83d\ude00\udfff"])
def test_half_of_a_surrogate_pair_is_refused(escape):
    with pytest.raises(ServingError, match="surrogate"):
        read(b'{"inputs": ["%s"]}' % escape.encode(), x="string")


def test_pairs_of_surrogates_and_texts_that_look_like_halves_are_read():
    body = rb'{"inputs": ["\ud83d\ude00", "\\udc80"]}'
    assert read(body, x="string").inputs["x"].tolist() == ["😀".encode(), rb"\udc80"]


def test_unsigned_integers_of_16_bits_are_not_implemented():
    with pytest.raises(ServingError) as error:
        read({"inputs": [1]}, x="uint16")
    assert error.value.http_status == 501
    with pytest.raises(ServingError) as error:
        read({"instances": [1]}, x="uint16")
    assert error.value.http_status == 400
    with pytest.raises(ServingError, match="uint16"):
        write_response({"x": np.uint16([1])}, row=False)


def test_decimals_of_float32_have_six_digits_or_nine():
    array = np.float32([0.1, 1e-7, 16777216, 1 / 3, 123456789, -0.0])
    decimals = b"[0.1, 1e-07, 16777216.0, 0.333333343, 123456792.0, -0.0]"
    assert write_response({"x": array}, row=False) == b'{"outputs": ' + decimals + b"}"


def test_outputs_of_different_batches_cannot_be_rows():
    with pytest.raises(ServingError, match="inconsistent batch size: 2 expecting: 1"):
        write_response({"x": np.zeros([1]), "y": np.zeros([2])}, row=True)
