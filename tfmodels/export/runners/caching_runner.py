"""A session runner for checks that repeat requests."""

from pathlib import Path

from numpy.typing import ArrayLike

from tfmodels.export.graph.rows import Rows, key
from tfmodels.export.graph.signature import find_signature
from tfmodels.export.runners.session_runner import SessionRunner


class CachingRunner(SessionRunner):
    """A `SessionRunner` that caches results and reuses them for equal requests.

    Example:
        `with CachingRunner("saved_models/shout/1") as session: check_loaded(version, session)`
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._cache: dict[tuple, Rows] = {}

    def call(self, endpoint: str, /, **arrays: ArrayLike) -> Rows:
        """Calls an endpoint; see `SessionRunner.call`. The caller must not change the result, which is cached."""
        rows = find_signature(self.endpoints, endpoint).feed(arrays)
        request = endpoint, key(rows)
        if request not in self._cache:
            self._cache[request] = super().call(endpoint, **rows)
        return self._cache[request]
