"""A reloaded export, to be asked from Python."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops that an export may need
from numpy.typing import ArrayLike

from tfmodels.export.meta_graph import read_meta_graph
from tfmodels.export.quiet import quiet
from tfmodels.export.signature import Signature, find_signature, read_signatures
from tfmodels.export.versions import version_folder


class Export:
    """A SavedModel with its endpoints and its card.

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
        self.endpoints: dict[str, Signature] = read_signatures(read_meta_graph(path))
        card = path / "assets.extra" / "tfmodels.json"
        if not card.is_file():
            raise FileNotFoundError(
                f"Expected an export of tfmodels, with assets.extra/tfmodels.json. Received: {path}"
            )
        self.card: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        with quiet():
            self._model = tf.saved_model.load(str(path))

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
        signature = find_signature(self.endpoints, endpoint)
        feed = signature.feed(arrays)
        tensors = {name: tf.constant(array, signature.inputs[name].dtype) for name, array in feed.items()}
        return {name: tensor.numpy() for name, tensor in self._model.signatures[endpoint](**tensors).items()}


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
