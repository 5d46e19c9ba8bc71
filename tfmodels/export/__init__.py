"""From functions to a SavedModel that TensorFlow Serving answers from: endpoints, checks, versions, reloading."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Endpoint": "endpoint",
        "Export": "export",
        "Field": "field",
        "Finding": "finding",
        "SessionRunner": "session_runner",
        "Signature": "signature",
        "check": "checking",
        "check_parity": "parity",
        "hard_texts": "samples",
        "load": "export",
        "save": "saving",
    },
)
