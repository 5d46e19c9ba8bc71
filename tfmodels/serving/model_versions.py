"""The versions of one model: found in its folder, loaded, served, replaced without a failed request, unloaded."""

import contextlib
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import grpc
import numpy as np
from tensorflow_serving.apis import get_model_status_pb2, model_pb2

from tfmodels.export import SessionRunner
from tfmodels.export.versions import versions
from tfmodels.serving.metrics import Metrics
from tfmodels.serving.server_config import ModelConfig
from tfmodels.serving.status import ServingError, invalid, of_run
from tfmodels.serving.warm_up import warm_up

_ModelVersionStatus = get_model_status_pb2.ModelVersionStatus
State = Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]


class Version:
    """A loaded version.

    Args:
        name: The model's name.
        number: The version.
        runner: The session that answers.
        metrics: What counts the runs.

    Attributes:
        name: The model's name.
        number: The version.
        definitions: Signature name -> `SignatureDef`.
    """

    def __init__(self, name: str, number: int, runner: SessionRunner, metrics: Metrics) -> None:
        self.name = name
        self.number = number
        self.definitions: Mapping[str, Any] = runner.definitions
        self._runner = runner
        self._metrics = metrics
        self._lock = threading.Lock()
        self._pins = 0
        self._retired = False

    @contextlib.contextmanager
    def pinned(self) -> Generator[None]:
        """Keeps the version loaded meanwhile.

        Raises:
            ServingError: If it has been retired.
        """
        with self._lock:
            if self._retired and not self._pins:
                raise ServingError(grpc.StatusCode.NOT_FOUND, f"Version {self.number} of {self.name} is not loaded")
            self._pins += 1
        try:
            yield
        finally:
            with self._lock:
                self._pins -= 1

    def run(
        self, endpoint: str, feed: Mapping[str, np.ndarray], outputs: tuple[str, ...], timeout: float | None
    ) -> dict[str, np.ndarray]:
        """Runs a signature, see `SessionRunner.run`."""
        start = time.perf_counter()
        answer = self._runner.run(endpoint, feed, outputs, timeout)
        microseconds = 1e6 * (time.perf_counter() - start)
        self._metrics.observe("runtime_latency", microseconds, model_name=self.name, API="Predict", runtime="TF1")
        # A string scalar comes as `bytes`, which NumPy would take for an array of characters.
        return {
            name: np.array(value, object) if isinstance(value, bytes) else np.asarray(value)
            for name, value in answer.items()
        }

    def retire(self) -> bool:
        """Frees the session once nobody uses it.

        Returns:
            Whether it is free; if not, ask again later.
        """
        with self._lock:
            self._retired = True
            if self._pins:
                return False
        self._runner.close()
        return True


@dataclass(frozen=True)
class _Status:
    state: State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""


class ModelVersions:
    """Serves the wanted versions of one model.

    `update` runs in a thread that loads; the other methods in any.

    Args:
        config: The model.
        metrics: What counts the loading.
    """

    def __init__(self, config: ModelConfig, metrics: Metrics) -> None:
        self._config = config
        self._metrics = metrics
        self._loaded: dict[int, Version] = {}  # replaced as a whole, never changed: readers take no lock
        self._retiring: dict[int, Version] = {}
        self._failed: dict[int, frozenset[tuple[str, int, int]]] = {}
        self._statuses: dict[int, _Status] = {}

    def update(self) -> None:
        """Looks at the folder: loads what is new, then unloads what is no longer wanted.

        An old version goes only when a wanted one is there. A version that cannot be loaded is said to be so in its
        status, and tried again when its files change; it holds up no other.
        """
        found = versions(self._config.base_path)
        wanted = self._config.wanted([number for number in found if number not in self._retiring])
        for number in wanted:
            if number not in self._loaded:
                self._load(number, found[number])
        if any(number in self._loaded for number in wanted):
            for number in [number for number in self._loaded if number not in wanted]:
                self._retiring[number] = self._loaded[number]
                self._loaded = {key: version for key, version in self._loaded.items() if key != number}
                self._statuses[number] = _Status("UNLOADING")
        self._unload()

    @contextlib.contextmanager
    def lease(self, spec: model_pb2.ModelSpec) -> Generator[Version]:
        """Gives the version that a request means, and keeps it loaded meanwhile.

        Args:
            spec: The request's model, with a version, a label or neither: then the newest counts.

        Raises:
            ServingError: If it is not there.
        """
        with contextlib.ExitStack() as stack:
            version = self._find(spec)
            try:
                stack.enter_context(version.pinned())
            except ServingError:  # retired since it was found: the next one serves already
                version = self._find(spec)
                stack.enter_context(version.pinned())
            yield version

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """Tells the states of the versions, newest first.

        Args:
            spec: The model, with a version if only that is asked for. A label is passed over, as in the server.

        Raises:
            ServingError: If there is no such version.
        """
        statuses = dict(sorted(self._statuses.items(), reverse=True))
        if spec.HasField("version"):
            number = spec.version.value
            if number not in statuses:
                raise ServingError(
                    grpc.StatusCode.NOT_FOUND, f"Could not find version {number} of model {self._config.name}"
                )
            statuses = {number: statuses[number]}
        if not statuses:
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Could not find any versions of model {self._config.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number, status in statuses.items():
            entry = response.model_version_status.add(version=number)
            entry.state = _ModelVersionStatus.State.Value(status.state)
            entry.status.error_code = status.code.value[0]
            entry.status.error_message = status.message
        return response

    def problems(self) -> list[str]:
        """What keeps the model from being served; empty if it is served."""
        if self._loaded and not self._failed:
            return []
        failed = [
            f"version {number} of {self._config.name}: {self._statuses[number].message}" for number in self._failed
        ]
        return failed or [f"no version of {self._config.name} in {self._config.base_path}"]

    def close(self) -> None:
        """Unloads all versions that nobody uses."""
        self._retiring |= self._loaded
        self._loaded = {}
        self._unload()

    def _find(self, spec: model_pb2.ModelSpec) -> Version:
        loaded = self._loaded
        if spec.HasField("version_label"):
            if spec.version_label not in self._config.labels:
                raise invalid(f"Unrecognized servable version label: {spec.version_label}")
            number = self._config.labels[spec.version_label]
        elif spec.HasField("version"):
            number = spec.version.value
        elif loaded:
            number = max(loaded)
        else:
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: Latest({spec.name})")
        if number not in loaded:
            raise ServingError(
                grpc.StatusCode.NOT_FOUND, f"Servable not found for request: Specific({spec.name}, {number})"
            )
        return loaded[number]

    def _load(self, number: int, path: Path) -> None:
        files = _files(path)
        if self._failed.get(number) == files:
            return
        self._statuses[number] = _Status("LOADING")
        try:
            runner = SessionRunner(path)
            start = time.perf_counter()
            if warm_up(runner, path):
                microseconds = 1e6 * (time.perf_counter() - start)
                self._metrics.observe("model_warmup_latency", microseconds, model_name=self._config.name)
        except Exception as error:  # whatever is wrong with one version, the others are served
            told = of_run(error)
            self._failed[number] = files
            self._statuses[number] = _Status("END", told.code, told.message)
            return
        self._failed.pop(number, None)
        self._loaded = {**self._loaded, number: Version(self._config.name, number, runner, self._metrics)}
        self._statuses[number] = _Status("AVAILABLE")

    def _unload(self) -> None:
        for number, version in list(self._retiring.items()):
            if version.retire():
                del self._retiring[number]
                self._statuses[number] = _Status("END")


def _files(path: Path) -> frozenset[tuple[str, int, int]]:
    """The files of a version with sizes and times: what changes while it is still being copied."""
    found = [(file, file.stat()) for file in path.rglob("*")]
    return frozenset((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)
