"""Serving exports: the development server, configuration and launch of TensorFlow Serving, and a client for both."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.serving.client.async_client import AsyncClient as AsyncClient
    from tfmodels.serving.client.client import Client as Client
    from tfmodels.serving.config.batching_file import read_batching as read_batching
    from tfmodels.serving.config.batching_parameters import BatchingParameters as BatchingParameters
    from tfmodels.serving.config.model_config import ModelConfig as ModelConfig
    from tfmodels.serving.config.model_config import read_models as read_models
    from tfmodels.serving.config.server_files import write_config as write_config
    from tfmodels.serving.protocol.status import ServingError as ServingError
    from tfmodels.serving.server.development_server import DevelopmentServer as DevelopmentServer
    from tfmodels.serving.server.development_server import serve as serve
    from tfmodels.serving.server.limits import Limits as Limits

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
