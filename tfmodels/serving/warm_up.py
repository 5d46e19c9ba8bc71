"""The requests that a version answers before it is said to be available."""

import logging
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfmodels.export import SessionRunner
from tfmodels.serving.predict_proto import read_predict

WARM_UP_FILE = Path("assets.extra", "tf_serving_warmup_requests")
_MOST_RECORDS = 1000


def warm_up(runner: SessionRunner, version: Path) -> int:
    """Runs the warm-up requests of a version, one after the other.

    Args:
        runner: The loaded version.
        version: Its folder. Without the file of requests nothing is run.

    Returns:
        How many requests were run. Those of another method than Predict are left out.

    Raises:
        ValueError: If the file has too many records.
        ServingError: If a request does not fit its signature.
        tf.errors.OpError: If the file is damaged or a run fails.
    """
    file = version / WARM_UP_FILE
    if not file.is_file():
        return 0
    run = 0
    for number, record in enumerate(tf.data.TFRecordDataset(str(file)).as_numpy_iterator(), start=1):
        if number > _MOST_RECORDS:
            raise ValueError(f"Expected at most {_MOST_RECORDS} warm-up requests. Received more: {file}")
        log = prediction_log_pb2.PredictionLog.FromString(record)
        if log.WhichOneof("log_type") != "predict_log":
            logging.getLogger(__name__).warning("%s: record %d is no Predict request, and left out", file, number)
            continue
        request = read_predict(log.predict_log.request, runner.definitions)
        runner.run(request.endpoint, request.feed, request.outputs)
        run += 1
    return run
