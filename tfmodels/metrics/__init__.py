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
_FLOORS = ("drift", "repeat_last", "ridge", "seasonal_naive")

__getattr__, _ = lazy_exports(
    __name__, dict.fromkeys(_SCORES, "forecast_scores") | dict.fromkeys(_FLOORS, "forecast_floors")
)

__all__ = ["TranslationScores", "looks_tokenized", "sentence_scores", "translation_scores"]
