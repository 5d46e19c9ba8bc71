"""The versions of one model: found in its folder, loaded, served, and unloaded without a failed request."""

import asyncio
import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import grpc
from tensorflow_serving.apis import get_model_status_pb2, model_pb2

from tfmodels.export import SessionRunner
from tfmodels.export.versions import versions
from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.config.model_config import ModelConfig
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.run_errors import run_error
from tfmodels.serving.server.warm_up import warm_up

_ModelVersionStatus = get_model_status_pb2.ModelVersionStatus
State = Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]


@dataclass(frozen=True)
class _Status:
    state: State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""


class ModelVersions:
    """Loads and unloads the versions of one model.

    `update` runs in the loader's thread; the other methods in any thread.

    Args:
        config: The model.
        metrics: Where loading is counted.
        parameters: How requests are batched.
    """

    def __init__(self, config: ModelConfig, metrics: Metrics, parameters: BatchingParameters) -> None:
        self._config = config
        self._metrics = metrics
        self._parameters = parameters
        self._loaded: dict[int, LoadedVersion] = {}  # replaced as a whole, never modified, so readers need no lock
        self._retiring: dict[int, LoadedVersion] = {}
        self._failed: dict[int, frozenset[tuple[str, int, int]]] = {}
        self._statuses: dict[int, _Status] = {}

    def update(self) -> None:
        """Reads the folder, loads new versions, then unloads old ones.

        An old version is unloaded only when another one serves. A version that cannot be loaded reports it in its
        status, and is retried when its files change; it does not block other versions.
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
    def lease(self, spec: model_pb2.ModelSpec) -> Generator[LoadedVersion]:
        """Finds the version for a request and keeps it loaded inside the `with` block.

        Args:
            spec: The request's model, with a version, a label or neither, which means the newest version.

        Raises:
            ServingError: If it is not loaded.
        """
        with contextlib.ExitStack() as stack:
            version = self._find(spec)
            try:
                stack.enter_context(version.pinned())
            except ServingError:  # retired since it was found, so a newer one serves already
                version = self._find(spec)
                stack.enter_context(version.pinned())
            yield version

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """Reports the states of the versions, newest first.

        Args:
            spec: The model, with a version to report only that one. A label is ignored, as in the real server.

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
        """The reasons why the model is not served; empty if it is served."""
        if self._loaded and not self._failed:
            return []
        failed = [
            f"version {number} of {self._config.name}: {self._statuses[number].message}" for number in self._failed
        ]
        return failed or [f"no version of {self._config.name} in {self._config.base_path}"]

    async def finish(self, seconds: float) -> None:
        """Waits for running batches, but not longer than some seconds."""
        await asyncio.gather(*(version.batcher.finish(seconds) for version in self._loaded.values()))

    def close(self) -> None:
        """Unloads all versions that no request uses."""
        self._retiring |= self._loaded
        self._loaded = {}
        self._unload()

    def _find(self, spec: model_pb2.ModelSpec) -> LoadedVersion:
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
        except Exception as error:  # a broken version must not stop the others
            failure = run_error(error)
            self._failed[number] = files
            self._statuses[number] = _Status("END", failure.code, failure.message)
            return
        self._failed.pop(number, None)
        version = LoadedVersion(self._config.name, number, runner, self._metrics, self._parameters)
        self._loaded = {**self._loaded, number: version}
        self._statuses[number] = _Status("AVAILABLE")

    def _unload(self) -> None:
        for number, version in list(self._retiring.items()):
            if version.retire():
                del self._retiring[number]
                self._statuses[number] = _Status("END")


def _files(path: Path) -> frozenset[tuple[str, int, int]]:
    """The files of a version with sizes and times, which change while it is being copied."""
    found = [(file, file.stat()) for file in path.rglob("*")]
    return frozenset((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)
