"""Running a SavedModel as TensorFlow Serving does: one graph, one session, tensors found by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops that the stock server links in
from numpy.typing import ArrayLike

from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.signature import Signature, find_signature
from tfmodels.export.quiet_logs import quiet
from tfmodels.export.versions import version_folder
from tfmodels.library_noise import held_back


class SessionRunner:
    """Loads a SavedModel into a graph and session of its own and runs its signatures.

    It uses no Python objects or traced functions of the model, only what a server has. Thread-safe.

    Args:
        path: A version folder, or a folder of versions, of which the newest is taken.
        optimise: Whether TensorFlow optimises each graph before its first run, as on a server. For a few requests this
            takes longer than the requests.
        timeout: Time limit in seconds of each step of loading, and of each run without its own; None for none.

    Raises:
        FileNotFoundError: If there is no SavedModel.

    Attributes:
        endpoints: Endpoint name -> `Signature`.
        definitions: Endpoint name -> `SignatureDef`, including the initialiser.

    Example:
        ```python
        with SessionRunner("saved_models/translation") as runner:
            runner.call("serving_default", text=["Guten Morgen"])["translation"]
        ```
    """

    def __init__(self, path: str | Path, optimise: bool = True, timeout: float | None = None) -> None:
        graph, config = tf.Graph(), tf.compat.v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = not optimise
        if timeout is not None:
            config.operation_timeout_in_ms = max(1, round(1000 * timeout))
        self._session = tf.compat.v1.Session(graph=graph, config=config)
        with graph.as_default(), quiet(), held_back():
            meta_graph = tf.compat.v1.saved_model.load(
                self._session, [tf.saved_model.SERVING], str(version_folder(path))
            )
        self.definitions: Mapping[str, Any] = meta_graph.signature_def
        self.endpoints: dict[str, Signature] = read_signatures(meta_graph)

    def call(self, endpoint: str, /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Calls an endpoint with a batch; see `Export.call`.

        Raises:
            ValueError: If the endpoint is unknown or the inputs do not fit it.
            tf.errors.OpError: If the graph fails on them.
        """
        feed = find_signature(self.endpoints, endpoint).feed(arrays)
        return self.run(endpoint, feed)

    def run(
        self,
        endpoint: str,
        feed: Mapping[str, np.ndarray],
        outputs: Sequence[str] = (),
        timeout: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs a signature on inputs that the caller has checked.

        Args:
            endpoint: The endpoint's name.
            feed: Input name -> array of the input's type; text as an object array of `bytes`.
            outputs: Names of the outputs to compute; empty for all.
            timeout: Time limit in seconds.

        Returns:
            Output name -> array.

        Raises:
            tf.errors.OpError: If an op fails, or the time is up.
        """
        definition = self.definitions[endpoint]
        # In TensorFlow 2.21 each run that fails under a time limit leaks about 900 bytes; other runs leak nothing.
        options = tf.compat.v1.RunOptions(timeout_in_ms=max(1, round(1000 * timeout))) if timeout is not None else None
        try:
            outputs_by_name = self._session.run(
                {name: definition.outputs[name].name for name in outputs or definition.outputs},
                {definition.inputs[name].name: array for name, array in feed.items()},
                options,
            )
        except UnicodeDecodeError as error:  # in an error message that quotes an input
            raise tf.errors.InvalidArgumentError(None, None, error.object.decode(errors="replace")) from error
        return {name: np.asarray(array) for name, array in outputs_by_name.items()}  # a scalar is not an array

    def close(self) -> None:
        """Frees the session; the runner cannot be called afterwards."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
