"""Sequence models for TensorFlow, from raw data to TensorFlow Serving."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels import decoding as decoding
    from tfmodels import explain as explain
    from tfmodels import export as export
    from tfmodels import layers as layers
    from tfmodels import metrics as metrics
    from tfmodels import models as models
    from tfmodels import plots as plots
    from tfmodels import preprocessing as preprocessing
    from tfmodels import serving as serving
    from tfmodels import training as training

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
