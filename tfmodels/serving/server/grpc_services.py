"""The gRPC services of TensorFlow Serving, on grpc.aio."""

import logging
from collections.abc import Awaitable
from typing import Any

import grpc
from tensorflow_serving.apis import model_pb2, model_service_pb2_grpc, prediction_service_pb2_grpc
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest, GetModelMetadataResponse
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest, GetModelStatusResponse
from tensorflow_serving.apis.inference_pb2 import MultiInferenceRequest
from tensorflow_serving.apis.model_management_pb2 import ReloadConfigRequest
from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse
from tensorflow_serving.apis.regression_pb2 import RegressionRequest

from tfmodels.serving.protocol.predict_proto import read_proto_request, write_output
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.server_core import ServerCore

_log = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext


def add_services(server: grpc.aio.Server, core: ServerCore) -> None:
    """Adds `PredictionService` and `ModelService` to a server.

    Args:
        server: The server.
        core: The models.
    """
    services = _Services(core)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(services, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(services, server)


class _Services(prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer):
    """Both services; the names of the methods are those of the protocol."""

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    async def Predict(self, request: PredictRequest, context: Context) -> PredictResponse:  # noqa: N802
        response = self._core.counted(
            request.model_spec.name, "GRPC", lambda: self._predict(request, context.time_remaining())
        )
        return await _response(response, context)

    async def GetModelMetadata(self, request: GetModelMetadataRequest, context: Context) -> GetModelMetadataResponse:  # noqa: N802
        return await _response(self._metadata(request), context)

    async def GetModelStatus(self, request: GetModelStatusRequest, context: Context) -> GetModelStatusResponse:  # noqa: N802
        return await _response(self._status(request), context)

    async def Classify(self, request: ClassificationRequest, context: Context) -> None:  # noqa: N802
        await _refuse("Classify", context)

    async def Regress(self, request: RegressionRequest, context: Context) -> None:  # noqa: N802
        await _refuse("Regress", context)

    async def MultiInference(self, request: MultiInferenceRequest, context: Context) -> None:  # noqa: N802
        await _refuse("MultiInference", context)

    async def HandleReloadConfigRequest(self, request: ReloadConfigRequest, context: Context) -> None:  # noqa: N802
        message = "The development server loads new versions by itself; restart it to serve other models"
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, message)

    async def _predict(self, request: PredictRequest, timeout: float | None) -> PredictResponse:
        _check_named(request)
        with self._core.reserved(request.ByteSize()), self._core.lease(request.model_spec) as version:
            predict = read_proto_request(request, version.definitions)
            outputs = await self._core.batcher.run(version, predict.endpoint, predict.feed, predict.outputs, timeout)
            spec = model_pb2.ModelSpec(name=version.name, signature_name=predict.endpoint)
            spec.version.value = version.number
            tensors = {name: write_output(array) for name, array in outputs.items()}
            return PredictResponse(model_spec=spec, outputs=tensors)

    async def _metadata(self, request: GetModelMetadataRequest) -> GetModelMetadataResponse:
        _check_named(request)
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        if others := [name for name in request.metadata_field if name != "signature_def"]:
            raise invalid(f"Metadata field {others[0]} is not supported")
        return self._core.metadata(request.model_spec)

    async def _status(self, request: GetModelStatusRequest) -> GetModelStatusResponse:
        _check_named(request)
        return self._core.status(request.model_spec)


def _check_named(request: Any) -> None:
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")


async def _refuse(method: str, context: Context) -> None:
    """Refuses methods that take serialised `tf.Example` messages, which exports of raw input do not accept."""
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The development server has no {method}; use Predict")


async def _response(response: Awaitable[Any], context: Context) -> Any:
    try:
        return await response
    except ServingError as error:
        await context.abort(error.code, error.message)
    except Exception as error:
        _log.exception("a gRPC request")
        await context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
