"""Figures in one style: training, scores, forecasts, attention, coloured words, benchmarks.

The functions are imported at once, since some have the name of their module; the libraries load at the first call.
"""

from tfmodels.plots.draw_answer_coverage import draw_answer_coverage
from tfmodels.plots.draw_attention import draw_attention
from tfmodels.plots.draw_calibration import DrawnReliability, draw_calibration
from tfmodels.plots.draw_confusion import draw_confusion, draw_label_confusion
from tfmodels.plots.draw_curves import draw_curves
from tfmodels.plots.draw_decoding_times import draw_decoding_times
from tfmodels.plots.draw_forecast_errors import draw_coverage, draw_errors
from tfmodels.plots.draw_forecasts import DrawnForecast, draw_forecasts
from tfmodels.plots.draw_layer_times import draw_layer_times
from tfmodels.plots.draw_learning_rate_range import draw_learning_rate_range
from tfmodels.plots.draw_load import draw_load
from tfmodels.plots.draw_operation_times import draw_operation_times
from tfmodels.plots.draw_parallelism import draw_parallelism
from tfmodels.plots.draw_seasons import draw_seasons
from tfmodels.plots.draw_words import draw_words
from tfmodels.plots.risks.draw_event_contributions import draw_event_contributions
from tfmodels.plots.risks.draw_group_gaps import DrawnGap, draw_group_gaps
from tfmodels.plots.risks.draw_risk_curves import draw_risk_curves

__all__ = [
    "DrawnForecast",
    "DrawnGap",
    "DrawnReliability",
    "draw_answer_coverage",
    "draw_attention",
    "draw_calibration",
    "draw_confusion",
    "draw_coverage",
    "draw_curves",
    "draw_decoding_times",
    "draw_errors",
    "draw_event_contributions",
    "draw_forecasts",
    "draw_group_gaps",
    "draw_label_confusion",
    "draw_layer_times",
    "draw_learning_rate_range",
    "draw_load",
    "draw_operation_times",
    "draw_parallelism",
    "draw_risk_curves",
    "draw_seasons",
    "draw_words",
]
