"""Whether an export answers like the functions it was made from."""

import reprlib
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export.graph.endpoint import Endpoint
from tfmodels.export.graph.rows import Rows, difference, take
from tfmodels.export.quiet import quiet
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.versions import version_folder


def check_parity(
    path: str | Path,
    endpoints: Iterable[Endpoint],
    samples: Mapping[str, Mapping[str, ArrayLike]],
    session: SessionRunner,
) -> None:
    """Checks that an export answers as the functions do that it was made from.

    Each endpoint answers its sample in memory, reloaded by `tf.saved_model.load`, and through a `SessionRunner`: with
    the same values, all rows together and none at all. Floats may differ by 1e-5 + 1e-4 of their size, all else not at
    all.

    Args:
        path: A version folder, or a folder of versions: then the newest is taken.
        endpoints: What was exported.
        samples: Endpoint name -> input name -> array `[batch, ...]`.
        session: The same SavedModel.

    Raises:
        ValueError: If an answer is wrong; names the endpoint, the output, the row and both values.

    Example:
        ```python
        with SessionRunner("saved_models/shout/1") as session:
            check_parity("saved_models/shout/1", [shout], {"serving_default": {"text": ["a", "b c"]}}, session)
        ```
    """
    with quiet():
        signatures = tf.saved_model.load(str(version_folder(path))).signatures
    with _unoptimised():
        for endpoint in endpoints:
            _check_endpoint(endpoint, signatures[endpoint.name], session, samples[endpoint.name])


@contextmanager
def _unoptimised() -> Generator[None]:
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
    endpoint: Endpoint, function: Callable[..., Mapping[str, tf.Tensor]], session: SessionRunner, sample: Rows
) -> None:
    name = endpoint.name
    rows = session.endpoints[name].feed(sample)

    def answer(function: Callable[..., Mapping[str, tf.Tensor]], rows: Rows) -> Rows:
        tensors = {spec.name: tf.constant(rows[spec.name], spec.dtype) for spec in endpoint.inputs}
        return {output: tensor.numpy() for output, tensor in function(**tensors).items()}

    def in_memory(rows: Rows) -> Rows:
        return answer(endpoint.traced, rows)

    def reloaded(rows: Rows) -> Rows:
        return answer(function, rows)

    def in_session(rows: Rows) -> Rows:
        return session.call(name, **rows)

    for batch in (rows, take(rows, 0, 0)):
        expected = _answer(name, in_memory, batch)
        for route in (reloaded, in_session):
            received = _answer(name, route, batch)
            if parted := difference("in memory", expected, route.__name__.replace("_", " "), received):
                raise ValueError(f"Expected endpoint {name!r} to answer alike on all ways. Received: {parted}")


def _answer(endpoint: str, route: Callable[[Rows], Rows], rows: Rows) -> Rows:
    try:
        return route(rows)
    except tf.errors.OpError as error:
        raise ValueError(
            f"Expected endpoint {endpoint!r} to answer any request. "
            f"Received: {type(error).__name__} ({route.__name__}) for {reprlib.repr(rows)}: {error.message}"
        ) from error
