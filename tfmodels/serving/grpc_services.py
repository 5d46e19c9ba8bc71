"""The gRPC services of TensorFlow Serving, on grpc.aio."""

import logging
from collections.abc import Awaitable
from typing import Any

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from tfmodels.serving.predict_proto import read_predict, write_output
from tfmodels.serving.served_models import ServedModels
from tfmodels.serving.status import ServingError, invalid

_log = logging.getLogger(__name__)


def add_services(server: grpc.aio.Server, models: ServedModels) -> None:
    """Adds `PredictionService` and `ModelService` to a server.

    Args:
        server: The server.
        models: What is served.
    """
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(_PredictionService(models), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_ModelService(models), server)


# The names of the methods are those of the protocol.
class _PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, models: ServedModels) -> None:
        self._models = models

    async def Predict(  # noqa: N802
        self, request: predict_pb2.PredictRequest, context: grpc.aio.ServicerContext
    ) -> predict_pb2.PredictResponse:
        answer = self._models.counted(
            request.model_spec.name, "GRPC", lambda: self._predict(request, context.time_remaining())
        )
        return await _told(answer, context)

    async def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.aio.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        return await _told(self._metadata(request), context)

    async def Classify(  # noqa: N802
        self, request: classification_pb2.ClassificationRequest, context: grpc.aio.ServicerContext
    ) -> None:
        await _refuse("Classify", context)

    async def Regress(  # noqa: N802
        self, request: regression_pb2.RegressionRequest, context: grpc.aio.ServicerContext
    ) -> None:
        await _refuse("Regress", context)

    async def MultiInference(  # noqa: N802
        self, request: inference_pb2.MultiInferenceRequest, context: grpc.aio.ServicerContext
    ) -> None:
        await _refuse("MultiInference", context)

    async def _predict(self, request: predict_pb2.PredictRequest, timeout: float | None) -> predict_pb2.PredictResponse:
        _check_named(request)
        with self._models.reserved(request.ByteSize()), self._models.lease(request.model_spec) as version:
            asked = read_predict(request, version.definitions)
            outputs = await self._models.batcher.run(version, asked.endpoint, asked.feed, asked.outputs, timeout)
            spec = model_pb2.ModelSpec(name=version.name, signature_name=asked.endpoint)
            spec.version.value = version.number
            tensors = {name: write_output(array) for name, array in outputs.items()}
            return predict_pb2.PredictResponse(model_spec=spec, outputs=tensors)

    async def _metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        _check_named(request)
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        if others := [name for name in request.metadata_field if name != "signature_def"]:
            raise invalid(f"Metadata field {others[0]} is not supported")
        return self._models.metadata(request.model_spec)


class _ModelService(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, models: ServedModels) -> None:
        self._models = models

    async def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.aio.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        return await _told(self._status(request), context)

    async def HandleReloadConfigRequest(  # noqa: N802
        self, request: model_management_pb2.ReloadConfigRequest, context: grpc.aio.ServicerContext
    ) -> None:
        message = "The development server takes up new versions by itself; for other models start it again"
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, message)

    async def _status(
        self, request: get_model_status_pb2.GetModelStatusRequest
    ) -> get_model_status_pb2.GetModelStatusResponse:
        _check_named(request)
        return self._models.status(request.model_spec)


def _check_named(request: Any) -> None:
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")


async def _refuse(method: str, context: grpc.aio.ServicerContext) -> None:
    """Methods that feed serialised `tf.Example` messages, which exports of raw input do not take."""
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The development server has no {method}: ask for Predict")


async def _told(answer: Awaitable[Any], context: grpc.aio.ServicerContext) -> Any:
    try:
        return await answer
    except ServingError as error:
        await context.abort(error.code, error.message)
    except Exception as error:
        _log.exception("a gRPC request")
        await context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
