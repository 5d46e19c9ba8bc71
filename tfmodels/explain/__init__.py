"""What a model did: attention maps, attributions, their faithfulness; pictures of these and of training and scores.

The functions are bound here at once, since some bear the name of their module; a call loads the libraries.
"""

from tfmodels.explain.draw_attention import draw_attention
from tfmodels.explain.draw_calibration import DrawnReliability, draw_calibration
from tfmodels.explain.draw_confusion import draw_confusion
from tfmodels.explain.draw_curves import draw_curves
from tfmodels.explain.draw_decoding_times import draw_decoding_times
from tfmodels.explain.draw_forecasts import DrawnForecast, draw_coverage, draw_errors, draw_forecasts
from tfmodels.explain.draw_label_confusion import draw_label_confusion
from tfmodels.explain.draw_layer_times import draw_layer_times
from tfmodels.explain.draw_learning_rate_range import draw_learning_rate_range
from tfmodels.explain.draw_load import draw_load
from tfmodels.explain.draw_operation_times import draw_operation_times
from tfmodels.explain.draw_parallelism import draw_parallelism
from tfmodels.explain.draw_words import draw_words
from tfmodels.explain.faithfulness import Faithfulness, faithfulness
from tfmodels.explain.integrated_gradients import Attribution, integrated_gradients

__all__ = [
    "Attribution",
    "DrawnForecast",
    "DrawnReliability",
    "Faithfulness",
    "draw_attention",
    "draw_calibration",
    "draw_confusion",
    "draw_coverage",
    "draw_curves",
    "draw_decoding_times",
    "draw_errors",
    "draw_forecasts",
    "draw_label_confusion",
    "draw_layer_times",
    "draw_learning_rate_range",
    "draw_load",
    "draw_operation_times",
    "draw_parallelism",
    "draw_words",
    "faithfulness",
    "integrated_gradients",
]
