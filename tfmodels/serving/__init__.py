"""Serving exports: the development server, the files and the launch of TensorFlow Serving, and a client for both."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.serving.batching import BatchingParameters as BatchingParameters
    from tfmodels.serving.client import AsyncClient as AsyncClient
    from tfmodels.serving.client import Client as Client
    from tfmodels.serving.config_files import write_config as write_config
    from tfmodels.serving.server import DevelopmentServer as DevelopmentServer
    from tfmodels.serving.server import serve as serve
    from tfmodels.serving.server_config import ModelConfig as ModelConfig
    from tfmodels.serving.server_config import read_batching as read_batching
    from tfmodels.serving.server_config import read_models as read_models
    from tfmodels.serving.status import ServingError as ServingError

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
