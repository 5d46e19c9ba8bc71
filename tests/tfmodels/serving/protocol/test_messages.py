"""The messages of clients are those of TensorFlow Serving."""

import numpy as np
import pytest
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from tfmodels.serving.protocol import messages
from tfmodels.serving.protocol.tensor_proto import read_tensor, write_listed, write_packed

PUBLIC = {
    "PredictRequest": predict_pb2.PredictRequest,
    "PredictResponse": predict_pb2.PredictResponse,
    "GetModelMetadataRequest": get_model_metadata_pb2.GetModelMetadataRequest,
    "GetModelMetadataResponse": get_model_metadata_pb2.GetModelMetadataResponse,
    "SignatureDefMap": get_model_metadata_pb2.SignatureDefMap,
}


def fields(descriptor, theirs):
    """Each field of ours at any depth, beside theirs of the same number."""
    for field in descriptor.fields:
        other = theirs.fields_by_number[field.number]
        yield field, other
        if field.message_type is not None and field.message_type.full_name.startswith("tfmodels."):
            yield from fields(field.message_type, other.message_type)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_field_is_one_of_the_public_messages(name):
    for ours, theirs in fields(getattr(messages, name).DESCRIPTOR, PUBLIC[name].DESCRIPTOR):
        assert (ours.name, ours.type, ours.is_repeated) == (theirs.name, theirs.type, theirs.is_repeated)


@pytest.mark.parametrize("write", [write_packed, write_listed])
def test_a_request_is_read_on_the_other_side(write):
    ours = messages.PredictRequest()
    ours.model_spec.name = "text"
    ours.model_spec.version.value = 3
    write(np.array([[b"a", b"\xff"]], object), ours.inputs["text"])
    write(np.float32([1.5, np.nan]), ours.inputs["x"])
    theirs = predict_pb2.PredictRequest.FromString(ours.SerializeToString())
    assert theirs.model_spec.version.value == 3
    assert read_tensor(theirs.inputs["text"]).tolist() == [[b"a", b"\xff"]]
    back = messages.PredictRequest.FromString(theirs.SerializeToString())
    np.testing.assert_array_equal(read_tensor(back.inputs["x"]), np.float32([1.5, np.nan]))


def test_a_signature_in_json_is_read():
    theirs = get_model_metadata_pb2.SignatureDefMap()
    tensor = theirs.signature_def["serving_default"].inputs["x"]
    tensor.name, tensor.dtype = "x:0", 1
    tensor.tensor_shape.dim.add(size=-1)
    document = json_format.MessageToDict(theirs, preserving_proto_field_name=True)
    ours = json_format.ParseDict(document, messages.SignatureDefMap())
    assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)
