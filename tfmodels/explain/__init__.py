"""Pictures of what a model did: attention maps, training curves, range tests, forecasts, loads.

The functions are bound here at once, since some bear the name of their module; a call loads the drawing libraries.
"""

from tfmodels.explain.draw_attention import draw_attention
from tfmodels.explain.draw_curves import draw_curves
from tfmodels.explain.draw_forecasts import DrawnForecast, draw_coverage, draw_errors, draw_forecasts
from tfmodels.explain.draw_learning_rate_range import draw_learning_rate_range
from tfmodels.explain.draw_load import draw_load

__all__ = [
    "DrawnForecast",
    "draw_attention",
    "draw_coverage",
    "draw_curves",
    "draw_errors",
    "draw_forecasts",
    "draw_learning_rate_range",
    "draw_load",
]
