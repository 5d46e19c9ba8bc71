"""Checks whether a SavedModel, of this package or not, works behind TensorFlow Serving."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from tfmodels.export.checks.dtypes_and_shapes import signature_findings
from tfmodels.export.checks.finding import ERROR, WARNING, Finding
from tfmodels.export.checks.forbidden_ops import UNKNOWN_OP, forbidden_ops
from tfmodels.export.checks.responses import failure, response_findings
from tfmodels.export.checks.sample_rows import generated_rows
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.rows import Rows, split
from tfmodels.export.runners.caching_runner import CachingRunner
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.versions import is_version, version_folder
from tfmodels.export.warmup_requests import MOST_RECORDS, parse_request, read_warmup, warmup_file


def check(path: str | Path) -> list[Finding]:
    """Finds what would fail, or break other requests, once the model is served.

    TensorFlow Serving loads and lists SavedModels even if it cannot answer their requests. This check reads the graph
    (types, shapes and ops, compared with those of a stock server), then runs it as the server does, by a
    `SessionRunner`: on the warm-up requests if there are any, else on generated inputs. An endpoint with an error in
    its graph is not run.

    Args:
        path: A version folder, or a folder of versions, of which the newest is taken. The model's code is not needed.

    Returns:
        The findings, errors first.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If its file is damaged or has no graph to serve.

    Example:
        `for finding in check("saved_models/translation"): print(finding)`
    """
    version = version_folder(path)
    findings = list(_version_findings(version))
    try:
        session = CachingRunner(version)
    except Exception as error:  # whatever fails here fails on the server too
        findings += _graph_findings(version)
        if not any(finding.rule == UNKNOWN_OP for finding in findings):
            problem = f"cannot be loaded. Received: {type(error).__name__}: {error}".partition("\n")[0]
            findings.append(Finding("load", "", "SavedModel", problem, "copy or export it again completely"))
    else:
        with session:
            findings += check_loaded(version, session)
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def check_loaded(version: Path, session: SessionRunner) -> list[Finding]:
    """Like `check`, for a version that is already loaded and not yet in its final folder.

    Args:
        version: The version folder.
        session: A runner of the same SavedModel.

    Returns:
        The findings.
    """
    findings = _graph_findings(version)
    broken = {finding.endpoint for finding in findings if finding.severity == ERROR}
    warmup_findings, rows = _warm_up(version, session, broken)
    findings += warmup_findings
    for endpoint, signature in session.endpoints.items():
        if endpoint not in broken:
            findings += response_findings(session, endpoint, rows[endpoint] or generated_rows(signature))
    return findings


def _graph_findings(version: Path) -> list[Finding]:
    meta_graph = read_meta_graph(version)
    return signature_findings(meta_graph) + forbidden_ops(meta_graph)


def _version_findings(version: Path) -> Iterator[Finding]:
    name = version.resolve().name
    if not is_version(name):
        problem = "is not a whole number, so the server ignores it"
        yield Finding("version", "", f"folder {name!r}", problem, "rename it to 1, or to the next free number")


def _warm_up(version: Path, session: SessionRunner, broken: set[str]) -> tuple[list[Finding], dict[str, list[Rows]]]:
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
        return [Finding("warmup_missing", "", file, problem, advice, WARNING)], rows
    except ValueError as error:
        return [wrong(f"cannot be read. {error}")], rows

    findings = []
    if len(records) > MOST_RECORDS:
        findings.append(wrong(f"has {len(records)} records; the server accepts {MOST_RECORDS}"))
    for number, record in enumerate(itertools.islice(records, MOST_RECORDS)):
        try:
            endpoint, request = parse_request(record, session.endpoints)
        except ValueError as error:
            findings.append(wrong(f"has a failing record {number}. {error}"))
            continue
        if endpoint in broken:
            continue
        rows[endpoint] += split(request)
        try:
            session.call(endpoint, **request)
        except tf.errors.OpError as error:
            findings.append(wrong(f"has a failing record {number}. {failure(endpoint, request, error)}", endpoint))
    findings += [
        Finding("warmup_missing", endpoint, file, "has no request for it", "add a short and a long one", WARNING)
        for endpoint, requests in rows.items()
        if not requests and endpoint not in broken
    ]
    return findings, rows
