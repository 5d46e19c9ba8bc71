"""Warm-up requests, which TensorFlow Serving runs before it serves a version.

A version that fails on one of them is not served, and the first user does not wait for an unoptimised graph. A server
that batches runs them through its batches, and does not serve a version with a request of more rows than its
`max_batch_size`, which nobody knows when the export is written. So each of ours has one row, which every server takes.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from numpy.typing import ArrayLike
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from tfmodels.export.graph.rows import Rows, key, split
from tfmodels.export.graph.signature import Signature

MOST_RECORDS = 1000  # the server refuses files with more
_RECORDS = 4  # of ours, for each endpoint: a server that batches waits before each


def warmup_file(version: Path) -> Path:
    """The file where TensorFlow Serving looks for the warm-up requests of a version."""
    return version / "assets.extra" / "tf_serving_warmup_requests"


def write_warmup(
    version: Path, signatures: Mapping[str, Signature], samples: Mapping[str, Mapping[str, ArrayLike]]
) -> None:
    """Writes up to four requests of one row per endpoint: the shortest non-empty row, the longest, and two others.

    Args:
        version: The version folder.
        signatures: Endpoint name -> signature.
        samples: Endpoint name -> input name -> array `[batch, ...]`: rows to choose from, which the export then holds.

    Raises:
        ValueError: If a sample does not fit its endpoint.
    """
    file = warmup_file(version)
    file.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for endpoint, signature in signatures.items():
            rows = signature.feed(samples[endpoint])
            for request in _requests(rows):
                writer.write(_record(endpoint, signature, request).SerializeToString())


def read_warmup(version: Path) -> list[prediction_log_pb2.PredictionLog]:
    """Reads the warm-up requests.

    Args:
        version: The version folder.

    Returns:
        The records, in the order in which the server runs them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a TFRecord file of `PredictionLog` messages.
    """
    file = warmup_file(version)
    if not file.is_file():
        raise FileNotFoundError(f"Expected warm-up requests. Received: {file}")
    try:
        records = list(tf.data.TFRecordDataset(str(file)).as_numpy_iterator())
        logs = [prediction_log_pb2.PredictionLog.FromString(record) for record in records]
    except (tf.errors.OpError, DecodeError) as error:
        raise ValueError(f"Expected an uncompressed TFRecord file of PredictionLog messages. {error}") from error
    if not logs and (size := file.stat().st_size):  # shorter than the header of a record, which reads as the end
        raise ValueError(f"Expected a TFRecord file of PredictionLog messages. Received: {file}, {size} bytes")
    return logs


def parse_request(record: prediction_log_pb2.PredictionLog, signatures: Mapping[str, Signature]) -> tuple[str, Rows]:
    """Extracts the request from a warm-up record.

    Args:
        record: The record.
        signatures: Endpoint name -> signature.

    Returns:
        The name of the endpoint, and the rows.

    Raises:
        ValueError: If it is not a Predict request, or does not fit its signature.
    """
    kind = record.WhichOneof("log_type")
    if kind != "predict_log":
        raise ValueError(f"Expected a Predict request. Received: {kind}")
    request = record.predict_log.request
    endpoint = request.model_spec.signature_name or "serving_default"
    if endpoint not in signatures:
        raise ValueError(f"Expected the name of a signature, one of {sorted(signatures)}. Received: {endpoint!r}")
    signature = signatures[endpoint]
    for name, tensor in request.inputs.items():
        if name in signature.inputs and tf.as_dtype(tensor.dtype).name != signature.inputs[name].dtype:
            raise ValueError(
                f"Expected input {name!r} of {endpoint!r} as {signature.inputs[name].dtype}. "
                f"Received: {tf.as_dtype(tensor.dtype).name}"
            )
    return endpoint, signature.feed({name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()})


def warmup_rows(version: Path, signatures: Mapping[str, Signature], endpoint: str) -> list[Rows]:
    """Collects the rows of the warm-up requests of an endpoint.

    Args:
        version: The version folder.
        signatures: Endpoint name -> signature.
        endpoint: The endpoint's name.

    Returns:
        Its distinct rows, each a batch of one; empty without warm-up requests.

    Raises:
        ValueError: If the warm-up requests are damaged or do not fit.
    """
    if not warmup_file(version).is_file():
        return []
    requests = [parse_request(record, signatures) for record in read_warmup(version)]
    rows = [row for name, request in requests if name == endpoint for row in split(request)]
    return list({key(row): row for row in rows}.values())


def _requests(rows: Rows) -> Iterator[Rows]:
    lengths = np.sum([_lengths(array) for array in rows.values()], axis=0)
    if not len(lengths):
        raise ValueError("Expected samples with at least one row. Received: rows=0")
    shortest = int(np.argmin(np.where(lengths > 0, lengths, np.inf)))
    longest = int(np.argmax(lengths))
    single = split(rows)
    distinct = {key(single[place]): place for place in (shortest, longest)}
    for place, row in enumerate(single):
        if len(distinct) < _RECORDS:
            distinct.setdefault(key(row), place)
    yield from (single[place] for place in sorted(distinct.values()))


def _lengths(array: np.ndarray) -> np.ndarray:
    """The length of each row, int `[batch]`: the bytes of text, the count of non-zero numbers."""
    flat = array.reshape(len(array), -1)
    return np.vectorize(len, otypes=[int])(flat).sum(1) if array.dtype == object else np.count_nonzero(flat, axis=1)


def _record(endpoint: str, signature: Signature, rows: Rows) -> prediction_log_pb2.PredictionLog:
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = endpoint
    for name, array in rows.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(array, signature.inputs[name].dtype))
    return prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
