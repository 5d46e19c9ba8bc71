"""The versions of one model: found in its folder, loaded, served, and unloaded without a failed request."""

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import grpc
from tensorflow_serving.apis import get_model_status_pb2, model_pb2

from tfmodels.export import SessionRunner
from tfmodels.export.checks.safe_to_load import check_safe
from tfmodels.export.versions import versions
from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.config.model_config import ModelConfig
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.daemon_pool import in_thread
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.run_errors import run_error
from tfmodels.serving.server.turns import Turns
from tfmodels.serving.server.version_files import check_files, files_of
from tfmodels.serving.server.warm_up import warm_up

_ModelVersionStatus = get_model_status_pb2.ModelVersionStatus
_Files = frozenset[tuple[str, int, int]]
_log = logging.getLogger(__name__)
State = Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]


@dataclass(frozen=True)
class _Status:
    state: State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""


class ModelVersions:
    """Loads and unloads the versions of one model. Called from one event loop; loading has threads of its own.

    Args:
        config: The model.
        parameters: How requests are batched.
        load_seconds: Time limit of loading and warming a version.
        metrics: Where loading is counted.
    """

    def __init__(
        self, config: ModelConfig, parameters: BatchingParameters, load_seconds: float, metrics: Metrics
    ) -> None:
        self._config = config
        self._parameters = parameters
        self._load_seconds = load_seconds
        self._metrics = metrics
        self._loaded: dict[int, LoadedVersion] = {}
        self._retiring: dict[int, LoadedVersion] = {}
        self._failed: dict[int, _Files] = {}
        self._hanging: dict[int, Future[LoadedVersion]] = {}
        self._statuses: dict[int, _Status] = {}

    async def update(self, turns: Turns) -> None:
        """Reads the folder, loads new versions, then unloads old ones.

        A version that cannot be loaded reports it in its status, the next older one is loaded in its place, and it is
        retried when its files change. An old version is unloaded only when another one serves.

        Args:
            turns: Where it waits for its turn to load.
        """
        found = await asyncio.wrap_future(in_thread(self._find_versions))
        while missing := [number for number in self._wanted(found) if number not in self._loaded]:
            async with turns.turn():
                if not await self._load(missing[0], found[missing[0]]):
                    del found[missing[0]]
        wanted = self._wanted(found)
        if any(number in self._loaded for number in wanted):
            for number in [number for number in self._loaded if number not in wanted]:
                self._retiring[number] = self._loaded.pop(number)
                self._statuses[number] = _Status("UNLOADING")
        await self._unload()

    def lease(self, spec: model_pb2.ModelSpec) -> AbstractContextManager[LoadedVersion]:
        """Finds the version for a request and keeps it loaded inside the `with` block.

        Args:
            spec: The request's model, with a version, a label or neither, which means the newest version.

        Raises:
            ServingError: If it is not loaded.
        """
        return self._find(spec).pinned()

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

    @property
    def is_served(self) -> bool:
        """Whether a version is loaded."""
        return bool(self._loaded)

    @property
    def hangs(self) -> bool:
        """Whether a load, or a run, has not ended."""
        loads = [number for number, load in self._hanging.items() if not load.done()]
        return bool(loads or self._retiring)

    def problems(self) -> list[str]:
        """The reasons why versions, or the whole model, are not served; empty if all is well."""
        failed = [
            f"version {number} of {self._config.name}: {self._statuses[number].message}" for number in self._failed
        ]
        path = self._config.base_path
        missing = f"no version of {self._config.name} in {path}; a version is a folder with a number, such as {path}/1"
        return failed or ([] if self._loaded else [missing])

    async def close(self, seconds: float) -> None:
        """Unloads all versions, after their runs have ended, but not later than after some seconds."""
        await asyncio.gather(*(version.batcher.finish(seconds) for version in self._loaded.values()))
        self._retiring |= self._loaded
        self._loaded = {}
        await self._unload()

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
            raise self._not_found(f"Latest({spec.name})", *self._statuses)
        if number not in loaded:
            raise self._not_found(f"Specific({spec.name}, {number})", number)
        return loaded[number]

    def _not_found(self, request: str, *numbers: int) -> ServingError:
        """The text of the real server, and which of the versions that were asked for is being loaded."""
        loading = [number for number in numbers if self._statuses.get(number, _Status("END")).state == "LOADING"]
        remedy = f"; version {loading[0]} is still being loaded" if loading else ""
        return ServingError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {request}{remedy}")

    def _find_versions(self) -> dict[int, Path]:
        """In a thread: the versions that exist. Those that failed, and have not changed since, are left out."""
        found = versions(self._config.base_path)
        for number, files in list(self._failed.items()):
            hangs = number in self._hanging and not self._hanging[number].done()
            if number in found and (hangs or files_of(found[number]) == files):
                del found[number]
        return found

    def _wanted(self, found: Mapping[int, Path]) -> list[int]:
        return self._config.wanted([number for number in found if number not in self._retiring])

    async def _load(self, number: int, path: Path) -> bool:
        """Loads a version, and returns whether that succeeded."""
        self._statuses[number] = _Status("LOADING")
        _log.info("loading version %d of %s", number, self._config.name)
        start = time.perf_counter()
        files = await asyncio.wrap_future(in_thread(files_of, path))
        load = self._hanging[number] = in_thread(self._open, number, path)
        try:
            async with asyncio.timeout(self._load_seconds):
                self._loaded[number] = await asyncio.shield(asyncio.wrap_future(load))
        except asyncio.CancelledError:
            load.add_done_callback(_close)
            raise
        except TimeoutError:
            load.add_done_callback(_close)
            message = f"Expected it to load within {self._load_seconds:g} s; see --load_seconds of `tfmodels serve`"
            failure = ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, message)
        except Exception as error:  # a broken version must not stop the others
            failure = run_error(error)
        else:
            del self._hanging[number]
            self._failed.pop(number, None)
            self._statuses[number] = _Status("AVAILABLE")
            seconds = time.perf_counter() - start
            _log.info("available: version %d of %s, after %.1f s", number, self._config.name, seconds)
            return True
        self._failed[number] = files
        self._statuses[number] = _Status("END", failure.code, failure.message)
        remedy = "It is loaded again once its files change; `tfmodels check` of its folder may say more"
        _log.warning("failed: version %d of %s. %s. %s", number, self._config.name, failure.message.rstrip("."), remedy)
        return False

    def _open(self, number: int, path: Path) -> LoadedVersion:
        """In a thread: loads and warms a version."""
        check_files(path)
        check_safe(path)
        runner = SessionRunner(path, timeout=self._load_seconds)
        try:
            start = time.perf_counter()
            if warm_up(runner, path, self._parameters.max_batch_size):
                microseconds = 1e6 * (time.perf_counter() - start)
                self._metrics.observe("model_warmup_latency", microseconds, model_name=self._config.name)
        except BaseException:
            runner.close()
            raise
        return LoadedVersion(self._config.name, number, runner, self._metrics, self._parameters)

    async def _unload(self) -> None:
        for number, version in list(self._retiring.items()):
            if await asyncio.wrap_future(in_thread(version.retire)):
                del self._retiring[number]
                self._statuses[number] = _Status("END")
                _log.info("dropped version %d of %s", number, self._config.name)


def _close(load: Future[LoadedVersion]) -> None:
    """Closes a version that was loaded too late."""
    if not load.cancelled() and not load.exception():
        load.result().retire()
