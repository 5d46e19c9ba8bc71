"""Checks that an export computes the same as the functions it was made from."""

import reprlib
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager

import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export.endpoint import Endpoint
from tfmodels.export.graph.rows import Rows, difference, take
from tfmodels.export.runners.session_runner import SessionRunner


def check_parity(
    endpoints: Iterable[Endpoint], samples: Mapping[str, Mapping[str, ArrayLike]], session: SessionRunner
) -> None:
    """Checks that an export computes the same as the functions it was made from.

    Each endpoint is called with its sample and with an empty batch: in memory, and through a `SessionRunner`. Floats
    may differ by 1e-5 plus 1e-4 of their size; everything else must be equal.

    Args:
        endpoints: The exported endpoints.
        samples: Endpoint name -> input name -> array `[batch, ...]`.
        session: A runner of the export.

    Raises:
        ValueError: If results differ; names the endpoint, the output, the row and both values.

    Example:
        ```python
        with SessionRunner("saved_models/shout/1") as session:
            check_parity([shout], {"serving_default": {"text": ["a", "b c"]}}, session)
        ```
    """
    with _unoptimised():
        for endpoint in endpoints:
            _check_endpoint(endpoint, session, samples[endpoint.name])


@contextmanager
def _unoptimised() -> Generator[None]:
    """Disables TensorFlow's graph optimisation in this process: it takes longer than the few calls.

    The session still optimises its graphs, as a server does.
    """
    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})


def _check_endpoint(endpoint: Endpoint, session: SessionRunner, sample: Mapping[str, ArrayLike]) -> None:
    name = endpoint.name
    rows = session.endpoints[name].feed(sample)

    def in_memory(rows: Rows) -> Rows:
        tensors = {spec.name: tf.constant(rows[spec.name], spec.dtype) for spec in endpoint.inputs}
        return {output: tensor.numpy() for output, tensor in endpoint.traced(**tensors).items()}

    def in_session(rows: Rows) -> Rows:
        return session.call(name, **rows)

    for batch in (rows, take(rows, 0, 0)):
        expected = _call(name, "in memory", in_memory, batch)
        received = _call(name, "in session", in_session, batch)
        if found := difference("in memory", expected, "in session", received):
            raise ValueError(f"Expected endpoint {name!r} to compute the same after the export. Received: {found}")


def _call(endpoint: str, route: str, call: Callable[[Rows], Rows], rows: Rows) -> Rows:
    try:
        return call(rows)
    except tf.errors.OpError as error:
        raise ValueError(
            f"Expected endpoint {endpoint!r} to answer any request. "
            f"Received: {type(error).__name__} ({route}) for {reprlib.repr(rows)}: {error.message}"
        ) from error
