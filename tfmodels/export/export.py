"""A reloaded export, to be asked from Python."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.signature import Signature
from tfmodels.export.runners.c_api_runner import QuickRunner
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from tfmodels.export.runners.session_runner import SessionRunner


class Export:
    """A SavedModel with its endpoints and its card.

    A session answers, as on a server, but of graphs as they are: rewriting them, or making Python functions of them,
    would take seconds more, and so would the import of TensorFlow, which is left out.

    Args:
        path: The version folder.

    Raises:
        FileNotFoundError: If there is no SavedModel with a card.

    Attributes:
        path: The version folder.
        endpoints: Endpoint name -> `Signature`.
        card: What the task said about itself: its name, how columns of files map to inputs and outputs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        card = path / "assets.extra" / "tfmodels.json"
        if not card.is_file():
            raise FileNotFoundError(
                f"Expected an export of tfmodels, with assets.extra/tfmodels.json. Received: {path}"
            )
        self.card: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        self._runner = _runner(path)
        self.endpoints: dict[str, Signature] = self._runner.endpoints

    def call(self, endpoint: str, /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            endpoint: The endpoint's name.
            **arrays: Input name -> array or nested list, `[batch, ...]`; text as `str` or `bytes`.

        Returns:
            Output name -> array, `[batch, ...]`; text as `bytes`.

        Raises:
            ValueError: If the endpoint is unknown or the inputs do not fit it.

        Example:
            `export.call("serving_default", text=["Guten Morgen"])["translation"]`
        """
        return self._runner.call(endpoint, **arrays)


def load(path: str | Path) -> Export:
    """Loads an export.

    Args:
        path: A version folder, or a folder of versions: then the newest is taken.

    Returns:
        The export, ready to be called.

    Raises:
        FileNotFoundError: If there is no export.

    Example:
        `load("saved_models/translation").call("serving_default", text=["Guten Morgen"])`
    """
    return Export(version_folder(path))


def _runner(path: Path) -> "QuickRunner | SessionRunner":
    try:
        return QuickRunner(path)
    except OSError:  # an export of an earlier version, or TensorFlow's package is made otherwise on this system
        from tfmodels.export.graph.meta_graph import read_meta_graph
        from tfmodels.export.runners.session_runner import SessionRunner

        read_meta_graph(path)  # says what is wrong with a damaged file
        return SessionRunner(path, optimise=False)
