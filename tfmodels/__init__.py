"""Sequence models for TensorFlow, from raw data to TensorFlow Serving."""

from tfmodels.lazy_exports import lazy_exports

_ROOMS = ("decoding", "explain", "export", "layers", "metrics", "models", "preprocessing", "serving", "training")

__getattr__, __dir__ = lazy_exports(__name__, {room: room for room in _ROOMS})
