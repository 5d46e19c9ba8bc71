"""Loading an export and calling it from Python."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.card_file import read_card
from tfmodels.export.checks.safe_to_load import check_safe
from tfmodels.export.digests import check_digests
from tfmodels.export.graph.signature import Signature
from tfmodels.export.runners.c_api_runner import CApiRunner
from tfmodels.export.versions import version_folder
from tfmodels.library_noise import held_back

if TYPE_CHECKING:
    from tfmodels.export.runners.session_runner import SessionRunner

_LOG = logging.getLogger(__name__)


class Export:
    """A SavedModel with its endpoints and its card.

    Calls run in a session, as on a server, but without importing TensorFlow, which would take seconds. It optimises the
    function of an endpoint at its first call, which takes seconds, too.

    Args:
        path: The version folder.

    Raises:
        FileNotFoundError: If there is no SavedModel with a card.
        ValueError: If a newer version of this package wrote it, the SavedModel is damaged, its files are not those that
            were exported, or it would reach beyond them.

    Attributes:
        path: The version folder.
        endpoints: Endpoint name -> `Signature`.
        card: The content of `tfmodels.json`: `format`, the task's name, how columns of files map to inputs and outputs.
        note: What is not known of an export of an earlier version; empty for others. It is logged, too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.note = check_digests(path)
        self.card: dict[str, Any] = read_card(path)
        if self.note:
            _LOG.warning("%s", self.note)
        check_safe(path)
        with held_back():
            self._runner = _runner(path)
        self.endpoints: dict[str, Signature] = self._runner.endpoints

    def call(self, endpoint: str, /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Calls an endpoint with a batch.

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
        outputs = self._runner.call(endpoint, **arrays)
        return self.endpoints[endpoint].ordered(outputs)


def load(path: str | Path) -> Export:
    """Loads an export.

    Args:
        path: A version folder, or a folder of versions, of which the newest is taken.

    Returns:
        The export, ready to be called.

    Raises:
        FileNotFoundError: If there is no export.

    Example:
        `load("saved_models/translation").call("serving_default", text=["Guten Morgen"])`
    """
    return Export(version_folder(path))


def _runner(path: Path) -> "CApiRunner | SessionRunner":
    try:
        return CApiRunner(path)
    except OSError:  # an export of an earlier version, or a system where TensorFlow's package has no such library
        from tfmodels.export.runners.session_runner import SessionRunner

        return SessionRunner(path, optimise=False)
