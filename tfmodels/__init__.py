"""Sequence models for TensorFlow, from raw data to TensorFlow Serving."""

import sys
from typing import TYPE_CHECKING, Any

from tfmodels.lazy_exports import lazy_exports
from tfmodels.library_noise import held_back_at_first

if TYPE_CHECKING:
    from pipelines.classification.classifier import Classifier as Classifier
    from pipelines.clinical.risk_classifier import RiskClassifier as RiskClassifier
    from pipelines.forecasting.frames.forecaster import Forecaster as Forecaster
    from pipelines.question_answering.question_answerer import QuestionAnswerer as QuestionAnswerer
    from pipelines.recommendation.recommender import Recommender as Recommender
    from pipelines.runs.overview.in_frames import compare as compare
    from pipelines.runs.overview.in_frames import runs as runs
    from pipelines.runs.predictor import load as load
    from pipelines.summarization.summarizer import Summarizer as Summarizer
    from pipelines.translation.translator import Translator as Translator
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
    from tfmodels.registration import register as register

    __version__: str

if not TYPE_CHECKING:
    _load, __dir__ = lazy_exports(__name__, __file__)

    def __getattr__(name: str) -> Any:
        """Imports a public name when it is first asked for."""
        if name == "__version__":
            from tfmodels import package_version

            return package_version.find()
        if name in (
            "load",
            "runs",
            "compare",
            "Translator",
            "Summarizer",
            "Forecaster",
            "Classifier",
            "QuestionAnswerer",
            "RiskClassifier",
            "Recommender",
        ):
            from tfmodels.own_pipelines import import_pipelines

            import_pipelines()
        value = _load(name)
        if name in ("layers", "models"):
            with held_back_at_first():
                _load("register")()
        return value

    if "keras" in sys.modules:
        _load("register")()
