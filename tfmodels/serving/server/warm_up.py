"""Running the warm-up requests of a version before it is available."""

import contextlib
import logging
import time
from pathlib import Path

from tfmodels.export import SessionRunner
from tfmodels.export.warmup_requests import MOST_RECORDS, read_warmup, warmup_file
from tfmodels.library_noise import held_back
from tfmodels.serving.protocol.predict_proto import read_proto_request
from tfmodels.serving.server.batch_rows import check_output_rows, input_rows

_SECONDS_BETWEEN = 5.0  # two lines of progress
_log = logging.getLogger(__name__)


def warm_up(runner: SessionRunner, version: Path, most_rows: int = 0) -> int:
    """Runs the warm-up requests of a version, one after the other.

    Args:
        runner: The loaded version.
        version: Its folder. Without a file of requests nothing is run.
        most_rows: Maximum rows of a batch; 0 without batching. A request that batching would refuse fails the load, as
            on the real server.

    Returns:
        The number of requests that were run; requests of other methods than Predict are skipped.

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
    told = time.monotonic()
    _log.info("warming %s: %d requests", version, len(records))
    for number, record in enumerate(records, start=1):
        if time.monotonic() > told + _SECONDS_BETWEEN:
            told = time.monotonic()
            _log.info("warming %s: %d of %d requests", version, number - 1, len(records))
        if record.WhichOneof("log_type") != "predict_log":
            _log.warning("%s: skipped warm-up request %d, which is not a Predict request", version, number)
            continue
        request = read_proto_request(record.predict_log.request, runner.definitions)
        rows = input_rows(request.feed, most_rows)
        # At the first run libraries say what they load.
        with contextlib.nullcontext() if run else held_back():
            outputs = runner.run(request.endpoint, request.feed, request.outputs)
        if rows:
            check_output_rows(outputs, rows)
        run += 1
    return run
