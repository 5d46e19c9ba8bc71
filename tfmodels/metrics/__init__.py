"""Scores of a model's answers, and the floors that they are held against.

The scores of translations are bound here at once, since one bears the name of its module; sacreBLEU loads when one is
called. All else, which needs NumPy, loads when it is asked for.
"""

from tfmodels.lazy_exports import lazy_exports
from tfmodels.metrics.translation_scores import TranslationScores, looks_tokenized, sentence_scores, translation_scores

_SCORES = (
    "coverage",
    "crps",
    "direction_accuracy",
    "direction_mcc",
    "mae",
    "mape",
    "mase",
    "mse",
    "msis",
    "owa",
    "pinball",
    "rmse",
    "seasonal_error",
    "smape",
)
_CLASSES = ("ClassScores", "ClassificationScores", "multi_label_scores", "single_label_scores")
_CALIBRATION = ("Calibration", "reliability")
_CLASS_FLOORS = ("LinearFloor", "logistic_regression", "majority_class")
_FLOORS = ("drift", "repeat_last", "ridge", "seasonal_naive")

__getattr__, _ = lazy_exports(
    __name__,
    dict.fromkeys(_SCORES, "forecast_scores")
    | dict.fromkeys(_FLOORS, "forecast_floors")
    | dict.fromkeys(_CLASSES, "classification_scores")
    | dict.fromkeys(_CLASS_FLOORS, "classification_floors")
    | dict.fromkeys(_CALIBRATION, "calibration"),
)

__all__ = ["TranslationScores", "looks_tokenized", "sentence_scores", "translation_scores"]
