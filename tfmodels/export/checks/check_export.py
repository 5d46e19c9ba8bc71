"""Whether a SavedModel, made here or elsewhere, will work behind TensorFlow Serving."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from tfmodels.export.checks.finding import ERROR, WARNING, Finding
from tfmodels.export.checks.interface import interface_findings
from tfmodels.export.checks.row_answers import answer_findings, failure
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.ops import UNKNOWN_OP, forbidden_ops
from tfmodels.export.graph.rows import Rows, split
from tfmodels.export.graph.samples import generated_rows
from tfmodels.export.runners.caching_runner import RememberingRunner
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.versions import is_version, version_folder
from tfmodels.export.warmup import MOST_RECORDS, parse_request, read_warmup, warmup_file


def check(path: str | Path) -> list[Finding]:
    """Looks for all that would fail, or harm a neighbour, once the model is served.

    TensorFlow Serving loads and lists a SavedModel whose requests it cannot answer. So its graph is read (types,
    shapes, ops, all judged by what a stock server has), then run the way the server runs it, by a `SessionRunner`:
    on the requests of its warm-up file if it has one, else on generated inputs. An endpoint with an error in its graph
    is not run.

    Args:
        path: A version folder, or a folder of versions: then the newest is taken. No code of the model is needed.

    Returns:
        What was found, errors first.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If its file is damaged or has no graph to serve.

    Example:
        `for finding in check("saved_models/translation"): print(finding)`
    """
    version = version_folder(path)
    findings = list(_version_findings(version))
    try:
        session = RememberingRunner(version)
    except Exception as error:  # whatever stops this loader stops the server's
        findings += _graph_findings(version)
        if not any(finding.rule == UNKNOWN_OP for finding in findings):
            problem = f"cannot be loaded. Received: {type(error).__name__}: {error}".partition("\n")[0]
            findings.append(Finding("load", "", "SavedModel", problem, "copy or export it again, whole"))
    else:
        with session:
            findings += check_loaded(version, session)
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def check_loaded(version: Path, session: SessionRunner) -> list[Finding]:
    """As `check`, for a version that is loaded already and does not lie in its final folder.

    Args:
        version: The version folder.
        session: The same SavedModel.

    Returns:
        What was found.
    """
    findings = _graph_findings(version)
    broken = {finding.endpoint for finding in findings if finding.severity == ERROR}
    about_warmup, rows = _warm_up(version, session, broken)
    findings += about_warmup
    for endpoint, signature in session.endpoints.items():
        if endpoint not in broken:
            findings += answer_findings(session, endpoint, rows[endpoint] or generated_rows(signature))
    return findings


def _graph_findings(version: Path) -> list[Finding]:
    meta_graph = read_meta_graph(version)
    return interface_findings(meta_graph) + forbidden_ops(meta_graph)


def _version_findings(version: Path) -> Iterator[Finding]:
    name = version.resolve().name
    if not is_version(name):
        problem = "is no whole number, so that the server does not see it"
        yield Finding("version", "", f"folder {name!r}", problem, "name it 1, or by the next free number")


def _warm_up(version: Path, session: SessionRunner, broken: set[str]) -> tuple[list[Finding], dict[str, list[Rows]]]:
    """Answers the warm-up requests as the server does, and collects their rows for each endpoint."""
    rows: dict[str, list[Rows]] = {endpoint: [] for endpoint in session.endpoints}
    file = warmup_file(version).name

    def wrong(problem: str, endpoint: str = "") -> Finding:
        advice = "write it anew: the server does not serve a version with a warm-up request that fails"
        return Finding("warmup", endpoint, file, problem, advice)

    try:
        records = read_warmup(version)
    except FileNotFoundError:
        problem = "is missing: faults show at the first request of each endpoint, which is slow too"
        advice = "put a few requests of every endpoint into assets.extra/ as PredictionLog records"
        return [Finding("warmup_missing", "", file, problem, advice, WARNING)], rows
    except ValueError as error:
        return [wrong(f"cannot be read. {error}")], rows

    findings = []
    if len(records) > MOST_RECORDS:
        findings.append(wrong(f"has {len(records)} records; the server takes {MOST_RECORDS}"))
    for number, record in enumerate(itertools.islice(records, MOST_RECORDS)):
        try:
            endpoint, request = parse_request(record, session.endpoints)
        except ValueError as error:
            findings.append(wrong(f"has a record {number} that fails. {error}"))
            continue
        if endpoint in broken:
            continue
        rows[endpoint] += split(request)
        try:
            session.call(endpoint, **request)
        except tf.errors.OpError as error:
            findings.append(wrong(f"has a record {number} that fails. {failure(endpoint, request, error)}", endpoint))
    findings += [
        Finding("warmup_missing", endpoint, file, "has no request for it", "add one, short and long", WARNING)
        for endpoint, asked in rows.items()
        if not asked and endpoint not in broken
    ]
    return findings, rows
