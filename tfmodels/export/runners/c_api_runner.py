"""Running a SavedModel without TensorFlow's Python package, whose import takes longer than a few requests."""

import ctypes
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.endpoints_file import read_endpoints
from tfmodels.export.graph.signature import Signature, find_signature
from tfmodels.export.runners.c_library import Output, c_library, checked
from tfmodels.export.runners.c_tensor import delete_tensor, new_tensor, to_array

_TAG = b"serve"
# RunOptions: inter_op_thread_pool (3): -1, the calling thread. A decoding step is a chain of small operations, and
# passing them between threads takes as long as running them.
_OPTIONS = bytes([3 << 3, *[0xFF] * 9, 1])
# A ConfigProto: graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } }: the functions that
# endpoints call are optimised all the same, as their nodes say; the graph around them need not be.
_CONFIG = bytes([10 << 3 | 2, 5, 10 << 3 | 2, 3, (19 << 3 & 0x7F) | 0x80, 19 << 3 >> 7, 1])


class CApiRunner:
    """Computes the same as a `SessionRunner(..., optimise=False)`, and starts within a second. Thread-safe.

    Args:
        version: The version folder, with the file of `write_endpoints`.

    Raises:
        OSError: If that file is missing, or TensorFlow's library cannot be loaded.
        ValueError: If the SavedModel is damaged.

    Attributes:
        endpoints: Endpoint name -> `Signature`.

    Example:
        `CApiRunner(Path("saved_models/translation/1")).call("serving_default", text=["Guten Morgen"])`
    """

    def __init__(self, version: Path) -> None:
        self._tensors = read_endpoints(version)
        self.endpoints: dict[str, Signature] = {name: found.signature for name, found in self._tensors.items()}
        self._library = library = c_library()
        self._graph = library.TF_NewGraph()
        options = library.TF_NewSessionOptions()
        try:
            with checked(library) as status:
                library.TF_SetConfig(options, _CONFIG, len(_CONFIG), status)
            with checked(library) as status:
                tags = (ctypes.c_char_p * 1)(_TAG)
                self._session = library.TF_LoadSessionFromSavedModel(
                    options, None, str(version).encode(), tags, 1, self._graph, None, status
                )
        except RuntimeError as error:
            library.TF_DeleteGraph(self._graph)
            raise ValueError(
                f"Expected a complete SavedModel; copy or export it again. Received: path={version}: {error}"
            ) from error
        finally:
            library.TF_DeleteSessionOptions(options)
        self._run_options = library.TF_NewBufferFromString(_OPTIONS, len(_OPTIONS))
        weakref.finalize(self, _delete, library, self._session, self._graph, self._run_options)

    def call(self, endpoint: str, /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Calls an endpoint with a batch; see `SessionRunner.call`.

        Raises:
            ValueError: If the endpoint is unknown or the inputs do not fit it.
            RuntimeError: If the graph fails on them.
        """
        feed = find_signature(self.endpoints, endpoint).feed(arrays)
        found = self._tensors[endpoint]
        results = self._run({found.inputs[name]: array for name, array in feed.items()}, list(found.outputs.values()))
        return dict(zip(found.outputs, results, strict=True))

    def _run(self, feed: Mapping[str, np.ndarray], fetches: list[str]) -> list[np.ndarray]:
        """Runs the session: `feed` is tensor name, such as `"serving_default_text:0"`, -> value."""
        library, wanted = self._library, len(fetches)
        given, results = (ctypes.c_void_p * len(feed))(), (ctypes.c_void_p * wanted)()
        try:
            for place, array in enumerate(feed.values()):
                given[place] = new_tensor(library, array)
            with checked(library) as status:
                library.TF_SessionRun(
                    *(self._session, self._run_options),
                    *(self._outputs(list(feed)), given, len(feed)),
                    *(self._outputs(fetches), results, wanted),
                    *(None, 0, None, status),
                )
            return [to_array(library, tensor) for tensor in results]
        finally:
            for tensor in filter(None, given):
                delete_tensor(library, tensor)
            for tensor in filter(None, results):
                library.TF_DeleteTensor(tensor)

    def _outputs(self, names: list[str]) -> Any:
        pairs = [name.rsplit(":", 1) for name in names]
        operations = [self._library.TF_GraphOperationByName(self._graph, name.encode()) for name, _ in pairs]
        if missing := [name for name, operation in zip(names, operations, strict=True) if not operation]:
            raise ValueError(
                f"Expected endpoints.json to match the graph; export it again. Received: unknown tensors={missing}"
            )
        return (Output * len(names))(
            *(Output(operation, int(index)) for operation, (_, index) in zip(operations, pairs, strict=True))
        )


def _delete(library: Any, session: int, graph: int, run_options: int) -> None:
    with checked(library) as status:
        library.TF_CloseSession(session, status)
    with checked(library) as status:
        library.TF_DeleteSession(session, status)
    library.TF_DeleteGraph(graph)
    library.TF_DeleteBuffer(run_options)
