"""Checks of an endpoint's responses: every row is answered, and the same alone as in a batch."""

import itertools
import reprlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from tfmodels.export.batch_sizes import ALLOWED_BATCH_SIZES
from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.sample_rows import hard_rows
from tfmodels.export.graph.rows import Rows, concatenate, difference, key, shape_key, split, take
from tfmodels.export.graph.signature import Signature
from tfmodels.export.runners.session_runner import SessionRunner


def response_findings(session: SessionRunner, endpoint: str, rows: Sequence[Rows]) -> list[Finding]:
    """Calls an endpoint with each row alone, with all rows in one batch, and with an empty batch.

    String inputs are also tested with hard texts. Rows of different shapes are never put into one batch.

    Args:
        session: A runner of the SavedModel.
        endpoint: The endpoint's name; its types and shapes have no errors.
        rows: The rows to send, each a batch of one; the more they differ the better.

    Returns:
        The findings, one for each rule and output.
    """
    groups: dict[tuple, dict[tuple, Rows]] = {}
    for row in rows:
        groups.setdefault(shape_key(row), {}).setdefault(key(row), row)
    batches = [list(itertools.islice(group.values(), ALLOWED_BATCH_SIZES[-1])) for group in groups.values()]
    first = batches[0][0]
    if hard := hard_rows(first, session.endpoints[endpoint], list(rows)):
        batches.append([first, *hard])
    found: dict[tuple[str, str], Finding] = {}
    for finding in itertools.chain(
        _untested_findings(endpoint, batches),
        *(_batch_findings(session, endpoint, batch) for batch in batches),
        _empty_findings(session, endpoint, take(first, 0, 0)),
    ):
        found.setdefault((finding.rule, finding.subject), finding)
    return list(found.values())


def failure(endpoint: str, rows: Rows, error: tf.errors.OpError) -> Finding:
    """Describes a failed request, with the cause if the error names it."""
    received = f"Received: {type(error).__name__} for {_shortened(rows)}: {_reason(error)}"
    if _lacks_table(error):
        problem = f"is used but not initialised. {received}"
        advice = "let the exported module own it, so the SavedModel restores it (`tracked` in `save`)"
        return Finding("table", endpoint, "lookup table", problem, advice)
    problem = f"must answer any request: a failing row fails its whole batch. {received}"
    return Finding(
        "content", endpoint, "signature", problem, "replace or clip values that it cannot use, instead of an assertion"
    )


def _batch_findings(session: SessionRunner, endpoint: str, rows: Iterable[Rows]) -> Iterator[Finding]:
    answered = []
    for row in rows:
        try:
            answered.append((row, session.call(endpoint, **row)))
        except tf.errors.OpError as error:
            yield failure(endpoint, row, error)
    if not answered:
        return
    answered.append(answered[0])  # twice: a row that occurs again is a row
    batch = concatenate([row for row, _ in answered])
    try:
        together = session.call(endpoint, **batch)
    except tf.errors.OpError as error:
        problem = f"answers {len(answered)} rows one by one but fails on them as a batch: {_reason(error)}"
        yield Finding("co_batching", endpoint, "signature", problem, "compute each row independently of the others")
        return
    misshapen = list(_batch_axis_findings(endpoint, together, len(answered)))
    yield from misshapen
    yield from _value_findings(endpoint, batch, together)
    if misshapen:
        return
    signature = session.endpoints[endpoint]
    for number, ((row, alone), batched) in enumerate(zip(answered, split(together), strict=True)):
        found = difference(
            "in a batch", _up_to_length(batched, signature), "alone", _up_to_length(alone, signature), number
        )
        if found:
            yield Finding(
                "co_batching",
                endpoint,
                "response",
                f"depends on the other rows of its batch. Received: {found} for {_shortened(row)}",
                "mask the padding, cut text at its end, and add an output `length` for padded outputs",
            )
            return


def _untested_findings(endpoint: str, batches: list[list[Rows]]) -> Iterator[Finding]:
    if max(map(len, batches)) < 2:
        problem = "have no two rows that fit into one batch: whether rows depend on each other was not tested"
        yield Finding("not_compared", endpoint, "warm-up requests", problem, "add different rows")


def _empty_findings(session: SessionRunner, endpoint: str, empty: Rows) -> Iterator[Finding]:
    advice = "use ops that accept zero rows: `tf.reshape` with known sizes, no `[0]`"
    try:
        response = session.call(endpoint, **empty)
    except tf.errors.OpError as error:
        if _lacks_table(error):
            yield failure(endpoint, empty, error)
            return
        problem = f"must answer any request, also one without rows. Received: {_shortened(empty)}: "
        yield Finding("empty_batch", endpoint, "signature", problem + _reason(error), advice)
        return
    for output, array in response.items():
        if array.shape[:1] != (0,):
            expected = (0, *array.shape[1:])
            problem = f"must be empty in a response without rows: {expected}. Received: shape={array.shape}"
            yield Finding("empty_batch", endpoint, f"output {output!r}", problem, advice)


def _batch_axis_findings(endpoint: str, response: Rows, rows: int) -> Iterator[Finding]:
    for output, array in response.items():
        if array.shape[:1] != (rows,):
            yield Finding(
                "batch_axis",
                endpoint,
                f"output {output!r}",
                f"must have as many rows as the request. Received: rows={rows}, shape={array.shape}",
                "make the batch its first axis",
            )


def _value_findings(endpoint: str, request: Rows, response: Rows) -> Iterator[Finding]:
    for output, array in response.items():
        subject = f"output {output!r}"
        if array.dtype == object:
            yield from _text_findings(endpoint, request, output, array)
        elif np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0][0]
            problem = "must be finite: JSON has no NaN or infinity. "
            problem += _received(request, row, reprlib.repr(array[row].tolist()))
            yield Finding("finite", endpoint, subject, problem, "clip it, and avoid log(0) and division by zero")


def _text_findings(endpoint: str, request: Rows, output: str, array: np.ndarray) -> Iterator[Finding]:
    subject = f"output {output!r}"
    wrong = [(index[0], value) for index, value in np.ndenumerate(array) if not _is_utf8(value)]
    if output.endswith("_bytes"):
        if not wrong and any(array.ravel()):
            problem = "is text, but its name ends in `_bytes`, so the server encodes it in base64"
            yield Finding("bytes_alias", endpoint, subject, problem, "rename it")
    elif wrong:
        row, value = wrong[0]
        problem = f"must be valid UTF-8, as JSON is. {_received(request, row, reprlib.repr(value))}"
        advice = "repair it with `tf.strings.unicode_transcode`; for binary data, end its name in `_bytes`"
        yield Finding("utf8", endpoint, subject, problem, advice)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _up_to_length(response: Rows, signature: Signature) -> Rows:
    """The response to one row, cut at its `length` where the padding of an output varies with the batch."""
    length = response.get("length")
    if length is None or length.ndim != 1 or not np.issubdtype(length.dtype, np.integer):
        return response
    return {
        name: array[:, : length[0]] if array.ndim > 1 and signature.outputs[name].has_open_axis else array
        for name, array in response.items()
    }


def _lacks_table(error: tf.errors.OpError) -> bool:
    return "able not initialized" in error.message


def _reason(error: tf.errors.OpError) -> str:
    """The line of the message that comes from the op: the one above the op's location in the graph."""
    lines = error.message.splitlines() or [""]
    above = (line for line, below in itertools.pairwise(lines) if below.lstrip().startswith("[["))
    return next(above, lines[0]).strip()


def _received(request: Rows, row: int, value: str) -> str:
    return f"Received: row={row}, {value} for {_shortened(take(request, row, row + 1))}"


def _shortened(rows: Rows) -> str:
    return reprlib.repr({name: array.tolist() for name, array in rows.items()})
