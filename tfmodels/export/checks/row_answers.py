"""Whether an endpoint answers every row, the same in any company."""

import itertools
import reprlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from tfmodels.export.batching import ALLOWED_BATCH_SIZES
from tfmodels.export.checks.finding import WARNING, Finding
from tfmodels.export.graph.rows import Rows, concatenate, difference, key, shape_key, split, take
from tfmodels.export.graph.samples import hard_rows
from tfmodels.export.graph.signature import Signature
from tfmodels.export.runners.session_runner import SessionRunner


def answer_findings(session: SessionRunner, endpoint: str, rows: Sequence[Rows]) -> list[Finding]:
    """Asks an endpoint one row at a time, all rows at once, and none.

    Hard texts are put into its string inputs too. Rows of different shapes are never asked together.

    Args:
        session: The SavedModel.
        endpoint: The endpoint's name; its interface has no error.
        rows: What to ask, each a batch of one; the more they differ the better.

    Returns:
        What is wrong, once for each rule and output.
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
        _company_findings(endpoint, batches),
        *(_batch_findings(session, endpoint, batch) for batch in batches),
        _empty_findings(session, endpoint, take(first, 0, 0)),
    ):
        found.setdefault((finding.rule, finding.subject), finding)
    return list(found.values())


def failure(endpoint: str, rows: Rows, error: tf.errors.OpError) -> Finding:
    """Says of a request that failed why, as far as the error tells."""
    received = f"Received: {type(error).__name__} for {_shortened(rows)}: {_reason(error)}"
    if _lacks_table(error):
        problem = f"is asked and not initialised. {received}"
        advice = "let the exported module own it, so that the SavedModel restores it (`tracked` in `save`)"
        return Finding("table", endpoint, "lookup table", problem, advice)
    problem = f"must answer any request: one that fails fails all the others in its batch. {received}"
    return Finding(
        "content", endpoint, "signature", problem, "replace or clip what it cannot use, without an assertion"
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
    batch = concatenate([row for row, _ in answered])
    try:
        together = session.call(endpoint, **batch)
    except tf.errors.OpError as error:
        problem = f"answers {len(answered)} rows alone and fails on them together: {_reason(error)}"
        yield Finding("co_batching", endpoint, "signature", problem, "compute each row without the others")
        return
    misshapen = list(_batch_axis_findings(endpoint, together, len(answered)))
    yield from misshapen
    yield from _value_findings(endpoint, batch, together)
    if misshapen:
        return
    signature = session.endpoints[endpoint]
    for number, ((row, alone), among) in enumerate(zip(answered, split(together), strict=True)):
        parted = difference(
            "among others", _up_to_length(among, signature), "alone", _up_to_length(alone, signature), number
        )
        if parted:
            yield Finding(
                "co_batching",
                endpoint,
                "answer",
                f"depends on the other rows of its batch. Received: {parted} for {_shortened(row)}",
                "mask the padding, cut text at its end, and give an output `length` to what is padded",
            )
            return


def _company_findings(endpoint: str, batches: list[list[Rows]]) -> Iterator[Finding]:
    if max(map(len, batches)) < 2:
        problem = "have no two rows that fit into one batch: whether a row's answer depends on others was not tried"
        yield Finding("co_batching", endpoint, "warm-up requests", problem, "add rows that differ", WARNING)


def _empty_findings(session: SessionRunner, endpoint: str, nothing: Rows) -> Iterator[Finding]:
    advice = "let every op take zero rows: `tf.reshape` with known sizes, no `[0]`"
    try:
        answer = session.call(endpoint, **nothing)
    except tf.errors.OpError as error:
        if _lacks_table(error):
            yield failure(endpoint, nothing, error)
            return
        problem = f"must answer any request, also one without rows. Received: {_shortened(nothing)}: "
        yield Finding("empty_batch", endpoint, "signature", problem + _reason(error), advice)
        return
    for output, array in answer.items():
        if array.shape[:1] != (0,):
            expected = (0, *array.shape[1:])
            problem = f"must be empty in an answer without rows: {expected}. Received: shape={array.shape}"
            yield Finding("empty_batch", endpoint, f"output {output!r}", problem, advice)


def _batch_axis_findings(endpoint: str, answer: Rows, rows: int) -> Iterator[Finding]:
    for output, array in answer.items():
        if array.shape[:1] != (rows,):
            yield Finding(
                "batch_axis",
                endpoint,
                f"output {output!r}",
                f"must have as many rows as the request. Received: rows={rows}, shape={array.shape}",
                "make the batch its first axis",
            )


def _value_findings(endpoint: str, asked: Rows, answer: Rows) -> Iterator[Finding]:
    for output, array in answer.items():
        subject = f"output {output!r}"
        if array.dtype == object:
            yield from _text_findings(endpoint, asked, output, array)
        elif np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0][0]
            problem = "must be finite: JSON has no other numbers. "
            problem += _received(asked, row, reprlib.repr(array[row].tolist()))
            yield Finding("finite", endpoint, subject, problem, "clip it, and keep logarithms and divisions from zero")


def _text_findings(endpoint: str, asked: Rows, output: str, array: np.ndarray) -> Iterator[Finding]:
    subject = f"output {output!r}"
    wrong = [(index[0], value) for index, value in np.ndenumerate(array) if not _is_utf8(value)]
    if output.endswith("_bytes"):
        if not wrong and any(array.ravel()):
            problem = "is text, and its name ends in `_bytes`: the server writes it as base64"
            yield Finding("bytes_alias", endpoint, subject, problem, "give it another name", WARNING)
    elif wrong:
        row, value = wrong[0]
        problem = f"must be valid UTF-8, or the whole answer is no JSON. {_received(asked, row, reprlib.repr(value))}"
        advice = "repair it with `tf.strings.unicode_transcode`; if bytes are meant, let its name end in `_bytes`"
        yield Finding("utf8", endpoint, subject, problem, advice)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _up_to_length(answer: Rows, signature: Signature) -> Rows:
    """The answer to one row without what lies behind its `length`, where an output may have more or less of that."""
    length = answer.get("length")
    if length is None or length.ndim != 1 or not np.issubdtype(length.dtype, np.integer):
        return answer

    def varies(name: str) -> bool:
        shape = signature.outputs[name].shape
        return shape is None or shape[1] is None

    return {name: array[:, : length[0]] if array.ndim > 1 and varies(name) else array for name, array in answer.items()}


def _lacks_table(error: tf.errors.OpError) -> bool:
    return "able not initialized" in error.message


def _reason(error: tf.errors.OpError) -> str:
    """The line of the message that an op wrote: it stands above the op's place in the graph."""
    lines = error.message.splitlines() or [""]
    above = (line for line, below in itertools.pairwise(lines) if below.lstrip().startswith("[["))
    return next(above, lines[0]).strip()


def _received(asked: Rows, row: int, value: str) -> str:
    return f"Received: row={row}, {value} for {_shortened(take(asked, row, row + 1))}"


def _shortened(rows: Rows) -> str:
    return reprlib.repr({name: array.tolist() for name, array in rows.items()})
