"""Whether an export answers like the functions it was made from, row by row."""

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export.endpoint import Endpoint
from tfmodels.export.export import Export, load
from tfmodels.export.session_runner import SessionRunner

Rows = dict[str, np.ndarray]


def hard_texts() -> list[bytes]:
    """Makes texts that a text endpoint must survive: put them among the samples of `save`.

    Returns:
        The empty text, blanks, bad UTF-8, a NUL, characters of two to four bytes, and a line of 10,000 characters.
    """
    return [b"", b"   ", b"\xff\xfe", b"a\x00b", "\u00a0é語🙂\u2028".encode(), b"long line " * 1000]


def check_parity(
    path: str | Path, endpoints: Iterable[Endpoint], samples: Mapping[str, Mapping[str, ArrayLike]]
) -> None:
    """Checks that an export answers as it should.

    Each endpoint answers its sample in memory, reloaded by `tf.saved_model.load`, and through a `SessionRunner`: with
    the same values, all rows together and none at all. A row alone must get the answer it gets among the others.
    Numbers are finite and text is valid UTF-8. Floats may differ by 1e-5 + 1e-4 of their size, all else not at all.

    Args:
        path: A version folder, or a folder of versions: then the newest is taken.
        endpoints: What was exported.
        samples: Endpoint name -> input name -> array `[batch, ...]`, of at least two rows that differ in what matters,
            such as their length; a single row has no neighbour that could change its answer.

    Raises:
        ValueError: If an answer is wrong; names the endpoint, the output, the row and both values.

    Example:
        `check_parity("saved_models/shout/1", [shout], {"serving_default": {"text": ["a", *hard_texts()]}})`
    """
    export = load(path)
    with SessionRunner(path) as session, _unoptimised():
        for endpoint in endpoints:
            _check_endpoint(endpoint, export, session, samples[endpoint.name])


@contextmanager
def _unoptimised() -> Iterator[None]:
    """Leaves out TensorFlow's rewriting of each graph before its first call, which takes longer than the calls.

    It holds for what runs in this process; the session rewrites its graphs, as a server does.
    """
    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})


def _check_endpoint(
    endpoint: Endpoint, export: Export, session: SessionRunner, sample: Mapping[str, ArrayLike]
) -> None:
    name = endpoint.name
    rows = export.endpoints[name].feed(sample)
    size = len(next(iter(rows.values())))
    if size < 2:
        raise ValueError(f"Expected a sample of at least two rows for endpoint {name!r}. Received: rows={size}")

    def in_memory(rows: Rows) -> Rows:
        tensors = {spec.name: tf.constant(rows[spec.name], spec.dtype) for spec in endpoint.inputs}
        return {output: tensor.numpy() for output, tensor in endpoint.traced(**tensors).items()}

    def reloaded(rows: Rows) -> Rows:
        return export.call(name, **rows)

    def in_session(rows: Rows) -> Rows:
        return session.call(name, **rows)

    expected = _answer(name, in_memory, rows)
    _check_values(name, expected)
    for route in (reloaded, in_session):
        _compare(name, 0, ("in memory", expected), (route.__name__, _answer(name, route, rows)))

    # One route is enough here: the three were just found equal.
    for row in range(size):
        alone = _answer(name, in_session, _slice(rows, row, row + 1))
        _compare(name, row, ("among others", _slice(expected, row, row + 1)), ("alone", alone))

    for route in (in_memory, reloaded, in_session):
        nothing = _answer(name, route, _slice(rows, 0, 0))
        _compare(name, 0, ("without rows", _slice(expected, 0, 0)), (route.__name__, nothing))


def _answer(endpoint: str, route: Callable[[Rows], Rows], rows: Rows) -> Rows:
    try:
        return route(rows)
    except tf.errors.OpError as error:
        raise ValueError(
            f"Expected endpoint {endpoint!r} to answer any request. "
            f"Received: {type(error).__name__} ({route.__name__}) for {reprlib.repr(rows)}: {error.message}"
        ) from error


def _slice(rows: Rows, start: int, stop: int) -> Rows:
    return {name: array[start:stop] for name, array in rows.items()}


def _check_values(endpoint: str, answer: Rows) -> None:
    for output, array in answer.items():
        for index, value in np.ndenumerate(array):
            if isinstance(value, bytes):
                _check_utf8(endpoint, output, index[0], value)
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0][0]
            raise ValueError(
                f"Expected endpoint {endpoint!r} to give finite numbers: JSON has no others. "
                f"Received: output={output!r}, row={row}, values={reprlib.repr(array[row].tolist())}"
            )


def _check_utf8(endpoint: str, output: str, row: int, value: bytes) -> None:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected endpoint {endpoint!r} to give valid UTF-8; repair it with `tf.strings.unicode_transcode`. "
            f"Received: output={output!r}, row={row}, value={reprlib.repr(value)}"
        ) from error


def _compare(endpoint: str, first_row: int, expected: tuple[str, Rows], received: tuple[str, Rows]) -> None:
    (one, left), (other, right) = expected, received
    for output, array in left.items():
        if array.shape != right[output].shape:
            raise ValueError(
                f"Expected endpoint {endpoint!r} to answer alike, {one} and {other}. Received: output={output!r}, "
                f"first row={first_row}, shape {one}={array.shape}, shape {other}={right[output].shape}"
            )
        wrong = np.argwhere(_differs(array, right[output]))
        if len(wrong):
            index = tuple(wrong[0])
            raise ValueError(
                f"Expected endpoint {endpoint!r} to answer alike, {one} and {other}. Received: output={output!r}, "
                f"row={first_row + index[0]}, {one}={reprlib.repr(array[index])}, "
                f"{other}={reprlib.repr(right[output][index])}"
            )


def _differs(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    if np.issubdtype(left.dtype, np.floating):
        return ~np.isclose(left, right, rtol=1e-4, atol=1e-5)
    return left != right
