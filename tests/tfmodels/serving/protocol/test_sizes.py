"""Sizes of messages are counted right, and before anything large is made of them."""

import gzip
import json
import tracemalloc

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_serving.apis import predict_pb2

from tfmodels.serving import ServingError
from tfmodels.serving.protocol import document_size
from tfmodels.serving.protocol.document_size import MOST_VALUES, check_document
from tfmodels.serving.protocol.gzip_body import gunzip
from tfmodels.serving.protocol.json_values import quoted
from tfmodels.serving.protocol.message_size import MOST_FIELDS, parse_predict

TEXTS = st.text(alphabet='[]{},:"\\ aé\n')
DOCUMENTS = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(TEXTS, values, max_size=4),
)


def size_of(value):
    """Values, counted as commas and opening brackets, and levels."""
    if not isinstance(value, list | dict):
        return 0, 0
    children = list(value.values()) if isinstance(value, dict) else value
    sizes = [size_of(child) for child in children]
    return 1 + max(0, len(children) - 1) + sum(size for size, _ in sizes), 1 + max(
        (level for _, level in sizes), default=0
    )


@given(DOCUMENTS, st.booleans(), st.integers(1, 50))
def test_brackets_and_commas_of_texts_do_not_count(value, ascii_only, chunk):
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    values, levels = size_of(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_size, "_CHUNK", chunk)
        assert document_size._count(body) == (values + 1, levels)
    assert check_document(body) >= values


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"instances": %s}' % (b"[" * 100_000), 400),
        (b'{"instances": [%s]}' % (b"[]," * MOST_VALUES), 413),
        (b'{"instances": [%s]}' % (b"1," * MOST_VALUES), 413),
        (b'{"instances": ["%s"]}' % (b"[,{" * MOST_VALUES), None),
        (b'{"instances": ["%s"]}' % (rb"\"[\\" * MOST_VALUES), None),
        (b"[" * 64 + b"]" * 64, None),
    ],
)
def test_documents_of_too_many_values_or_levels_are_refused(body, status):
    if status is None:
        assert check_document(body) > 0
        return
    with pytest.raises(ServingError) as error:
        check_document(body)
    assert error.value.http_status == status


def test_a_bomb_is_expanded_to_the_limit_only():
    most = 2**16
    bomb = gzip.compress(b" " * 2**24)
    tracemalloc.start()
    with pytest.raises(ServingError) as error:
        gunzip(bomb, most)
    assert error.value.http_status == 413
    assert tracemalloc.get_traced_memory()[1] < 10 * most
    tracemalloc.stop()
    assert gunzip(gzip.compress(b"a" * most), most) == b"a" * most


@pytest.mark.parametrize("body", [gzip.compress(b"abc" * 100)[:-9], b"abc", b""], ids=["cut off", "text", "nothing"])
def test_what_is_no_gzip_is_refused(body):
    with pytest.raises(ServingError) as error:
        gunzip(body, 1000)
    assert error.value.http_status == 400


def test_a_long_value_is_quoted_without_being_written_to_its_end():
    class Endless(list):
        def __iter__(self):
            while True:
                yield "\udcff é"

    assert len(quoted(Endless([1]))) < 1100
    assert quoted(["é"]) == '[\n    "é"\n]'


def tensor(count, **fields):
    request = predict_pb2.PredictRequest()
    given = request.inputs["x"]
    for name, value in fields.items():
        getattr(given, name).extend([value] * count)
    return request


@pytest.mark.parametrize(
    "request_of",
    [
        lambda count: tensor(count, string_val=b""),
        lambda count: tensor(count, resource_handle_val=given_handle()),
        lambda count: axes(count),
        lambda count: filters(count),
    ],
    ids=["texts", "handles", "axes", "outputs"],
)
def test_messages_of_many_small_fields_are_not_parsed(request_of):
    message = request_of(MOST_FIELDS + 1).SerializeToString()
    with pytest.raises(ServingError):
        parse_predict(message)


def given_handle():
    from tensorflow.core.framework import resource_handle_pb2

    return resource_handle_pb2.ResourceHandleProto()


def axes(count):
    request = predict_pb2.PredictRequest()
    for _ in range(count):
        request.inputs["x"].tensor_shape.dim.add()
    return request


def filters(count):
    return predict_pb2.PredictRequest(output_filter=[""] * count)


def test_messages_within_the_limits_are_parsed():
    large = tensor(MOST_FIELDS - 100, string_val=b"a")
    large.inputs["y"].float_val.extend([1.5] * 100_000)
    large.inputs["z"].tensor_content = b"a" * 2**20
    assert parse_predict(large.SerializeToString()) == large


@pytest.mark.parametrize("message", [b"\xff", b"\x12\xff\xff\xff\xff", b"\x12\x05ab", b"\xff" * 2**17, b"\x12" * 2**17])
def test_bytes_that_are_no_message_are_invalid(message):
    with pytest.raises(ServingError) as error:
        parse_predict(message)
    assert error.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_texts_that_are_repeated_count_as_often():
    request = tensor(2, string_val=b"a" * 2**20)
    request.inputs["x"].dtype = 7
    request.inputs["x"].tensor_shape.dim.add(size=65)
    assert parse_predict(request.SerializeToString()) == request
    request.inputs["x"].tensor_shape.dim[0].size = 66
    with pytest.raises(ServingError, match="shapes of 67113088 bytes"):
        parse_predict(request.SerializeToString())


def test_a_shape_may_not_claim_more_than_there_is_room_for():
    request = tensor(1, float_val=1.0)
    request.inputs["x"].dtype = 1
    for size in (2**20, 2**6):
        request.inputs["x"].tensor_shape.dim.add(size=size)
    with pytest.raises(ServingError, match="shapes of 268435456 bytes"):
        parse_predict(request.SerializeToString())
