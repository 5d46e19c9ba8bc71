"""Reading the file of batching parameters, as TensorFlow Serving reads it."""

import os
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2
from google.protobuf.message import Message

from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.config.text_proto import read_text_proto

_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGE, _INT64, _BOOL, _REPEATED, _SINGLE = (
    _FIELD.TYPE_MESSAGE,
    _FIELD.TYPE_INT64,
    _FIELD.TYPE_BOOL,
    _FIELD.LABEL_REPEATED,
    _FIELD.LABEL_OPTIONAL,
)
# `tensorflow-serving-api` does not include this message. Its fields, from the server's documentation:
_BATCHING_FIELDS = (
    ("max_batch_size", _SINGLE, "Int64Value"),
    ("batch_timeout_micros", _SINGLE, "Int64Value"),
    ("max_enqueued_batches", _SINGLE, "Int64Value"),
    ("num_batch_threads", _SINGLE, "Int64Value"),
    ("thread_pool_name", _SINGLE, "StringValue"),
    ("allowed_batch_sizes", _REPEATED, _INT64),
    ("pad_variable_length_inputs", _SINGLE, _BOOL),
)


def read_batching(file: str | Path) -> BatchingParameters:
    """Reads the file of batching parameters.

    `thread_pool_name` and `pad_variable_length_inputs` are accepted but not used: here requests whose rows have
    different shapes do not share a batch.

    Args:
        file: The text proto.

    Returns:
        The parameters, with the server's defaults for those that the file does not set.

    Raises:
        ValueError: If the file does not hold batching parameters.

    Example:
        `read_batching("saved_models/serving/batching.config")`
    """
    message = read_text_proto(Path(file), _batching_message())
    values = {
        name: getattr(message, name).value
        for name, _, kind in _BATCHING_FIELDS
        if kind == "Int64Value" and message.HasField(name)
    }
    values.setdefault("num_batch_threads", os.cpu_count() or 1)
    if values.get("max_batch_size", 1) < 1:
        raise ValueError(
            f"Expected max_batch_size to be at least 1. Received: max_batch_size={values['max_batch_size']} in {file}"
        )
    return BatchingParameters(**values, allowed_batch_sizes=tuple(message.allowed_batch_sizes))


def _batching_message() -> Message:
    file = descriptor_pb2.FileDescriptorProto(
        name="batching_parameters.proto",
        package="tensorflow.serving",
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    message = file.message_type.add(name="BatchingParameters")
    for number, (name, label, kind) in enumerate(_BATCHING_FIELDS, start=1):
        if isinstance(kind, str):
            message.field.add(
                name=name, number=number, label=label, type=_MESSAGE, type_name=f".google.protobuf.{kind}"
            )
        else:
            message.field.add(name=name, number=number, label=label, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tensorflow.serving.BatchingParameters"))()
