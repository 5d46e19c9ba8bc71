"""From functions to a SavedModel that TensorFlow Serving answers from: endpoints, checks, versions, reloading."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Endpoint": "endpoint",
        "Export": "export",
        "Finding": "ops",
        "SessionRunner": "session_runner",
        "Signature": "signature",
        "check_parity": "parity",
        "forbidden_ops": "ops",
        "hard_texts": "parity",
        "load": "export",
        "save": "saving",
    },
)
