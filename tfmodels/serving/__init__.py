"""Serving exports: the development server, the files and the launch of TensorFlow Serving, and a client for both."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AsyncClient": "client",
        "BatchingParameters": "batching",
        "Client": "client",
        "DevelopmentServer": "server",
        "ModelConfig": "server_config",
        "ServingError": "status",
        "read_batching": "server_config",
        "read_models": "server_config",
        "serve": "server",
        "write_config": "config_files",
    },
)
