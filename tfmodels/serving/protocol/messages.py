"""The messages that clients send and receive, without TensorFlow and its API package, whose import takes seconds.

They have a pool of their own, so they never meet those of TensorFlow in one process. Fields that no client of ours
needs are left out: readers skip them.
"""

import re
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2

from tfmodels.export.graph.tensor_types import tensor_type_enum

_PACKAGE = "tfmodels"
# Names and numbers are those of tensorflow.proto and of TensorFlow Serving's API.
_MESSAGES = """
Dim { int64 size = 1 }
TensorShapeProto { repeated Dim dim = 2; bool unknown_rank = 3 }
TensorProto {
    DataType dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4;
    repeated float float_val = 5; repeated double double_val = 6; repeated int32 int_val = 7;
    repeated bytes string_val = 8; repeated float scomplex_val = 9; repeated int64 int64_val = 10;
    repeated bool bool_val = 11; repeated double dcomplex_val = 12; repeated int32 half_val = 13;
    repeated uint32 uint32_val = 16; repeated uint64 uint64_val = 17
}
TensorInfo { string name = 1; DataType dtype = 2; TensorShapeProto tensor_shape = 3 }
SignatureDef { map TensorInfo inputs = 1; map TensorInfo outputs = 2; string method_name = 3 }
SignatureDefMap { map SignatureDef signature_def = 1 }
ModelSpec { string name = 1; Int64Value version = 2; string signature_name = 3; string version_label = 4 }
PredictRequest { ModelSpec model_spec = 1; map TensorProto inputs = 2 }
PredictResponse { map TensorProto outputs = 1 }
GetModelStatusRequest { ModelSpec model_spec = 1 }
ModelVersionStatus { int64 version = 1; int32 state = 2 }
GetModelStatusResponse { repeated ModelVersionStatus model_version_status = 1 }
Any { string type_url = 1; bytes value = 2 }
GetModelMetadataRequest { ModelSpec model_spec = 1; repeated string metadata_field = 2 }
GetModelMetadataResponse { map Any metadata = 2 }
"""
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    name: getattr(_FIELD, f"TYPE_{name.upper()}")
    for name in ("int64", "uint64", "int32", "uint32", "float", "double", "bool", "string", "bytes")
}


def _add_field(message: Any, label: str, kind: str, name: str, number: int) -> None:
    if label == "map ":
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "", "string", "key", 1)
        _add_field(entry, "", kind, "value", 2)
        label, kind = "repeated ", f"{message.name}.{entry.name}"
    field = message.field.add(name=name, number=number)
    field.label = _FIELD.LABEL_REPEATED if label else _FIELD.LABEL_OPTIONAL
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
        return
    field.type = _FIELD.TYPE_ENUM if kind == "DataType" else _FIELD.TYPE_MESSAGE
    field.type_name = f".google.protobuf.{kind}" if kind == "Int64Value" else f".{_PACKAGE}.{kind}"


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="client_messages.proto", package=_PACKAGE, syntax="proto3", dependency=[wrappers_pb2.DESCRIPTOR.name]
    )
    types = file.enum_type.add(name="DataType")
    for name, number in {"DT_INVALID": 0, **tensor_type_enum()}.items():
        types.value.add(name=name, number=number)
    for name, fields in re.findall(r"(\w+) \{(.+?)\}", _MESSAGES, re.DOTALL):
        message = file.message_type.add(name=name)
        for label, kind, field, number in re.findall(r"(repeated |map |)(\w+) (\w+) = (\d+)", fields):
            _add_field(message, label, kind, field, int(number))
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{message.name}"))
        for message in file.message_type
    }


_CLASSES = _classes()
PredictRequest = _CLASSES["PredictRequest"]
PredictResponse = _CLASSES["PredictResponse"]
GetModelMetadataRequest = _CLASSES["GetModelMetadataRequest"]
GetModelMetadataResponse = _CLASSES["GetModelMetadataResponse"]
GetModelStatusRequest = _CLASSES["GetModelStatusRequest"]
GetModelStatusResponse = _CLASSES["GetModelStatusResponse"]
SignatureDefMap = _CLASSES["SignatureDefMap"]
