"""The part of a check that runs the endpoints of a SavedModel."""

import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.responses import failure, response_findings
from tfmodels.export.checks.sample_rows import generated_rows
from tfmodels.export.graph.rows import Rows, split
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.warmup_requests import MOST_RECORDS, parse_request, read_warmup, warmup_file

_MOST_VALUES = 2**26  # in a warm-up request: a few bytes may declare a tensor of any size


def session_findings(
    version: Path, session: SessionRunner, samples: Mapping[str, Mapping[str, ArrayLike]] | None = None
) -> list[Finding]:
    """Runs the warm-up requests, and each endpoint on their rows and on samples; without either on generated ones.

    Args:
        version: The version folder, without errors in its files.
        session: A runner of the same SavedModel.
        samples: Endpoint name -> input name -> array `[batch, ...]`.

    Returns:
        The findings.

    Example:
        ```python
        with CachingRunner(version) as session:
            session_findings(version, session)
        ```
    """
    findings, rows = _warm_up(version, session)
    for endpoint, signature in session.endpoints.items():
        if any(field.shape and field.shape[0] is not None for field in signature.inputs.values()):
            continue  # a session takes no other sizes, and so says nothing about rows
        given = split(signature.feed(samples[endpoint])) if samples else []
        findings += response_findings(session, endpoint, given + rows[endpoint] or generated_rows(signature))
    return findings


def _warm_up(version: Path, session: SessionRunner) -> tuple[list[Finding], dict[str, list[Rows]]]:
    """Runs the warm-up requests as the server does, and collects their rows by endpoint."""
    rows: dict[str, list[Rows]] = {endpoint: [] for endpoint in session.endpoints}
    file = warmup_file(version).name

    def wrong(problem: str, endpoint: str = "") -> Finding:
        advice = "write it again: the server does not serve a version with a failing warm-up request"
        return Finding("warmup", endpoint, file, problem, advice)

    try:
        records = read_warmup(version)
    except FileNotFoundError:
        problem = "is missing: errors appear only at the first request of each endpoint, which is also slow"
        advice = "write a few requests of every endpoint into assets.extra/ as PredictionLog records"
        return [Finding("warmup_missing", "", file, problem, advice)], rows
    except ValueError as error:
        return [wrong(f"cannot be read. {error}")], rows

    findings = []
    if len(records) > MOST_RECORDS:
        findings.append(wrong(f"has {len(records)} records; the server accepts {MOST_RECORDS}"))
    for number, record in enumerate(itertools.islice(records, MOST_RECORDS)):
        try:
            endpoint, request = _parsed(record, session)
        except (ValueError, TypeError, KeyError) as error:  # of TensorFlow's conversion of damaged tensors
            findings.append(wrong(f"has a failing record {number}. {error}"))
            continue
        rows[endpoint] += split(request)
        try:
            session.call(endpoint, **request)
        except tf.errors.OpError as error:
            findings.append(wrong(f"has a failing record {number}. {failure(endpoint, request, error)}", endpoint))
    findings += [
        Finding("warmup_missing", endpoint, file, "has no request for it", "add a short and a long one")
        for endpoint, requests in rows.items()
        if not requests
    ]
    return findings, rows


def _parsed(record: Any, session: SessionRunner) -> tuple[str, Rows]:
    for name, tensor in record.predict_log.request.inputs.items():
        sizes = [axis.size for axis in tensor.tensor_shape.dim]
        if min(sizes, default=0) < 0 or math.prod(sizes) > _MOST_VALUES:
            raise ValueError(f"Expected at most {_MOST_VALUES} values. Received: input {name!r} of shape {sizes[:8]}")
    endpoint, request = parse_request(record, session.endpoints)
    if not any(map(len, request.values())):
        raise ValueError("Expected rows. Received: an empty batch")
    return endpoint, request
