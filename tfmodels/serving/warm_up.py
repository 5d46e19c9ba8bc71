"""The requests that a version answers before it is said to be available."""

import logging
from pathlib import Path

from tfmodels.export import SessionRunner
from tfmodels.export.warmup import MOST_RECORDS, read_warmup, warmup_file
from tfmodels.serving.predict_proto import read_predict


def warm_up(runner: SessionRunner, version: Path) -> int:
    """Runs the warm-up requests of a version, one after the other.

    Args:
        runner: The loaded version.
        version: Its folder. Without the file of requests nothing is run.

    Returns:
        How many requests were run. Those of another method than Predict are left out.

    Raises:
        ValueError: If the file is damaged or has too many records.
        ServingError: If a request does not fit its signature.
        tf.errors.OpError: If a run fails.
    """
    if not warmup_file(version).is_file():
        return 0
    records = read_warmup(version)
    if len(records) > MOST_RECORDS:
        raise ValueError(f"Expected at most {MOST_RECORDS} warm-up requests. Received: {len(records)} in {version}")
    run = 0
    for number, record in enumerate(records, start=1):
        if record.WhichOneof("log_type") != "predict_log":
            logging.getLogger(__name__).warning("%s: warm-up request %d is no Predict, and left out", version, number)
            continue
        request = read_predict(record.predict_log.request, runner.definitions)
        runner.run(request.endpoint, request.feed, request.outputs)
        run += 1
    return run
